/* SPDX-License-Identifier: MIT */
/* Who inherits: the kernel's rule before and after 4.11, exact and inferred; the fate of children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>

#include "judge/reaper.h"
#include "words/heirs/heir.h"
#include "words/tokens.h"

#define NEW KERNEL(6, 18)
#define OLD KERNEL(4, 10)

/* 4 -> 3 -> 2 -> init 1, all in one PID namespace; nobody is a subreaper. */
struct family {
	struct ancestor_evidence up[4];
	struct heir_evidence e;
};

static struct ancestor_evidence ancestor(pid_t pid, enum tri subreaper)
{
	return (struct ancestor_evidence){
		.pid = pid, .inside = true, .live = true, .subreaper = subreaper
	};
}

static void family(struct family *f, enum tri unmarked)
{
	*f = (struct family){ .up = { ancestor(3, unmarked), ancestor(2, unmarked),
				      ancestor(1, unmarked) } };
	f->up[2].is_init = true;
	f->e = (struct heir_evidence){ .pid = 4,
				       .kernel = NEW,
				       .init = 1,
				       .ancestors = f->up,
				       .n_ancestors = 3,
				       .under_subreaper = unmarked == TRI_NO ? TRI_YES :
									       TRI_UNKNOWN };
}

/* The victim 4 entered: its parent 3 and 2 are outside, with the machine's init 1 above; 9 is inside. */
static void family_entered(struct family *f)
{
	family(f, TRI_NO);
	for (size_t i = 0; i < 3; i++)
		f->up[i].inside = f->up[i].is_init = false;
	f->e.init = 9;
}

static void expect(const struct family *f, enum heir_rule rule, pid_t pid, bool exact)
{
	auto_free char *why = NULL;
	struct heir heir;

	heir_judge(&f->e, &heir);
	assert_string_equal(heir_rule_name(heir.rule), heir_rule_name(rule));
	assert_int_equal(heir.pid, pid);
	assert_int_equal(heir.exact, exact);
	why = heir_why(&heir);
	assert_true(why[0] != '\0');
}

static void nearest_subreaper(void **state)
{
	struct family f;

	(void)state;
	family(&f, TRI_NO);
	expect(&f, HEIR_INIT, 1, true);
	f.up[1].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 2, true);
	f.up[0].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 3, true);
	/* all its threads are exiting: the next one above */
	f.up[0].live = false;
	expect(&f, HEIR_SUBREAPER, 2, true);
	f.up[1].live = false;
	expect(&f, HEIR_INIT, 1, true);
}

static void marked_init_is_the_init(void **state)
{
	struct family f;

	(void)state;
	family(&f, TRI_NO);
	f.up[2].subreaper = TRI_YES;
	expect(&f, HEIR_INIT, 1, true);
}

/* Without has_child_subreaper the kernel does not even look, whatever stands above */
static void not_under_a_subreaper(void **state)
{
	struct family f;

	(void)state;
	family(&f, TRI_NO);
	f.e.under_subreaper = TRI_NO;
	f.up[0].subreaper = TRI_YES;
	expect(&f, HEIR_INIT, 1, true);
}

static void border_of_the_namespace(void **state)
{
	struct family f;

	(void)state;
	family_entered(&f);
	f.up[0].subreaper = TRI_YES;
	expect(&f, HEIR_INIT, 9, true);
	/* one ancestor inside, then the border */
	f.up[0] = ancestor(3, TRI_NO);
	f.up[1].subreaper = TRI_YES;
	expect(&f, HEIR_INIT, 9, true);
	f.up[0].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 3, true);
}

