/* SPDX-License-Identifier: MIT */
/* What signals do: the states that tests/signals.bats does not bring processes into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

#include "judge/signals.h"
#include "words/signals.h"
#include "words/tokens.h"

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

static struct signal_thread threads[2];

static struct signal_target plain(void)
{
	threads[0] = (struct signal_thread){ .tid = 10, .doing_known = true };
	threads[1] = (struct signal_thread){ .tid = 11, .doing_known = true };
	return (struct signal_target){ .pid = 10,
				       .state = 'S',
				       .init = TRI_NO,
				       .outermost = TRI_NO,
				       .frozen = TRI_NO,
				       .ending = TRI_NO,
				       .signalfds_known = true,
				       .threads = threads,
				       .n_threads = 1 };
}

static void expect(const struct signal_target *t, int signal, bool from_ancestor,
		   enum signal_effect effect, bool certain)
{
	struct signal_outcome o = signal_judge(t, signal, from_ancestor);

	assert_string_equal(signal_effect_name(o.effect), signal_effect_name(effect));
	assert_int_equal(o.certain, certain);
	assert_non_null(signal_why(o.why));
}

static void defaults(void **state)
{
	struct signal_target t = plain();

	(void)state;
	for (int from = 0; from < 2; from++) {
		expect(&t, SIGTERM, from, EFFECT_DIES, true);
		expect(&t, SIGKILL, from, EFFECT_DIES, true);
		expect(&t, SIGSEGV, from, EFFECT_DIES, true);
		expect(&t, 64, from, EFFECT_DIES, true);
		expect(&t, SIGSTOP, from, EFFECT_STOPS, true);
		expect(&t, SIGTSTP, from, EFFECT_STOPS, false);
		expect(&t, SIGCHLD, from, EFFECT_NOTHING, true);
		expect(&t, SIGURG, from, EFFECT_NOTHING, true);
		expect(&t, SIGCONT, from, EFFECT_NOTHING, true);
	}
}

/* What the kernel gives to the thread that it finds first, that one's tracer sees */
static void a_tracer_of_some_threads(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.n_threads = 2;
	threads[0].traced = t.traced = true;
	expect(&t, SIGTERM, false, EFFECT_TRACER, true);
	threads[0].held = true;
	t.state = 't';
	expect(&t, SIGTERM, false, EFFECT_DIES, true);
	expect(&t, SIGSTOP, false, EFFECT_STOPS, true);
	expect(&t, SIGCHLD, false, EFFECT_NOTHING, true);
	threads[1].blocked = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_TRACER, true);
	threads[1] = (struct signal_thread){ .tid = 11, .doing_known = true, .traced = true };
	expect(&t, SIGTERM, false, EFFECT_TRACER, true);
	t = plain();
	t.n_threads = 2;
	threads[1].traced = true;
	expect(&t, SIGTERM, false, EFFECT_DIES, true);
	threads[0].blocked = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_TRACER, true);
}

static void init_of_a_namespace(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.init = TRI_YES;
	expect(&t, SIGTERM, false, EFFECT_NOTHING, true);
	expect(&t, SIGTERM, true, EFFECT_NOTHING, true);
	expect(&t, SIGKILL, false, EFFECT_NOTHING, true);
	expect(&t, SIGKILL, true, EFFECT_DIES, true);
	expect(&t, SIGSTOP, true, EFFECT_STOPS, true);
	expect(&t, SIGTSTP, true, EFFECT_NOTHING, true);
	t.caught = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_HANDLED, true);
	t.outermost = TRI_YES;
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	expect(&t, SIGSTOP, false, EFFECT_NOTHING, true);
}

static void the_dead_and_the_dying(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.dying = true;
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	t.dying = false;
	t.state = 'Z';
	threads[0].dead = true;
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	/* the leader has left, another thread lives on */
	t.n_threads = 2;
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	threads[1].blocked = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_PENDING, true);
	t.caught = BIT(SIGTERM);
	threads[1].blocked = 0;
	expect(&t, SIGTERM, false, EFFECT_HANDLED, true);
}

