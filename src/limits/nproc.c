/* SPDX-License-Identifier: MIT */
#include "limits/nproc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/parallel.h"
#include "inspect/text/status.h"
#include "limits/kernel.h"
#include "limits/thread_uids.h"

#define MIN_PER_THREAD 256
#define FIRST_SLOTS 64 /* a power of two */

/* What is told of one process before users are counted; parallel to the census. */
struct charge {
	uint64_t userns; /* 0: not known */
	uint32_t uid;
	bool has_uid;
	bool denied; /* else it is gone meanwhile */
	/* owned; of its threads that have another user than the first one: setresuid(2) of the kernel is per thread */
	uint32_t *strays;
	size_t n_strays;
};

struct reading {
	const struct census *census;
	struct nproc_users *users;
	struct charge *charges;
	uint32_t overflow_uid; /* what stands for all that the reader's user namespace does not map */
};

/* -- one process -- */

static bool reader_is_in_init(const struct nproc_users *u)
{
	return u->own_userns == USERNS_INIT_INODE;
}

/* Of the machine's root, whatever namespace it is in: user_namespaces(7), uid_map of the reader's own */
static enum tri is_machines_root(const struct nproc_users *u, uint32_t uid)
{
	unsigned long inside, outside, count;
	auto_free char *text = NULL;
	char *save = NULL;
	size_t len;

	if (reader_is_in_init(u))
		return tri_of(uid == 0);
	if (file_slurp_at(AT_FDCWD, "/proc/self/uid_map", &text, &len) < 0)
		return TRI_UNKNOWN;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%lu %lu %lu", &inside, &outside, &count) != 3)
			return TRI_UNKNOWN;
		/* whom the namespace around maps to 0, if it is not the first, cannot be seen */
		if (uid >= inside && uid - inside < count)
			return uid - inside + outside == 0 ? TRI_UNKNOWN : TRI_NO;
	}
	return TRI_UNKNOWN;
}

static void read_status(const struct reading *r, const struct process *p, struct charge *charge)
{
	struct proc_status status;

	if (proc_status_read_pid(r->census->procfd, p->pid, &status) < 0)
		return;
	charge->uid = status.uid;
	charge->has_uid = reader_is_in_init(r->users) || status.uid != r->overflow_uid;
	charge->denied = !charge->has_uid;
}

void nproc_limit_read(const struct nproc_users *u, const struct census *c, const struct process *p,
		      struct nproc_task *task)
{
	const struct nproc_user *user = task->user >= 0 ? &u->v[task->user] : NULL;
	enum tri in_init = user ? tri_of(user->userns == USERNS_INIT_INODE) : TRI_UNKNOWN;
	struct proc_status status;
	char path[32], text[4096];
	ssize_t n;

	if (task->exempt != TRI_YES && proc_status_read_pid(c->procfd, p->pid, &status) == 0)
		task->exempt = nproc_exempt(
			&status, user ? is_machines_root(u, user->uid) : TRI_UNKNOWN, in_init);
	snprintf(path, sizeof(path), "%d/limits", p->pid);
	n = file_read_at(c->procfd, path, text, sizeof(text));
	if (n > 0 && limits_parse_nproc(text, (size_t)n, &task->limit) == 0)
		task->has_limit = true;
}

static void read_nth(void *arg, size_t i)
{
	const struct reading *r = arg;
	const struct process *p = &r->census->procs[i];
	const struct process_kernel *kernel = census_kernel(r->census, p);
	struct charge *charge = &r->charges[i];
	char path[32];
	struct stat st;

	if (kernel && kernel->userns && reader_is_in_init(r->users)) {
		*charge = (struct charge){ .userns = kernel->userns,
					   .uid = kernel->uid,
					   .has_uid = true };
		return;
	}
	read_status(r, p, charge);
	if (charge->has_uid && p->threads > 1)
		charge->denied |= thread_uids_read(r->census->procfd, p, charge->uid,
						   &charge->strays, &charge->n_strays) < 0;
	snprintf(path, sizeof(path), "%d/ns/user", p->pid);
	if (fstatat(r->census->procfd, path, &st, 0) == 0)
		charge->userns = st.st_ino;
	else if (file_error(errno) != -ESRCH)
		charge->denied = true;
}

/* -- users -- */

static size_t slot_of(const struct nproc_users *u, uint64_t userns, uint32_t uid)
{
	uint64_t hash = (userns * UINT64_C(0x9e3779b97f4a7c15)) ^
			(uid * UINT64_C(0xc2b2ae3d27d4eb4f));
	size_t slot = (size_t)(hash >> 32) & u->index_mask;

	while (u->index[slot] &&
	       (u->v[u->index[slot] - 1].userns != userns || u->v[u->index[slot] - 1].uid != uid))
		slot = (slot + 1) & u->index_mask;
	return slot;
}

