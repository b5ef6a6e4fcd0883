/* SPDX-License-Identifier: MIT */
#include "case/acts/attempt.h"
#include "show/json/process.h"
#include "words/acts/nudge_words.h"

static json_t *attempt_json(const struct attempt *a)
{
	const struct nudge_result *r = &a->result;
	auto_free char *reason = nudge_reason(a);
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(a->pid));
	json_object_set_new(o, "comm",
			    a->comm[0] ? json_raw_text(a->comm, strlen(a->comm)) : json_null());
	json_object_set_new(o, "sent", json_boolean(r->sent));
	json_object_set_new(o, "would_send", json_boolean(a->wanted));
	json_object_set_new(o, "signals", json_integer(r->signals));
	json_object_set_new(o, "before", json_integer((json_int_t)r->before));
	json_object_set_new(o, "after", json_known(!a->ended, (int64_t)r->after));
	json_object_set_new(o, "reaped", json_known(!a->ended, (int64_t)(r->before - r->after)));
	json_object_set_new(o, "waited_ms", json_real(r->waited_ms));
	json_object_set_new(o, "reason", json_text(reason));
	json_object_set_new(o, "verdict", a->parent ? json_verdict(&a->verdict) : json_null());
	return o;
}

void nudge_json(const struct answer *a)
{
	const struct attempts *all = a->facts;
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list, attempt_json(&all->list[i]));
	json_answer(a, "nudge",
		    json_pack("{s:b, s:o}", "dry_run", all->choice.dry_run, "parents", list));
}
