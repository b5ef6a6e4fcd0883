/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "act/pin.h"
#include "base/duration.h"
#include "case/asked.h"
#include "case/explain/explain_case.h"
#include "case/explain/who.h"
#include "case/forks/limits_find.h"
#include "case/zombies/dying.h"

/* What all cases of a run share */
struct looking {
	struct sight *sight; /* borrowed */
	struct explanation *x;
	struct scope scope;
	struct missing missing;
};

static void find_case(const struct explanation *x, struct explain_case *e)
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
			e->verdict = e->zombie->verdict;
			return;
		}
	}
	if (e->parent)
		e->verdict = e->parent->verdict;
}

static void look_as_reaper(struct sight *sight, struct explain_case *e)
{
	const enum heir_rule kind = heirs_kind(e->heirs, e->subject, &e->reaper_inferred);

	if (e->zombie || kind == HEIR_NONE || (kind == HEIR_INIT && e->reaper_inferred))
		return;
	e->is_reaper = reaper_look(sight, e->c, &e->heirs->adoptions, e->subject, TRI_UNKNOWN,
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
static int look_alone(struct sight *sight, struct explain_case *e)
{
	unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_THREADS | WANT_DOING |
			WANT_SIGNALFD | WANT_WCHAN;
	int r;

	e->own.process = e->subject;
	r = details_read(e->c, e->subject, want, &e->own.details);
	if (r == 0)
		cases_parent_evidence(sight, e->c, &e->own);
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
static void add_missing(struct missing *missing, const struct explain_case *e)
{
	missing_add(missing, &e->details);
	if (e->zombie)
		missing_add(missing, &e->zombie->details);
	if (e->parent && !e->zombie)
		missing_add_case(missing, e->parent);
	else
		missing_add(missing, &explain_focus(e)->details);
	if (e->has_heir && e->heir.view)
		missing_add(missing, &e->heir.view->look.details);
	if (e->is_reaper)
		missing_add(missing, &e->reaper.look.details);
}

static bool is_dying_init(const struct explain_case *e, const struct process *p)
{
	bool inferred;

	return heirs_kind(e->heirs, p, &inferred) == HEIR_INIT && !inferred &&
	       dying_is(e->c, p) == TRI_YES;
}

/* Only where the parent's own code must come to a wait */
static bool holders_matter(const struct explain_case *e)
{
	return e->parent && e->parent->process && e->parent->n_zombies &&
	       !e->parent->evidence.core_dumping && verdict_traits(e->verdict.code)->lacks_wait &&
	       e->verdict.code != VERDICT_UNKNOWN;
}

/* Who is to end is known here */
static void consider_holder(struct explain_case *e)
{
	const struct holder *first = e->has_holders ? holders_first(&e->holders) : NULL;

	/* looked for, and there is none to see */
	if (!e->has_holders && holders_matter(e) && e->verdict.remedy == REMEDY_SEE_READ)
		e->verdict.remedy = REMEDY_FIX_PARENT;
	if (!first || !first->related || !e->holders.all ||
	    e->verdict.code != VERDICT_SIGCHLD_DEFAULT)
		return;
	e->verdict.certainty = CERTAINTY_LIKELY;
	if (holders_kept(&e->holders))
		return;
	e->verdict.remedy = REMEDY_END_HOLDER;
	e->verdict.other = first->process->pid;
}

static void read_owners(const struct sight *sight, struct explain_case *e)
{
	const bool own_proc = sight->own_proc;

	e->has_owner = own_proc && owner_read(e->subject, &e->owner);
	e->has_parent_owner = own_proc && e->zombie && e->parent && e->parent->process &&
			      owner_read(e->parent->process, &e->parent_owner);
}

/* Nobody is sent to a command that would refuse */
static void rehearse_reap(const struct sight *sight, struct explain_case *e)
{
	const struct parent_case *p = e->parent;

	e->may_act = pin_check_procfs(sight->procfd) == 0;
	if (!p || !p->process || !p->n_zombies || !sight->own_proc)
		return;
	reap_rehearse(&(struct reap_subject){ e->c->procfd, p->process, p->evidence.frozen },
		      &e->rehearsal);
	/* what explain has given up, coroner reap keeps */
	if (e->rehearsal.refusal == REAP_SECCOMP && reap_may_suspend(e->c->procfd, sight->rights))
		e->rehearsal.refusal = REAP_ALLOWED;
}

/* It forks no more */
static bool is_at_its_end(const struct explain_case *e, const struct process *focus)
{
	const struct signal_target *t = &e->signals.target;

	return e->dying == focus || (e->has_signals && (t->core_dumping || t->ending == TRI_YES));
}

/* What could not be read of a process is said, unless it is gone, proven */
static bool is_unread(int r)
{
	return r < 0 && r != -ESRCH;
}

/* What stands for the end of the focus: signals, the heir, the next fork */
static void look_at_focus(struct looking *l, struct explain_case *e)
{
	const struct process *p = e->subject, *focus = explain_focus(e)->process;
	int r;

	e->dying = is_dying_init(e, p) ? p : focus && is_dying_init(e, focus) ? focus : NULL;
	r = focus ? signal_view_read(l->sight, e->c, focus, &e->signals) : -ESRCH;
	e->has_signals = r == 0;
	e->signals_unread = is_unread(r);
	e->has_remains = e->zombie && p->threads > 1 &&
			 signal_view_read(l->sight, e->c, p, &e->remains) == 0;
	r = focus ? heirs_look(l->sight, e->heirs, focus, &e->heir) : -ESRCH;
	e->has_heir = r == 0;
	e->heir_unread = is_unread(r);
	if (e->has_heir && l->sight->whole) {
		fates_collect(l->sight, e->heirs, &e->heir);
		heir_case_read_cmdlines(e->heirs, &e->heir);
	}
	e->has_cost = focus != NULL && focus->state != 'Z' && !is_at_its_end(e, focus);
	if (e->has_cost) {
		limits_of_process(&l->x->limits, focus, &e->cost);
		limits_note_unread(&l->x->limits, &e->cost);
		limits_find_holders(&l->x->limits, &e->cost);
	}
	e->has_holders = holders_matter(e) &&
			 holders_find(e->c, focus, &explain_focus(e)->details, &e->holders);
	consider_holder(e);
	rehearse_reap(l->sight, e);
}

static void find_all(struct sight *sight, struct explain_case *e)
{
	explain_find_origin(sight, e);
	explain_find_doing(e);
	explain_find_remains(sight, e);
	explain_find_members(sight, e);
	explain_find_outlook(sight, e);
	explain_find_source(e);
}

/* e is to be freed also after an error */
static int look(struct looking *l, struct explain_case *e)
{
	struct details *d[2] = { &e->details, NULL };
	int r;

	r = details_read(e->c, e->subject, WANT_STATUS | WANT_PIDNS | WANT_CGROUP | WANT_FRESH,
			 &e->details);
	if (r < 0)
		return r;
	find_case(l->x, e);
	look_as_reaper(l->sight, e);
	e->kind = kind_of(e);
	if (!e->parent && e->kind != EXPLAIN_ZOMBIE && (r = look_alone(l->sight, e)) < 0)
		return r;
	if (e->parent)
		d[1] = &e->parent->details;
	details_read_cmdlines(e->c, d, e->parent ? 2 : 1);
	read_owners(l->sight, e);
	look_at_focus(l, e);
	conclude_pidns(e);
	find_all(l->sight, e);
	add_missing(&l->missing, e);
	return 0;
}

static void case_free(struct explain_case *e)
{
	details_done(&e->details);
	parent_case_done(&e->own);
	if (e->has_heir)
		heir_case_done(&e->heir);
	if (e->is_reaper)
		reaper_view_done(&e->reaper);
	if (e->has_signals)
		signal_view_done(&e->signals);
	if (e->has_remains)
		signal_view_done(&e->remains);
	holders_done(&e->holders);
	if (e->has_cost)
		limit_case_done(&e->cost);
	for (size_t i = 0; i < e->n_members; i++)
		free(e->members[i].thaw.path);
	free(e->remains_thaw.path);
	free(e->thaw.path);
	free(e->waiters);
	free(e->notes);
	free(e->others);
	free(e);
}

static int explain(struct looking *l, pid_t pid)
{
	struct explanation *x = l->x;
	const struct process *p;
	struct explain_case *e;
	int r = asked_find(l->sight, x->cases.census, &l->scope, pid, &p);

	if (r < 0)
		return r;
	e = xcalloc(1, sizeof(*e));
	*e = (struct explain_case){ .c = x->cases.census,
				    .cases = &x->cases,
				    .heirs = &x->heirs,
				    .epoch_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME),
				    .rights = l->sight->rights,
				    .subject = p };
	r = look(l, e);
	if (r < 0) {
		sight_fail_lost(l->sight, pid, r);
		case_free(e);
		return r;
	}
	x->list[x->n++] = e;
	return 0;
}

static int collect(struct sight *sight, const struct who *who, struct explanation *ret)
{
	struct looking l = { .sight = sight, .x = ret };
	int result = scope_resolve(sight, ret->cases.census, &l.scope);

	if (result < 0)
		return result;
	heirs_prepare(ret->cases.census, &ret->heirs);
	limits_view_open(sight, ret->cases.census, LIMITS_USERS | LIMITS_EXACT, NULL, &ret->limits);
	ret->list = xcalloc(who->n_pids, sizeof(struct explain_case *));
	for (size_t i = 0; i < who->n_pids; i++) {
		int r = explain(&l, who->pids[i]);

		if (r < 0)
			result = r;
	}
	missing_take(&l.missing, &ret->limits.missing);
	missing_note(sight, &l.missing);
	return who->failed ? -ESRCH : result;
}

int explanation_collect(struct sight *sight, char **words, size_t n, struct explanation *ret)
{
	struct who who;
	int r;

	who_prepare(words, n, &who);
	r = cases_collect_about(sight, &who.about, &ret->cases);
	if (r == 0)
		r = collect(sight, &who, ret);
	who_done(&who);
	return r;
}

void explanation_done(struct explanation *x)
{
	for (size_t i = 0; i < x->n; i++)
		case_free(x->list[i]);
	if (x->list) {
		limits_view_done(&x->limits);
		heirs_done(&x->heirs);
	}
	free(x->list);
	cases_done(&x->cases);
}
