/* SPDX-License-Identifier: MIT */
#include "cmd/signals_json.h"

#include <signal.h>

#include "inspect/signals.h"
#include "render/json.h"

/* The Go runtime installs handlers for all signals but a few (runtime/sigtab_linux_generic.go) */
#define GO_CATCHES 55

int signals_nth(bool all, size_t i)
{
	static const int few[] = { SIGTERM, SIGINT, SIGKILL, SIGSTOP, SIGCHLD };

	if (all)
		return i < 64 ? (int)i + 1 : 0;
	return i < ARRAY_SIZE(few) ? few[i] : 0;
}

const char *signals_hint(const struct signal_view *v)
{
	uint64_t caught = v->target.caught;

	if (__builtin_popcountll(caught) >= GO_CATCHES && mask_has(caught, SIGURG) &&
	    mask_has(caught, SIGPROF))
		return "It catches nearly every signal, as the Go runtime does for every program "
		       "(inferred): a handler does not mean that the program asked for the signal. "
		       "An unasked-for SIGTERM or SIGINT ends a Go program, even an init.";
	for (size_t i = 0; i < v->target.n_threads; i++)
		if (v->target.threads[i].in_sigwait)
			return "SigCgt and SigBlk do not show what a thread in rt_sigtimedwait takes: "
			       "tini, catatonit and others handle signals that way.";
	return NULL;
}

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

static json_t *outcome_json(const struct signal_view *v, int signal, bool from_ancestor)
{
	struct signal_outcome o = signal_judge(&v->target, signal, from_ancestor);

	if (from_ancestor && v->target.outermost == TRI_YES)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "effect", signal_effect_name(o.effect), "certainty",
			 o.certain ? "proven" : "likely", "why", o.why);
}

json_t *signals_effects_json(const struct signal_view *v, bool all)
{
	json_t *effects = json_object();
	char name[SIGNAL_NAME_SIZE];
	int signal;

	for (size_t i = 0; (signal = signals_nth(all, i)); i++)
		json_object_set_new(effects, signal_name(signal, name),
				    json_pack("{s:o, s:o}", "own", outcome_json(v, signal, false),
					      "ancestor", outcome_json(v, signal, true)));
	return effects;
}

json_t *signals_json(const struct census *c, const struct signal_view *v, bool all)
{
	const struct details *d = &v->details;
	json_t *o = json_object(), *threads = json_array();
	int fatal = signal_fatal_pending(&v->target);
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