static void grow_index(struct nproc_users *u)
{
	size_t slots = u->index ? (u->index_mask + 1) * 2 : FIRST_SLOTS;

	free(u->index);
	u->index = xcalloc(slots, sizeof(*u->index));
	u->index_mask = slots - 1;
	for (size_t i = 0; i < u->n; i++)
		u->index[slot_of(u, u->v[i].userns, u->v[i].uid)] = (uint32_t)i + 1;
}

static long user_at(struct nproc_users *u, uint64_t userns, uint32_t uid)
{
	size_t slot;

	if (u->n * 2 >= (u->index ? u->index_mask + 1 : 0))
		grow_index(u);
	slot = slot_of(u, userns, uid);
	if (u->index[slot])
		return (long)u->index[slot] - 1;
	ARRAY_GROW(u->v, u->n, u->cap);
	u->v[u->n] = (struct nproc_user){
		.userns = userns, .uid = uid, .outer = NPROC_OUT_OF_SIGHT, .limit = UINT64_MAX
	};
	u->index[slot] = (uint32_t)++u->n;
	return (long)u->n - 1;
}

/* As BPF has told; false: it did not */
static bool link_told(struct nproc_users *u, const struct census *c, long at)
{
	const struct census_user *told =
		reader_is_in_init(u) ?
			census_user_find(c, (uint32_t)u->v[at].userns, u->v[at].uid) :
			NULL;

	if (!told)
		return false;
	u->v[at].told = u->v[at].has_max = told->known;
	u->v[at].tasks = told->tasks;
	u->v[at].max = told->creators_limit;
	if (told->parent) {
		long outer = user_at(u, told->parent, told->owner);

		u->v[at].outer = outer;
	} else {
		u->v[at].outer = NPROC_OUTERMOST;
	}
	return true;
}

/* The namespace around that of fd, and who made it there; a descriptor that the caller owns, or -1 */
static int climb(const struct reading *r, int fd, uint64_t *ret_userns, uint32_t *ret_owner)
{
	auto_close int parent = ioctl(fd, NS_GET_PARENT);
	struct stat st;
	uid_t owner;

	/* EPERM: the parent is out of sight, or this is the first of all */
	if (parent < 0 || fstat(parent, &st) < 0 || ioctl(fd, NS_GET_OWNER_UID, &owner) < 0)
		return -1;
	if (!reader_is_in_init(r->users) && owner == r->overflow_uid)
		return -1;
	*ret_userns = st.st_ino;
	*ret_owner = owner;
	return take_fd(&parent);
}

/* The same through files: ioctl_ns(2), from a member outward; the limits of creators stay unknown */
static void link_by_files(const struct reading *r, const struct process *member, long at)
{
	struct nproc_users *u = r->users;
	auto_free char *path = xasprintf("%d/ns/user", member->pid);
	int fd = file_open_at(r->census->procfd, path);

	for (size_t level = 0; fd >= 0 && level < NPROC_MAX_LEVELS; level++) {
		uint64_t userns;
		uint32_t owner;
		int parent;

		if (u->v[at].userns == USERNS_INIT_INODE || u->v[at].outer >= 0)
			break;
		parent = climb(r, fd, &userns, &owner);
		close(fd);
		fd = parent;
		if (fd >= 0) {
			long outer = user_at(u, userns, owner);

			u->v[at].outer = outer;
			at = outer;
		}
	}
	if (u->v[at].userns == USERNS_INIT_INODE)
		u->v[at].outer = NPROC_OUTERMOST;
	if (fd >= 0)
		close(fd);
}

/* -- counting -- */

/* Tasks charged to one user directly. */
struct direct {
	uint64_t tasks, zombies;
	size_t member; /* index of one of them in the census */
};

/* Parallel to the users, as far as somebody is charged to them. */
struct directs {
	struct direct *list; /* owned */
	size_t cap;
};

static void charge_to(const struct nproc_users *u, struct directs *d, long at, struct direct more)
{
	if ((size_t)at >= d->cap) {
		d->list = xreallocarray(d->list, u->cap, sizeof(*d->list));
		memset(d->list + d->cap, 0, (u->cap - d->cap) * sizeof(*d->list));
		d->cap = u->cap;
	}
	d->list[at].tasks += more.tasks;
	d->list[at].zombies += more.zombies;
	d->list[at].member = more.member;
}

static void charge_strays(const struct reading *r, struct directs *d, size_t i)
{
	const struct charge *charge = &r->charges[i];

	for (size_t k = 0; k < charge->n_strays; k++) {
		/* of the overflow uid nobody knows whose it is */
		if (!reader_is_in_init(r->users) && charge->strays[k] == r->overflow_uid)
			r->users->n_unseen++;
		else
			charge_to(r->users, d, user_at(r->users, charge->userns, charge->strays[k]),
				  (struct direct){ .tasks = 1, .member = i });
	}
}

