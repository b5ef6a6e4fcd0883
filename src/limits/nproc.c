/* SPDX-License-Identifier: MIT */
#include "limits/nproc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/file.h"
#include "base/parallel.h"
#include "inspect/status.h"
#include "limits/kernel.h"

#define MIN_PER_THREAD 256
#define MAX_USERNS_LEVEL 32 /* Linux kernel/user_namespace.c:create_user_ns() */

struct reading {
	const struct census *census;
	struct nproc_task *tasks;
	uint64_t own_userns;
	bool limits;
};

/* Uids that BPF has told are those of the first user namespace: good where this is ours */
static bool known_uid(const struct reading *r, const struct process *p, struct nproc_task *task)
{
	const struct process_kernel *kernel = census_kernel(r->census, p);

	if (!kernel || r->own_userns != USERNS_INIT_INODE)
		return false;
	task->uid = kernel->uid;
	task->has_uid = true;
	return true;
}

static void read_uid(const struct census *c, const struct process *p, struct nproc_task *task)
{
	char path[32], text[4096];
	struct proc_status status;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/status", p->pid);
	n = file_read_at(c->procfd, path, text, sizeof(text));
	if (n <= 0 || proc_status_parse(text, (size_t)n, &status) < 0)
		return;
	task->uid = status.uid;
	task->has_uid = true;
	task->exempt = nproc_exempt(text, (size_t)n, task->userns == USERNS_INIT_INODE) > 0;
}

void nproc_limit_read(const struct census *c, const struct process *p, struct nproc_task *task)
{
	char path[32], text[4096];
	ssize_t n;

	read_uid(c, p, task);
	snprintf(path, sizeof(path), "%d/limits", p->pid);
	n = file_read_at(c->procfd, path, text, sizeof(text));
	if (n > 0 && limits_parse_nproc(text, (size_t)n, &task->limit) == 0)
		task->has_limit = true;
}

static void read_nth(void *arg, size_t i)
{
	const struct reading *r = arg;
	const struct process *p = &r->census->procs[i];
	struct nproc_task *task = &r->tasks[i];
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/ns/user", p->pid);
	task->userns = r->own_userns;
	if (fstatat(r->census->procfd, path, &st, 0) == 0)
		task->userns = st.st_ino;
	else
		task->unseen = file_error(errno) == -EACCES;
	if (known_uid(r, p, task)) {
		/* whoever forks as the machine's root is bound by no limit */
		task->exempt = task->uid == 0 && task->userns == USERNS_INIT_INODE;
		if (!r->limits || task->exempt || process_is_zombie(p))
			return;
	}
	if (r->limits && !process_is_zombie(p))
		nproc_limit_read(r->census, p, task);
	else
		read_uid(r->census, p, task);
}

static struct nproc_user *user_at(struct nproc_users *u, uint64_t userns, uint32_t uid)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].uid == uid && u->v[i].userns == userns)
			return &u->v[i];
	ARRAY_GROW(u->v, u->n, u->cap);
	u->v[u->n] = (struct nproc_user){ .userns = userns, .uid = uid };
	return &u->v[u->n++];
}

const struct nproc_user *nproc_user_of(const struct nproc_users *u, const struct nproc_task *task)
{
	for (size_t i = 0; task->has_uid && i < u->n; i++)
		if (u->v[i].uid == task->uid && u->v[i].userns == task->userns)
			return &u->v[i];
	return NULL;
}

static void charge(struct nproc_user *user, const struct process *p)
{
	user->tasks += p->threads;
	user->zombies += process_is_zombie(p);
}

/* Outward from the user namespace of p: every one's creator has its tasks counted as well */
static void charge_outward(struct nproc_users *u, const struct census *c, const struct process *p)
{
	auto_free char *path = xasprintf("%d/ns/user", p->pid);
	int fd = openat(c->procfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		(void)file_error(errno); /* for file_shortage() */
	for (int level = 0; fd >= 0 && level < MAX_USERNS_LEVEL; level++) {
		int parent = ioctl(fd, NS_GET_PARENT);
		struct stat st;
		uid_t owner;
		bool known = ioctl(fd, NS_GET_OWNER_UID, &owner) == 0;

		close(fd);
		fd = parent;
		/* EPERM: the parent is out of sight, or this is the first of all */
		if (parent < 0 || !known || fstat(parent, &st) < 0)
			break;
		charge(user_at(u, st.st_ino, owner), p);
	}
	if (fd >= 0)
		close(fd);
}

static void count_one(struct nproc_users *u, const struct census *c, size_t i, uint64_t own_userns)
{
	const struct process *p = &c->procs[i];
	struct nproc_task *task = &u->tasks[i];
	struct nproc_user *user;

	if (!task->has_uid)
		return;
	/* the init may refuse even root (a security module); it is in nobody else's */
	u->n_unseen += task->unseen && p->pid != 1;
	user = user_at(u, task->userns, task->uid);
	charge(user, p);
	if (task->has_limit && !task->exempt && !process_is_zombie(p) &&
	    task->limit != UINT64_MAX && (!user->has_limit || task->limit < user->limit)) {
		user->has_limit = true;
		user->limit = task->limit;
		user->pid = p->pid;
	}
	if (task->userns != own_userns)
		charge_outward(u, c, p);
}

void nproc_users_read(const struct census *c, bool limits, struct nproc_users *ret)
{
	struct nproc_users users = { .tasks = xcalloc(c->n, sizeof(*users.tasks)) };
	struct reading reading = { c, users.tasks, 0, limits };
	struct stat st;

	if (stat("/proc/self/ns/user", &st) == 0)
		reading.own_userns = st.st_ino;
	parallel_for(c->n, MIN_PER_THREAD, read_nth, &reading);
	for (size_t i = 0; i < c->n; i++)
		count_one(&users, c, i, reading.own_userns);
	*ret = users;
}

void nproc_users_done(struct nproc_users *u)
{
	free(u->tasks);
	free(u->v);
	*u = (struct nproc_users){ 0 };
}
