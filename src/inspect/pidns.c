/* SPDX-License-Identifier: MIT */
/* Longer than 400 lines: reading, concluding and ordering are steps over the same seats. */
#include "inspect/pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/parallel.h"
#include "inspect/presence.h"

#define MIN_PER_THREAD 256

#ifndef NS_GET_TGID_FROM_PIDNS
#define NS_GET_TGID_FROM_PIDNS _IOR(NSIO, 0x7, int)
#endif

/* What is known of one process's namespace. */
struct seat {
	uint64_t inode;
	int depth;    /* -1: not read, or not to be read */
	pid_t number; /* its own there; 0: not read */
	bool gone;    /* meanwhile: nothing was refused */
};

struct seating {
	const struct census *c;
	const struct pidns_memory *memory;
	struct seat *seats;
};

static void read_numbers(const struct census *c, const struct process *p, struct seat *seat)
{
	struct details d;

	if (details_read(c, p, WANT_STATUS, &d) < 0) {
		seat->gone = d.unread == -ESRCH;
		return;
	}
	seat->depth = details_depth(&d);
	seat->number = details_ns_pid(&d);
	details_done(&d);
}

static uint64_t remembered(const struct pidns_memory *memory, const struct process *p)
{
	const struct process *old = memory ? census_find(memory->census, p->pid) : NULL;

	if (!old || !process_is_same(old, p))
		return 0;
	return memory->map->list[memory->map->of[old - memory->census->procs]].inode;
}

static void read_seat(void *arg, size_t i)
{
	const struct seating *job = arg;
	const struct process *p = &job->c->procs[i];
	const struct process_kernel *kernel = census_kernel(job->c, p);
	struct seat *seat = &job->seats[i];
	char path[32];

	*seat = (struct seat){ .depth = -1 };
	if (kernel) {
		*seat = (struct seat){ kernel->pidns, kernel->level, kernel->ns_pid, false };
		return;
	}
	seat->inode = remembered(job->memory, p);
	if (seat->inode)
		return;
	snprintf(path, sizeof(path), "%d/ns/pid", p->pid);
	if (pidns_read(job->c->procfd, path, &seat->inode) < 0)
		read_numbers(job->c, p, seat);
}

/* Whether a process is in the namespace of its parent, for all that is known */
static bool goes_with_parent(const struct census *c, const struct seat *seats, size_t i,
			     size_t *ret)
{
	const struct process *parent = census_parent(c, &c->procs[i]);

	*ret = parent ? (size_t)(parent - c->procs) : i;
	return *ret != i && !seats[i].inode && seats[i].depth >= 0 &&
	       seats[*ret].depth == seats[i].depth;
}

/*
 * Without the inode: the namespace of the nearest ancestor at the same depth. Conclusions go up one step at a
 * time; what is found is noted for all on the way. A tree of garbage may hold a loop, which ends at itself.
 */
static size_t same_seat(const struct census *c, const struct seat *seats, size_t i, uint32_t *found)
{
	size_t top = i, above, steps = 0;

	for (; found[top] == CENSUS_NONE && goes_with_parent(c, seats, top, &above); steps++) {
		found[top] = (uint32_t)top;
		top = above;
	}
	if (found[top] != CENSUS_NONE)
		top = found[top];
	for (; steps > 0 && goes_with_parent(c, seats, i, &above); steps--) {
		found[i] = (uint32_t)top;
		i = above;
	}
	return top;
}

/* The inode of the namespace of proc itself; 0: the reader is not in it, or it has no number there */
static uint64_t inode_of_proc(const struct census *c)
{
	uint64_t inode = 0;

	if (!presence_is_own_proc(c->procfd) || pidns_read(c->procfd, "self/ns/pid", &inode) < 0)
		return 0;
	return inode;
}

/* Of a parent that was refused, what a child at the same depth could be asked; from the last, so that it goes up */
static void conclude_from_children(const struct census *c, struct seat *seats)
{
	for (size_t i = c->n; i-- > 0;) {
		const struct process *parent = census_parent(c, &c->procs[i]);
		struct seat *above = parent ? &seats[parent - c->procs] : NULL;

		if (!above || above->inode || above->depth < 0 || !seats[i].inode)
			continue;
		if (seats[i].depth < 0)
			read_numbers(c, &c->procs[i], &seats[i]);
		if (seats[i].depth == above->depth)
			above->inode = seats[i].inode;
	}
}

