/* SPDX-License-Identifier: MIT */
/* What helps in this very case: the verdict's remedy with its numbers, its heir and its engine. */
#include <stdio.h>

#include "words/explain/explain.h"
#include "words/remedy.h"
#include "words/explain/subject.h"
#include "words/verdict.h"
#include "words/plural.h"

/* The remedy's placeholders hold for this very case */
static char *fill(const struct explain_case *e, const char *text)
{
	const struct container *c = &e->parent->details.container;
	auto_free char *with_id = remedy_fill(text, "ID", c->id);

	return remedy_fill(with_id, "UID", c->pod_uid[0] ? c->pod_uid : "?");
}

/* What the end of the parent comes to here; NULL: the heir could not be looked for. Owned by the caller */
static char *ending(const struct explain_case *e, const struct story *s)
{
	const struct heir_case *k = &e->heir;
	auto_free char *heir = NULL;

	if (!e->has_heir || e->verdict.role == ROLE_MACHINE_INIT)
		return NULL;
	if (k->kills)
		return xasprintf(
			"ending PARENT clears its zombies, and ends its PID namespace with %zu more process%s in it",
			k->n_killed, plural_es(k->n_killed));
	if (k->heir.rule == HEIR_NONE)
		return NULL;
	if (!k->heir_process)
		return xstrdup(
			"ending PARENT hands them to a process that is not in sight: whether that one reaps is not known");
	heir = subject_name(s->terminal, k->heir_process);
	if (k->view && k->view->reaps.answer == TRI_YES)
		return xasprintf("ending PARENT hands them to %s, which reaps", heir);
	if (k->view && k->view->reaps.answer == TRI_NO)
		return xasprintf(
			"ending PARENT does not help: its heir, %s, does not reap what it adopts",
			heir);
	return xasprintf(
		"ending PARENT hands them to %s: whether that one reaps is not known (coroner probe %d finds out)",
		heir, k->heir_process->pid);
}

/* Cut out what begins with from, up to a word in until */
static void cut(char *text, const char *from, const char *until)
{
	char *at = strstr(text, from), *end = at ? strstr(at, until) : NULL;

	if (end)
		memmove(at, end, strlen(end) + 1);
}

/* Nobody is sent to the story that he reads, nor told to look at one that is about to end */
static char *told_here(const struct explain_case *e, char *text)
{
	auto_free char *self = xasprintf(" (coroner explain %d)", e->subject->pid);
	auto_free char *which = xasprintf("; coroner explain %d says which", e->verdict.parent);
	char *at = strstr(text, self);

	if (at)
		memmove(at, at + strlen(self), strlen(at + strlen(self)) + 1);
	cut(text, which, ")");
	if (e->fatal_pending && (at = strstr(text, "; then look whether")))
		*at = '\0';
	return text;
}

static void capitalize(char *text)
{
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
}

/* A mixed parent: what helps against those that the verdict is not about */
static void tell_other_kinds(const struct explain_case *e, struct story *s, const char *end)
{
	for (size_t i = 0; i < e->n_others; i++) {
		const struct verdict *v = &e->others[i];
		auto_free char *text = told_here(e, remedy_with(v, end));

		story_tell(s, "remedy", "Against %s (%d of them, as %d): %s.",
			   verdict_name(v->code), e->verdict.mixed[v->code], v->zombie, text);
	}
}

static void tell_engine(const struct explain_case *e, struct story *s)
{
	const struct container *c = &e->parent->details.container;
	struct engine_remedy engine = { NULL, NULL };
	auto_free char *lasting = NULL, *now = NULL;

	if (!e->parent->details.in_container)
		return;
	engine = remedy_of_engine(c, e->verdict.code);
	/* another init does not make a subreaper below it reap */
	if (e->parent->evidence.init != TRI_YES)
		engine.lasting = NULL;
	lasting = engine.lasting ? fill(e, engine.lasting) : NULL;
	now = engine.now ? fill(e, engine.now) : NULL;
	if (lasting)
		story_tell(s, "remedy", "In %s, for good: %s.",
			   c->pod_uid[0] ? "a pod" : c->runtime, lasting);
	if (now)
		story_tell(s, "remedy", "In %s, now: %s.", c->pod_uid[0] ? "a pod" : c->runtime,
			   now);
}

void explain_remedy(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = e->parent;
	auto_free char *general = NULL, *end = NULL;

	if (!p || p->n_zombies == 0)
		return;
	if (explain_pipe_remedy(e, s) || explain_threads_remedy(e, s) || explain_members(e, s) ||
	    explain_terminal(e, s))
		return;
	end = ending(e, s);
	general = told_here(e, remedy_with(&e->verdict, end));
	capitalize(general);
	story_tell(s, "remedy", "%s.", general);
	if (e->verdict.code == VERDICT_PARENT_FROZEN)
		explain_thaw(&e->thaw, s);
	if (e->deaf && !e->fatal_pending)
		story_tell(
			s, "remedy",
			"That alone may not do: the parent has no handler for SIGCHLD, and no thread of it waits for this child.");
	tell_other_kinds(e, s, end);
	tell_engine(e, s);
}
