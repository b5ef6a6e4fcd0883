/* SPDX-License-Identifier: MIT */
/*
 * An init of a PID namespace ("parent") that has been asleep since before its zombie was born, so that it
 * cannot have started it, though neither session nor group tells. What started it had come in by setns(2).
 * --how pause|sleep|poll: how it sleeps, sleep by running sleep(1); --thread: a second thread sleeps too;
 * --apart MS: it does so for that long before the zombie is born (200).
 * --sibling: instead, a plain parent whose other child made the zombie for it (CLONE_PARENT).
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

/* Beyond what clocks may be wrong by, and what the scheduler notes at each tick */
static void apart(void)
{
	const long ms = zoo_number("--apart", 200);
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

_Noreturn static void fall_asleep(void)
{
	zoo_ready();
	if (zoo_how("sleep"))
		execlp("sleep", "sleep", "infinity", NULL);
	if (zoo_how("poll"))
		poll(NULL, 0, 86400 * 1000);
	zoo_sleep();
}

static void play(void)
{
	zoo_say_me("parent", "S", zoo_how("pause") ? ZOO_SYS_PAUSE : -1);
	if (zoo_flag("--thread"))
		zoo_thread(NULL);
	fall_asleep();
}

static void enter(pid_t init)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", init);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWPID))
		zoo_die("setns");
	close(fd);
}

static pid_t init;

static void visitor(void)
{
	pid_t middle;

	zoo_say_me("visitor", NULL, -1);
	zoo_await_state(init, "S");
	apart();
	enter(init);
	middle = zoo_fork();
	if (middle == 0) {
		struct zoo_gate said = zoo_gate_new();

		middle = getpid();
		if (zoo_fork() == 0) {
			int looks = 0;

			prctl(PR_SET_PDEATHSIG, 0);
			zoo_say_me("zombies[]", "Z", -1);
			zoo_gate_open(said);
			while (getppid() == middle)
				zoo_look_again(&looks, "an adoption");
			_exit(0);
		}
		zoo_gate_wait(said);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
	apart();
	zoo_rest();
}

/* Until its parent is asleep */
static void sibling_main(pid_t parent)
{
	zoo_say_me("other", "S", -1);
	zoo_await_state(parent, "S");
	apart();
	if (zoo_clone(CLONE_PARENT, SIGCHLD) == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		_exit(0);
	}
	apart();
	zoo_rest();
}

static void play_parent(void)
{
	pid_t me = getpid();

	zoo_say_me("parent", "S", ZOO_SYS_PAUSE);
	if (zoo_fork() == 0)
		sibling_main(me);
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--sibling")) {
		zoo_actor(play_parent);
		return zoo_keep();
	}
	init = zoo_init_actor(play);
	zoo_await_ready(1);
	zoo_actor(visitor);
	return zoo_keep();
}
