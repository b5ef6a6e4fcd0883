/* SPDX-License-Identifier: MIT */
/* coroner explain: the whole story of a zombie, a parent, a reaper or an innocent process. */
#include "cmd/explain.h"

#include <errno.h>
#include <stdio.h>

#include "cmd/dying.h"
#include "cmd/list_json.h"
#include "cmd/missing.h"
#include "cmd/reaper_case.h"
#include "cmd/scope.h"
#include "cmd/signals_json.h"
#include "cmd/subject.h"
#include "render/json.h"

/* What all cases of a run share. */
struct explanation {
	struct context *ctx; /* borrowed */
	struct cases cases;
	struct heirs heirs;
	struct limits_view limits;
	json_t *list; /* owned */
	struct missing missing;
};

const struct parent_case *explain_focus(const struct explain_case *e)
{
	return e->parent ? e->parent : &e->own;
}

static void find_case(struct explanation *x, struct explain_case *e)
{
	for (size_t i = 0; i < x->cases.n; i++) {
		struct parent_case *p = &x->cases.parents[i];

		if (p->process == e->subject)
			e->parent = p;
		for (size_t k = 0; k < p->n_looked_at && e->subject->state == 'Z'; k++) {
			if (p->zombies[k].process != e->subject)
				continue;
			e->parent = p;
			e->zombie = &p->zombies[k];
			cases_judge_zombie(p, e->zombie, &e->verdict);
			return;
		}
	}
	if (e->parent)
		e->verdict = e->parent->verdict;
}

static void look_as_reaper(struct explain_case *e)
{
	if (e->zombie || heirs_kind(e->heirs, e->subject, &e->reaper_inferred) == HEIR_NONE)
		return;
	e->is_reaper = reaper_look(e->ctx, e->c, &e->heirs->adoptions, e->subject, TRI_UNKNOWN,
				   &e->reaper) == 0;
}

static enum explain_kind kind_of(const struct explain_case *e)
{
	if (e->subject->state == 'Z')
		return EXPLAIN_ZOMBIE;
	if (e->parent)
		return EXPLAIN_PARENT;
	if (e->is_reaper)
		return EXPLAIN_REAPER;
	return adoption_of(&e->heirs->adoptions, e->c, e->subject)->adopted == TRI_YES ?
		       EXPLAIN_ORPHAN :
		       EXPLAIN_OTHER;
}

/* Evidence about a subject that no case is about */
static int look_alone(struct explain_case *e)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_THREADS | WANT_DOING |
			WANT_SIGNALFD | WANT_WCHAN;
	int r;

	e->own.process = e->subject;
	r = details_read(e->c, e->subject, want, &e->own.details);
	if (r == 0)
		cases_parent_evidence(e->ctx, e->c, &e->own);
	else
		e->own.process = NULL;
	return r;
}

/* Where the links themselves were refused */
static void conclude_pidns(struct explain_case *e)
{
	const struct pidns_map *map = &e->heirs->map;
	struct parent_case *focus = e->parent ? e->parent : &e->own;

	pidns_conclude(map, e->c, e->subject, &e->details);
	if (focus->process)
		pidns_conclude(map, e->c, focus->process, &focus->details);
	if (e->is_reaper)
		pidns_conclude(map, e->c, e->subject, &e->reaper.look.details);
}

/* Of all that the story tells of: the subject, the parent or what it is itself, the heir */
static void add_missing(struct explanation *x, const struct explain_case *e)
{
	missing_add(&x->missing, &e->details);
	if (e->zombie)
		missing_add(&x->missing, &e->zombie->details);
	if (e->parent && !e->zombie)
		missing_add_case(&x->missing, e->parent);
	else
		missing_add(&x->missing, &explain_focus(e)->details);
	if (e->has_heir && e->heir.view)
		missing_add(&x->missing, &e->heir.view->look.details);
	if (e->is_reaper)
		missing_add(&x->missing, &e->reaper.look.details);
}

static bool is_dying_init(const struct explain_case *e, const struct process *p)
{
	bool inferred;

	return heirs_kind(e->heirs, p, &inferred) == HEIR_INIT && dying_is(e->c, p);
}

