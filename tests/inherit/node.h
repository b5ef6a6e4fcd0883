/* SPDX-License-Identifier: MIT */
/*
 * One process of a random tree: it does what it is told, in memory that all of them share. It ends
 * when the one that grows the trees ends, however that ends.
 */
#ifndef INHERIT_NODE_H
#define INHERIT_NODE_H

#include <stdatomic.h>
#include <sys/types.h>

#define MAX_NODES 1024

enum order {
	ORDER_SPAWN,	  /* fork node a */
	ORDER_SPAWN_INIT, /* node a becomes the init of a new PID namespace */
	ORDER_ENTER,	  /* fork node a in the PID namespace of node b, by setns(2) and fork(2) */
	ORDER_MARK,	  /* PR_SET_CHILD_SUBREAPER */
	ORDER_UNMARK,
	ORDER_SETSID,
	ORDER_SETPGID,	  /* a process group of its own */
	ORDER_THREAD,	  /* one more thread, that sleeps */
	ORDER_END_LEADER, /* another thread goes on, the main one ends */
	ORDER_EXEC,	  /* the same program anew */
	ORDER_IGNORE,	  /* SIGCHLD */
	ORDER_NOCLDWAIT,
	ORDER_REAP,   /* all of its zombies */
	ORDER_PDEATH, /* SIGKILL when its parent ends */
	ORDER_EXIT,
};

/* One row of the shared memory. */
struct node {
	_Atomic pid_t pid;	  /* as the grower numbers it; written by the grower */
	_Atomic unsigned ordered; /* counts orders up; written by the grower */
	_Atomic unsigned done;	  /* the order that was carried out last */
	enum order order;
	int a, b;
};

/* Descriptors that every node has. */
enum {
	NODE_MEMORY = 3, /* MAX_NODES of struct node */
	NODE_LIFELINE,	 /* reads EOF when the grower has ended */
	NODE_ANNOUNCE,	 /* takes the index of a new node; the kernel adds its PID */
	NODE_FDS_END,
};

/* Map the shared memory, which must be open as NODE_MEMORY. */
struct node *nodes_map(void);

/* Be this node. */
_Noreturn void node_run(int index);

/* Print a message with errno and end with status 1. */
_Noreturn void die(const char *what);

#endif
