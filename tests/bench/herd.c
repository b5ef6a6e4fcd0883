/* SPDX-License-Identifier: MIT */
/*
 * usage: herd [--zombies N] [--parents N] [--sleepers N] [--one-with N]
 *
 * The zombies are shared out among the parents; --one-with adds one more parent with N zombies.
 * A PID namespace of its own, with its own /proc, full of zombies and sleepers. Prints one line of
 * JSON when all are there ("init" is its init, as the caller sees it), holds them until its stdin
 * ends. A command is run beside them with: nsenter -t INIT -p -m COMMAND.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long zombies = 20000, parents = 20, sleepers = 4000, one_with;

static void take_arguments(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		long value = strtol(argv[i + 1], NULL, 10);

		if (!strcmp(argv[i], "--zombies"))
			zombies = value;
		else if (!strcmp(argv[i], "--parents"))
			parents = value;
		else if (!strcmp(argv[i], "--sleepers"))
			sleepers = value;
		else if (!strcmp(argv[i], "--one-with"))
			one_with = value;
		else
			errx(2, "unknown option %s", argv[i]);
	}
}

static pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	return pid;
}

static void say_done(int fd)
{
	if (write(fd, "x", 1) != 1)
		_exit(1);
}

static void await(int fd, long count)
{
	char bytes[4096];

	while (count > 0) {
		size_t most = (size_t)count < sizeof(bytes) ? (size_t)count : sizeof(bytes);
		ssize_t got = read(fd, bytes, most);

		if (got <= 0)
			errx(1, "a member of the herd has failed");
		count -= got;
	}
}

static void parent_main(int done, long count)
{
	siginfo_t info;

	for (long i = 0; i < count; i++) {
		pid_t pid = must_fork();

		if (pid == 0)
			_exit(0);
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
			err(1, "waitid");
	}
	say_done(done);
	for (;;)
		pause();
}

static void init_main(int done, int over)
{
	int members[2];
	char byte;

	/* The keeper may be killed: then this namespace goes with it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || pipe(members))
		err(1, "init");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		err(1, "mount /proc");
	for (long i = 0; i < sleepers; i++) {
		if (must_fork() != 0)
			continue;
		say_done(members[1]);
		for (;;)
			pause();
	}
	for (long i = 0; i < parents; i++)
		if (must_fork() == 0)
			parent_main(members[1], zombies / parents + (i < zombies % parents));
	if (one_with && must_fork() == 0)
		parent_main(members[1], one_with);
	await(members[0], sleepers + parents + (one_with > 0));
	say_done(done);
	while (read(over, &byte, 1) < 0 && errno == EINTR)
		continue;
	_exit(0);
}

int main(int argc, char **argv)
{
	int done[2], over[2];
	pid_t init;
	char byte;

	take_arguments(argc, argv);
	if (pipe(done) || pipe(over))
		err(1, "pipe");
	if (unshare(CLONE_NEWNS | CLONE_NEWPID))
		err(1, "unshare");
	init = must_fork();
	if (init == 0) {
		close(over[1]);
		close(done[0]);
		init_main(done[1], over[0]);
	}
	close(done[1]);
	await(done[0], 1);
	printf("{\"init\":%d,\"zombies\":%ld,\"parents\":%ld,\"sleepers\":%ld,\"one_with\":%ld}\n",
	       init, zombies, parents, sleepers, one_with);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	close(over[1]);
	if (waitpid(init, NULL, 0) != init)
		err(1, "waitpid");
	return 0;
}