static struct direct *count_direct(const struct reading *r)
{
	struct nproc_users *u = r->users;
	const struct census *c = r->census;
	struct directs d = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		const struct charge *charge = &r->charges[i];
		long at;

		u->tasks[i] = (struct nproc_task){ .user = -1 };
		if (!charge->userns || !charge->has_uid) {
			/* the init may refuse even root (a security module); it is root's */
			u->n_unseen += charge->denied && c->procs[i].pid != 1;
			continue;
		}
		at = user_at(u, charge->userns, charge->uid);
		u->tasks[i].user = at;
		/* the machine's root is bound nowhere, whatever namespace it is in */
		if (reader_is_in_init(u) && charge->uid == 0)
			u->tasks[i].exempt = TRI_YES;
		charge_to(u, &d, at,
			  (struct direct){ c->procs[i].threads - charge->n_strays,
					   process_is_zombie(&c->procs[i]), i });
		charge_strays(r, &d, i);
	}
	return d.list;
}

static void add_outward(struct nproc_users *u, long at, const struct direct *direct)
{
	for (size_t level = 0; at >= 0 && level < NPROC_MAX_LEVELS; level++) {
		if (!u->v[at].told)
			u->v[at].tasks += direct->tasks;
		u->v[at].zombies += direct->zombies;
		at = u->v[at].outer;
	}
}

static void note_limit(struct nproc_users *u, const struct process *p,
		       const struct nproc_task *task)
{
	struct nproc_user *user = task->user >= 0 ? &u->v[task->user] : NULL;

	if (!user || task->exempt != TRI_NO || !task->has_limit || process_is_zombie(p))
		return;
	if (user->pid && task->limit >= user->limit)
		return;
	user->limit = task->limit;
	user->pid = p->pid;
}

static void limit_nth(void *arg, size_t i)
{
	const struct reading *r = arg;
	const struct process *p = &r->census->procs[i];
	struct nproc_task *task = &r->users->tasks[i];

	if (task->user >= 0 && task->exempt != TRI_YES && !process_is_zombie(p))
		nproc_limit_read(r->users, r->census, p, task);
}

static void link_users(const struct reading *r, const struct direct *direct, size_t n_direct)
{
	struct nproc_users *u = r->users;

	/* grows while it goes on: the makers of namespaces come behind */
	for (size_t i = 0; i < u->n; i++) {
		if (!link_told(u, r->census, (long)i) && i < n_direct)
			link_by_files(r, &r->census->procs[direct[i].member], (long)i);
	}
	for (size_t i = 0; i < n_direct; i++)
		add_outward(u, (long)i, &direct[i]);
}

void nproc_users_read(const struct census *c, bool limits, struct nproc_users *ret)
{
	auto_free struct charge *charges = xcalloc(c->n, sizeof(*charges));
	auto_free struct direct *direct = NULL;
	struct reading reading = { c, ret, charges, kernel_overflow_uid(c->procfd) };
	struct stat st;

	*ret = (struct nproc_users){ .tasks = xcalloc(c->n, sizeof(*ret->tasks)) };
	if (stat("/proc/self/ns/user", &st) == 0)
		ret->own_userns = st.st_ino;
	parallel_for(c->n, MIN_PER_THREAD, read_nth, &reading);
	direct = count_direct(&reading);
	for (size_t i = 0; i < c->n; i++)
		free(charges[i].strays);
	link_users(&reading, direct, ret->n);
	if (!limits)
		return;
	parallel_for(c->n, MIN_PER_THREAD, limit_nth, &reading);
	for (size_t i = 0; i < c->n; i++)
		note_limit(ret, &c->procs[i], &ret->tasks[i]);
}

size_t nproc_levels(const struct nproc_users *u, const struct nproc_task *task,
		    struct nproc_level ret[static NPROC_MAX_LEVELS], bool *ret_hidden)
{
	long at = task->user;
	size_t n = 0;

	*ret_hidden = at < 0;
	while (at >= 0 && n < NPROC_MAX_LEVELS) {
		const struct nproc_user *inner = n ? ret[n - 1].user : NULL;

		ret[n++] = (struct nproc_level){ &u->v[at],
						 inner ? inner->has_max : task->has_limit,
						 inner ? inner->max : task->limit };
		*ret_hidden = u->v[at].outer == NPROC_OUT_OF_SIGHT;
		at = u->v[at].outer;
	}
	return n;
}

void nproc_users_done(struct nproc_users *u)
{
	free(u->tasks);
	free(u->v);
	free(u->index);
	*u = (struct nproc_users){ 0 };
}
