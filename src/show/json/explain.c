/* SPDX-License-Identifier: MIT */
#include "case/explain/explain_case.h"
#include "show/json/list_json.h"
#include "show/json/process.h"
#include "show/json/reaper.h"
#include "show/json/signals.h"
#include "words/explain/explain.h"
#include "words/forks/limit_words.h"
#include "words/tokens.h"

static json_t *parent_json(const struct explain_case *e)
{
	json_t *o;

	if (!e->parent)
		return json_null();
	o = list_parent_json(e->c, e->parent);
	/* of a zombie's siblings the number is enough */
	if (e->zombie)
		json_object_del(o, "zombies");
	json_object_set_new(o, "n_zombies", json_integer((json_int_t)e->parent->n_zombies));
	return o;
}

static json_t *adoption_json(const struct explain_case *e)
{
	const struct adoption *a = e->adoption;
	json_t *o = json_object();

	json_object_set_new(o, "adopted", json_tri(a->adopted));
	json_object_set_new(o, "by", json_known(a->adopted == TRI_YES, e->subject->ppid));
	json_object_set_new(o, "evidence", json_text(adoption_sign_token(a->sign)));
	json_object_set_new(o, "certainty", json_string(proven_token(a->proven)));
	return o;
}

static json_t *cost_json(const struct explain_case *e)
{
	const struct limit_case *c = &e->cost;
	json_t *o;

	if (!e->has_cost || c->answer.binding < 0 || !c->answer.has_total)
		return json_null();
	o = json_object();
	json_object_set_new(o, "headroom", json_integer((json_int_t)c->answer.total));
	json_object_set_new(o, "exact", json_boolean(!c->answer.unknown));
	json_object_set_new(o, "binding", limit_words_json(&c->limits[c->answer.binding]));
	json_object_set_new(o, "holders", limit_holders_json(c->holders));
	return o;
}

static json_t *case_json(const struct explain_case *e, const struct terminal *t)
{
	static const char *const kinds[] = { [EXPLAIN_ZOMBIE] = "zombie",
					     [EXPLAIN_PARENT] = "parent",
					     [EXPLAIN_REAPER] = "reaper",
					     [EXPLAIN_ORPHAN] = "orphan",
					     [EXPLAIN_OTHER] = "other" };
	json_t *o = json_object();
	struct story story;

	explain_tell(e, t, &story);
	json_object_set_new(o, "process", json_process(e->c, &e->details));
	json_object_set_new(o, "kind", json_string(kinds[e->kind]));
	json_object_set_new(o, "zombie",
			    e->zombie ? list_zombie_json(e->c, e->parent, e->zombie) : json_null());
	json_object_set_new(o, "parent", parent_json(e));
	json_object_set_new(o, "verdict", e->parent ? json_verdict(&e->verdict) : json_null());
	json_object_set_new(o, "adoption", adoption_json(e));
	json_object_set_new(o, "reaps",
			    e->is_reaper ? json_string(reaps_name(e->reaper.reaps.answer)) :
					   json_null());
	json_object_set_new(o, "if_it_ends",
			    e->has_heir ? reaper_case_json(e->heirs, &e->heir) : json_null());
	json_object_set_new(o, "signals",
			    e->has_signals ? signals_effects_json(&e->signals, false) :
					     json_null());
	json_object_set_new(o, "headroom", cost_json(e));
	json_object_set_new(o, "story", story_json(&story));
	story_done(&story);
	return o;
}

void explain_json(const struct answer *a)
{
	const struct explanation *x = a->facts;
	json_t *list = json_array();

	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(list, case_json(x->list[i], a->terminal));
	json_answer(a, "explain", json_pack("{s:o}", "cases", list));
}
