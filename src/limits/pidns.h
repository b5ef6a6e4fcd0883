/* SPDX-License-Identifier: MIT */
/* Which PID namespace each process is in, and how the namespaces lie inside each other. */
#ifndef CORONER_LIMITS_PIDNS_H
#define CORONER_LIMITS_PIDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "census/census.h"

#define PIDNS_UNSEEN SIZE_MAX

struct pidns_node {
	uint64_t inode;
	size_t parent;	/* index of the namespace around it, PIDNS_UNSEEN: out of sight */
	int depth;	/* below the outermost one in sight; -1: not known */
	pid_t member;	/* a process in it, 0: only known from namespaces inside it */
	uint64_t tasks; /* threads of its own members, nested namespaces apart */
	uint64_t zombies;
};

struct pidns_map {
	struct pidns_node *v; /* owned */
	size_t n;
	size_t cap;
	size_t *of; /* owned: for each process of the census, an index into v, or PIDNS_UNSEEN */
	size_t own; /* the namespace of the census, PIDNS_UNSEEN: not told */
	size_t n_unseen; /* processes whose namespace could not be read */
};

/*
 * Find the namespace of every process: from BPF where the census has it, else from /proc/PID/ns/pid;
 * what is around a namespace by NS_GET_PARENT (ioctl_ns(2)). own_proc: the census is that of this
 * process's own /proc. Free with pidns_map_done().
 */
void pidns_map_read(const struct census *c, bool own_proc, struct pidns_map *ret);
void pidns_map_done(struct pidns_map *m);

/* Whether namespace at is outer or lies inside it. */
bool pidns_is_inside(const struct pidns_map *m, size_t at, size_t outer);

/*
 * The processes in a namespace and in those inside it; the array is the caller's to free,
 * *ret_n its length.
 */
const struct process **pidns_members(const struct pidns_map *m, const struct census *c, size_t at,
				     size_t *ret_n);

/* Open the namespace as a descriptor for setns(2). -ESRCH where no process is left in it. */
int pidns_open(const struct pidns_map *m, const struct census *c, size_t at);

#endif
