/* SPDX-License-Identifier: MIT */
/*
 * Arguments, talking to the keeper, making processes and threads. Longer than 400 lines: what an actor may call is in
 * one place; the keeper, cgroups, disks and the like have files of their own.
 */
#include "zoo.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo_parts.h"

enum { KERNEL_SIGNALS = 64 };

static int arg_count;
static char **args;
static int to_keeper = -1;

_Noreturn void zoo_die(const char *what)
{
	fprintf(stderr, "zoo: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void zoo_look_again(int *looks, const char *condition)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	if (++*looks > 10000) {
		errno = ETIMEDOUT;
		zoo_die(condition);
	}
	(void)nanosleep(&moment, NULL);
}

/* -- arguments -- */

const char *zoo_nth(const char *name, int index)
{
	for (int i = 1; i < arg_count; i++)
		if (!strcmp(args[i], name) && index-- == 0)
			return i + 1 < arg_count ? args[i + 1] : "";
	return NULL;
}

const char *zoo_text(const char *name, const char *fallback)
{
	const char *text = zoo_nth(name, 0);

	return text ? text : fallback;
}

long zoo_number(const char *name, long fallback)
{
	const char *text = zoo_nth(name, 0);

	return text ? strtol(text, NULL, 10) : fallback;
}

bool zoo_flag(const char *name)
{
	return zoo_nth(name, 0) != NULL;
}

bool zoo_how(const char *name)
{
	return !strcmp(zoo_text("--how", ""), name);
}

/* -- talking to the keeper -- */

static void send_message(const struct message *message)
{
	if (send(to_keeper, message, sizeof(*message), 0) != (ssize_t)sizeof(*message))
		zoo_die("send to the keeper");
}

static struct message message_new(enum kind kind, const char *key)
{
	struct message message = { .kind = kind, .syscall_nr = -1 };

	snprintf(message.key, sizeof(message.key), "%s", key);
	return message;
}

void zoo_say_me(const char *key, const char *states, long syscall_nr)
{
	struct message message = message_new(SAY_PID, key);

	snprintf(message.states, sizeof(message.states), "%s", states ? states : "");
	message.syscall_nr = syscall_nr;
	send_message(&message);
}

void zoo_say_number(const char *key, long number)
{
	struct message message = message_new(SAY_NUMBER, key);

	message.number = number;
	send_message(&message);
}

void zoo_say_text(const char *key, const char *text)
{
	struct message message = message_new(SAY_TEXT, key);

	snprintf(message.text, sizeof(message.text), "%s", text);
	send_message(&message);
}

void zoo_ready(void)
{
	struct message message = message_new(SAY_READY, "");

	send_message(&message);
}

_Noreturn void zoo_sleep(void)
{
	for (;;)
		pause();
}

_Noreturn void zoo_rest(void)
{
	zoo_ready();
	zoo_sleep();
}

/* -- making processes -- */

static void die_with_parent(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("PR_SET_PDEATHSIG");
}

pid_t zoo_clone(unsigned long flags, int exit_signal)
{
	struct zoo_gate gate = zoo_gate_new();
	pid_t pid = (pid_t)syscall(SYS_clone, flags | (unsigned long)exit_signal, 0, 0, 0, 0);

	if (pid < 0)
		zoo_die("clone");
	if (pid == 0) {
		/* The parent may be dead before the prctl; the gate closes that gap: EOF without a byte. */
		die_with_parent();
		zoo_gate_wait(gate);
		return 0;
	}
	zoo_gate_open(gate);
	return pid;
}

pid_t zoo_fork(void)
{
	return zoo_clone(0, SIGCHLD);
}

void zoo_await_death(pid_t pid)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL))
		if (errno != EINTR)
			zoo_die("waitid");
}

pid_t zoo_zombie(int status)
{
	pid_t pid = zoo_fork();

	if (pid == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		_exit(status);
	}
	zoo_await_death(pid);
	return pid;
}

void zoo_zombies(long count)
{
	while (count-- > 0)
		zoo_zombie(0);
}

pid_t zoo_sleeper(void)
{
	pid_t pid = zoo_fork();

	if (pid == 0)
		zoo_sleep();
	return pid;
}

struct zoo_gate zoo_gate_new(void)
{
	struct zoo_gate gate;

	if (pipe2(gate.fds, O_CLOEXEC))
		zoo_die("pipe");
	return gate;
}

void zoo_gate_open(struct zoo_gate gate)
{
	if (write(gate.fds[1], "x", 1) != 1)
		zoo_die("open a gate");
	close(gate.fds[0]);
	close(gate.fds[1]);
}

