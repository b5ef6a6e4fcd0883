/* SPDX-License-Identifier: MIT */
/*
 * The BPF source against /proc and against processes whose state is known. Without the rights to
 * load BPF it is skipped; tests/bpf.bats covers what coroner says then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "base/file.h"
#include "census/census.h"

#define PF_WQ_WORKER 0x00000020
#define MAX_CHILDREN 32

static int procfd;
static pid_t children[MAX_CHILDREN];
static size_t n_children;
static int ready[2]; /* each child says one byte when its state is made */

static struct census *take(enum census_source source)
{
	const struct census_options options = { source, procfd, true };
	struct census *c = NULL;
	char *why;
	int r = census_take(&options, &c, &why);

	if (r == -EOPNOTSUPP) {
		print_message("%s\n", why);
		free(why);
		skip();
	}
	assert_int_equal(r, 0);
	return c;
}

static const struct process *find(const struct census *c, pid_t pid)
{
	const struct process *p = census_find(c, pid);

	assert_non_null(p);
	return p;
}

static const struct process_kernel *kernel_of(const struct census *c, pid_t pid)
{
	const struct process_kernel *k = census_kernel(c, find(c, pid));

	assert_non_null(k);
	return k;
}

static void say(void)
{
	if (write(ready[1], "", 1) != 1)
		_exit(1);
}

static void hear(void)
{
	char c;

	assert_int_equal(read(ready[0], &c, 1), 1);
}

static void hold(void)
{
	say();
	for (;;)
		pause();
}

static pid_t spawn(void (*run)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run();
		_exit(0);
	}
	assert_true(n_children < MAX_CHILDREN);
	children[n_children++] = pid;
	return pid;
}

static pid_t spawn_ready(void (*run)(void))
{
	pid_t pid = spawn(run);

	hear();
	return pid;
}

static void await_death(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static int end_children(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_children; i++) {
		int fd = (int)syscall(SYS_pidfd_open, children[i], 0);

		(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		close(fd);
		(void)waitpid(children[i], NULL, 0);
	}
	n_children = 0;
	return 0;
}

static void run_exit_7(void)
{
	_exit(7);
}

static void run_abort(void)
{
	raise(SIGKILL);
}

static void run_stop(void)
{
	prctl(PR_SET_NAME, "odd) Z 1 (\n\xff");
	say();
	raise(SIGSTOP);
}

static void *sleep_on(void *arg)
{
	(void)arg;
	hold();
	return NULL;
}

static void run_leader_exits(void)
{
	pthread_t t;

	pthread_create(&t, NULL, sleep_on, NULL);
	pthread_exit(NULL);
}

static void on_signal(int signo)
{
	(void)signo;
}

static void run_handler(void)
{
	signal(SIGCHLD, on_signal);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setsid();
	hold();
}

static void run_ignore(void)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGRTMIN + 3);
	hold();
}

static void run_no_cldwait(void)
{
	const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &action, NULL);
	hold();
}

static void *die_with_parent(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return sleep_on(arg);
}

static void run_thread_with_pdeath(void)
{
	pthread_t t;

	prctl(PR_SET_PDEATHSIG, 0);
	pthread_create(&t, NULL, die_with_parent, NULL);
	pthread_join(t, NULL);
}

static void await_state(pid_t pid, char state)
{
	char path[64], text[512];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/stat", pid);
	do {
		n = file_read_at(procfd, path, text, sizeof(text));
		assert_true(n > 0);
	} while (strrchr(text, ')')[2] != state);
}

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

static void what_proc_cannot_say(void **state)
{
	pid_t plain = spawn_ready(hold), handler = spawn_ready(run_handler),
	      ignore = spawn_ready(run_ignore), no_cldwait = spawn_ready(run_no_cldwait),
	      leader = spawn_ready(run_leader_exits), thread = spawn_ready(run_thread_with_pdeath);
	struct census *c;

	(void)state;
	await_state(leader, 'Z');
	c = take(CENSUS_BPF);
	assert_int_equal(kernel_of(c, plain)->sigchld, SIGCHLD_DEFAULT);
	assert_int_equal(kernel_of(c, handler)->sigchld, SIGCHLD_CAUGHT);
	assert_int_equal(kernel_of(c, ignore)->sigchld, SIGCHLD_IGNORED);
	assert_int_equal(kernel_of(c, no_cldwait)->sigchld, SIGCHLD_DEFAULT);
	assert_true(kernel_of(c, no_cldwait)->no_cldwait);
	assert_false(kernel_of(c, plain)->no_cldwait);
	assert_true(kernel_of(c, handler)->subreaper);
	assert_false(kernel_of(c, plain)->subreaper);
	assert_int_equal(kernel_of(c, plain)->pdeath_signal, SIGKILL);
	assert_int_equal(kernel_of(c, ignore)->pdeath_signal, SIGRTMIN + 3);
	assert_int_equal(kernel_of(c, thread)->pdeath_signal, SIGTERM);
	assert_int_equal(find(c, leader)->threads, 2);
	assert_int_equal(kernel_of(c, leader)->live_threads, 1);
	assert_int_equal(kernel_of(c, leader)->died_ns, 0);
	assert_int_equal(kernel_of(c, plain)->live_threads, 1);
	/* born of this process, which did not exec since */
	assert_int_equal(kernel_of(c, plain)->parent_exec_id, kernel_of(c, getpid())->self_exec_id);
	assert_int_equal(kernel_of(c, plain)->uid, getuid());
	census_free(c);
}

