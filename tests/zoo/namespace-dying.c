/* SPDX-License-Identifier: MIT */
/*
 * A PID namespace whose init was killed and now sits in zap_pid_ns_processes, because a process
 * that entered from outside is a zombie of an outside parent that does not wait.
 * --threads: the init's leader had left before, so the init itself shows Z with a live thread.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "zoo.h"

/* By number, as its parent and as /proc know it, which may be that of a PID namespace around all of these */
struct numbers {
	pid_t own, shown;
};

static pid_t number_in_proc(void)
{
	char text[16] = "";

	if (readlink("/proc/self", text, sizeof(text) - 1) < 0)
		zoo_die("/proc/self");
	return (pid_t)strtol(text, NULL, 10);
}

static void init_main(struct zoo_gate up, struct numbers *init)
{
	init->shown = number_in_proc();
	zoo_say_me("init", zoo_flag("--threads") ? "Z" : "SDI", -1);
	if (zoo_flag("--threads"))
		zoo_thread(NULL);
	zoo_gate_open(up);
	if (zoo_flag("--threads"))
		pthread_exit(NULL);
	zoo_sleep();
}

/* The init has a parent of its own, so that the parent of the member has no other child. */
static struct numbers start_init(void)
{
	struct numbers *init = mmap(NULL, sizeof(*init), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct zoo_gate up = zoo_gate_new();

	if (init == MAP_FAILED)
		zoo_die("mmap");
	if (zoo_fork() == 0) {
		struct zoo_gate inner = zoo_gate_new();
		pid_t pid;

		zoo_say_me("owner", "S", -1);
		pid = zoo_clone(CLONE_NEWPID, SIGCHLD);
		if (pid == 0)
			init_main(inner, init);
		init->own = pid;
		zoo_gate_wait(inner);
		zoo_gate_open(up);
		zoo_sleep();
	}
	zoo_gate_wait(up);
	return *init;
}

static void enter(pid_t shown)
{
	char path[64];
	int pidns;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", shown);
	pidns = open(path, O_RDONLY | O_CLOEXEC);
	if (pidns < 0 || setns(pidns, CLONE_NEWPID))
		zoo_die("setns");
	close(pidns);
}

static void play(void)
{
	struct zoo_gate inside = zoo_gate_new();
	const struct numbers init = start_init();
	pid_t member;

	zoo_say_me("parent", "S", -1);
	enter(init.shown);
	member = zoo_fork();
	if (member == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		zoo_gate_open(inside);
		zoo_sleep();
	}
	zoo_gate_wait(inside);
	/* killed before, its leader might be the last thread to end: the one that waits, and shows no Z */
	if (zoo_flag("--threads"))
		zoo_await_state(init.shown, "Z");
	kill(init.own, SIGKILL); /* started above, and its parent does not reap it */
	zoo_await_death(member);
	zoo_await_wchan(init.shown, "zap_pid_ns_processes");
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
