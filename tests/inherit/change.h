/* SPDX-License-Identifier: MIT */
/* Chance: what a tree does next. */
#ifndef INHERIT_CHANGE_H
#define INHERIT_CHANGE_H

#include <stdint.h>

/* The same seed makes the same trees. */
void change_seed(uint64_t seed);

/* A random number below n. */
unsigned chance(unsigned n);

/* The nodes of a tree that live; ret has room for MAX_NODES. Returns how many. */
int living(int tree, int *ret);

/* One random step of a tree: a node forks, or changes what it is. */
void change(int tree);

#endif
