/* SPDX-License-Identifier: MIT */
/* For tests on real processes: children that make a state, say so, and are ended by the teardown. */
#ifndef TEST_LIVE_H
#define TEST_LIVE_H

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
#include "words/source.h"

#define MAX_CHILDREN 32

static int procfd;
static pid_t children[MAX_CHILDREN];
static size_t n_children;
static int ready[2]; /* each child says one byte when its state is made */

static inline struct census *take(enum census_source source)
{
	const struct census_options options = { source, procfd, true, true };
	struct census *c = NULL;
	struct bpf_failure why;
	int r = census_take(&options, &c, &why);

	if (r == -EOPNOTSUPP) {
		auto_free char *words = bpf_failure_words(&why);

		print_message("%s\n", words);
		skip();
	}
	assert_int_equal(r, 0);
	return c;
}

static inline const struct process *find(const struct census *c, pid_t pid)
{
	const struct process *p = census_find(c, pid);

	assert_non_null(p);
	return p;
}

static inline const struct process_kernel *kernel_of(const struct census *c, pid_t pid)
{
	const struct process_kernel *k = census_kernel(c, find(c, pid));

	assert_non_null(k);
	return k;
}

static inline void say(void)
{
	if (write(ready[1], "", 1) != 1)
		_exit(1);
}

static inline void hear(void)
{
	char c;

	assert_int_equal(read(ready[0], &c, 1), 1);
}

static inline void hold(void)
{
	say();
	for (;;)
		pause();
}

static inline pid_t spawn(void (*run)(void))
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

static inline pid_t spawn_ready(void (*run)(void))
{
	pid_t pid = spawn(run);

	hear();
	return pid;
}

static inline void await_death(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static inline int end_children(void **state)
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

static inline void await_state(pid_t pid, char state)
{
	char path[64], text[512];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/stat", pid);
	do {
		n = file_read_at(procfd, path, text, sizeof(text));
		assert_true(n > 0);
	} while (strrchr(text, ')')[2] != state);
}

static inline void run_exit_7(void)
{
	_exit(7);
}

static inline void run_abort(void)
{
	raise(SIGKILL);
}

static inline void run_stop(void)
{
	prctl(PR_SET_NAME, "odd) Z 1 (\n\xff");
	say();
	raise(SIGSTOP);
}

static inline void *sleep_on(void *arg)
{
	(void)arg;
	hold();
	return NULL;
}

static inline void run_leader_exits(void)
{
	pthread_t t;

	pthread_create(&t, NULL, sleep_on, NULL);
	pthread_exit(NULL);
}

static inline void on_signal(int signo)
{
	(void)signo;
}

static inline void run_handler(void)
{
	signal(SIGCHLD, on_signal);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setsid();
	hold();
}

static inline void run_ignore(void)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGRTMIN + 3);
	hold();
}

static inline void run_no_cldwait(void)
{
	const struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &action, NULL);
	hold();
}

static inline void *die_with_parent(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return sleep_on(arg);
}

static inline void run_thread_with_pdeath(void)
{
	pthread_t t;

	prctl(PR_SET_PDEATHSIG, 0);
	pthread_create(&t, NULL, die_with_parent, NULL);
	pthread_join(t, NULL);
}

static inline int prepare(void **state)
{
	(void)state;
	procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return procfd < 0 || pipe2(ready, O_CLOEXEC) < 0 ? -1 : 0;
}

#endif
