/* SPDX-License-Identifier: MIT */
#include "inspect/text/syscall.h"
#include "show/json/process.h"
#include "words/acts/reap_words.h"

static void add_lists(json_t *o, const struct sight *sight, const struct reaping *r)
{
	json_t *reaped = json_array(), *chosen = json_array(), *left = json_array();

	for (size_t i = 0; i < r->n_items; i++) {
		const struct reap_item *item = &r->items[i];

		if (item->spared == SPARED_NOT)
			json_array_append_new(chosen, json_integer(item->zombie->pid));
		if (item->spared == SPARED_NOT && item->fate == REAP_TAKEN)
			json_array_append_new(reaped, json_integer(item->zombie->pid));
	}
	for (size_t i = 0; i < r->n_left; i++) {
		auto_free char *why = reap_why_left(r, &r->left[i], sight->rights);

		json_array_append_new(left, json_pack("{s:i, s:s}", "pid", (int)r->left[i].pid,
						      "why", why));
	}
	json_object_set_new(o, "reaped", reaped);
	json_object_set_new(o, "would_reap", chosen);
	json_object_set_new(o, "left", left);
}

static json_t *one(const struct sight *sight, const struct reaping *r, bool dry_run)
{
	auto_free char *reason = reap_reason(r, sight->rights);
	const struct reap_result *did = &r->result;
	bool stopped = did->thread != 0, goes_on = stopped && did->refusal != REAP_LOST;
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(r->pid));
	json_object_set_new(o, "comm",
			    r->comm[0] ? json_raw_text(r->comm, strlen(r->comm)) : json_null());
	json_object_set_new(o, "thread", json_known(stopped, did->thread));
	json_object_set_new(o, "call",
			    json_text(stopped && did->nr >= 0 ? syscall_name(did->nr) : NULL));
	json_object_set_new(o, "resumes",
			    json_text(goes_on ? reap_resume_name(did->resume) : NULL));
	json_object_set_new(o, "before", json_integer((json_int_t)r->n_items));
	json_object_set_new(o, "after",
			    json_known(r->after_known || !r->parent, (int64_t)r->n_left));
	add_lists(o, sight, r);
	json_object_set_new(o, "interrupted", json_text(reap_interrupted_name(did, dry_run)));
	json_object_set_new(o, "stops", json_integer(did->stops));
	json_object_set_new(o, "longest_stop_ms", json_real((double)did->longest_ns / 1e6));
	json_object_set_new(o, "total_stop_ms", json_real((double)did->total_ns / 1e6));
	json_object_set_new(o, "reason", json_text(reason));
	return o;
}

void reap_json(const struct answer *a)
{
	const struct reapings *all = a->facts;
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list, one(a->sight, &all->list[i], all->dry_run));
	json_answer(a, "reap", json_pack("{s:b, s:o}", "dry_run", all->dry_run, "parents", list));
}
