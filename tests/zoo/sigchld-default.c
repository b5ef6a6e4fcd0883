/* SPDX-License-Identifier: MIT */
/*
 * The plainest parent: no handler, no wait. --count N zombies; --parents N such parents ("parents");
 * --newpidns N; --uid N: the parent and its zombies run as this user.
 * --session: the parent is a session leader.
 */
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

/* Like a login, which execs afterwards: dumpable. Changing the user forgets the death signal. */
static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		zoo_die("setresuid");
	if (prctl(PR_SET_DUMPABLE, 1) || prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("prctl");
}

static void play(void)
{
	const uid_t uid = (uid_t)zoo_number("--uid", 0);

	if (uid)
		become(uid);
	if (zoo_flag("--session"))
		setsid();
	zoo_say_me("parent", "S", -1);
	zoo_say_me("parents[]", NULL, -1);
	zoo_zombies(zoo_number("--count", 1));
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	for (long i = 0; i < zoo_number("--parents", 1); i++)
		zoo_actor(play);
	return zoo_keep();
}