static int look(struct explanation *x, const struct process *p, struct explain_case *e)
{
	const struct process *focus;
	struct details *d[2] = { &e->details, NULL };
	int r;

	*e = (struct explain_case){ .ctx = x->ctx,
				    .c = x->cases.census,
				    .cases = &x->cases,
				    .heirs = &x->heirs,
				    .subject = p };
	r = details_read(e->c, p, WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_FRESH, &e->details);
	if (r < 0)
		return r;
	find_case(x, e);
	look_as_reaper(e);
	e->kind = kind_of(e);
	if (!e->parent && e->kind != EXPLAIN_ZOMBIE && (r = look_alone(e)) < 0) {
		details_done(&e->details);
		return r;
	}
	if (e->parent)
		d[1] = &e->parent->details;
	details_read_cmdlines(e->c, d, e->parent ? 2 : 1);
	focus = explain_focus(e)->process;
	e->dying = is_dying_init(e, p) ? p : focus && is_dying_init(e, focus) ? focus : NULL;
	e->has_signals = focus && signal_view_read(e->ctx, e->c, focus, &e->signals) == 0;
	e->has_heir = focus && heirs_look(e->ctx, e->heirs, focus, &e->heir) == 0;
	/* what is dying forks no more */
	e->has_cost = focus != NULL && focus->state != 'Z' && e->dying != focus;
	if (e->has_cost)
		limits_of_process(&x->limits, focus, &e->cost);
	conclude_pidns(e);
	add_missing(x, e);
	return 0;
}

static void tell(struct explain_case *e)
{
	explain_who(e);
	explain_why(e);
	explain_remedy(e);
	explain_pending(e);
	explain_death(e);
	explain_adoption(e);
	explain_parent(e);
	explain_own_zombies(e);
	explain_state(e);
	explain_ties(e);
	explain_reaper(e);
	explain_doing(e);
	explain_masks(e);
	explain_nudge(e);
	explain_kill(e);
	explain_heir(e);
	explain_cost(e);
	explain_lineage(e);
	explain_unseen(e);
}

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
	const struct adoption *a = adoption_of(&e->heirs->adoptions, e->c, e->subject);
	json_t *o = json_object();

	json_object_set_new(o, "adopted", json_tri(a->adopted));
	json_object_set_new(o, "by", json_known(a->adopted == TRI_YES, e->subject->ppid));
	json_object_set_new(o, "evidence", json_text(a->evidence));
	json_object_set_new(o, "certainty", json_string(a->proven ? "proven" : "likely"));
	return o;
}

static json_t *case_json(struct explain_case *e)
{
	static const char *const kinds[] = { [EXPLAIN_ZOMBIE] = "zombie",
					     [EXPLAIN_PARENT] = "parent",
					     [EXPLAIN_REAPER] = "reaper",
					     [EXPLAIN_ORPHAN] = "orphan",
					     [EXPLAIN_OTHER] = "other" };
	json_t *o = json_object();

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
	json_object_set_new(o, "headroom", explain_cost_json(e));
	json_object_set_new(o, "story", story_json(&e->story));
	return o;
}

static void case_done(struct explain_case *e)
{
	details_done(&e->details);
	parent_case_done(&e->own);
	if (e->has_heir)
		heir_case_done(&e->heir);
	if (e->is_reaper)
		reaper_view_done(&e->reaper);
	if (e->has_signals)
		signal_view_done(&e->signals);
	if (e->has_cost)
		limit_case_done(&e->cost);
	story_done(&e->story);
}

static int explain(struct explanation *x, pid_t pid, bool first)
{
	const struct process *p = subject_find(x->cases.census, pid);
	struct explain_case e;
	int r;

	if (!p)
		return -ESRCH;
	r = look(x, p, &e);
	if (r < 0) {
		complain_lost(pid, r);
		return r;
	}
	tell(&e);
	if (x->ctx->options.json) {
		json_array_append_new(x->list, case_json(&e));
	} else {
		if (!first)
			putchar('\n');
		story_print(x->ctx, &e.story);
	}
	case_done(&e);
	return 0;
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	struct explanation x = { .ctx = ctx };
	int status = EXIT_DONE;

	(void)own;
	if (parse_pids(n_args, args, pids) < 0)
		return EXIT_USAGE;
	/* the PIDs say all about the scope */
	ctx->options.pid_ns = ctx->options.container = NULL;
	if (cases_collect_about(ctx, pids, (size_t)n_args, &x.cases) < 0)
		return EXIT_NOT_DONE;
	heirs_prepare(x.cases.census, &x.heirs);
	limits_view_open(ctx, x.cases.census, LIMITS_USERS | LIMITS_EXACT, NULL, &x.limits);
	x.list = json_array();
	for (int i = 0; i < n_args; i++)
		if (explain(&x, pids[i], i == 0) < 0)
			status = EXIT_NOT_DONE;
	missing_take(&x.missing, &x.limits.missing);
	missing_note(ctx, &x.missing);
	if (ctx->options.json)
		(void)json_print(json_top("explain", x.cases.census, ctx->notes, ctx->n_notes,
					  json_pack("{s:O}", "cases", x.list)),
				 stdout);
	json_decref(x.list);
	limits_view_done(&x.limits);
	heirs_done(&x.heirs);
	cases_done(&x.cases);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "PID...",
	.summary = "Tell the whole case of a zombie, or of any process",
	.run = run,
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.unscoped = true,
};
