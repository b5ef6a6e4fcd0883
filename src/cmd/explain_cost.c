/* SPDX-License-Identifier: MIT */
/* What the zombies cost: the limit that their parent's next fork hits first. */
#include <inttypes.h>

#include "cmd/explain.h"
#include "cmd/limit_words.h"

static void tell_share(struct explain_case *e, const struct limit *l, const char *name)
{
	auto_free char *zombies = NULL;
	auto_free char *used =
		l->has_current && l->has_max ?
			xasprintf("%" PRIu64 " of %" PRIu64 " in use", l->current, l->max) :
			xstrdup("use not known");

	if (l->has_zombies)
		zombies = xasprintf(", %" PRIu64 " of them by zombies", l->zombies);
	story_tell(
		&e->story, "cost", "%s%s %" PRIu64 " more task%s, then %s refuses: %s%s.",
		e->zombie ?
			"Until it is reaped it takes the place of a process. The parent can fork" :
			"It can fork",
		e->cost.answer.unknown ? " at most" : "", e->cost.answer.total,
		e->cost.answer.total == 1 ? "" : "s", name, used, zombies ? zombies : "");
}

void explain_cost(struct explain_case *e)
{
	const struct limit_case *c = &e->cost;
	auto_free char *name = NULL;

	if (!e->has_cost)
		return;
	if (c->answer.binding < 0 || !c->answer.has_total) {
		story_tell(&e->story, "cost", "No limit on tasks could be read.");
		return;
	}
	name = limit_words(e->ctx, &c->limits[c->answer.binding]);
	tell_share(e, &c->limits[c->answer.binding], name);
	story_evidence(&e->story, false, "coroner headroom %d",
		       explain_focus(e)->details.process.pid);
}

json_t *explain_cost_json(const struct explain_case *e)
{
	const struct limit_case *c = &e->cost;
	json_t *o;

	if (!e->has_cost || c->answer.binding < 0 || !c->answer.has_total)
		return json_null();
	o = json_object();
	json_object_set_new(o, "headroom", json_integer((json_int_t)c->answer.total));
	json_object_set_new(o, "exact", json_boolean(!c->answer.unknown));
	json_object_set_new(o, "binding", limit_words_json(&c->limits[c->answer.binding]));
	return o;
}
