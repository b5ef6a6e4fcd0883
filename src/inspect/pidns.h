/* SPDX-License-Identifier: MIT */
/* Which process is in which PID namespace. */
#ifndef CORONER_PIDNS_H
#define CORONER_PIDNS_H

#include "census/census.h"
#include "inspect/details.h"

struct pidns_count {
	size_t processes, threads, zombies; /* zombies are processes, too */
};

struct pidns {
	uint64_t inode; /* 0: not to be read; it is then known by its outermost member alone */
	int depth;	/* below the reader's own: 0; -1: not known */
	int parent;	/* index of the namespace around it, -1: none in sight */
	const struct process *init;   /* borrowed; NULL: not in sight, or not known who it is */
	const struct process *member; /* borrowed; some process in it */
	size_t processes;	      /* zombies included; of this namespace alone */
	size_t threads;
	size_t zombies;
	size_t nested; /* namespaces below it, at any depth */
	size_t place;  /* in an order in which these follow it */
	size_t first; /* its own processes are map->members from there on, those of nested ones follow */
	struct pidns_count within; /* of it and of nested ones */
	bool refused; /* the inode of a process in it could not be had for want of rights */
	bool untold;  /* init is NULL, and some of map->perhaps may be it */
};

struct pidns_map {
	struct pidns *list; /* owned; outermost first */
	size_t n;
	uint32_t *of;	   /* owned; parallel to census->procs: index into list */
	uint32_t *members; /* owned; indices into census->procs, by namespace: struct pidns, first */
	size_t n_denied;   /* processes in namespaces whose inode could not be had */
	const struct process *
		*perhaps; /* owned; their own numbers could not be read: struct pidns, untold */
	size_t n_perhaps;
};

/* The name of its init's program; "" where that is not in sight. Raw, untrusted; borrowed. */
static inline const char *pidns_init_comm(const struct pidns *ns)
{
	return ns->init ? ns->init->comm : "";
}

/* Whether p is the init of its PID namespace. UNKNOWN: its number there could not be read. */
enum tri pidns_is_init(const struct pidns_map *m, const struct census *c, const struct process *p);

/* The map of an earlier census. */
struct pidns_memory {
	const struct census *census; /* borrowed */
	const struct pidns_map *map; /* borrowed */
};

/*
 * The PID namespace that the children of a process go to, another than its own after unshare(2) or
 * setns(2): /proc/PID/ns/pid_for_children (pid_namespaces(7)); ptrace read access is needed. *ret_dead:
 * nobody is its init any more (NS_GET_TGID_FROM_PIDNS of ioctl_nsfs(2), since 6.11; else UNKNOWN).
 * Returns 0, -ESRCH where no child has made it yet (or the process is gone), or -EACCES.
 */
int pidns_for_children(int procfd, pid_t pid, uint64_t *ret_inode, enum tri *ret_dead);

/*
 * Sort every process into its PID namespace.
 *
 * The inode comes from BPF or from /proc/PID/ns/pid; where that is refused, the namespace is
 * concluded from NSpid, which everybody may read: a process with as many numbers as its parent is in
 * its parent's namespace (a child never lives above its parent, and adopters live where the dead
 * parent did; Linux kernel/fork.c:copy_process(), kernel/exit.c:find_new_reaper()); with one number
 * alone it is in that of proc, which is the reader's own where the reader has one number as well. A parent
 * that was refused is in the namespace of a child with as many numbers that was not.
 * The parent namespace is asked of the kernel (NS_GET_PARENT, ioctl_ns(2)), else it is that of the
 * init's parent. The init is who has the number 1 in there; where that could not be read of one member alone
 * that comes into question, and nobody else is it, it is that one, for every namespace that lives has one.
 * memory (NULL: none) spares reading again: a process stays in its PID namespace for life
 * (pid_namespaces(7)). ret is freed with pidns_map_done().
 */
void pidns_map(const struct census *c, const struct pidns_memory *memory, struct pidns_map *ret);
void pidns_map_done(struct pidns_map *m);

/* Whether at is the namespace outer or lies inside it; both are indices of the map. O(1). */
bool pidns_is_inside(const struct pidns_map *m, size_t at, size_t outer);

/* Of the n_procs processes whose namespaces and their parents are known: fill in place, nested and members. */
void pidns_order(struct pidns_map *m, size_t n_procs);

/*
 * Whether a process is in the machine's first PID namespace. Its own link may be refused; then it is
 * in this process's, where both have one number in a proc that is this process's own.
 */
enum tri pidns_is_outermost(const struct census *c, const struct details *d);

/*
 * Fill the inode into the details of a process of the census, where its own link was refused and the
 * map has it from others. Not for a zombie whose exit status is yet to be judged: that the link can
 * be read proves that the status can.
 */
void pidns_conclude(const struct pidns_map *m, const struct census *c, const struct process *p,
		    struct details *d);

#endif
