/* SPDX-License-Identifier: MIT */
#include "case/zombies/families.h"

/* Its zombies are those that follow from held on */
static struct parent_case *add_parent(struct cases *cases, pid_t pid, const struct process *process,
				      const struct process **held)
{
	struct parent_case *p = &cases->parents[cases->n++];

	*p = (struct parent_case){ .process = process, .held = held };
	details_unread(process ? process : &(struct process){ .pid = pid, .state = '?' },
		       &p->details);
	return p;
}

/* The PIDs that are asked for; none: everybody */
struct asked {
	const pid_t *pids;
	size_t n;
};

static bool is_about(const struct asked *asked, pid_t pid)
{
	for (size_t i = 0; i < asked->n; i++)
		if (asked->pids[i] == pid)
			return true;
	return !asked->pids;
}

static bool is_about_family(const struct asked *asked, const struct census *c,
			    const struct process *parent)
{
	const struct process *child;

	if (is_about(asked, parent->pid))
		return true;
	for (child = census_first_child(c, parent); child; child = census_next_child(c, child))
		if (is_about(asked, child->pid))
			return true;
	return false;
}

static int compare_ppids(const void *a, const void *b)
{
	const struct process *x = *(const struct process *const *)a;
	const struct process *y = *(const struct process *const *)b;

	if (x->ppid != y->ppid)
		return x->ppid < y->ppid ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Zombies whose parent is not in the census: PPID 0, or a process that hidepid=1 hides */
static void group_unseen(struct cases *cases, const struct process **held)
{
	const struct census *c = cases->census;
	struct parent_case *p = NULL;
	size_t n = 0;

	for (size_t i = 0; c->n_unparented > 0 && i < c->n; i++)
		if (process_is_zombie(&c->procs[i]) && !census_parent(c, &c->procs[i]))
			held[n++] = &c->procs[i];
	if (n > 0)
		qsort(held, n, sizeof(*held), compare_ppids);
	for (size_t i = 0; i < n; i++) {
		if (!p || p->details.process.pid != held[i]->ppid)
			p = add_parent(cases, held[i]->ppid, NULL, held + i);
		p->n_zombies++;
	}
}

static size_t count_parents(const struct census *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->procs[i].n_zombies > 0;
	return n;
}

void families_group(struct cases *cases, const pid_t *about, size_t n_about)
{
	const struct asked asked = { about, n_about };
	const struct census *c = cases->census;
	const struct process **held = xcalloc(c->n_zombies, sizeof(*held));

	cases->held = held;
	/* each zombie without a parent in sight may have one of its own */
	cases->parents = xcalloc(count_parents(c) + c->n_unparented, sizeof(*cases->parents));
	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i], *child;
		struct parent_case *parent;

		if (p->n_zombies == 0 || !is_about_family(&asked, c, p))
			continue;
		parent = add_parent(cases, p->pid, p, held);
		for (child = census_first_child(c, p); child; child = census_next_child(c, child))
			if (process_is_zombie(child))
				held[parent->n_zombies++] = child;
		held += parent->n_zombies;
	}
	group_unseen(cases, held);
}
