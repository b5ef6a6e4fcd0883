/* SPDX-License-Identifier: MIT */
#include "change.h"

#include "grow.h"

enum { MAX_DEPTH = 6, MAX_TREE = 16 };

static uint64_t random_state;

void change_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64: the same trees for the same seed everywhere */
unsigned chance(unsigned n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (unsigned)((z ^ (z >> 31)) % n);
}

int living(int tree, int *ret)
{
	int n = 0;

	for (int i = 0; i < n_nodes; i++)
		if (tree_nodes[i].tree == tree && !grow_is_dead(i))
			ret[n++] = i;
	return n;
}

static int size_of(int tree)
{
	int n = 0;

	for (int i = 0; i < n_nodes; i++)
		n += tree_nodes[i].tree == tree;
	return n;
}

/* An init whose namespace lies in that of the node, not the node's own: it can be entered */
static int namespace_below(int node)
{
	int found[MAX_NODES], n = 0;

	for (int i = 0; i < n_nodes; i++) {
		int around = tree_nodes[i].ns_around;

		if (tree_nodes[i].tree != tree_nodes[node].tree || !tree_nodes[i].init ||
		    grow_is_dead(i) || tree_nodes[node].ns == i)
			continue;
		while (around != NOBODY && around != tree_nodes[node].ns)
			around = tree_nodes[around].ns_around;
		if (around == tree_nodes[node].ns)
			found[n++] = i;
	}
	return n ? found[chance((unsigned)n)] : NOBODY;
}

/* A parent-death signal goes out when the thread ends that forked, too: none of that here */
static bool has_pdeath(int tree)
{
	for (int i = 0; i < n_nodes; i++)
		if (tree_nodes[i].tree == tree && tree_nodes[i].has_pdeath)
			return true;
	return false;
}

static void give_order(int node)
{
	static const enum order orders[] = {
		ORDER_MARK,   ORDER_MARK,      ORDER_MARK,	 ORDER_MARK,	   ORDER_UNMARK,
		ORDER_UNMARK, ORDER_SETSID,    ORDER_SETSID,	 ORDER_SETSID,	   ORDER_SETPGID,
		ORDER_THREAD, ORDER_THREAD,    ORDER_END_LEADER, ORDER_END_LEADER, ORDER_EXEC,
		ORDER_IGNORE, ORDER_NOCLDWAIT, ORDER_REAP,	 ORDER_PDEATH,
	};
	enum order order = orders[chance(sizeof(orders) / sizeof(orders[0]))];
	const struct tree_node *t = &tree_nodes[node];

	if ((order == ORDER_EXEC || order == ORDER_END_LEADER) && has_pdeath(t->tree))
		return;
	/* the signal belongs to a thread; that of the main one is what coroner shows */
	if (order == ORDER_PDEATH && (t->init || t->leader_ended))
		return;
	grow_order(node, order);
}

void change(int tree)
{
	int list[MAX_NODES], n = living(tree, list), node, init;

	if (n == 0)
		return;
	/* the younger ones, for depth */
	node = list[chance(2) ? (unsigned)n - 1 - chance((unsigned)(n + 2) / 3) :
				chance((unsigned)n)];
	if (chance(2) || tree_nodes[node].depth >= MAX_DEPTH || size_of(tree) >= MAX_TREE) {
		give_order(node);
		return;
	}
	init = chance(4) == 0 ? namespace_below(node) : NOBODY;
	if (init != NOBODY)
		grow_child(node, ORDER_ENTER, init);
	else
		grow_child(node, chance(9) == 0 ? ORDER_SPAWN_INIT : ORDER_SPAWN, NOBODY);
}
