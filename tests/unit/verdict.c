/* SPDX-License-Identifier: MIT */
/*
 * The verdict table: each rule, its order, its certainty, what a nudge would do. Longer than 400 lines: all of it
 * stands on the same plain parent and zombie, and what one rule lets pass is what the next one gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>

#include "judge/verdict.h"
#include "words/remedy.h"
#include "words/tokens.h"
#include "words/verdict.h"

static struct parent_evidence plain_parent(void)
{
	return (struct parent_evidence){ .seen = true,
					 .pid = 10,
					 .state = 'S',
					 .frozen = TRI_NO,
					 .settled = TRI_YES,
					 .single = true,
					 .settled_long = true,
					 .ran_between = TRI_NO,
					 .rested = TRI_YES,
					 .sleeps_long = TRI_YES,
					 .init = TRI_NO,
					 .subreaper = TRI_NO,
					 .masks_known = true,
					 .disposition = SIGCHLD_DEFAULT,
					 .no_cldwait = TRI_NO,
					 .signalfd = TRI_NO };
}

static struct zombie_evidence plain_zombie(void)
{
	return (struct zombie_evidence){ .pid = 11,
					 .threads = 1,
					 .traced = TRI_NO,
					 .exit_signal = SIGCHLD,
					 .adopted = TRI_NO,
					 .adopted_proven = true,
					 .replaced = TRI_NO,
					 .ns_dying = TRI_NO };
}

static struct thread_evidence asleep(void)
{
	return (struct thread_evidence){ .tid = 10, .state = 'S', .waits = THREAD_WAITS_NOT };
}

static void says(const struct verdict *v, const char *part, bool so)
{
	char *why = verdict_why(v);

	assert_int_equal(strstr(why, part) != NULL, so);
	free(why);
}

static void expect(const struct parent_evidence *p, const struct zombie_evidence *z,
		   const char *code, enum certainty certainty, enum nudge nudge)
{
	struct verdict v;

	verdict_of_zombie(p, z, &v);
	assert_string_equal(verdict_name(v.code), code);
	assert_int_equal(v.certainty, certainty);
	assert_int_equal(v.nudge, nudge);
	says(&v, "", true);
	assert_true(remedy_text(v.remedy)[0] != '\0');
}

static void order_of_the_table(void **state)
{
	static const char *const order[] = {
		"threads-alive",   "traced",	      "namespace-dying",
		"parent-stopped",  "parent-frozen",   "parent-uninterruptible",
		"clone-child",	   "in-flight",	      "unfit-init",
		"parent-replaced", "waits-for-other", "sigchld-blocked",
		"sigchld-ignored", "sigchld-default", "sigchld-caught",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_string_equal(verdict_name((enum verdict_code)i), order[i]);
}

static void all_are(struct parent_evidence *p, struct thread_evidence *t, char state)
{
	p->state = state;
	for (size_t i = 0; i < p->n_threads; i++)
		t[i].state = state;
}

/* Evidence for everything at once, taken away from the top: each time the next rule must win */
static void first_rule_that_fits(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t[2] = { asleep(), asleep() };

	(void)state;
	p.threads = t;
	p.n_threads = 2;
	z.threads = 2;
	z.traced = TRI_YES;
	z.ns_dying = TRI_YES;
	t[0].waits = THREAD_WAITS_ANY;
	t[0].options = WEXITED;
	t[0].in_do_wait = TRI_YES;
	t[1] = (struct thread_evidence){ .tid = 12, .waits = THREAD_WAITS_PID, .pid = 99 };
	all_are(&p, t, 'T');
	p.frozen = TRI_YES;
	z.exit_signal = 0;
	/* it had its chance */
	z.lasting = z.overdue = z.ran_since = TRI_YES;
	p.waited = TRI_NO;
	z.replaced = TRI_YES;
	z.adopted = TRI_YES;
	z.adopted_proven = true;
	p.init = TRI_YES;
	p.blocked = true;
	p.disposition = SIGCHLD_IGNORED;

	expect(&p, &z, "threads-alive", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.threads = 1;
	expect(&p, &z, "traced", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.traced = TRI_NO;
	expect(&p, &z, "namespace-dying", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.ns_dying = TRI_NO;
	expect(&p, &z, "parent-stopped", CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	t[1].state = 't';
	expect(&p, &z, "parent-stopped", CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	all_are(&p, t, 'D');
	expect(&p, &z, "parent-frozen", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
	p.frozen_all = TRI_NO;
	expect(&p, &z, "parent-frozen", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
	p.frozen_all = TRI_YES;
	expect(&p, &z, "parent-frozen", CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	p.frozen = TRI_NO;
	expect(&p, &z, "parent-uninterruptible", CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	all_are(&p, t, 'S');
	expect(&p, &z, "clone-child", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.exit_signal = SIGCHLD;
	expect(&p, &z, "in-flight", CERTAINTY_PROVEN, NUDGE_USELESS);
	t[0] = asleep();
	expect(&p, &z, "unfit-init", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.adopted = TRI_NO;
	expect(&p, &z, "parent-replaced", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.adopted = TRI_UNKNOWN;
	expect(&p, &z, "parent-replaced", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.replaced = TRI_NO;
	p.blocked = false;
	p.disposition = SIGCHLD_DEFAULT;
	expect(&p, &z, "waits-for-other", CERTAINTY_LIKELY, NUDGE_USELESS);
	t[1] = asleep();
	p.blocked = true;
	p.disposition = SIGCHLD_IGNORED;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_PROVEN, NUDGE_MAY_HELP);
	p.blocked = false;
	expect(&p, &z, "sigchld-ignored", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.disposition = SIGCHLD_DEFAULT;
	/* an init may have adopted it, though nothing tells */
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.init = TRI_NO;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.disposition = SIGCHLD_CAUGHT;
	/* masks alone prove nothing there */
	expect(&p, &z, "sigchld-caught", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	p.masks_known = false;
	expect(&p, &z, "unknown", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
}

static void unseen_parent(void **state)
{
	struct parent_evidence p = { .seen = false };
	struct zombie_evidence z = plain_zombie();

	(void)state;
	expect(&p, &z, "unknown", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
	z.threads = 3;
	expect(&p, &z, "threads-alive", CERTAINTY_PROVEN, NUDGE_USELESS);
	z = plain_zombie();
	z.exit_signal = SIGUSR1;
	expect(&p, &z, "clone-child", CERTAINTY_LIKELY, NUDGE_USELESS);
}

/* Outside of the PID namespace, hidden in it, or refused: three causes, and each has its remedy */
static void unknown_parents(void **state)
{
	struct parent_evidence p = { .seen = false };
	struct zombie_evidence z = plain_zombie();
	struct verdict v;

	(void)state;
	verdict_of_zombie(&p, &z, &v);
	says(&v, "outside this PID namespace", true);
	assert_non_null(strstr(remedy_text(v.remedy), "on the host"));
	p.pid = 12;
	verdict_of_zombie(&p, &z, &v);
	says(&v, "parent 12 is not in sight: it ended meanwhile, or proc hides it", true);
	assert_non_null(strstr(remedy_text(v.remedy), "CAP_SYS_PTRACE where proc hides PARENT"));
	p.seen = true;
	verdict_of_zombie(&p, &z, &v);
	says(&v, "masks of parent 12", true);
	assert_non_null(
		strstr(remedy_text(v.remedy),
		       "where it may read the masks of PARENT: as root or with CAP_SYS_PTRACE"));
}

/* Linux kernel/exit.c: which waits would take an ordinary zombie */
static void waits_that_are_none(void **state)
{
	static const struct {
		enum thread_waits waits;
		pid_t pid;
		unsigned options;
		pid_t parent_thread;
		const char *code;
	} cases[] = {
		{ THREAD_WAITS_ANY, 0, WEXITED, 0, "in-flight" },
		{ THREAD_WAITS_ANY, 0, WEXITED | WNOWAIT, 0, "sigchld-default" },
		{ THREAD_WAITS_ANY, 0, WSTOPPED, 0, "sigchld-default" },
		{ THREAD_WAITS_ANY, 0, WEXITED | __WCLONE, 0, "sigchld-default" },
		{ THREAD_WAITS_ANY, 0, WEXITED | __WCLONE | __WALL, 0, "in-flight" },
		{ THREAD_WAITS_ANY, 0, WEXITED | __WNOTHREAD, 77, "sigchld-default" },
		{ THREAD_WAITS_ANY, 0, WEXITED | __WNOTHREAD, 0, "sigchld-default" },
		{ THREAD_WAITS_ANY, 0, WEXITED | __WNOTHREAD, 10, "in-flight" },
		{ THREAD_WAITS_GROUP, 0, WEXITED, 0, "sigchld-default" },
		{ THREAD_WAITS_PID, 11, WEXITED, 0, "in-flight" },
		{ THREAD_WAITS_PID, 12, WEXITED, 0, "waits-for-other" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parent_evidence p = plain_parent();
		struct zombie_evidence z = plain_zombie();
		struct thread_evidence t = { .tid = 10,
					     .state = 'S',
					     .in_do_wait = TRI_YES,
					     .waits = cases[i].waits,
					     .pid = cases[i].pid,
					     .options = cases[i].options };

		p.threads = &t;
		p.n_threads = 1;
		z.parent_thread = cases[i].parent_thread;
		z.lasting = z.overdue = z.ran_since = TRI_YES;
		p.waited = TRI_NO;
		expect(&p, &z, cases[i].code, CERTAINTY_PROVEN, NUDGE_USELESS);
	}
}

static void unfit_init_and_nudge(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	z.adopted = TRI_YES;
	z.adopted_proven = false;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
	/* who adopts is a subreaper, whether or not anybody may say so */
	p.subreaper = TRI_UNKNOWN;
	z.adopted_proven = true;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.subreaper = TRI_YES;
	expect(&p, &z, "unfit-init", CERTAINTY_PROVEN, NUDGE_USELESS);
	/* what others send may have it look for them */
	p.fed = true;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.fed = false;
	/* a lazy reaper may come yet */
	p.settled_long = false;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.lasting = TRI_YES;
	expect(&p, &z, "unfit-init", CERTAINTY_PROVEN, NUDGE_USELESS);
	/* nor has one that slept through it all had the chance, if it will wake by itself */
	p.sleeps_long = TRI_NO;
	p.settled_long = true;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.ran_since = TRI_YES;
	p.waited = TRI_NO;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	/* one that has run over and over meanwhile, and never waited for anybody */
	z.overdue = TRI_YES;
	expect(&p, &z, "unfit-init", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.ran_since = TRI_UNKNOWN;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.ran_since = TRI_YES;
	p.waited = TRI_YES;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waited = TRI_NO;
	p.waits_now = true;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waits_now = false;
	/* nor is it known of one that looks after the end of another child, however long it has waited */
	p.sleeps_long = TRI_YES;
	z.overdue = TRI_NO;
	expect(&p, &z, "unfit-init", CERTAINTY_PROVEN, NUDGE_USELESS);
	t.waits = THREAD_WAITS_PID;
	t.pid = 99;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	t = asleep();
	z.adopted_proven = false;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.disposition = SIGCHLD_CAUGHT;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	t.waits = THREAD_WAITS_PID;
	t.pid = 99;
	expect(&p, &z, "unfit-init", CERTAINTY_LIKELY, NUDGE_USELESS);
}

/* Who may have adopted is not told that it must wait for its own children only */
static void a_subreaper_is_judged_like_an_init(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();
	struct verdict v;

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	p.subreaper = TRI_YES;
	z.adopted = TRI_UNKNOWN;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	verdict_of_zombie(&p, &z, &v);
	assert_non_null(strstr(remedy_text(v.remedy), "every one that it adopts"));
	p.subreaper = TRI_NO;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
}

static void nobody_ends_the_init_of_the_machine(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct verdict v;

	(void)state;
	p.init = TRI_YES;
	z.adopted = TRI_YES;
	z.adopted_proven = true;
	verdict_of_zombie(&p, &z, &v);
	assert_non_null(strstr(remedy_text(v.remedy), "ending PARENT"));
	for (int own = 0; own < 2; own++) {
		char *text;

		p.is_machine_init = true;
		z.adopted = own ? TRI_NO : TRI_YES;
		verdict_of_zombie(&p, &z, &v);
		text = remedy_of(&v);
		assert_null(strstr(text, "ending"));
		assert_null(strstr(text, "restart"));
		free(text);
	}
}

static void signals_taken_otherwise(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t[2] = { asleep(), asleep() };

	(void)state;
	p.threads = t;
	p.n_threads = 2;
	/* tini: masks read 0 while it sleeps in rt_sigtimedwait, until the next one dies */
	t[0].waits = THREAD_WAITS_SIGCHLD;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	p.waited = TRI_NO;
	z.overdue = z.ran_since = TRI_YES;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_PROVEN, NUDGE_MAY_HELP);
	t[0].waits = THREAD_WAITS_SIGNALS;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	p.pending = true;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_LIKELY, NUDGE_USELESS);
	/* a handler or a sigwait serves SIGCHLD: the wait for another is not the cause */
	p.pending = false;
	t[1].waits = THREAD_WAITS_PID;
	t[1].pid = 99;
	expect(&p, &z, "sigchld-blocked", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	t[0] = asleep();
	p.disposition = SIGCHLD_CAUGHT;
	expect(&p, &z, "sigchld-caught", CERTAINTY_LIKELY, NUDGE_MAY_HELP);
	p.disposition = SIGCHLD_DEFAULT;
	p.no_cldwait = TRI_YES;
	t[1] = asleep();
	expect(&p, &z, "sigchld-ignored", CERTAINTY_PROVEN, NUDGE_USELESS);
}

static void remedy_is(const struct parent_evidence *p, const struct zombie_evidence *z,
		      const char *expected)
{
	struct verdict v;
	char *remedy;

	verdict_of_zombie(p, z, &v);
	remedy = remedy_of(&v);
	assert_non_null(strstr(remedy, expected));
	assert_null(strstr(remedy, "OTHER"));
	assert_null(strstr(remedy, "PARENT"));
	assert_null(strstr(remedy, "ZOMBIE"));
	free(remedy);
}

static void remedies_name_their_numbers(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	z.threads = 2;
	remedy_is(&p, &z, "coroner explain 11");
	z = plain_zombie();
	z.traced = TRI_YES;
	z.tracer = 99;
	remedy_is(&p, &z, "tracer 99");
	z.tracer = -1;
	remedy_is(&p, &z, "outside this PID namespace");
	z = plain_zombie();
	z.ns_dying = TRI_YES;
	z.dying_init = 77;
	remedy_is(&p, &z, "make 10 wait for 11");
	z.dying_init = 10;
	remedy_is(&p, &z, "coroner explain 10");
	z = plain_zombie();
	all_are(&p, &t, 'T');
	remedy_is(&p, &z, "kill -CONT 10");
	all_are(&p, &t, 't');
	remedy_is(&p, &z, "the tracer of the parent");
	p.tracer = 98;
	remedy_is(&p, &z, "end 98, the tracer");
	all_are(&p, &t, 'D');
	remedy_is(&p, &z, "/proc/10/wchan, /proc/10/stack");
	t.state = 'D';
	t.in_vfork = true;
	remedy_is(&p, &z, "its youngest child");
	p.vfork_child = 97;
	remedy_is(&p, &z, "coroner explain 97");
	p.state = t.state = 'S';
	t.waits = THREAD_WAITS_PID;
	t.pid = 96;
	remedy_is(&p, &z, "see why 96 does not end");
	t.pid = 0;
	remedy_is(&p, &z, "must wait for every child");
}

static void doubt_is_said(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = { .tid = 10, .state = 'S', .waits = THREAD_WAITS_UNKNOWN };
	struct verdict v;

	(void)state;
	/* no system call could be read: it may sit in sigwait, and the masks would not show it */
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
	p.threads = &t;
	p.n_threads = 1;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
	verdict_of_zombie(&p, &z, &v);
	says(&v, "is in no wait", false);
	p.disposition = SIGCHLD_IGNORED;
	expect(&p, &z, "sigchld-ignored", CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	/* one that is on a CPU sits in no wait */
	t.running = true;
	expect(&p, &z, "sigchld-ignored", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.disposition = SIGCHLD_DEFAULT;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.n_threads = 0;
	all_are(&p, &t, 'D');
	p.state = 'D';
	p.settled = TRI_NO;
	expect(&p, &z, "parent-uninterruptible", CERTAINTY_LIKELY, NUDGE_UNKNOWN);
}

/* strace and cpulimit stop it over and over; a disk keeps it for a moment, time and again */
static void what_ran_between_the_looks_is_not_held(void **state)
{
	static const struct {
		char held, code[24];
	} cases[] = { { 'T', "parent-stopped" },
		      { 't', "parent-stopped" },
		      { 'D', "parent-uninterruptible" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parent_evidence p = plain_parent();
		struct zombie_evidence z = plain_zombie();

		p.state = cases[i].held;
		expect(&p, &z, cases[i].code, CERTAINTY_PROVEN, NUDGE_UNKNOWN);
		p.ran_between = TRI_YES;
		expect(&p, &z, cases[i].code, CERTAINTY_LIKELY, NUDGE_UNKNOWN);
		p.ran_between = TRI_NO;
		p.rested = TRI_NO;
		p.settled = TRI_NO;
		expect(&p, &z, cases[i].code,
		       cases[i].held == 'T' ? CERTAINTY_PROVEN : CERTAINTY_LIKELY, NUDGE_UNKNOWN);
		p.settled = TRI_YES;
		p.settled_long = false;
		expect(&p, &z, cases[i].code,
		       cases[i].held == 'D' ? CERTAINTY_LIKELY : CERTAINTY_PROVEN, NUDGE_UNKNOWN);
	}
}

/* What looks adopted, by one that is not known for a subreaper: a verdict below unfit-init is in doubt */
static void perhaps_a_subreaper(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = {
		.tid = 10, .state = 'S', .waits = THREAD_WAITS_PID, .pid = 77, .options = WEXITED
	};
	enum tri adopted[] = { TRI_NO, TRI_YES };

	(void)state;
	p.subreaper = TRI_UNKNOWN;
	z.adopted_proven = false;
	p.threads = &t;
	p.n_threads = 1;
	for (size_t i = 0; i < ARRAY_SIZE(adopted); i++) {
		enum certainty certainty = adopted[i] == TRI_YES ? CERTAINTY_LIKELY :
								   CERTAINTY_PROVEN;

		z.adopted = adopted[i];
		expect(&p, &z, "waits-for-other", certainty, NUDGE_USELESS);
		t.waits = THREAD_WAITS_NOT;
		p.blocked = true;
		expect(&p, &z, "sigchld-blocked", certainty, NUDGE_MAY_HELP);
		p.blocked = false;
		p.disposition = SIGCHLD_IGNORED;
		expect(&p, &z, "sigchld-ignored", certainty, NUDGE_USELESS);
		p.disposition = SIGCHLD_DEFAULT;
		expect(&p, &z, "sigchld-default", certainty, NUDGE_USELESS);
		t.waits = THREAD_WAITS_PID;
	}
}

/* The verdict on a parent of at most three zombies */
static void judge_all(const struct parent_evidence *p, const struct zombie_evidence *z, size_t n,
		      struct verdict *ret)
{
	struct verdict each[3];
	const struct verdict *of[3];

	for (size_t i = 0; i < n; i++) {
		verdict_of_zombie(p, &z[i], &each[i]);
		of[i] = &each[i];
	}
	verdict_of_parent(of, n, ret);
}

static void majority_and_mixed(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z[3] = { plain_zombie(), plain_zombie(), plain_zombie() };
	struct thread_evidence t = asleep();
	struct verdict v;

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	judge_all(&p, z, 3, &v);
	assert_string_equal(verdict_name(v.code), "sigchld-default");
	says(&v, "mixed", false);
	z[2].threads = 2;
	judge_all(&p, z, 3, &v);
	assert_string_equal(verdict_name(v.code), "sigchld-default");
	says(&v, "mixed: threads-alive x1 sigchld-default x2", true);
	/* on a tie the upper row */
	judge_all(&p, z + 1, 2, &v);
	assert_string_equal(verdict_name(v.code), "threads-alive");
}

/* Of every living thread, and at both looks */
static void what_holds_holds_all_threads(void **state)
{
	static const struct {
		char held, code[24];
	} cases[] = { { 'T', "parent-stopped" },
		      { 't', "parent-stopped" },
		      { 'D', "parent-uninterruptible" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parent_evidence p = plain_parent();
		struct zombie_evidence z = plain_zombie();
		struct thread_evidence t[2] = { asleep(), asleep() };

		p.threads = t;
		p.n_threads = 2;
		p.single = false;
		p.state = t[0].state = cases[i].held;
		expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
		t[1].state = 'Z';
		expect(&p, &z, cases[i].code, CERTAINTY_PROVEN, NUDGE_UNKNOWN);
		t[1].state = cases[i].held;
		expect(&p, &z, cases[i].code, CERTAINTY_PROVEN, NUDGE_UNKNOWN);
		t[1].same = TRI_NO;
		expect(&p, &z, cases[i].code, CERTAINTY_LIKELY, NUDGE_UNKNOWN);
		/* the letter of the main thread alone */
		p.n_threads = 0;
		expect(&p, &z, cases[i].code, CERTAINTY_LIKELY, NUDGE_UNKNOWN);
		p.single = true;
		expect(&p, &z, cases[i].code, CERTAINTY_PROVEN, NUDGE_UNKNOWN);
		p.core_dumping = true;
		p.n_threads = 2;
		expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	}
}

/* SIGCHLD cannot wake it; whether its own code comes to a wait by itself takes more than one look */
/* It has not come to its wait: what it does with its children then is open, whatever they are to it */
static void a_parent_that_reads_first(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();
	struct verdict v;

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	for (int i = 0; i < 3; i++) {
		static const char *const codes[] = { "sigchld-default", "parent-replaced",
						     "sigchld-ignored" };

		z.replaced = i == 1 ? TRI_YES : TRI_NO;
		p.disposition = i == 2 ? SIGCHLD_IGNORED : SIGCHLD_DEFAULT;
		p.reads = false;
		expect(&p, &z, codes[i], CERTAINTY_PROVEN, NUDGE_USELESS);
		verdict_of_zombie(&p, &z, &v);
		says(&v, "waits to read", false);
		p.reads = true;
		expect(&p, &z, codes[i], CERTAINTY_LIKELY, NUDGE_USELESS);
		verdict_of_zombie(&p, &z, &v);
		says(&v, "it waits to read, and may come to its wait after that", true);
		/* also of one that has run since, for what it reads is not all there */
		z.ran_since = z.lasting = TRI_YES;
		expect(&p, &z, codes[i], CERTAINTY_LIKELY, NUDGE_USELESS);
		z.ran_since = z.lasting = TRI_UNKNOWN;
	}
}

/* Neither time nor a timer alone wakes a parent: others do, and who waits for one child has timers, too */
static void others_may_wake_it(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();
	struct verdict v;

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	p.fed = true;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	/* it had its chance, and did not take it */
	z.ran_since = z.lasting = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waited = TRI_NO;
	z.overdue = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.ran_since = z.lasting = z.overdue = TRI_UNKNOWN;
	z.exit_signal = 0;
	expect(&p, &z, "clone-child", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.fed = false;
	expect(&p, &z, "clone-child", CERTAINTY_PROVEN, NUDGE_USELESS);
	/* nor is it of one that waits for another first, or for any of a group */
	t.waits = THREAD_WAITS_PID;
	t.pid = 99;
	expect(&p, &z, "clone-child", CERTAINTY_LIKELY, NUDGE_USELESS);
	t.waits = THREAD_WAITS_GROUP;
	expect(&p, &z, "clone-child", CERTAINTY_LIKELY, NUDGE_USELESS);
	t.waits = THREAD_WAITS_NOT;
	/* nor is it known yet of one that was seen once, and has waited for others before */
	p.settled = TRI_NO;
	expect(&p, &z, "clone-child", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.settled = TRI_YES;
	z.exit_signal = SIGCHLD;
	/* the same program, run anew, knows its children */
	z.replaced = TRI_YES;
	expect(&p, &z, "parent-replaced", CERTAINTY_PROVEN, NUDGE_USELESS);
	z.same_name = true;
	expect(&p, &z, "parent-replaced", CERTAINTY_LIKELY, NUDGE_USELESS);
	verdict_of_zombie(&p, &z, &v);
	says(&v, "ran itself anew", true);
	/* its handler takes what it has missed before, once another one dies */
	z.same_name = false;
	p.disposition = SIGCHLD_CAUGHT;
	expect(&p, &z, "parent-replaced", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.blocked = true;
	expect(&p, &z, "parent-replaced", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.blocked = false;
	p.disposition = SIGCHLD_DEFAULT;
	z.replaced = TRI_NO;
	t.waits = THREAD_WAITS_PID;
	t.pid = 99;
	expect(&p, &z, "waits-for-other", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.sleeps_long = TRI_UNKNOWN;
	expect(&p, &z, "waits-for-other", CERTAINTY_LIKELY, NUDGE_USELESS);
	verdict_of_zombie(&p, &z, &v);
	says(&v, "a timer may end that wait", true);
}

static void it_may_come_yet(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	p.settled = TRI_NO;
	p.settled_long = false;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.ran_since = TRI_NO;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
	/* a poller between two looks of its own */
	p.sleeps_long = TRI_NO;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.settled = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	/* one that has run since, and may be about to wait for the first time */
	z.ran_since = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waited = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	z.lasting = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	/* it was late by more than that before */
	z.overdue = TRI_YES;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waited = TRI_UNKNOWN;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waited = TRI_NO;
	expect(&p, &z, "sigchld-default", CERTAINTY_PROVEN, NUDGE_USELESS);
	p.waits_now = true;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.waits_now = false;
	z.replaced = TRI_UNKNOWN;
	expect(&p, &z, "sigchld-default", CERTAINTY_LIKELY, NUDGE_USELESS);
}

/* A wait that takes it at once, beside a zombie that stays */
static void a_wait_that_is_held(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z = plain_zombie();
	struct thread_evidence t = asleep();

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	t.waits = THREAD_WAITS_ANY;
	t.options = WEXITED;
	t.in_do_wait = TRI_YES;
	expect(&p, &z, "in-flight", CERTAINTY_PROVEN, NUDGE_USELESS);
	t.in_do_wait = TRI_NO;
	expect(&p, &z, "in-flight", CERTAINTY_LIKELY, NUDGE_USELESS);
	t.in_do_wait = TRI_UNKNOWN;
	expect(&p, &z, "in-flight", CERTAINTY_LIKELY, NUDGE_USELESS);
	p.settled = TRI_NO;
	z.lasting = TRI_NO;
	expect(&p, &z, "in-flight", CERTAINTY_PROVEN, NUDGE_USELESS);
}

/* One of which less is known, among many */
static void most_of_them_decide_how_certain(void **state)
{
	struct parent_evidence p = plain_parent();
	struct zombie_evidence z[3] = { plain_zombie(), plain_zombie(), plain_zombie() };
	struct thread_evidence t = asleep();
	struct verdict v;

	(void)state;
	p.threads = &t;
	p.n_threads = 1;
	z[0].replaced = TRI_UNKNOWN;
	judge_all(&p, z, 3, &v);
	assert_int_equal(v.certainty, CERTAINTY_PROVEN);
	judge_all(&p, z, 2, &v);
	assert_int_equal(v.certainty, CERTAINTY_LIKELY);
}

/* A form of a verdict, a remedy, a reason why a nudge is useless: each has its words */
static void nothing_is_without_words(void **state)
{
	const struct parent_evidence p = plain_parent();

	(void)state;
	for (enum verdict_reason reason = 0; reason < REASON_COUNT; reason++) {
		struct verdict v = { .reason = reason };

		says(&v, " ", true);
	}
	for (enum verdict_remedy remedy = 0; remedy < REMEDY_COUNT; remedy++)
		assert_non_null(strchr(remedy_text(remedy), ' '));
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		assert_true(verdict_name(code)[0] != '\0');
		assert_non_null(strchr(useless_words(verdict_traits(code)->useless, &p), ' '));
	}
}

static void blockers(void **state)
{
	struct zombie_evidence z = plain_zombie();

	(void)state;
	assert_string_equal(blocker_token(zombie_blocker(&z)), "none");
	z.traced = TRI_YES;
	assert_string_equal(blocker_token(zombie_blocker(&z)), "traced");
	z.threads = 2;
	assert_string_equal(blocker_token(zombie_blocker(&z)), "threads-alive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_the_table),
		cmocka_unit_test(first_rule_that_fits),
		cmocka_unit_test(unseen_parent),
		cmocka_unit_test(unknown_parents),
		cmocka_unit_test(waits_that_are_none),
		cmocka_unit_test(unfit_init_and_nudge),
		cmocka_unit_test(a_subreaper_is_judged_like_an_init),
		cmocka_unit_test(nobody_ends_the_init_of_the_machine),
		cmocka_unit_test(signals_taken_otherwise),
		cmocka_unit_test(remedies_name_their_numbers),
		cmocka_unit_test(doubt_is_said),
		cmocka_unit_test(perhaps_a_subreaper),
		cmocka_unit_test(majority_and_mixed),
		cmocka_unit_test(what_holds_holds_all_threads),
		cmocka_unit_test(what_ran_between_the_looks_is_not_held),
		cmocka_unit_test(others_may_wake_it),
		cmocka_unit_test(a_parent_that_reads_first),
		cmocka_unit_test(it_may_come_yet),
		cmocka_unit_test(a_wait_that_is_held),
		cmocka_unit_test(most_of_them_decide_how_certain),
		cmocka_unit_test(nothing_is_without_words),
		cmocka_unit_test(blockers),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