static void before_4_11_the_border_was_none(void **state)
{
	struct family f;

	(void)state;
	family_entered(&f);
	f.e.kernel = OLD;
	f.up[1].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 2, true);
	f.e.kernel = KERNEL(4, 11);
	expect(&f, HEIR_INIT, 9, true);
	/* a version that is not known is taken for a new one */
	f.e.kernel = 0;
	expect(&f, HEIR_INIT, 9, true);
	/* nobody marked in sight, but some may stand out of sight */
	f.e.kernel = OLD;
	f.up[1].subreaper = TRI_NO;
	expect(&f, HEIR_INIT, 9, false);
	/* inside, the search ended at the init then too */
	family(&f, TRI_NO);
	f.e.kernel = OLD;
	expect(&f, HEIR_INIT, 1, true);
	f.up[3] = ancestor(7, TRI_YES);
	f.up[3].inside = false;
	f.e.n_ancestors = 4;
	expect(&f, HEIR_INIT, 1, true);
}

static void inferred_without_bpf(void **state)
{
	struct family f;
	struct heir heir;

	(void)state;
	family(&f, TRI_UNKNOWN);
	expect(&f, HEIR_INIT, 1, false);
	f.up[1].adopted = 77;
	f.up[1].adopted_by = SIGN_SESSION;
	expect(&f, HEIR_SUBREAPER, 2, false);
	heir_judge(&f.e, &heir);
	assert_int_equal(heir.reason, HEIR_IT_ADOPTED);
	assert_int_equal(heir.other, 77);
	assert_int_equal(heir.sign, SIGN_SESSION);
	/* outside, an adopter says nothing about who inherits inside */
	f.up[0].inside = f.up[1].inside = false;
	expect(&f, HEIR_INIT, 1, false);
}

/* One ancestor that BPF did not show spoils the certainty of all that lies beyond it */
static void partly_known(void **state)
{
	struct family f;

	(void)state;
	family(&f, TRI_NO);
	f.up[0].subreaper = TRI_UNKNOWN;
	expect(&f, HEIR_INIT, 1, false);
	f.up[1].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 2, false);
	f.up[0].subreaper = TRI_YES;
	expect(&f, HEIR_SUBREAPER, 3, true);
}

static void init_and_dead(void **state)
{
	struct family f;
	struct heir heir;

	(void)state;
	family(&f, TRI_UNKNOWN);
	f.e.is_init = true;
	expect(&f, HEIR_NONE, 0, true);
	f.e.is_machine_init = true;
	heir_judge(&f.e, &heir);
	assert_int_equal(heir.reason, HEIR_KERNEL_PANICS);
	family(&f, TRI_NO);
	f.e.ended = true;
	expect(&f, HEIR_NONE, 0, true);
	f.e.is_init = true;
	heir_judge(&f.e, &heir);
	assert_int_equal(heir.reason, HEIR_ENDED);
}

static void init_out_of_sight(void **state)
{
	struct family f;

	(void)state;
	family_entered(&f);
	f.e.init = 0;
	f.e.n_ancestors = 0;
	expect(&f, HEIR_INIT, 0, true);
}

/* 4 -> 3 -> 2, which is there but hidden: of what is further up nothing is known */
static void hidden_ancestor(void **state)
{
	struct heir heir;
	struct family f;

	(void)state;
	family(&f, TRI_UNKNOWN);
	f.e.hidden = 2;
	f.e.n_ancestors = 1;
	f.e.init = 0;
	expect(&f, HEIR_INIT, 0, false);
	heir_judge(&f.e, &heir);
	assert_int_equal(heir.reason, HEIR_WAY_IS_CUT);
	assert_int_equal(heir.other, 2);
	/* its own parent is: that is not to have entered from outside */
	f.e.hidden = 3;
	f.e.n_ancestors = 0;
	expect(&f, HEIR_INIT, 0, false);
	heir_judge(&f.e, &heir);
	assert_int_equal(heir.reason, HEIR_WAY_IS_CUT);
	assert_int_equal(heir.other, 3);
	/* where the kernel knows that nobody above is a subreaper, it does not matter */
	family(&f, TRI_NO);
	f.e.hidden = 2;
	f.e.n_ancestors = 1;
	f.e.under_subreaper = TRI_NO;
	expect(&f, HEIR_INIT, 1, true);
}