static void what_is_ending(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.ending = TRI_YES;
	t.traced = true;
	threads[0].traced = true;
	t.state = 't';
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	t.ending = TRI_UNKNOWN;
	expect(&t, SIGKILL, true, EFFECT_UNKNOWN, false);
	expect(&t, SIGTERM, true, EFFECT_UNKNOWN, false);
	/* nothing either way; SIGCHLD that has no handler goes to the tracer, if it is not ending */
	t.init = TRI_YES;
	t.outermost = TRI_YES;
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	t = plain();
	t.core_dumping = true;
	expect(&t, SIGKILL, false, EFFECT_DIES, false);
	expect(&t, SIGSTOP, true, EFFECT_NOTHING, true);
	/* the kernel looks at that before it looks at whose init it is */
	t.init = TRI_YES;
	expect(&t, SIGKILL, false, EFFECT_DIES, false);
	/* execve(2) of one thread sends it to the others */
	t = plain();
	t.n_threads = 2;
	threads[1].pending = BIT(SIGKILL);
	expect(&t, SIGTERM, false, EFFECT_DIES, true);
	threads[0].pending = BIT(SIGKILL);
	expect(&t, SIGTERM, false, EFFECT_NOTHING, true);
	threads[0].pending = threads[1].pending = 0;
	t.shared_pending = BIT(SIGKILL);
	expect(&t, SIGKILL, false, EFFECT_NOTHING, true);
}

static void kernel_thread(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.kernel_thread = true;
	t.ignored = UINT64_MAX;
	expect(&t, SIGKILL, true, EFFECT_NOTHING, true);
	expect(&t, SIGTERM, false, EFFECT_NOTHING, true);
}

static void receivers_that_cannot_run(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.caught = BIT(SIGTERM);
	t.state = 'T';
	expect(&t, SIGTERM, false, EFFECT_PENDING, true);
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	expect(&t, SIGCONT, false, EFFECT_CONTINUES, true);
	expect(&t, SIGCHLD, false, EFFECT_NOTHING, true);
	t.state = 'D';
	expect(&t, SIGTERM, false, EFFECT_PENDING, false);
	expect(&t, SIGKILL, false, EFFECT_DIES, false);
	/* complete_signal() makes a SIGKILL of what nothing handles and what dumps no core */
	expect(&t, SIGINT, false, EFFECT_DIES, false);
	expect(&t, SIGQUIT, false, EFFECT_PENDING, false);
	t.shared_pending = BIT(SIGTERM);
	expect(&t, SIGINT, false, EFFECT_PENDING, false);
	expect(&t, SIGKILL, false, EFFECT_DIES, false);
	t.shared_pending = 0;
	threads[0].asleep_deep = threads[0].in_vfork = true;
	expect(&t, SIGTERM, false, EFFECT_PENDING, true);
	expect(&t, SIGINT, false, EFFECT_DIES, true);
	/* another thread sleeps who knows where */
	threads[1].asleep_deep = true;
	t.n_threads = 2;
	expect(&t, SIGINT, false, EFFECT_DIES, false);
	t.n_threads = 1;
	/* the freezer of v1 may be what holds it */
	t.frozen = TRI_UNKNOWN;
	expect(&t, SIGINT, false, EFFECT_DIES, false);
}

static void frozen_receivers(void **state)
{
	struct signal_target t = plain();
	struct signal_outcome o;

	(void)state;
	t.caught = BIT(SIGTERM);
	t.frozen = TRI_YES;
	/* another thread may take it, but for what ends them all */
	expect(&t, SIGTERM, false, EFFECT_PENDING, false);
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	t.frozen_all = TRI_YES;
	expect(&t, SIGTERM, false, EFFECT_PENDING, true);
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	expect(&t, SIGINT, false, EFFECT_DIES, true);
	expect(&t, SIGQUIT, false, EFFECT_PENDING, true);
	expect(&t, SIGCHLD, false, EFFECT_NOTHING, true);
	t.init = TRI_YES;
	expect(&t, SIGINT, false, EFFECT_NOTHING, true);
	t.init = TRI_NO;
	t.frozen_by_v1 = true;
	/* not frozen yet: the freezer is at it */
	expect(&t, SIGKILL, false, EFFECT_PENDING, false);
	t.state = 'D';
	expect(&t, SIGKILL, false, EFFECT_PENDING, true);
	expect(&t, SIGINT, false, EFFECT_PENDING, true);
	o = signal_judge(&t, SIGKILL, false);
	assert_int_equal(o.then, EFFECT_DIES);
	assert_int_equal(o.when, WHEN_THAWED);
	o = signal_judge(&t, SIGTERM, false);
	assert_int_equal(o.then, EFFECT_HANDLED);
}

