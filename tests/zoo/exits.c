/* SPDX-License-Identifier: MIT */
/*
 * One zombie for each way to end, and in "exits", in the same order, what the parent learnt about
 * it from waitid(WNOWAIT): "exited 0", "signaled 9", "dumped 11".
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void say_exit(pid_t pid)
{
	siginfo_t info = { 0 };
	const char *kind;
	char text[64];

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
		if (errno != EINTR)
			zoo_die("waitid");
	if (info.si_code == CLD_EXITED)
		kind = "exited";
	else
		kind = info.si_code == CLD_DUMPED ? "dumped" : "signaled";
	snprintf(text, sizeof(text), "%s %d", kind, info.si_status);
	zoo_say_text("exits[]", text);
}

static void end_by_signal(int signal_number, bool core)
{
	const struct rlimit limit = { .rlim_cur = core ? RLIM_INFINITY : 0,
				      .rlim_max = RLIM_INFINITY };
	const char *cores = getenv("BATS_TEST_TMPDIR");
	pid_t pid = zoo_fork();

	if (pid == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		/* The core goes to a directory that ends with the test. */
		if (setrlimit(RLIMIT_CORE, &limit) || ((!cores || chdir(cores)) && chdir("/tmp")))
			zoo_die("core limit");
		raise(signal_number);
		zoo_die("raise");
	}
	say_exit(pid);
}

static void play(void)
{
	const int statuses[] = { 0, 1, 2, 127, 255 };
	const int signals[] = { SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGPIPE };

	zoo_say_me("parent", "S", -1);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		say_exit(zoo_zombie(statuses[i]));
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		end_by_signal(signals[i], false);
	end_by_signal(SIGSEGV, false);
	end_by_signal(SIGSEGV, true);
	end_by_signal(SIGABRT, true);
	end_by_signal(SIGRTMIN + 3, false);
	end_by_signal(SIGRTMAX, false);
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
