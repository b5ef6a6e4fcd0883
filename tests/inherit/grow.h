/* SPDX-License-Identifier: MIT */
/* The one that grows trees of real processes: starts nodes, gives them orders, looks at them. */
#ifndef INHERIT_GROW_H
#define INHERIT_GROW_H

#include <stdbool.h>

#include "node.h"

#define NOBODY (-1) /* no node: the grower itself, or the PID namespace that it is in */

struct tree_node {
	int tree;
	int depth;
	int born_of;   /* the node that forked it */
	int ns;	       /* the init of its PID namespace */
	int ns_around; /* of an init: the init of the namespace around its own */
	bool init;
	bool entered; /* born into a namespace that its parent is not in */
	bool leader_ended;
	bool has_pdeath;
	int pidfd;
};

extern struct tree_node tree_nodes[MAX_NODES];
extern int n_nodes;

/* What /proc/PID/stat says. */
struct seen {
	char state;
	pid_t ppid;
	unsigned threads;
};

/* Set up the shared memory and become the subreaper that everything ends up with. */
void grow_start(void);

/* A new node that the grower forks itself, the root of a tree. */
int grow_root(int tree, bool init);

/* A new node that another one forks, by one of the three orders. Returns it. */
int grow_child(int parent, enum order how, int init);

/* Give an order and await that it is carried out, or that the node has died. */
void grow_order(int node, enum order order);

/* Kill it, or have it exit, and await its death; what holds its namespace back is reaped. */
void grow_fell(int node, bool exits);

/* Kill and reap all nodes; the next one is node 0 again. */
void grow_clear(void);

pid_t grow_pid(int node);
int grow_find(pid_t pid);    /* among those that are not reaped; NOBODY where there is none */
bool grow_is_dead(int node); /* all its threads have ended */
bool grow_is_gone(int node); /* it was reaped too */
bool grow_see(int node, struct seen *ret); /* false: gone */

/* One moment between two looks; dies with that text after ten seconds of them. */
void look_again(int *looks, const char *what);

#endif