/* All at depth 0 are in one namespace, that of proc; every parent needs its depth to compare */
static void conclude(const struct census *c, struct seat *seats)
{
	bool refused = false;
	uint64_t own = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct process *parent = census_parent(c, &c->procs[i]);

		if (seats[i].inode)
			continue;
		refused = true;
		if (parent && seats[parent - c->procs].depth < 0)
			read_numbers(c, parent, &seats[parent - c->procs]);
	}
	for (size_t i = 0; i < c->n && refused; i++)
		if (seats[i].depth == 0 && seats[i].inode)
			own = seats[i].inode;
	if (refused && !own)
		own = inode_of_proc(c);
	for (size_t i = 0; i < c->n; i++)
		if (!seats[i].inode && seats[i].depth == 0)
			seats[i].inode = own;
	if (refused)
		conclude_from_children(c, seats);
}

/* Namespaces by what they are known by: an inode or, without one, a member. Open addressing */
struct by_key {
	uint32_t *slots; /* owned: index into the map's list plus 1; 0: free */
	size_t mask;
};

/* There are at most so many as processes: half of the slots stay free */
static struct by_key by_key_new(size_t most)
{
	size_t n = 16;

	while (n < 2 * most)
		n *= 2;
	return (struct by_key){ xcalloc(n, sizeof(uint32_t)), n - 1 };
}

/* The slot of a namespace that is in there, or the free one where it belongs */
static uint32_t *slot_of(const struct by_key *keys, const struct pidns_map *m, uint64_t inode,
			 const struct process *member)
{
	uint64_t hash = (inode ? inode : (uintptr_t)member) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & keys->mask;

	for (; keys->slots[i]; i = (i + 1) & keys->mask) {
		const struct pidns *ns = &m->list[keys->slots[i] - 1];

		if (inode ? ns->inode == inode : !ns->inode && ns->member == member)
			break;
	}
	return &keys->slots[i];
}

static uint32_t find_or_add(struct pidns_map *m, size_t *cap, struct by_key *keys, uint64_t inode,
			    const struct process *member)
{
	uint32_t *slot = slot_of(keys, m, inode, member);

	if (*slot)
		return *slot - 1;
	ARRAY_GROW(m->list, m->n, *cap);
	m->list[m->n++] =
		(struct pidns){ .inode = inode, .depth = -1, .parent = -1, .member = member };
	*slot = (uint32_t)m->n;
	return *slot - 1;
}

static void sort_in(const struct census *c, struct seat *seats, struct by_key *keys,
		    struct pidns_map *m)
{
	auto_free uint32_t *found = xmalloc(c->n * sizeof(*found));
	size_t cap = 0;

	memset(found, 0xff, c->n * sizeof(*found)); /* CENSUS_NONE */
	m->of = xcalloc(c->n, sizeof(*m->of));
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i], *parent = census_parent(c, p);
		size_t at = same_seat(c, seats, i, found);
		struct pidns *ns;

		/* one that is gone meanwhile is no namespace of its own */
		if (!seats[at].inode && seats[at].gone && parent)
			at = same_seat(c, seats, (size_t)(parent - c->procs), found);
		m->of[i] = find_or_add(m, &cap, keys, seats[at].inode, &c->procs[at]);
		ns = &m->list[m->of[i]];
		ns->refused |= seats[at].inode == 0 && !seats[at].gone;
		m->n_denied += seats[at].inode == 0 && !seats[at].gone;
		ns->processes++;
		ns->threads += p->threads;
		ns->zombies += process_is_zombie(p);
	}
}

/* The init's parent is outside, so only members whose parent is not inside come into question */
static bool may_be_init(const struct census *c, const struct pidns_map *m, size_t i)
{
	const struct process *parent = census_parent(c, &c->procs[i]);

	return !parent || parent == &c->procs[i] || m->of[parent - c->procs] != m->of[i];
}

static void take_depth(const struct census *c, size_t i, struct seat *seats, struct pidns *ns)
{
	if (ns->depth < 0 && seats[i].number == 0)
		read_numbers(c, &c->procs[i], &seats[i]);
	if (ns->depth < 0)
		ns->depth = seats[i].depth;
}

/*
 * Of the namespaces in which nobody was read to be the init, those whose numbers could not be read: it is one of
 * them or, where others may be hidden or in there too, perhaps none.
 */
static void find_unread_inits(const struct census *c, struct seat *seats, struct pidns_map *m)
{
	bool all_seen = !census_is_partial(c) && m->n_denied == 0;
	auto_free size_t *unread = xcalloc(m->n, sizeof(*unread));
	size_t cap = 0;

	for (size_t i = 0; i < c->n; i++)
		if (seats[i].number == 0 && !seats[i].gone && !m->list[m->of[i]].init &&
		    may_be_init(c, m, i))
			unread[m->of[i]]++;
	for (size_t i = 0; i < c->n; i++) {
		struct pidns *ns = &m->list[m->of[i]];

		if (unread[m->of[i]] == 0)
			continue;
		if (!may_be_init(c, m, i)) {
			take_depth(c, i, seats, ns);
			continue;
		}
		if (seats[i].number > 0 || seats[i].gone)
			continue;
		if (unread[m->of[i]] == 1 && all_seen) {
			ns->init = &c->procs[i];
			continue;
		}
		ns->untold = true;
		ARRAY_GROW(m->perhaps, m->n_perhaps, cap);
		m->perhaps[m->n_perhaps++] = &c->procs[i];
	}
}

