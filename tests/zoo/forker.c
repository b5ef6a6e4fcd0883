/* SPDX-License-Identifier: MIT */
/*
 * A process near its limits, to prove a prediction by forking until it is refused.
 * --root ROOT with --path CGROUP and --max N, both repeated: cgroups to make, with their pids.max;
 *   the subject joins the last one.
 * --newpidns N as everywhere, --pid-max N: of the innermost (a kernel with one for each namespace).
 * --outer-max N instead of --newpidns: it is the init of the inner one of two PID namespaces, and this is
 *   the pid_max of the outer one.
 * --lower N: the same, but only once all that is asked for here is there.
 * --uid N --nproc N: the user it becomes, and its RLIMIT_NPROC.
 * --creator N, repeated ("max": none): before that it enters a user namespace of its own making, with
 *   this soft limit while it does; --outside N: so many sleepers stay behind in each.
 * --strays N: so many threads of that user in a process whose first thread is root's.
 * --children dead|fresh: it has called unshare(CLONE_NEWPID); dead: its first child has been and gone.
 * --removed N zombies in a cgroup below its own that is removed then.
 * --count N zombies, --finished N forks reaped before, --leaders N leaders of sessions that are
 *   dead and reaped while a member lives, --threads N further threads.
 * On SIGUSR1 the subject forks until refused (EAGAIN, or ENOMEM of a dead PID namespace) and writes how often it succeeded into --report FILE.
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
#include <sys/syscall.h>
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

/* A change of credentials has undone both */
static void be_seen(void)
{
	if (prctl(PR_SET_DUMPABLE, 1) || prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("prctl");
}

/* "max": the most that it may have */
static void limit_nproc(const char *text)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit))
		zoo_die("RLIMIT_NPROC");
	limit.rlim_cur = strcmp(text, "max") == 0 ? limit.rlim_max : strtoul(text, NULL, 10);
	if (setrlimit(RLIMIT_NPROC, &limit))
		zoo_die("RLIMIT_NPROC");
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		zoo_die(path);
	close(fd);
}

static void enter_userns(uid_t uid, const char *creators_limit)
{
	char map[48];

	limit_nproc(creators_limit);
	for (long i = 0; i < zoo_number("--outside", 0); i++)
		zoo_sleeper();
	if (unshare(CLONE_NEWUSER))
		zoo_die("unshare");
	be_seen();
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	put("/proc/self/uid_map", map);
	put("/proc/self/setgroups", "deny");
	put("/proc/self/gid_map", map);
}

static uid_t stray_uid;

/* The system call, which changes one thread; the C library's function changes all */
static void go_astray(void)
{
	if (syscall(SYS_setresuid, stray_uid, stray_uid, stray_uid))
		zoo_die("setresuid");
}

/* As root's it gets no signal of the subject's end, but the end of what only that holds open */
static _Noreturn void hold_strays(long count, struct zoo_gate gone, struct zoo_gate strayed)
{
	for (long i = 0; i < count; i++)
		zoo_thread(go_astray);
	zoo_gate_open(strayed);
	zoo_gate_wait(gone);
	_exit(1); /* nobody opens it */
}

static void leave_strays(uid_t uid, long count)
{
	struct zoo_gate gone, strayed;

	if (!count)
		return;
	gone = zoo_gate_new();
	strayed = zoo_gate_new();
	stray_uid = uid;
	if (zoo_fork() == 0)
		hold_strays(count, gone, strayed);
	zoo_gate_wait(strayed);
}

static void become(uid_t uid)
{
	leave_strays(uid, zoo_number("--strays", 0));
	limit_nproc("max");
	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		zoo_die("setresuid");
	be_seen();
	for (int i = 0; zoo_nth("--creator", i); i++)
		enter_userns(uid, zoo_nth("--creator", i));
	limit_nproc(zoo_text("--nproc", "max"));
}

/* Zombies charged to a cgroup that is no more: joined while they lived, of the subject as root */
static void leave_removed(const char *root, const char *path, long count)
{
	char inner[256];

	if (!count)
		return;
	snprintf(inner, sizeof(inner), "%s/gone", path);
	zoo_cgroup_join(root, inner);
	zoo_zombies(count);
	zoo_cgroup_join(root, path);
	zoo_cgroup_remove(root, inner);
}

static void send_children_away(const char *how)
{
	if (!*how)
		return;
	if (unshare(CLONE_NEWPID))
		zoo_die("unshare");
	if (strcmp(how, "dead") == 0)
		finish(1);
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

		if (pid < 0 && (errno == EAGAIN || errno == ENOMEM))
			return done;
		if (pid < 0)
			zoo_die("fork");
		if (pid == 0) {
			/* 0: in another PID namespace the parent has no number */
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) ||
			    (getppid() != self && getppid() != 0))
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

/* The cgroup that the subject joins, "": none */
static const char *last_path(void)
{
	const char *path = "";

	for (int i = 0; zoo_nth("--path", i); i++)
		path = zoo_nth("--path", i);
	return path;
}

static void nothing(void)
{
}

static void play(void)
{
	const char *root = zoo_text("--root", ""), *path = last_path();
	/* opened as root, written as whoever it is then */
	int dir = open(zoo_text("--report", "."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (*path)
		zoo_cgroup_join(root, path);
	if (zoo_number("--pid-max", 0))
		set_pid_max(zoo_number("--pid-max", 0));
	leave_removed(root, path, zoo_number("--removed", 0));
	become((uid_t)zoo_number("--uid", 0));
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
	send_children_away(zoo_text("--children", ""));
	zoo_ready();
	for (;;) {
		if (sigwait(&set, &got) || got != SIGUSR1)
			continue;
		report(dir, fork_until_refused());
	}
}

static void play_within(void)
{
	set_pid_max(zoo_number("--outer-max", 0));
	zoo_say_me("inits[]", NULL, -1);
	if (zoo_clone(CLONE_NEWPID, SIGCHLD) == 0)
		play();
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	for (int i = 0; zoo_nth("--path", i); i++) {
		const char *root = zoo_text("--root", "");

		zoo_cgroup_make(root, zoo_nth("--path", i));
		zoo_cgroup_write(root, zoo_nth("--path", i), "pids.max", zoo_nth("--max", i));
	}
	if (zoo_number("--removed", 0)) {
		char inner[256];

		snprintf(inner, sizeof(inner), "%s/gone", last_path());
		zoo_cgroup_make(zoo_text("--root", ""), inner);
	}
	zoo_cgroup_guard();
	if (zoo_number("--outer-max", 0))
		zoo_init_actor(play_within);
	else
		zoo_actor(play);
	return zoo_keep();
}
