/* SPDX-License-Identifier: MIT */
/* What a tracer holds: zombies that it has not waited for, and processes that it stops. */
#include "words/explain/explain.h"
#include "words/explain/subject.h"
#include "words/plural.h"

static void tell_zombie(const struct explain_case *e, struct story *s, const struct process *z,
			const struct process *parent)
{
	auto_free char *name = subject_name(s->terminal, z);
	auto_free char *whose = parent ? subject_name(s->terminal, parent) : xstrdup("");

	/* its own tracer is no obstacle to a parent: ptrace(2) */
	if (parent == e->subject)
		return;
	story_tell(
		s, "state",
		"It traces zombie %s and has not waited for it: the parent %s%scannot reap that before it does, detaches or ends.",
		name, whose, parent ? " " : "");
}

static void tell_stopped(struct story *s, const struct process *p)
{
	auto_free char *name = subject_name(s->terminal, p);

	if (p->n_zombies)
		story_tell(s, "state", "It traces %s, which it holds, and which holds %u zombie%s.",
			   name, p->n_zombies, plural_s(p->n_zombies));
	else
		story_tell(s, "state", "It traces %s, which it holds.", name);
}

void explain_traces(const struct explain_case *e, struct story *s)
{
	for (size_t i = 0; i < e->n_traced && i < EXPLAIN_MOST_TRACED; i++) {
		if (e->traced[i]->state == 'Z')
			tell_zombie(e, s, e->traced[i], e->traced_parents[i]);
		else
			tell_stopped(s, e->traced[i]);
	}
	if (e->n_traced > EXPLAIN_MOST_TRACED)
		story_tell(s, "state", "And %zu more that it traces.",
			   e->n_traced - EXPLAIN_MOST_TRACED);
}
