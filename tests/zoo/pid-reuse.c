/* SPDX-License-Identifier: MIT */
/*
 * A PID that changes hands while `coroner nudge --all` asks whether to signal it, or `coroner reap --all`
 * whether to take zombies. In a PID namespace with a small pid_max of its own (Linux 6.14) a parent with a
 * handler and a zombie, for reap an adopted one, is judged; at the question it ends and a stranger gets its
 * number; then the answer is yes.
 * --coroner FILE; --act nudge|reap; --zombie: the stranger holds a zombie and has a handler too; --stay: the
 * parent stays, so that it is seen to get the signal that a stranger must not get, or to lose its zombie;
 * --anew dead|alive: the parent stays, but has waited for its zombie and started a child of its own that has
 * its number.
 *
 * Holds nothing: prints {"pid", "zombie": its number or 0, "signals": how many the process with that number
 * got, "lost": whether it has no child of that number any more, "status", "answer": what coroner printed}
 * and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static volatile sig_atomic_t got;
static struct zoo_gate up, anew, given, asked, told; /* a gate opens once */

/* What the process with the number says in the end */
struct last_words {
	pid_t zombie;
	int signals;
	bool lost;
};

static bool reaps(void)
{
	return strcmp(zoo_text("--act", "nudge"), "reap") == 0;
}

/* A child's death has si_code CLD_*; what somebody sent has SI_USER. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_code == SI_USER)
		got++;
}

static void record_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART };

	for (int number = 1; number < SIGRTMIN; number++)
		if (number != SIGKILL && number != SIGSTOP)
			sigaction(number, &action, NULL);
}

/* One that its parent has started, or adopted */
static pid_t zombie_new(void)
{
	pid_t child = fork(), orphan = 0;
	siginfo_t dead;

	if (child == 0) {
		setsid();
		if (reaps())
			orphan = fork();
		if (orphan > 0)
			zoo_await_death(orphan);
		_exit(0);
	}
	zoo_await_death(child);
	if (!reaps())
		return child;
	waitpid(child, NULL, 0);
	if (waitid(P_ALL, 0, &dead, WEXITED | WNOWAIT) < 0)
		_exit(1);
	return dead.si_pid;
}

/* The number of a zombie that is waited for, for a child that is none of coroner's business */
static void give_anew(pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uintptr_t)&number,
				   .set_tid_size = 1 };
	bool lives = strcmp(zoo_text("--anew", ""), "alive") == 0;
	pid_t pid;

	waitpid(number, NULL, 0);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (lives)
			zoo_sleep();
		_exit(0);
	}
	if (pid != number)
		_exit(1);
	if (!lives)
		zoo_await_death(pid);
	zoo_gate_open(given);
}

static _Noreturn void live(bool zombie, bool again)
{
	struct last_words words = { 0 };
	siginfo_t dead;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, reaps());
	record_signals();
	if (zombie)
		words.zombie = zombie_new();
	zoo_gate_open(up);
	if (again) {
		zoo_gate_wait(anew);
		give_anew(words.zombie);
	}
	zoo_gate_wait(asked);
	words.signals = got;
	words.lost = zombie &&
		     waitid(P_PID, (id_t)words.zombie, &dead, WEXITED | WNOHANG | WNOWAIT) < 0;
	if (write(told.fds[1], &words, sizeof(words)) != sizeof(words))
		_exit(1);
	zoo_sleep();
}

/* A number that comes back: the allocator goes round from 300 on (kernel/pid.c:RESERVED_PIDS) */
static pid_t parent_new(void)
{
	up = zoo_gate_new();
	for (;;) {
		pid_t pid = fork();

		if (pid < 0)
			zoo_die("fork");
		if (pid == 0 && getpid() >= 310)
			live(true, zoo_text("--anew", NULL));
		if (pid == 0)
			_exit(0);
		if (pid >= 310) {
			zoo_gate_wait(up);
			return pid;
		}
		waitpid(pid, NULL, 0);
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* what it held is adopted here now */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void stranger_new(pid_t wanted)
{
	up = zoo_gate_new();
	for (int tries = 0; tries < 10000; tries++) {
		pid_t pid = fork();

		if (pid < 0)
			zoo_die("fork");
		if (pid == 0 && getpid() == wanted)
			live(zoo_flag("--zombie"), false);
		if (pid == 0)
			_exit(0);
		if (pid == wanted) {
			zoo_gate_wait(up);
			return;
		}
		waitpid(pid, NULL, 0);
	}
	errno = 0;
	zoo_die("the number did not come back");
}

static pid_t coroner_new(int *ret_terminal, int *ret_output)
{
	const char *coroner = zoo_text("--coroner", "coroner");
	int pipe_fds[2];
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		zoo_die("pipe2");
	pid = forkpty(ret_terminal, NULL, NULL, NULL);
	if (pid < 0)
		zoo_die("forkpty");
	if (pid == 0) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		execl(coroner, coroner, zoo_text("--act", "nudge"), "--all", "--json", NULL);
		zoo_die(coroner);
	}
	close(pipe_fds[1]);
	*ret_output = pipe_fds[0];
	return pid;
}

static void await_question(int terminal)
{
	char seen[8192] = "";
	size_t n = 0;

	while (!strstr(seen, "[y/N]")) {
		ssize_t r = read(terminal, seen + n, sizeof(seen) - 1 - n);

		if (r <= 0) {
			fputs(seen, stderr);
			zoo_die("coroner asked nothing");
		}
		n += (size_t)r;
		seen[n] = '\0';
	}
}

static size_t read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t r;

	while ((r = read(fd, buf + n, size - 1 - n)) > 0)
		n += (size_t)r;
	buf[n] = '\0';
	return n;
}

static void play(void)
{
	static char answer[65536];
	int terminal, output, status;
	struct last_words words = { 0 };
	pid_t pid, coroner;

	anew = zoo_gate_new();
	given = zoo_gate_new();
	asked = zoo_gate_new();
	told = zoo_gate_new();
	pid = parent_new();
	coroner = coroner_new(&terminal, &output);
	await_question(terminal);
	if (zoo_text("--anew", NULL)) {
		zoo_gate_open(anew);
		zoo_gate_wait(given);
	} else if (!zoo_flag("--stay")) {
		end(pid);
		stranger_new(pid);
	}
	if (write(terminal, "y\n", 2) != 2)
		zoo_die("answer");
	read_all(output, answer, sizeof(answer));
	waitpid(coroner, &status, 0);
	zoo_gate_open(asked);
	if (read(told.fds[0], &words, sizeof(words)) != sizeof(words))
		zoo_die("the process with that number is gone");
	printf("{\"pid\":%d,\"zombie\":%d,\"signals\":%d,\"lost\":%s,\"status\":%d,\"answer\":%s}\n",
	       pid, words.zombie, words.signals, words.lost ? "true" : "false",
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1, answer);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	return zoo_in_small_pidns(400, play);
}
