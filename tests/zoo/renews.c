/* SPDX-License-Identifier: MIT */
/*
 * A subreaper with --count adopted zombies that runs this program anew all the time, each time from a second
 * thread, which becomes the first one by it (execve(2)). Once the file of --wake is there it rests.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_sits.h"

static void *renew(void *unused)
{
	const struct timespec moment = { .tv_nsec = 2000000 };

	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* of this thread: it is the one that stays */
	nanosleep(&moment, NULL);
	execl("/proc/self/exe", "renews", "again", "--wake", zoo_text("--wake", ""), NULL);
	zoo_die("execl");
}

_Noreturn static void begin_anew(void)
{
	pthread_t thread;

	if (!sits_woken() && pthread_create(&thread, NULL, renew, NULL))
		zoo_die("pthread_create");
	zoo_sleep();
}

static void play(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	setsid();
	zoo_say_me("parent", NULL, -1);
	zoo_orphans(zoo_number("--count", 1), false);
	zoo_ready();
	begin_anew();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "again"))
		begin_anew();
	zoo_actor(play);
	return zoo_keep();
}