static void tracers_are_named(void **state)
{
	pid_t traced = spawn(run_exit_7), seized = spawn_ready(hold);
	struct census *c;

	(void)state;
	await_death(traced);
	assert_int_equal(ptrace(PTRACE_SEIZE, seized, NULL, NULL), 0);
	c = take(CENSUS_BPF);
	assert_int_equal(kernel_of(c, seized)->tracer, getpid());
	assert_int_equal(kernel_of(c, traced)->tracer, 0);
	census_free(c);
}

static uint32_t own_pidns(void)
{
	struct stat st;

	assert_int_equal(fstatat(procfd, "self/ns/pid", &st, 0), 0);
	return (uint32_t)st.st_ino;
}

static void run_new_pidns(void)
{
	if (unshare(CLONE_NEWPID) < 0)
		_exit(1);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold();
	}
	pause();
}

static void namespaces_are_numbered_from_inside(void **state)
{
	pid_t outer = spawn_ready(run_new_pidns);
	struct census *c = take(CENSUS_BPF);
	const struct process *init = census_first_child(c, find(c, outer));
	const struct process_kernel *k;
	const struct census_pidns *ns;
	uint64_t pid_max;

	(void)state;
	assert_non_null(init);
	k = kernel_of(c, init->pid);
	assert_int_equal(k->ns_pid, 1);
	assert_int_equal(k->level, 1);
	assert_true(k->is_init);
	assert_int_equal(kernel_of(c, outer)->level, 0);
	assert_int_equal(kernel_of(c, outer)->pidns, own_pidns());
	assert_int_not_equal(k->pidns, own_pidns());

	assert_true(c->n_pidns >= 2);
	assert_int_equal(c->pidns[0].inode, own_pidns());
	for (ns = c->pidns; ns->inode != k->pidns; ns++)
		assert_true(ns < c->pidns + c->n_pidns - 1);
	assert_int_equal(ns->parent, own_pidns());
	assert_int_equal(ns->init, init->pid);
	assert_int_equal(ns->pid_allocated, 1);
	assert_int_equal(ns->cursor, 2);
	assert_int_equal(file_read_u64_at(procfd, "sys/kernel/pid_max", &pid_max), 0);
	if (c->pidns[0].pid_max)
		assert_int_equal(c->pidns[0].pid_max, pid_max);
	census_free(c);
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

static void check_death(void (*run)(void))
{
	pid_t pid = spawn(run);
	int64_t died, error;
	struct census *c;

	await_death(pid);
	died = clock_ns(CLOCK_BOOTTIME);
	c = take(CENSUS_BPF);
	assert_true(kernel_of(c, pid)->died_ns <= c->taken_ns);
	error = kernel_of(c, pid)->died_ns - died;
	if (error > 100000000 || error < -100000000)
		print_error("wrong by %.3f s\n", (double)error / 1e9);
	assert_in_range(error + 100000000, 0, 200000000);
	census_free(c);
}

static void deaths_are_dated(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		check_death(run_die_later);
	check_death(run_die_computing);
}

static int prepare(void **state)
{
	(void)state;
	procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return procfd < 0 || pipe2(ready, O_CLOEXEC) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(both_sources_see_the_same_machine, end_children),
		cmocka_unit_test_teardown(both_sources_read_the_same_fields, end_children),
		cmocka_unit_test_teardown(what_proc_cannot_say, end_children),
		cmocka_unit_test_teardown(tracers_are_named, end_children),
		cmocka_unit_test_teardown(namespaces_are_numbered_from_inside, end_children),
		cmocka_unit_test_teardown(deaths_are_dated, end_children),
	};

	return cmocka_run_group_tests_name("census_bpf", tests, prepare, NULL);
}
