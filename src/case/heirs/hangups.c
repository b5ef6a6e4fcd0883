/* SPDX-License-Identifier: MIT */
#include "case/heirs/hangups.h"

#include "inspect/tty.h"

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

/* Will nobody anchor the group? UNKNOWN: a parent that might is out of sight */
static enum tri is_left(const struct ending *e, pid_t group)
{
	enum tri answer = TRI_YES;

	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *member = &e->c->procs[i];
		enum tri anchored;

		if (member->pgrp != group || member->sid != e->p->sid)
			continue;
		anchored = anchors(e, member);
		if (anchored == TRI_YES)
			return TRI_NO;
		if (anchored == TRI_UNKNOWN)
			answer = TRI_UNKNOWN;
	}
	return answer;
}

/* The end of p cuts a tie of that group: that of a child to it, or its own to its parent */
static bool is_tied(const struct ending *e, pid_t group)
{
	const struct process *parent = census_parent(e->c, e->p), *child;

	if (group == e->p->pgrp)
		return parent && parent->pgrp != group && parent->sid == e->p->sid;
	for (child = census_first_child(e->c, e->p); child; child = census_next_child(e->c, child))
		if (child->pgrp == group && child->sid == e->p->sid)
			return true;
	return false;
}

static bool has(const struct hangups *h, pid_t group)
{
	for (size_t i = 0; i < h->n_orphaned; i++)
		if (h->orphaned[i] == group)
			return true;
	return false;
}

static void find_orphaned(const struct ending *e, struct hangups *ret)
{
	size_t cap = 0;

	for (size_t i = 0; i < e->c->n; i++) {
		const struct process *p = &e->c->procs[i];
		enum tri left;

		if (p->state != 'T' || p->sid != e->p->sid || p->pgrp == 0 || has(ret, p->pgrp) ||
		    !is_tied(e, p->pgrp))
			continue;
		left = is_left(e, p->pgrp);
		if (left == TRI_UNKNOWN)
			ret->exact = false;
		if (left != TRI_YES)
			continue;
		ARRAY_GROW(ret->orphaned, ret->n_orphaned, cap);
		ret->orphaned[ret->n_orphaned++] = p->pgrp;
	}
}

void hangups_find(const struct census *c, const struct process *p, const struct process *heir,
		  struct hangups *ret)
{
	const struct ending e = { c, p, heir };
	struct tty terminal;

	*ret = (struct hangups){ .exact = true };
	if (p->sid == 0)
		return;
	if (p->sid == p->pid && tty_read(c, p, &terminal) == 0 && terminal.device)
		ret->foreground = terminal.foreground;
	find_orphaned(&e, ret);
}

void hangups_done(struct hangups *h)
{
	free(h->orphaned);
	*h = (struct hangups){ 0 };
}

bool hangups_reach(const struct hangups *h, const struct process *child, bool *ret_continues)
{
	*ret_continues = has(h, child->pgrp);
	return child->pgrp && (*ret_continues || child->pgrp == h->foreground);
}