static void find_inits(const struct census *c, struct seat *seats, struct pidns_map *m)
{
	bool unread = false;

	for (size_t i = 0; i < c->n; i++) {
		struct pidns *ns = &m->list[m->of[i]];

		if (!may_be_init(c, m, i))
			continue;
		/* numbers are those of proc's own namespace */
		if (c->procs[i].pid == 1)
			seats[i].number = 1, seats[i].depth = 0;
		if (seats[i].number == 0)
			read_numbers(c, &c->procs[i], &seats[i]);
		unread |= seats[i].number == 0;
		if (ns->depth < 0)
			ns->depth = seats[i].depth;
		if (seats[i].number == 1)
			ns->init = &c->procs[i];
	}
	if (unread)
		find_unread_inits(c, seats, m);
}

enum tri pidns_is_init(const struct pidns_map *m, const struct census *c, const struct process *p)
{
	if (m->list[m->of[p - c->procs]].init == p)
		return TRI_YES;
	for (size_t i = 0; i < m->n_perhaps; i++)
		if (m->perhaps[i] == p)
			return TRI_UNKNOWN;
	return TRI_NO;
}

static uint64_t parent_inode(const struct census *c, const struct process *member)
{
	auto_close int fd = -1, parent = -1;
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "%d/ns/pid", member->pid);
	fd = file_open_at(c->procfd, path);
	if (fd >= 0)
		parent = ioctl(fd, NS_GET_PARENT);
	if (fd >= 0 && parent < 0)
		(void)file_error(errno); /* for file_shortage() */
	/* EPERM: the parent is above the caller's own namespace */
	return parent >= 0 && fstat(parent, &st) == 0 ? st.st_ino : 0;
}

static void find_parents(const struct census *c, const struct by_key *keys, struct pidns_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct pidns *ns = &m->list[i];
		uint64_t inode = ns->depth > 0 ? parent_inode(c, ns->member) : 0;
		const struct process *outside = ns->init ? census_parent(c, ns->init) : NULL;

		if (inode)
			ns->parent = (int)*slot_of(keys, m, inode, NULL) - 1;
		if (ns->parent < 0 && outside && m->of[outside - c->procs] != i)
			ns->parent = (int)m->of[outside - c->procs];
	}
}

void pidns_map(const struct census *c, const struct pidns_memory *memory, struct pidns_map *ret)
{
	struct seating job = { c, memory, xcalloc(c->n, sizeof(*job.seats)) };
	struct by_key keys = by_key_new(c->n);

	*ret = (struct pidns_map){ 0 };
	parallel_for(c->n, MIN_PER_THREAD, read_seat, &job);
	conclude(c, job.seats);
	sort_in(c, job.seats, &keys, ret);
	find_inits(c, job.seats, ret);
	find_parents(c, &keys, ret);
	pidns_order(ret, c->n);
	free(keys.slots);
	free(job.seats);
}

enum tri pidns_is_outermost(const struct census *c, const struct details *d)
{
	uint64_t own;

	if (details_has(d, WANT_PIDNS))
		return tri_of(d->pidns == PIDNS_INIT_INODE);
	if (details_depth(d) > 0)
		return TRI_NO;
	if (details_depth(d) == 0 && c->own_proc && pidns_read(c->procfd, "self/ns/pid", &own) == 0)
		return tri_of(own == PIDNS_INIT_INODE);
	return TRI_UNKNOWN;
}

void pidns_conclude(const struct pidns_map *m, const struct census *c, const struct process *p,
		    struct details *d)
{
	uint64_t inode = m->list[m->of[p - c->procs]].inode;

	if (details_has(d, WANT_PIDNS) || !inode)
		return;
	d->pidns = inode;
	d->have |= WANT_PIDNS;
}

int pidns_for_children(int procfd, pid_t pid, uint64_t *ret_inode, enum tri *ret_dead)
{
	auto_close int fd = -1;
	char path[48];
	struct stat st;

	snprintf(path, sizeof(path), "%d/ns/pid_for_children", pid);
	fd = openat(procfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return file_error(errno);
	*ret_inode = st.st_ino;
	*ret_dead = TRI_UNKNOWN;
	if (ioctl(fd, NS_GET_TGID_FROM_PIDNS, 1) > 0)
		*ret_dead = TRI_NO;
	else if (errno == ESRCH)
		*ret_dead = TRI_YES;
	return 0;
}

void pidns_map_done(struct pidns_map *m)
{
	free(m->list);
	free(m->of);
	free(m->members);
	free(m->perhaps);
	*m = (struct pidns_map){ 0 };
}
