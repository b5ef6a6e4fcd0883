/* SPDX-License-Identifier: MIT */
/*
 * A PID namespace whose "init" was killed and waits for a "member" that cannot die: it is in a frozen cgroup
 * (--v1 ROOT), or (--disk DIR) opens a file of a disk that does not answer. No zombie is anywhere, but with --zombie one of the member.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static char path[64];
static pid_t init;

_Noreturn static void be_member(struct zoo_gate up)
{
	prctl(PR_SET_PDEATHSIG, 0);
	zoo_say_me("member", NULL, -1);
	if (zoo_flag("--zombie"))
		zoo_zombie(0);
	if (zoo_flag("--v1"))
		zoo_cgroup_join(zoo_text("--v1", ""), path);
	zoo_gate_open(up);
	if (zoo_flag("--disk") && chdir(zoo_text("--disk", "")) == 0)
		(void)!open("file", O_RDONLY | O_CLOEXEC);
	zoo_sleep();
}

static void be_init(struct zoo_gate up)
{
	struct zoo_gate member = zoo_gate_new();

	zoo_say_me("init", NULL, -1);
	if (zoo_fork() == 0)
		be_member(member);
	zoo_gate_wait(member);
	zoo_gate_open(up);
	zoo_sleep();
}

static void freeze(void)
{
	int looks = 0;

	zoo_say_text("cgroup", path);
	zoo_cgroup_write(zoo_text("--v1", ""), path, "freezer.state", "FROZEN");
	while (!zoo_cgroup_holds(zoo_text("--v1", ""), path, "freezer.state", "FROZEN"))
		zoo_look_again(&looks, "a frozen cgroup");
}

static void play(void)
{
	struct zoo_gate up = zoo_gate_new(), asked = { { -1, -1 } };

	if (zoo_flag("--disk"))
		asked = zoo_disk(zoo_text("--disk", ""));
	init = zoo_clone(CLONE_NEWPID, SIGCHLD);
	if (init == 0)
		be_init(up);
	zoo_gate_wait(up);
	if (zoo_flag("--disk"))
		zoo_gate_wait(asked);
	else
		freeze();
	kill(init, SIGKILL);		  /* started above, and not reaped */
	zoo_await_wchan(init, "do_wait"); /* of zap_pid_ns_processes(), for its own children */
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--v1")) {
		snprintf(path, sizeof(path), "coroner-zoo-member-%d", getpid());
		zoo_cgroup_make(zoo_text("--v1", ""), path);
		zoo_cgroup_guard();
	}
	zoo_actor(play);
	return zoo_keep();
}
