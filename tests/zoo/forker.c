/* SPDX-License-Identifier: MIT */
/*
 * A process near its limits, to prove a prediction by forking until it is refused.
 * --root ROOT with --path CGROUP and --max N, both repeated: cgroups to make, with their pids.max;
 *   the subject joins the last one.
 * --newpidns N as everywhere, --pid-max N: of the innermost (a kernel with one for each namespace).
 * --lower N: the same, but only once all that is asked for here is there.
 * --uid N --nproc N: the user it becomes, and its RLIMIT_NPROC.
 * --count N zombies, --finished N forks reaped before, --leaders N leaders of sessions that are
 *   dead and reaped while a member lives, --threads N further threads.
 * On SIGUSR1 the subject forks until refused and writes how often it succeeded into --report FILE.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

enum { MAX_FORKS = 5000 };

/* One for each namespace since 6.14; before, this would change the whole machine's. */
static void set_pid_max(long max)
{
	struct utsname u;
	int major, minor, fd;
	char text[32];

	if (uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2 || major < 6 ||
	    (major == 6 && minor < 14)) {
		errno = EOPNOTSUPP;
		zoo_die("--pid-max needs Linux 6.14");
	}
	snprintf(text, sizeof(text), "%ld", max);
	fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		zoo_die("/proc/sys/kernel/pid_max");
	close(fd);
}

static void become(uid_t uid, long nproc)
{
	const struct rlimit limit = { (rlim_t)nproc, (rlim_t)nproc };

	if (nproc >= 0 && setrlimit(RLIMIT_NPROC, &limit))
		zoo_die("RLIMIT_NPROC");
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		zoo_die("setresuid");
	if (prctl(PR_SET_DUMPABLE, 1) || prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("prctl");
}

static void finish(long count)
{
	for (long i = 0; i < count; i++) {
		pid_t pid = zoo_fork();

		if (pid == 0)
			_exit(0);
		if (waitpid(pid, NULL, 0) != pid)
			zoo_die("waitpid");
	}
}

/* A session whose leader is reaped; its number stays taken by the member. */
static void leaderless(void)
{
	const pid_t subject = getpid();
	pid_t pid = fork();

	if (pid < 0)
		zoo_die("fork");
	if (pid == 0) {
		if (setsid() < 0)
			zoo_die("setsid");
		pid = fork();
		if (pid != 0)
			_exit(pid < 0);
		/* adopted by the subject once the leader is dead; ends with it */
		while (getppid() != subject)
			sched_yield();
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != subject)
			_exit(1);
		zoo_sleep();
	}
	if (waitpid(pid, NULL, 0) != pid)
		zoo_die("waitpid");
}

static long fork_until_refused(void)
{
	const pid_t self = getpid();

	for (long done = 0; done < MAX_FORKS; done++) {
		pid_t pid = fork();

		if (pid < 0 && errno == EAGAIN)
			return done;
		if (pid < 0)
			zoo_die("fork");
		if (pid == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != self)
				_exit(1);
			zoo_sleep();
		}
	}
	errno = ERANGE;
	zoo_die("no fork was refused");
}

static void report(int dir, long done)
{
	char text[32];
	int fd = openat(dir, "forks.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	snprintf(text, sizeof(text), "%ld\n", done);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) ||
	    renameat(dir, "forks.new", dir, "forks"))
		zoo_die("forks");
}

static void nothing(void)
{
}

static void play(void)
{
	const char *root = zoo_text("--root", ""), *path = NULL;
	/* opened as root, written as whoever it is then */
	int dir = open(zoo_text("--report", "."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; zoo_nth("--path", i); i++)
		path = zoo_nth("--path", i);
	if (path)
		zoo_cgroup_join(root, path);
	if (zoo_number("--pid-max", 0))
		set_pid_max(zoo_number("--pid-max", 0));
	become((uid_t)zoo_number("--uid", 0), zoo_number("--nproc", -1));
	if (zoo_number("--leaders", 0) && prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	zoo_say_me("subject", NULL, -1);
	finish(zoo_number("--finished", 0));
	for (long i = 0; i < zoo_number("--leaders", 0); i++)
		leaderless();
	for (long i = 0; i < zoo_number("--threads", 0); i++)
		zoo_thread(nothing);
	zoo_zombies(zoo_number("--count", 1));
	if (zoo_number("--lower", 0))
		set_pid_max(zoo_number("--lower", 0));
	zoo_ready();
	for (;;) {
		if (sigwait(&set, &got) || got != SIGUSR1)
			continue;
		report(dir, fork_until_refused());
	}
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	for (int i = 0; zoo_nth("--path", i); i++) {
		const char *root = zoo_text("--root", "");

		zoo_cgroup_make(root, zoo_nth("--path", i));
		zoo_cgroup_write(root, zoo_nth("--path", i), "pids.max", zoo_nth("--max", i));
	}
	zoo_cgroup_guard();
	zoo_actor(play);
	return zoo_keep();
}
