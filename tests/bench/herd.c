/* SPDX-License-Identifier: MIT */
/*
 * usage: herd [--zombies N] [--parents N] [--sleepers N] [--one-with N] [--orphans N] [--orphan-zombies N]
 *             [--chain N] [--bare-chain N] [--pidns N] [--cgroups N --cgroup-dir DIR]
 *
 * The zombies are shared out among the parents (20 if nothing is said); --one-with adds one more parent with N
 * zombies, --orphans N sleepers and --orphan-zombies N zombies that the init has adopted, --chain processes in a
 * chain of N levels with a zombie at its end, --bare-chain one without, --pidns N inits of PID namespaces of their
 * own with a zombie each, --cgroups N sleepers with a zombie each in the directories 0 to N - 1 of DIR, which the
 * caller has made.
 * A PID namespace of its own, with its own /proc, full of zombies and sleepers. Prints one line of
 * JSON when all are there ("init" is its init, as the caller sees it; in there the sleepers have the numbers from 2
 * on, and "parent" is the first parent), holds them until its stdin ends. A command is run beside them with:
 * nsenter -t INIT -p -m COMMAND.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
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

static long zombies, parents = 20, sleepers, one_with, orphans, orphan_zombies;
static long chain, bare_chain, namespaces, cgroups;
static int cgroup_dir = -1;

static const struct {
	const char *option;
	long *value;
} options[] = {
	{ "--zombies", &zombies },
	{ "--parents", &parents },
	{ "--sleepers", &sleepers },
	{ "--one-with", &one_with },
	{ "--chain", &chain },
	{ "--bare-chain", &bare_chain },
	{ "--pidns", &namespaces },
	{ "--orphans", &orphans },
	{ "--orphan-zombies", &orphan_zombies },
	{ "--cgroups", &cgroups },
};

static void take_argument(const char *option, const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(option, options[i].option) != 0)
			continue;
		*options[i].value = strtol(value, NULL, 10);
		return;
	}
	if (strcmp(option, "--cgroup-dir") != 0)
		errx(2, "unknown option %s", option);
	cgroup_dir = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup_dir < 0)
		err(1, "%s", value);
}

static void say(int fd, const char *byte)
{
	if (write(fd, byte, 1) != 1)
		_exit(1);
}

/* Where members say that they are done, or have failed; only the init is missed when it ends */
static int members_fd = -1;

static _Noreturn void fail(const char *what)
{
	int error = errno;

	if (members_fd >= 0)
		say(members_fd, "f");
	errno = error;
	err(1, "%s", what);
}

static pid_t must_clone(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid < 0)
		fail("clone");
	return (pid_t)pid;
}

static pid_t must_fork(void)
{
	return must_clone(0);
}

static void say_done(int fd)
{
	say(fd, "x");
}

static void await(int fd, long count)
{
	char bytes[4096];

	while (count > 0) {
		size_t most = (size_t)count < sizeof(bytes) ? (size_t)count : sizeof(bytes);
		ssize_t got = read(fd, bytes, most);

		if (got <= 0 || memchr(bytes, 'f', (size_t)got))
			errx(1, "a member of the herd has failed");
		count -= got;
	}
}

static int end(void *unused)
{
	(void)unused;
	return 0;
}

/* In the parent's memory, as vfork(2) does: to copy it for each takes most of the time */
static void make_zombies(long count)
{
	_Alignas(16) char stack[8192];
	siginfo_t info;

	for (long i = 0; i < count; i++) {
		pid_t pid =
			clone(end, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

		if (pid < 0)
			fail("clone");
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
			fail("waitid");
	}
}

static void parent_main(int done, long count)
{
	make_zombies(count);
	say_done(done);
	for (;;)
		pause();
}

/* Each forks the next; the last one holds so many zombies */
static void chain_main(int done, long levels, long count)
{
	while (--levels > 0 && must_fork() == 0)
		continue;
	if (levels == 0)
		parent_main(done, count);
	for (;;)
		pause();
}

/* Their parent leads a session, which tells that they are not the init's own, and ends */
static void fork_orphans(int done)
{
	pid_t pid = must_fork();

	if (pid > 0) {
		if (waitpid(pid, NULL, 0) != pid)
			err(1, "waitpid");
		return;
	}
	if (setsid() < 0)
		err(1, "setsid");
	for (long i = 0; i < orphans; i++)
		if (must_fork() == 0)
			parent_main(done, 0);
	make_zombies(orphan_zombies);
	_exit(0);
}

static void enter_cgroup(long number)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%ld/cgroup.procs", number);
	fd = openat(cgroup_dir, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		err(1, "%s", path);
	close(fd);
}

/* Returns how many will say that they are done */
static long fork_others(int done)
{
	if (orphans || orphan_zombies)
		fork_orphans(done);
	if (one_with && must_fork() == 0)
		parent_main(done, one_with);
	if (chain && must_fork() == 0)
		chain_main(done, chain, 1);
	if (bare_chain && must_fork() == 0)
		chain_main(done, bare_chain, 0);
	for (long i = 0; i < namespaces; i++)
		if (must_clone(CLONE_NEWPID) == 0)
			parent_main(done, 1);
	for (long i = 0; i < cgroups; i++) {
		if (must_fork() != 0)
			continue;
		enter_cgroup(i);
		parent_main(done, 1);
	}
	return orphans + (one_with > 0) + (chain > 0) + (bare_chain > 0) + namespaces + cgroups;
}

static void init_main(int done, int over)
{
	int members[2];
	char byte;

	/* The keeper may be killed: then this namespace goes with it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || pipe(members))
		err(1, "init");
	members_fd = members[1];
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
	await(members[0], sleepers + parents + fork_others(members[1]));
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

	for (int i = 1; i + 1 < argc; i += 2)
		take_argument(argv[i], argv[i + 1]);
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
	printf("{\"init\":%d,\"parent\":%ld}\n", init, sleepers + 2);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	close(over[1]);
	if (waitpid(init, NULL, 0) != init)
		err(1, "waitpid");
	return 0;
}
