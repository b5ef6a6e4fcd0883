/* SPDX-License-Identifier: MIT */
/* Adopted or born: what sessions, groups and exec ids prove, and what they only suggest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

#include "judge/adoption.h"
#include "words/tokens.h"

/* Child 20 of init 10, which leads its session; nothing speaks for an adoption. */
static struct adoption_evidence under_init(void)
{
	return (struct adoption_evidence){ .child = 20,
					   .child_sid = 10,
					   .child_pgrp = 10,
					   .child_start = 200,
					   .parent = 10,
					   .parent_sid = 10,
					   .parent_pgrp = 10,
					   .parent_start = 100,
					   .parent_is_init = TRI_YES,
					   .exit_signal = SIGCHLD,
					   .ns_sid_known = true,
					   .ns_sid = 1,
					   .ns_parent_sid = 1 };
}

/* The same under a process of another's session, as procfs shows it. */
static struct adoption_evidence under_member(void)
{
	struct adoption_evidence e = under_init();

	e.parent_sid = e.child_sid = e.parent_pgrp = e.child_pgrp = 5;
	e.parent_is_init = TRI_NO;
	e.ns_sid = e.ns_parent_sid = 3;
	return e;
}

static void foreign_session(struct adoption_evidence *e)
{
	e->child_sid = e->child_pgrp = 15;
	e->ns_sid = 6;
}

static void expect(const struct adoption_evidence *e, enum tri adopted, bool proven,
		   const char *evidence)
{
	struct adoption a = adoption_judge(e);

	assert_int_equal(a.adopted, adopted);
	assert_string_equal(adoption_sign_token(a.sign), evidence);
	assert_int_equal(a.proven, proven);
}

static void natural_children(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	expect(&e, TRI_UNKNOWN, false, "none");
	/* a session of its own, as services have */
	e.child_sid = e.child_pgrp = e.child;
	e.ns_sid = 8;
	expect(&e, TRI_UNKNOWN, false, "none");
	e = under_member();
	expect(&e, TRI_UNKNOWN, false, "none");
	/* a shell's job: a group of its own or of a sibling */
	e.child_pgrp = 19;
	e.group_leader_alive = true;
	e.group_leader_ppid = e.parent;
	e.group_leader_start = 150;
	expect(&e, TRI_UNKNOWN, false, "none");
}

/* It has not run since before the child was born, so it did not fork it */
static void a_parent_that_slept(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	e.parent_slept = true;
	expect(&e, TRI_YES, true, "parent-slept");
	/* from procfs a thread that it has lost may have started it */
	e.parent_slept = false;
	e.threads_slept = true;
	expect(&e, TRI_YES, false, "parent-slept");
	e = under_member();
	e.parent_slept = true;
	e.parent_is_subreaper = e.parent_was_subreaper = TRI_YES;
	expect(&e, TRI_YES, true, "parent-slept");
	/* who adopts nobody got it from a sibling (CLONE_PARENT) */
	e.parent_is_subreaper = e.parent_was_subreaper = TRI_NO;
	expect(&e, TRI_NO, true, "clone-parent");
}

static void session_under_init(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	foreign_session(&e);
	expect(&e, TRI_YES, false, "session");
	e.leader_alive = true;
	e.leader_ppid = 12;
	e.leader_start = 150;
	expect(&e, TRI_YES, true, "session");
	/* a child of the init may have cloned it for the init: CLONE_PARENT */
	e.leader_ppid = e.parent;
	expect(&e, TRI_YES, false, "session");
}

static void session_from_outside(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	/* no number inside: the init may have been of that session before it led its own */
	foreign_session(&e);
	e.child_sid = 7;
	e.ns_sid = 0;
	expect(&e, TRI_UNKNOWN, false, "none");
	/* but not where that session is younger than the init */
	e.leader_alive = true;
	e.leader_ppid = 3;
	e.leader_start = 150;
	expect(&e, TRI_YES, true, "session");
	e.leader_start = 50;
	expect(&e, TRI_UNKNOWN, false, "none");
	/* from outside of coroner's own namespace, and nothing known of the inside */
	e.child_sid = 0;
	e.ns_sid_known = false;
	expect(&e, TRI_UNKNOWN, false, "none");
}

