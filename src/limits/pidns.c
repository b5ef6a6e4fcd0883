/* SPDX-License-Identifier: MIT */
#include "limits/pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/file.h"
#include "base/parallel.h"

#define MIN_PER_THREAD 1024

struct reading {
	const struct census *census;
	uint64_t *inodes;
};

static void read_nth(void *arg, size_t i)
{
	const struct reading *r = arg;
	const struct process *p = &r->census->procs[i];
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/ns/pid", p->pid);
	if (fstatat(r->census->procfd, path, &st, 0) == 0)
		r->inodes[i] = st.st_ino;
}

static size_t node_at(struct pidns_map *m, uint64_t inode)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].inode == inode)
			return i;
	ARRAY_GROW(m->v, m->n, m->cap);
	m->v[m->n] = (struct pidns_node){ .inode = inode, .parent = PIDNS_UNSEEN, .depth = -1 };
	return m->n++;
}

static int open_pidns(int procfd, pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/pid", pid);
	fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? file_error(errno) : fd;
}

/* Outward until a namespace whose own surroundings are known, or that is the outermost in sight */
static void link_outward(struct pidns_map *m, const struct census *c, size_t at)
{
	int fd = open_pidns(c->procfd, m->v[at].member);

	while (fd >= 0 && at != m->own && m->v[at].parent == PIDNS_UNSEEN) {
		int outer = ioctl(fd, NS_GET_PARENT);
		struct stat st;
		size_t parent;

		close(fd);
		fd = outer;
		if (outer < 0 || fstat(outer, &st) < 0)
			break;
		/* node_at() may move the nodes */
		parent = node_at(m, st.st_ino);
		m->v[at].parent = parent;
		at = parent;
	}
	if (fd >= 0)
		close(fd);
}

static int depth_of(const struct pidns_map *m, size_t at)
{
	int depth = 0;

	for (; at != m->own; at = m->v[at].parent, depth++)
		if (m->v[at].parent == PIDNS_UNSEEN)
			return -1;
	return depth;
}

static uint64_t own_inode(const struct census *c, bool own_proc)
{
	struct stat st;

	/* another procfs: its self link leads nowhere, its init is in its namespace */
	if (own_proc)
		return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
	return fstatat(c->procfd, "1/ns/pid", &st, 0) == 0 ? st.st_ino : 0;
}

static void count_one(struct pidns_map *m, const struct census *c, size_t i, uint64_t inode)
{
	const struct process *p = &c->procs[i];
	struct pidns_node *node;

	m->of[i] = PIDNS_UNSEEN;
	if (!inode) {
		m->n_unseen++;
		return;
	}
	m->of[i] = node_at(m, inode);
	node = &m->v[m->of[i]];
	if (!node->member || !process_is_zombie(p))
		node->member = p->pid;
	node->tasks += p->threads;
	node->zombies += process_is_zombie(p);
}

void pidns_map_read(const struct census *c, bool own_proc, struct pidns_map *ret)
{
	auto_free uint64_t *inodes = xcalloc(c->n, sizeof(*inodes));
	struct pidns_map m = { .of = xcalloc(c->n, sizeof(*m.of)), .own = PIDNS_UNSEEN };
	struct reading reading = { c, inodes };
	uint64_t own = own_inode(c, own_proc);
	size_t n;

	if (own)
		m.own = node_at(&m, own);
	if (c->kernel) {
		for (size_t i = 0; i < c->n; i++)
			inodes[i] = c->kernel[i].pidns;
	} else {
		parallel_for(c->n, MIN_PER_THREAD, read_nth, &reading);
	}
	for (size_t i = 0; i < c->n; i++)
		count_one(&m, c, i, inodes[i]);
	n = m.n;
	for (size_t i = 0; i < n; i++)
		if (m.v[i].member)
			link_outward(&m, c, i);
	for (size_t i = 0; i < m.n; i++)
		m.v[i].depth = depth_of(&m, i);
	*ret = m;
}

void pidns_map_done(struct pidns_map *m)
{
	free(m->v);
	free(m->of);
	*m = (struct pidns_map){ 0 };
}

bool pidns_is_inside(const struct pidns_map *m, size_t at, size_t outer)
{
	while (at != PIDNS_UNSEEN && at != outer)
		at = m->v[at].parent;
	return at == outer;
}

const struct process **pidns_members(const struct pidns_map *m, const struct census *c, size_t at,
				     size_t *ret_n)
{
	const struct process **members = xcalloc(c->n, sizeof(*members));
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (m->of[i] != PIDNS_UNSEEN && pidns_is_inside(m, m->of[i], at))
			members[n++] = &c->procs[i];
	*ret_n = n;
	return members;
}

int pidns_open(const struct pidns_map *m, const struct census *c, size_t at)
{
	for (size_t i = 0; i < c->n; i++) {
		int fd;

		if (m->of[i] != at)
			continue;
		fd = open_pidns(c->procfd, c->procs[i].pid);
		if (fd >= 0 || fd == -EACCES)
			return fd;
	}
	return -ESRCH;
}