/* One byte, or the end: false then, whatever errno is from before */
static bool has_byte(int fd)
{
	ssize_t n;
	char byte;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

void zoo_gate_wait(struct zoo_gate gate)
{
	close(gate.fds[1]);
	if (!has_byte(gate.fds[0]))
		_exit(1);
	close(gate.fds[0]);
}

struct thread_start {
	void (*setup)(void);
	struct zoo_gate gate;
};

static void *thread_main(void *arg)
{
	struct thread_start *start = arg;

	if (start->setup)
		start->setup();
	if (write(start->gate.fds[1], "x", 1) != 1)
		zoo_die("thread gate");
	zoo_sleep();
}

void zoo_thread(void (*setup)(void))
{
	/* Lives as long as the process: the thread uses it. */
	struct thread_start *start = calloc(1, sizeof(*start));
	pthread_t thread;

	if (!start) {
		zoo_die("calloc");
		return; /* for checkers that do not see that it never comes back */
	}
	start->setup = setup;
	start->gate = zoo_gate_new();
	errno = pthread_create(&thread, NULL, thread_main, start);
	if (errno)
		zoo_die("pthread_create");
	if (!has_byte(start->gate.fds[0]))
		zoo_die("thread gate");
}

void zoo_block_sigchld(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno)
		zoo_die("pthread_sigmask");
}

/* -- starting actors -- */

void zoo_start(int argc, char **argv)
{
	static const unsigned long default_action[8];
	sigset_t none;

	arg_count = argc;
	args = argv;
	close_range(3, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/*
	 * A shell's background job ignores SIGINT, and a job runner may ignore 32 and 33, which glibc
	 * keeps for itself: so the kernel is asked, with its struct sigaction of nothing but zeros
	 * (SIG_DFL). SIGKILL and SIGSTOP refuse, and are as they should be.
	 */
	for (long number = 1; number <= KERNEL_SIGNALS; number++)
		(void)syscall(SYS_rt_sigaction, number, default_action, NULL, KERNEL_SIGNALS / 8L);
	to_keeper = keeper_open();
}

/* As many as a directory service hands out: /proc/PID/status tells them all, before the masks */
static void join_groups(long n)
{
	gid_t *list = calloc((size_t)n + 1, sizeof(*list));

	for (long i = 0; list && i < n; i++)
		list[i] = 4000000000U + (gid_t)i;
	if (!list || setgroups((size_t)n, list))
		zoo_die("setgroups");
	free(list);
}

static void play_below(void (*play)(void), long levels)
{
	if (levels == 0) {
		if (zoo_fork() == 0)
			play();
		return;
	}
	if (zoo_clone(CLONE_NEWPID, SIGCHLD) == 0) {
		zoo_say_me("inits[]", NULL, -1);
		play_below(play, levels - 1);
		zoo_sleep();
	}
}

static pid_t actor_new(unsigned long flags, void (*play)(void), long levels)
{
	pid_t pid = zoo_clone(flags, SIGCHLD);

	if (pid > 0) {
		keeper_expect(pid);
		return pid;
	}
	become_actor();
	if (zoo_flag("--groups"))
		join_groups(zoo_number("--groups", 0));
	if (levels == 0)
		play();
	if (flags & CLONE_NEWPID)
		zoo_say_me("inits[]", NULL, -1);
	play_below(play, levels - 1);
	zoo_sleep();
}

static void (*placed)(void);

static void play_as_subreaper(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	placed();
}

void *(*zoo_placed_threads)(void *unused);

bool zoo_in_threads(void)
{
	return !strcmp(zoo_text("--place", ""), "threads");
}

static void play_with_threads(void)
{
	pthread_t thread;

	if (zoo_flag("--all-block"))
		zoo_block_sigchld();
	for (int i = 0; i < 3; i++) {
		if (!zoo_placed_threads)
			zoo_thread(NULL);
		else if (pthread_create(&thread, NULL, zoo_placed_threads, NULL))
			zoo_die("pthread_create");
	}
	placed();
}

/* What tini does: it sleeps in sigwaitinfo for everything, and takes whoever has died */
static void play_under_tini(void)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	zoo_say_me("tini", "S", SYS_rt_sigtimedwait);
	if (zoo_fork() == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		placed();
		zoo_sleep();
	}
	for (;;)
		if (sigwaitinfo(&all, NULL) == SIGCHLD)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				continue;
}

static bool is_place(const char *name)
{
	return !placed && !strcmp(zoo_text("--place", ""), name);
}

/* The first actor alone has a place */
static pid_t placed_actor(void (*play)(void))
{
	static const struct {
		const char *name;
		unsigned long flags;
		void (*around)(void);
		long levels;
	} places[] = {
		{ "init", CLONE_NEWPID, NULL, 0 },
		{ "subreaper", 0, play_as_subreaper, 0 },
		{ "tini", CLONE_NEWPID, play_under_tini, 0 },
		{ "container", CLONE_NEWPID, NULL, 1 },
		{ "threads", 0, play_with_threads, 0 },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!is_place(places[i].name))
			continue;
		placed = play;
		return actor_new(places[i].flags, places[i].around ? places[i].around : play,
				 places[i].levels);
	}
	return 0;
}

pid_t zoo_actor(void (*play)(void))
{
	pid_t pid = placed_actor(play);
	long levels = zoo_number("--newpidns", 0);

	return pid ? pid : actor_new(levels ? CLONE_NEWPID : 0, play, levels);
}

pid_t zoo_init_actor(void (*play)(void))
{
	return actor_new(CLONE_NEWPID, play, 0);
}