static void fatal_pending(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.shared_pending = BIT(SIGTERM) | BIT(SIGCHLD) | BIT(SIGKILL);
	assert_int_equal(signal_fatal_pending(&t), 0);
	t.state = 'T';
	assert_int_equal(signal_fatal_pending(&t), SIGTERM);
	/* SIGKILL has begun its work */
	expect(&t, SIGCONT, false, EFFECT_NOTHING, true);
	t.init = TRI_YES;
	assert_int_equal(signal_fatal_pending(&t), SIGKILL);
	t.init = TRI_NO;
	t.shared_pending = BIT(SIGTERM);
	expect(&t, SIGCONT, false, EFFECT_DIES, true);
	t.caught = BIT(SIGTERM);
	assert_int_equal(signal_fatal_pending(&t), 0);
	t.caught = 0;
	t.traced = true;
	threads[0].traced = true;
	assert_int_equal(signal_fatal_pending(&t), 0);
	t.traced = false;
	threads[0].traced = false;
	threads[0].blocked = BIT(SIGTERM);
	assert_int_equal(signal_fatal_pending(&t), 0);
	/* a second thread is open to it, or may take it as data */
	t.n_threads = 2;
	assert_int_equal(signal_fatal_pending(&t), SIGTERM);
	threads[1].in_sigwait = true;
	assert_int_equal(signal_fatal_pending(&t), 0);
	threads[1].in_sigwait = false;
	threads[1].blocked = BIT(SIGTERM);
	threads[0].pending = BIT(SIGTERM);
	assert_int_equal(signal_fatal_pending(&t), 0);
	threads[1].pending = BIT(SIGINT);
	assert_int_equal(signal_fatal_pending(&t), SIGINT);
}

static void tracer(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.traced = true;
	threads[0].traced = true;
	expect(&t, SIGTERM, false, EFFECT_TRACER, true);
	expect(&t, SIGCHLD, false, EFFECT_TRACER, true);
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	threads[0].blocked = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_PENDING, true);
	t.init = TRI_YES;
	expect(&t, SIGINT, false, EFFECT_TRACER, true);
	expect(&t, SIGKILL, false, EFFECT_NOTHING, true);
}

static void sigwait_in_a_thread(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.n_threads = 2;
	threads[1].in_sigwait = true;
	threads[1].awaited = UINT64_MAX;
	/* the main thread is asked first: kernel/signal.c:complete_signal() */
	expect(&t, SIGTERM, false, EFFECT_DIES, true);
	expect(&t, SIGCHLD, false, EFFECT_NOTHING, true);
	threads[0].blocked = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_TAKEN, false);
	/* the awaited set never holds these two */
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	threads[0].blocked = 0;
	threads[0].in_sigwait = true;
	threads[0].awaited = BIT(SIGTERM);
	threads[1].in_sigwait = false;
	t.init = TRI_YES;
	expect(&t, SIGTERM, false, EFFECT_TAKEN, false);
	expect(&t, SIGINT, false, EFFECT_NOTHING, true);
}

static void what_could_not_be_read(void **state)
{
	struct signal_target t = plain();

	(void)state;
	threads[0].in_sigwait = true;
	expect(&t, SIGTERM, false, EFFECT_DIES, false);
	expect(&t, SIGCHLD, false, EFFECT_UNKNOWN, false);
	expect(&t, SIGKILL, false, EFFECT_DIES, true);
	threads[0].in_sigwait = false;
	threads[0].doing_known = false;
	expect(&t, SIGTERM, false, EFFECT_DIES, false);
	t.caught = BIT(SIGTERM);
	expect(&t, SIGTERM, false, EFFECT_HANDLED, true);
	threads[0].blocked = BIT(SIGINT);
	expect(&t, SIGINT, false, EFFECT_PENDING, true);
	t.signalfds_known = false;
	expect(&t, SIGINT, false, EFFECT_UNKNOWN, false);
	t.init = TRI_YES;
	expect(&t, SIGQUIT, false, EFFECT_UNKNOWN, false);
}

static void signalfd_takes_only_what_is_blocked(void **state)
{
	struct signal_target t = plain();

	(void)state;
	t.signalfds = UINT64_MAX;
	expect(&t, SIGTERM, false, EFFECT_DIES, true);
	threads[0].blocked = BIT(SIGTERM) | BIT(SIGCHLD);
	expect(&t, SIGTERM, false, EFFECT_TAKEN, false);
	expect(&t, SIGCHLD, false, EFFECT_TAKEN, false);
	t.ignored = BIT(SIGCHLD);
	expect(&t, SIGCHLD, false, EFFECT_TAKEN, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(a_tracer_of_some_threads),
		cmocka_unit_test(init_of_a_namespace),
		cmocka_unit_test(the_dead_and_the_dying),
		cmocka_unit_test(what_is_ending),
		cmocka_unit_test(kernel_thread),
		cmocka_unit_test(receivers_that_cannot_run),
		cmocka_unit_test(frozen_receivers),
		cmocka_unit_test(fatal_pending),
		cmocka_unit_test(tracer),
		cmocka_unit_test(sigwait_in_a_thread),
		cmocka_unit_test(what_could_not_be_read),
		cmocka_unit_test(signalfd_takes_only_what_is_blocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
