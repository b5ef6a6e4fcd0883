/* SPDX-License-Identifier: MIT */
/*
 * A "parent" of one zombie that has crashed (SIGSEGV) and whose core file never gets written: the
 * file system at --dir DIR (FUSE, in a mount namespace of its own) does not answer. Its server is
 * "disk"; while that is alive not even SIGKILL ends the parent. Takes a core_pattern that is a plain
 * name. --threads: a second thread of it lives; --worker: it is that one which crashes. --adopts: it is a subreaper,
 * and has adopted the zombie. --catch N: it has a handler for signal N.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "zoo.h"

static void on_signal(int number)
{
	(void)number;
}

static void crash(void)
{
	raise(SIGSEGV);
	zoo_die("no crash");
}

_Noreturn static void be_parent(const char *dir)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	zoo_say_me("parent", NULL, -1);
	if (zoo_flag("--adopts") && prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	if (zoo_flag("--adopts"))
		zoo_orphans(1, true);
	else
		zoo_zombie(3);
	if (zoo_number("--catch", 0))
		(void)signal((int)zoo_number("--catch", 0), on_signal);
	if (zoo_flag("--threads"))
		zoo_thread(NULL);
	if (setrlimit(RLIMIT_CORE, &unlimited) || chdir(dir))
		zoo_die("the core's place");
	if (zoo_flag("--worker"))
		zoo_thread(crash);
	else
		crash();
	zoo_sleep();
}

static bool is_dumping(pid_t pid)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "CoreDumping:\t1\n");
}

static void play(void)
{
	const char *dir = zoo_text("--dir", "/mnt");
	struct zoo_gate asked;
	int looks = 0;
	pid_t parent;

	asked = zoo_disk(dir);
	parent = zoo_fork();
	if (parent == 0)
		be_parent(dir);
	while (!is_dumping(parent))
		zoo_look_again(&looks, "a core dump (core_pattern must be a plain name)");
	zoo_gate_wait(asked);
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
