/* SPDX-License-Identifier: MIT */
#include "case/heirs/hangups.h"

#include <errno.h>

#include "inspect/fds/masters.h"
#include "inspect/tty.h"

#define MOST_FDS 60000 /* some 0.1 s of readlink(2) */

/* One end, judged by the groups that are left then */
struct ending {
	const struct census *c;
	const struct process *p, *heir;
};

static bool is_dead(const struct process *p)
{
	return p->state == 'X' || (p->state == 'Z' && p->threads <= 1);
}

/* A process keeps its group from being orphaned if its parent is of another one of the same session */
static enum tri anchors(const struct ending *e, const struct process *member)
{
	const struct process *parent = census_parent(e->c, member);

	if (member == e->p || is_dead(member))
		return TRI_NO;
	if (parent == e->p)
		parent = e->heir;
	if (!parent)
		return TRI_UNKNOWN;
	return tri_of(parent->pgrp != member->pgrp && parent->sid == member->sid);
}

/* A process group of the session that has a stopped member. */
struct group {
	pid_t number;
	bool tied; /* the end of p cuts a tie of it: that of a child to p, or its own to p's parent */
	bool anchored; /* somebody keeps it from being orphaned */
	bool unclear;  /* a parent that might is out of sight */
};

struct groups {
	struct group *list; /* owned; by number, each once */
	size_t n;
};

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static struct group *find(const struct groups *g, pid_t number)
{
	const struct group key = { .number = number };

	return g->n ? bsearch(&key, g->list, g->n, sizeof(key), compare_groups) : NULL;
}

static void find_stopped(const struct ending *e, struct groups *ret)
{
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *p = &e->c->procs[i];

		if (p->state != 'T' || p->sid != e->p->sid || p->pgrp == 0)
			continue;
		ARRAY_GROW(ret->list, ret->n, cap);
		ret->list[ret->n++] = (struct group){ .number = p->pgrp };
	}
	if (ret->n == 0)
		return;
	qsort(ret->list, ret->n, sizeof(*ret->list), compare_groups);
	for (size_t i = 1; i < ret->n; i++)
		if (ret->list[i].number != ret->list[kept].number)
			ret->list[++kept] = ret->list[i];
	ret->n = kept + 1;
}

static void find_ties(const struct ending *e, const struct groups *groups)
{
	const struct process *parent = census_parent(e->c, e->p), *child;
	struct group *own = find(groups, e->p->pgrp);

	for (child = census_first_child(e->c, e->p); child;
	     child = census_next_child(e->c, child)) {
		struct group *g = child->sid == e->p->sid ? find(groups, child->pgrp) : NULL;

		if (g && g != own)
			g->tied = true;
	}
	if (own)
		own->tied = parent && parent->pgrp != own->number && parent->sid == e->p->sid;
}

static void find_anchors(const struct ending *e, const struct groups *groups)
{
	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *member = &e->c->procs[i];
		struct group *g = member->sid == e->p->sid ? find(groups, member->pgrp) : NULL;
		enum tri anchored;

		if (!g || !g->tied)
			continue;
		anchored = anchors(e, member);
		g->anchored |= anchored == TRI_YES;
		g->unclear |= anchored == TRI_UNKNOWN;
	}
}

static int compare_numbers(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool has(const struct hangups *h, pid_t group)
{
	return h->n_orphaned &&
	       bsearch(&group, h->orphaned, h->n_orphaned, sizeof(group), compare_numbers);
}

static void find_orphaned(const struct ending *e, struct hangups *ret)
{
	struct groups groups = { 0 };

	find_stopped(e, &groups);
	if (groups.n > 0) {
		find_ties(e, &groups);
		find_anchors(e, &groups);
		ret->orphaned = xcalloc(groups.n, sizeof(*ret->orphaned));
	}
	for (size_t i = 0; i < groups.n; i++) {
		const struct group *g = &groups.list[i];

		if (!g->tied || g->anchored)
			continue;
		if (g->unclear)
			ret->exact = false;
		else
			ret->orphaned[ret->n_orphaned++] = g->number;
	}
	free(groups.list);
}

/* The number N of its terminal /dev/pts/N, whose session it leads; -1: it has none (Documentation/admin-guide/devices.txt) */
static long terminal_of(const struct census *c, const struct process *p)
{
	struct tty t;
	dev_t dev;

	if (p->sid != p->pid || is_dead(p) || tty_read(c, p, &t) < 0)
		return -1;
	dev = tty_dev(t.device);
	if (major(dev) < 136 || major(dev) > 143)
		return -1;
	return (long)(major(dev) - 136) * 256 + (long)minor(dev);
}

static bool child_has_terminal(const struct ending *e)
{
	const struct process *child;

	for (child = census_first_child(e->c, e->p); child; child = census_next_child(e->c, child))
		if (terminal_of(e->c, child) >= 0)
			return true;
	return false;
}

/* Somebody else keeps those terminals from being hung up */
static void strike(struct hangups *h, const unsigned *numbers, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n_masters; i++) {
		bool hit = false;

		for (size_t k = 0; k < n; k++)
			hit |= numbers[k] == h->masters[i];
		if (!hit)
			h->masters[kept++] = h->masters[i];
	}
	h->n_masters = kept;
}

/* The terminals that are hung up as the last master of them is closed: of a terminal emulator, sshd, tmux, script */
static void find_masters(const struct ending *e, struct hangups *ret)
{
	size_t n_fds = 0;
	int n;

	if (!child_has_terminal(e))
		return;
	n = masters_of(e->c, e->p, &ret->masters, &n_fds);
	ret->exact &= n >= 0;
	ret->n_masters = n > 0 ? (size_t)n : 0;
	for (size_t i = 0; i < e->c->n && ret->n_masters; i++) {
		const struct process *p = &e->c->procs[i];
		unsigned *others = NULL;

		if (p == e->p || p->state == 'Z' || (p->flags & PF_KTHREAD))
			continue;
		n = n_fds < MOST_FDS ? masters_of(e->c, p, &others, &n_fds) : -EFBIG;
		ret->exact &= n >= 0 || n == -ESRCH;
		if (n > 0)
			strike(ret, others, (size_t)n);
		free(others);
	}
}

void hangups_find(const struct census *c, const struct process *p, const struct process *heir,
		  struct hangups *ret)
{
	const struct ending e = { c, p, heir };
	struct tty terminal;

	*ret = (struct hangups){ .exact = true };
	find_masters(&e, ret);
	if (p->sid == 0)
		return;
	if (p->sid == p->pid && tty_read(c, p, &terminal) == 0 && terminal.device)
		ret->foreground = terminal.foreground;
	find_orphaned(&e, ret);
}

void hangups_done(struct hangups *h)
{
	free(h->masters);
	free(h->orphaned);
	*h = (struct hangups){ 0 };
}

static bool loses_terminal(const struct hangups *h, const struct census *c,
			   const struct process *child)
{
	const long number = h->n_masters ? terminal_of(c, child) : -1;

	for (size_t i = 0; i < h->n_masters && number >= 0; i++)
		if (h->masters[i] == (unsigned long)number)
			return true;
	return false;
}

bool hangups_reach(const struct hangups *h, const struct census *c, const struct process *child,
		   bool *ret_continues)
{
	*ret_continues = has(h, child->pgrp) || loses_terminal(h, c, child);
	return *ret_continues || (child->pgrp && child->pgrp == h->foreground);
}
