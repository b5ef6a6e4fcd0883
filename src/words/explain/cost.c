/* SPDX-License-Identifier: MIT */
/* What the zombies cost: the limit that their parent's next fork hits first. */
#include <inttypes.h>

#include "words/explain/explain.h"
#include "words/forks/limit_words.h"
#include "words/plural.h"

static void tell_share(const struct explain_case *e, struct story *s, const struct limit *l,
		       const char *name)
{
	auto_free char *zombies = NULL;
	auto_free char *used =
		l->has_current && l->has_max ?
			xasprintf("%" PRIu64 " of %" PRIu64 " in use", l->current, l->max) :
			xstrdup("use not known");

	if (l->dead) {
		story_tell(
			s, "cost",
			"%s can fork no more: its children would go to %s, which is dead (ENOMEM).",
			e->zombie ? "The parent" : "It", l->name);
		return;
	}
	if (l->has_zombies)
		zombies = xasprintf(", %" PRIu64 " of them by zombies", l->zombies);
	story_tell(
		s, "cost", "%s%s %" PRIu64 " more task%s, then %s refuses: %s%s.",
		e->zombie ?
			"Until it is reaped it takes the place of a process. The parent can fork" :
			"It can fork",
		e->cost.answer.unknown ? " at most" : "", e->cost.answer.total,
		plural_s(e->cost.answer.total), name, used, zombies ? zombies : "");
}

/* Whoever is refused need not be who uses the limit up */
static void tell_holders(const struct explain_case *e, struct story *s, const struct limit *l)
{
	const struct limit_holders *h = e->cost.holders;
	auto_free char *list = xstrdup("");

	for (size_t i = 0; h && i < h->n; i++) {
		auto_free char *one = limit_holder_words(&h->list[i], l->name, s->terminal->utf8);
		char *longer = xasprintf("%s%s%s", list, i ? "; " : "", one);

		free(list);
		list = longer;
	}
	if (h && *list && h->rest)
		story_tell(s, "cost",
			   "The largest holders of it are %s; all others hold %" PRIu64 ".", list,
			   h->rest);
	else if (*list)
		story_tell(s, "cost", "It is held by %s.", list);
}

void explain_cost(const struct explain_case *e, struct story *s)
{
	const struct limit_case *c = &e->cost;
	auto_free char *name = NULL;

	if (!e->has_cost)
		return;
	if (c->answer.binding < 0 || !c->answer.has_total) {
		story_tell(s, "cost", "No limit on tasks could be read.");
		return;
	}
	name = limit_words(&c->limits[c->answer.binding], s->terminal->utf8);
	tell_share(e, s, &c->limits[c->answer.binding], name);
	tell_holders(e, s, &c->limits[c->answer.binding]);
	story_evidence(s, false, "coroner headroom %d", explain_focus(e)->details.process.pid);
}
