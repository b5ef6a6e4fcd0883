/* SPDX-License-Identifier: MIT */
/*
 * The BPF source against /proc and against processes whose state is known. Without the rights to
 * load BPF it is skipped; tests/bpf.bats covers what coroner says then.
 */
#include "live.h"

#include <sys/mman.h>

#define PF_WQ_WORKER 0x00000020

/* What is fixed from birth on, for processes that belong to others and run meanwhile. */
static bool same_identity(const struct process *a, const struct process *b)
{
	return process_is_same(a, b) && a->ppid == b->ppid && a->pgrp == b->pgrp &&
	       a->sid == b->sid && a->exit_signal == b->exit_signal &&
	       (a->flags & PF_WQ_WORKER || streq(a->comm, b->comm));
}

static void both_sources_see_the_same_machine(void **state)
{
	struct census *before = take(CENSUS_PROCFS), *bpf = take(CENSUS_BPF),
		      *after = take(CENSUS_PROCFS);
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; i < before->n; i++) {
		const struct process *p = &before->procs[i], *later = census_find(after, p->pid);

		if (!later || !same_identity(p, later))
			continue;
		assert_true(same_identity(p, find(bpf, p->pid)));
		compared++;
	}
	assert_true(compared > 1 && compared + 1 >= before->n / 2);
	for (size_t i = 0; i < bpf->n; i++) {
		const struct process *p = &bpf->procs[i];

		assert_true(census_find(before, p->pid) || census_find(after, p->pid) ||
			    (int64_t)p->start_ticks >= before->taken_ns / 10000000 - 1);
	}
	census_free(before);
	census_free(bpf);
	census_free(after);
}

static void both_sources_read_the_same_fields(void **state)
{
	struct census *bpf, *procfs;

	(void)state;
	await_death(spawn(run_exit_7));
	await_death(spawn(run_abort));
	await_state(spawn_ready(run_stop), 'T');
	await_state(spawn_ready(run_leader_exits), 'Z');
	await_state(spawn_ready(run_handler), 'S');
	await_state(spawn_ready(run_ignore), 'S');
	bpf = take(CENSUS_BPF);
	procfs = take(CENSUS_PROCFS);
	for (size_t i = 0; i < n_children; i++) {
		const struct process *a = find(bpf, children[i]), *b = find(procfs, children[i]);

		assert_true(same_identity(a, b));
		assert_int_equal(a->state, b->state);
		assert_int_equal(a->threads, b->threads);
		assert_int_equal(a->flags, b->flags);
		assert_int_equal(a->exit_code, b->exit_code);
		/* /proc rounds user and system time down one by one */
		assert_in_range(a->cpu_ticks, b->cpu_ticks, b->cpu_ticks + 1);
	}
	assert_int_equal(find(bpf, children[0])->exit_code, 7 << 8);
	assert_int_equal(find(bpf, children[1])->exit_code, SIGKILL);
	census_free(bpf);
	census_free(procfs);
}

static int64_t *last_ns; /* shared with the children: when the last of them had done its work */
static void (*last_work)(void);

static void run_and_note(void)
{
	last_work();
	*last_ns = clock_ns(CLOCK_BOOTTIME);
}

static void run_die_later(void)
{
	const struct timespec t = { .tv_nsec = 20000000 };

	nanosleep(&t, NULL);
}

static void run_die_computing(void)
{
	int64_t end = clock_ns(CLOCK_BOOTTIME) + 400000000;

	while (clock_ns(CLOCK_BOOTTIME) < end)
		;
}

/* It died between the last that it did and the moment that its parent knew, however late that was */
static void check_death(void (*run)(void))
{
	const int64_t most = 100000000;
	pid_t pid;
	int64_t died, known;
	struct census *c;

	last_work = run;
	pid = spawn(run_and_note);
	await_death(pid);
	known = clock_ns(CLOCK_BOOTTIME);
	c = take(CENSUS_BPF);
	died = kernel_of(c, pid)->died_ns;
	assert_true(died <= c->taken_ns);
	if (died < *last_ns - most || died > known + most)
		print_error("%.3f s after its last work, known after %.3f s\n",
			    (double)(died - *last_ns) / 1e9, (double)(known - *last_ns) / 1e9);
	assert_true(died >= *last_ns - most && died <= known + most);
	census_free(c);
}

static void share_last_ns(void)
{
	last_ns = mmap(NULL, sizeof(*last_ns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	assert_true(last_ns != MAP_FAILED);
}

static void deaths_are_dated(void **state)
{
	(void)state;
	share_last_ns();
	for (int i = 0; i < 5; i++)
		check_death(run_die_later);
	check_death(run_die_computing);
}

/* Longer than what a time of death may be wrong by */
static void pass_a_while(void)
{
	const struct timespec t = { .tv_nsec = 700000000 };

	nanosleep(&t, NULL);
}

static void start_thread(void *(*run)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, run, NULL);
}

static void *end_all_with_3(void *unused)
{
	pass_a_while();
	_exit(3);
	return unused;
}

static void *end_all_with_0(void *unused)
{
	pass_a_while();
	_exit(0);
	return unused;
}

static void run_leaves_one_that_ends_all_with_3(void)
{
	start_thread(end_all_with_3);
	pthread_exit(NULL);
}

/* The other thread dies of it */
static void run_leaves_two_of_which_one_ends_all_with_0(void)
{
	start_thread(sleep_on);
	start_thread(end_all_with_0);
	pthread_exit(NULL);
}

static void run_ends_all_with_3(void)
{
	start_thread(sleep_on);
	run_die_later();
	*last_ns = clock_ns(CLOCK_BOOTTIME);
	_exit(3);
}

static bool is_dated(pid_t pid)
{
	struct census *c = take(CENSUS_BPF);
	bool dated = kernel_of(c, pid)->died_ns != 0;

	census_free(c);
	return dated;
}

/* When its main thread left says nothing of when it died: not by a signal, nor with any status */
static void who_outlived_its_main_thread_is_not_dated_by_it(void **state)
{
	static void (*const leaving[])(void) = { run_leaves_one_that_ends_all_with_3,
						 run_leaves_two_of_which_one_ends_all_with_0 };
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(leaving); i++) {
		pid = spawn(leaving[i]);
		await_death(pid);
		assert_false(is_dated(pid));
	}
	pid = spawn(run_leader_exits);
	await_state(pid, 'Z');
	pass_a_while();
	kill(pid, SIGKILL);
	await_death(pid);
	assert_false(is_dated(pid));
}

static void who_ended_with_its_main_thread_is_dated_by_it(void **state)
{
	(void)state;
	share_last_ns();
	check_death(run_ends_all_with_3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(both_sources_see_the_same_machine, end_children),
		cmocka_unit_test_teardown(both_sources_read_the_same_fields, end_children),
		cmocka_unit_test_teardown(deaths_are_dated, end_children),
		cmocka_unit_test_teardown(who_outlived_its_main_thread_is_not_dated_by_it,
					  end_children),
		cmocka_unit_test_teardown(who_ended_with_its_main_thread_is_dated_by_it,
					  end_children),
	};

	return cmocka_run_group_tests_name("census_bpf", tests, prepare, NULL);
}
