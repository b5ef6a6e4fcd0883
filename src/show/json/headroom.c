/* SPDX-License-Identifier: MIT */
#include "case/forks/headrooms.h"
#include "show/json/process.h"
#include "words/forks/limit_words.h"

static json_t *limit_json(const struct limits_view *v, const struct limit *l)
{
	static const char *const refused_by[] = {
		[REFUSED_BY_ANY] = "any", [REFUSED_BY_THIS] = "this", [REFUSED_BY_ABOVE] = "above"
	};
	bool unlimited = l->has_max && l->max == LIMIT_UNLIMITED;
	auto_free char *owner = limit_owner_words(l);
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(limit_kind_name(l->kind)));
	json_object_set_new(o, "name", json_text(l->name));
	json_object_set_new(o, "owner", json_text(owner));
	json_object_set_new(o, "current", json_known(l->has_current, (int64_t)l->current));
	json_object_set_new(o, "max", json_known(l->has_max && !unlimited, (int64_t)l->max));
	json_object_set_new(o, "unlimited", json_tri(l->has_max ? tri_of(unlimited) : TRI_UNKNOWN));
	json_object_set_new(o, "headroom", json_known(l->has_headroom, (int64_t)l->headroom));
	json_object_set_new(o, "exact", json_boolean(l->exact));
	json_object_set_new(o, "zombies", json_known(l->has_zombies, (int64_t)l->zombies));
	json_object_set_new(o, "zombies_inferred",
			    json_boolean(l->kind == LIMIT_CGROUP && v->held_inferred));
	json_object_set_new(o, "refused", json_known(l->has_refused, (int64_t)l->refused));
	json_object_set_new(o, "refused_by",
			    l->has_refused ? json_string(refused_by[l->refused_by]) : json_null());
	json_object_set_new(o, "first_refusal",
			    l->has_first_refusal ? json_time(l->first_refusal_ns) : json_null());
	json_object_set_new(o, "applies", json_boolean(l->applies));
	json_object_set_new(o, "dead", json_boolean(l->dead));
	return o;
}

static json_t *case_json(const struct headrooms *h, size_t i)
{
	const struct limit_case *c = &h->cases[i];
	json_t *o = json_object(), *limits = json_array();

	if (c->process)
		json_object_set_new(o, "subject", json_process(h->census, &h->details[i]));
	else
		json_object_set_new(o, "subject",
				    json_pack("{s:o}", "cgroup", json_text(c->cgroup)));
	for (size_t k = 0; k < c->n; k++)
		json_array_append_new(limits, limit_json(&h->view, &c->limits[k]));
	json_object_set_new(o, "limits", limits);
	json_object_set_new(o, "binding", json_known(c->answer.binding >= 0, c->answer.binding));
	json_object_set_new(o, "headroom",
			    json_known(c->answer.has_total, (int64_t)c->answer.total));
	json_object_set_new(o, "exact", json_boolean(c->answer.has_total && !c->answer.unknown));
	json_object_set_new(o, "holders", limit_holders_json(c->holders));
	return o;
}

void headroom_json(const struct answer *a)
{
	const struct headrooms *h = a->facts;
	json_t *cases = json_array();

	for (size_t i = 0; i < h->n; i++)
		json_array_append_new(cases, case_json(h, i));
	json_answer(a, "headroom", json_pack("{s:o}", "cases", cases));
}