static void fate(const struct child_evidence *child, const struct heir_disposition *heir,
		 const char *expected)
{
	bool exact = true;

	assert_string_equal(child_fate_name(child_fate_judge(child, heir, &exact)), expected);
	/* only a guess of the living is none */
	assert_int_equal(exact, child->zombie || !streq(expected, "adopted") ||
					(child->killed == TRI_NO && child->hung_up == TRI_NO));
}

/* SIGCHLD is not ignored, nor is SA_NOCLDWAIT set */
static const struct heir_disposition plain = { .ignored = TRI_NO, .no_cldwait = TRI_NO };

static void guessed(const struct child_evidence *child, const struct heir_disposition *heir,
		    const char *expected)
{
	bool exact = true;

	assert_string_equal(child_fate_name(child_fate_judge(child, heir, &exact)), expected);
	assert_false(exact);
}

static void fates_of_the_living(void **state)
{
	const struct heir_disposition ignores = { .ignored = TRI_YES };
	struct child_evidence child = { .killed = TRI_NO, .hung_up = TRI_NO };

	(void)state;
	fate(&child, &plain, "adopted");
	fate(&child, &ignores, "adopted");
	fate(&child, NULL, "killed");
	child.hung_up = TRI_UNKNOWN;
	fate(&child, &plain, "adopted");
	child.killed = TRI_UNKNOWN;
	fate(&child, &plain, "adopted");
	child.hung_up = TRI_YES;
	fate(&child, &plain, "hung-up");
	fate(&child, NULL, "killed");
	child.killed = TRI_YES;
	fate(&child, &plain, "killed");
	/* what is most likely is a guess, too */
	child = (struct child_evidence){ .killed = TRI_NO, .perhaps_hung_up = true };
	guessed(&child, &plain, "hung-up");
	child.killed = TRI_UNKNOWN;
	child.perhaps_killed = true;
	guessed(&child, &plain, "killed");
	/* a dead main thread with living others is no zombie to be reaped */
	child = (struct child_evidence){
		.zombie = true, .threads_alive = true, .killed = TRI_NO, .hung_up = TRI_NO
	};
	fate(&child, &plain, "adopted");
	fate(&child, &ignores, "adopted");
	fate(&child, NULL, "killed");
	child.killed = TRI_YES;
	fate(&child, &plain, "killed");
}

static void fates_of_zombies(void **state)
{
	const struct heir_disposition ignores = { .ignored = TRI_YES },
				      no_cldwait = { .ignored = TRI_NO, .no_cldwait = TRI_YES },
				      by_procfs = { .ignored = TRI_NO }, unread = { 0 };
	struct child_evidence child = { .zombie = true };

	(void)state;
	fate(&child, &plain, "re-announced");
	fate(&child, &ignores, "vanishes");
	fate(&child, &no_cldwait, "vanishes");
	guessed(&child, &by_procfs, "re-announced");
	guessed(&child, &unread, "re-announced");
	fate(&child, NULL, "vanishes");
	/* the signal of a dead one does nothing */
	child.killed = child.hung_up = TRI_YES;
	fate(&child, &plain, "re-announced");
	/* a tracer holds it: it is announced to nobody */
	child.traced = true;
	fate(&child, &ignores, "adopted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_subreaper),
		cmocka_unit_test(marked_init_is_the_init),
		cmocka_unit_test(not_under_a_subreaper),
		cmocka_unit_test(border_of_the_namespace),
		cmocka_unit_test(before_4_11_the_border_was_none),
		cmocka_unit_test(inferred_without_bpf),
		cmocka_unit_test(partly_known),
		cmocka_unit_test(init_and_dead),
		cmocka_unit_test(init_out_of_sight),
		cmocka_unit_test(hidden_ancestor),
		cmocka_unit_test(fates_of_the_living),
		cmocka_unit_test(fates_of_zombies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
