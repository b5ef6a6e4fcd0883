/* SPDX-License-Identifier: MIT */
#include "case/explain/explain_case.h"
#include "show/json/list_json.h"
#include "show/json/process.h"
#include "show/json/reaper.h"
#include "show/json/signals.h"
#include "words/explain/explain.h"
#include "words/forks/limit_words.h"
#include "words/tokens.h"

static void put_parent(struct json_stream *s, const struct explain_case *e)
{
	json_stream_object(s, "parent");
	json_stream_values(s, list_parent_json(e->c, e->parent));
	/* of a zombie's siblings the number is enough */
	if (!e->zombie)
		list_put_zombies(s, e->c, e->parent);
	json_stream_value(s, "n_zombies", json_integer((json_int_t)e->parent->n_zombies));
	json_stream_end(s);
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

static void put_case(struct json_stream *s, const struct explain_case *e, const struct terminal *t)
{
	static const char *const kinds[] = { [EXPLAIN_ZOMBIE] = "zombie",
					     [EXPLAIN_PARENT] = "parent",
					     [EXPLAIN_REAPER] = "reaper",
					     [EXPLAIN_ORPHAN] = "orphan",
					     [EXPLAIN_OTHER] = "other" };
	struct story story;

	explain_tell(e, t, &story);
	json_stream_object(s, NULL);
	json_stream_value(s, "process", json_process(e->c, &e->details));
	json_stream_value(s, "kind", json_string(kinds[e->kind]));
	json_stream_value(s, "zombie",
			  e->zombie ? list_zombie_json(e->c, e->parent, e->zombie) : json_null());
	if (e->parent)
		put_parent(s, e);
	else
		json_stream_value(s, "parent", json_null());
	json_stream_value(s, "verdict", e->parent ? json_verdict(&e->verdict) : json_null());
	json_stream_value(s, "adoption", adoption_json(e));
	json_stream_value(s, "reaps",
			  e->is_reaper ? json_string(reaps_name(e->reaper.reaps.answer)) :
					 json_null());
	if (e->has_heir)
		reaper_put_case(s, "if_it_ends", e->heirs, &e->heir);
	else
		json_stream_value(s, "if_it_ends", json_null());
	json_stream_value(s, "signals",
			  e->has_signals ? signals_effects_json(&e->signals, false) : json_null());
	json_stream_value(s, "headroom", cost_json(e));
	json_stream_value(s, "story", story_json(&story));
	json_stream_end(s);
	story_done(&story);
}

void explain_json(const struct answer *a)
{
	const struct explanation *x = a->facts;
	struct json_stream s;

	json_answer_begin(a, "explain", &s);
	json_stream_list(&s, "cases");
	for (size_t i = 0; i < x->n; i++)
		put_case(&s, x->list[i], a->terminal);
	json_stream_end(&s);
	json_stream_end(&s);
}