static void session_under_a_leader(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	e.parent_is_init = TRI_NO;
	foreign_session(&e);
	/* a leader's former session may be the child's: it has an older, lower number */
	e.child_sid = 7;
	expect(&e, TRI_UNKNOWN, false, "none");
	e.child_sid = 15;
	expect(&e, TRI_YES, false, "session");
	/* younger than the child itself: numbers have wrapped, and say nothing */
	e.child_sid = 25;
	expect(&e, TRI_UNKNOWN, false, "none");
	/* unless between the two: 30, 35, wrap, 20 */
	e.parent = e.parent_sid = 30;
	e.child_sid = 35;
	expect(&e, TRI_YES, false, "session");
	e.parent = e.parent_sid = 10;
	e.child_sid = 15;
	e.leader_alive = true;
	e.leader_ppid = 12;
	e.leader_start = e.parent_start;
	expect(&e, TRI_UNKNOWN, false, "none");
	e.leader_start = e.parent_start + 1;
	expect(&e, TRI_YES, true, "session");
}

static void no_adopter(void **state)
{
	struct adoption_evidence e = under_member();

	(void)state;
	foreign_session(&e);
	e.parent_is_subreaper = e.parent_was_subreaper = TRI_NO;
	expect(&e, TRI_NO, true, "no-adopter");
	/* it may have been a subreaper once: only proof counts, and nothing is proven against it */
	e.parent_was_subreaper = TRI_UNKNOWN;
	expect(&e, TRI_UNKNOWN, false, "none");
	e.leader_alive = true;
	e.leader_ppid = 12;
	e.leader_start = 150;
	expect(&e, TRI_YES, true, "session");
	e = under_member();
	e.parent_is_subreaper = TRI_NO;
	e.parent_was_subreaper = TRI_YES;
	/* perhaps before that mark was taken back */
	expect(&e, TRI_UNKNOWN, false, "none");
	e.child_parent_exec_id = 3;
	e.parent_self_exec_id = 2;
	expect(&e, TRI_YES, true, "exec-id");
}

static void exit_signal(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	foreign_session(&e);
	e.exit_signal = SIGUSR1;
	expect(&e, TRI_NO, true, "exit-signal");
	e.exit_signal = 0;
	expect(&e, TRI_NO, true, "exit-signal");
}

static void exec_id(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	e.child_parent_exec_id = 3;
	e.parent_self_exec_id = 2;
	expect(&e, TRI_YES, true, "exec-id");
	/* stronger than a session that CLONE_PARENT may explain */
	foreign_session(&e);
	expect(&e, TRI_YES, true, "exec-id");
	e = under_init();
	e.child_parent_exec_id = e.parent_self_exec_id = 3;
	expect(&e, TRI_UNKNOWN, false, "none");
	/* the parent has executed something since */
	e.parent_self_exec_id = 4;
	expect(&e, TRI_UNKNOWN, false, "none");
}

static void child_order(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	e.attached_late = true;
	expect(&e, TRI_YES, true, "child-order");
	/* proof, so it holds under one that is no subreaper any more, but not under one that never was */
	e.parent_is_init = e.parent_is_subreaper = TRI_NO;
	expect(&e, TRI_YES, true, "child-order");
	e.parent_was_subreaper = TRI_NO;
	expect(&e, TRI_NO, true, "no-adopter");
}

static void process_group(void **state)
{
	struct adoption_evidence e = under_init();

	(void)state;
	e.child_pgrp = 18;
	expect(&e, TRI_UNKNOWN, false, "none");
	e.group_leader_alive = true;
	e.group_leader_ppid = 12;
	e.group_leader_start = 150;
	expect(&e, TRI_YES, false, "process-group");
	/* an older group may once have been the parent's */
	e.group_leader_start = 50;
	expect(&e, TRI_UNKNOWN, false, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(natural_children),
		cmocka_unit_test(a_parent_that_slept),
		cmocka_unit_test(session_under_init),
		cmocka_unit_test(session_from_outside),
		cmocka_unit_test(session_under_a_leader),
		cmocka_unit_test(no_adopter),
		cmocka_unit_test(exit_signal),
		cmocka_unit_test(exec_id),
		cmocka_unit_test(child_order),
		cmocka_unit_test(process_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
