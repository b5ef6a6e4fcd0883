/* SPDX-License-Identifier: MIT */
#include "show/json/signals.h"

#include "case/signals/signal_answers.h"
#include "inspect/text/signals.h"
#include "show/json/process.h"
#include "words/signals.h"
#include "words/tokens.h"

static json_t *names(uint64_t set)
{
	json_t *list = json_array();
	char name[SIGNAL_NAME_SIZE];

	for (int s = 1; s <= 64; s++)
		if (mask_has(set, s))
			json_array_append_new(list, json_string(signal_name(s, name)));
	return list;
}

static json_t *named_masks(const struct signal_masks *m)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "SigPnd", names(m->pending), "ShdPnd",
			 names(m->shared_pending), "SigBlk", names(m->blocked), "SigIgn",
			 names(m->ignored), "SigCgt", names(m->caught));
}

static json_t *thread_json(const struct thread *t)
{
	char state[2] = { t->state, '\0' };
	json_t *o = json_object(), *awaits = json_null();

	if (t->blocked_in.wait == WAIT_FOR_SIGNALS && t->awaited)
		awaits = names(t->awaited);
	json_object_set_new(o, "tid", json_integer(t->tid));
	json_object_set_new(o, "state", json_text(state));
	json_object_set_new(o, "SigPnd", json_mask(true, t->masks.pending));
	json_object_set_new(o, "SigBlk", json_mask(true, t->masks.blocked));
	json_object_set_new(o, "syscall",
			    json_text(t->blocked_in.known ? t->blocked_in.name : NULL));
	json_object_set_new(o, "awaits", awaits);
	return o;
}

static json_t *signalfds_json(const struct signal_view *v)
{
	json_t *list;

	if (!v->signalfds_known)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < v->n_signalfds; i++)
		json_array_append_new(list, json_pack("{s:i, s:o, s:o}", "fd", v->signalfds[i].fd,
						      "mask", json_mask(true, v->signalfds[i].mask),
						      "signals", names(v->signalfds[i].mask)));
	return list;
}

static json_t *outcome_json(const struct signal_outcome *o)
{
	return json_pack("{s:s, s:s, s:s}", "effect", signal_effect_name(o->effect), "certainty",
			 proven_token(o->certain), "why", signal_why(o->why));
}

json_t *signals_effects_json(const struct signal_view *v, bool all)
{
	struct signal_effects list[SIGNAL_EFFECTS_MAX];
	size_t n = signal_effects_of(&v->target, all, list);
	bool outermost = v->target.outermost == TRI_YES;
	json_t *effects = json_object();
	char name[SIGNAL_NAME_SIZE];

	for (size_t i = 0; i < n; i++) {
		const struct signal_effects *e = &list[i];

		json_object_set_new(effects, signal_name(e->signal, name),
				    json_pack("{s:i, s:o, s:o}", "number", e->signal, "own",
					      outcome_json(&e->own), "ancestor",
					      outermost ? json_null() :
							  outcome_json(&e->ancestor)));
	}
	return effects;
}

static json_t *answer_json(const struct census *c, const struct signal_answer *a, bool all)
{
	const struct signal_view *v = &a->view;
	const struct details *d = &v->details;
	json_t *o = json_object(), *threads = json_array();
	int fatal = a->fatal_pending;
	char name[SIGNAL_NAME_SIZE];

	for (size_t i = 0; i < d->n_threads; i++)
		json_array_append_new(threads, thread_json(&d->threads[i]));
	json_object_set_new(o, "process", json_process(c, d));
	json_object_set_new(o, "masks", json_masks(true, &d->status.masks));
	json_object_set_new(o, "signals", named_masks(&d->status.masks));
	json_object_set_new(o, "threads", threads);
	json_object_set_new(o, "fatal_pending", json_text(fatal ? signal_name(fatal, name) : NULL));
	json_object_set_new(o, "signalfds", signalfds_json(v));
	json_object_set_new(o, "effects", signals_effects_json(v, all));
	json_object_set_new(o, "hint", json_text(signals_hint(v)));
	return o;
}

void signals_json(const struct answer *a)
{
	const struct signal_answers *answers = a->facts;
	json_t *list = json_array();

	for (size_t i = 0; i < answers->n; i++)
		json_array_append_new(list, answer_json(answers->census, &answers->list[i],
							answers->all));
	json_answer(a, "signals", json_pack("{s:o}", "cases", list));
}
