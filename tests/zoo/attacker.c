/* SPDX-License-Identifier: MIT */
/*
 * The init of a PID namespace that lies in wait for whatever enters it. Its box has no file of the
 * machine's; --how stop, kill, links, attach, hold, inject, freeze or die says what it does to whoever
 * comes. --userns: it has a user namespace of its own and every capability there; else those that
 * Docker gives, and CAP_SYS_PTRACE, in the user namespace where it was started.
 *
 * --secret FILE is a file outside that it would read and write; --word TEXT what it looks for in
 * memory. --log FILE gets a line "saw PID" for each that came, "hit PID" where the attack itself got a
 * hold of it, and "GOT …" for each thing that it got. --freezer DIR: a freezer cgroup of its own.
 * --here: no box but the container that it runs in.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "zoo.h"

#define MAX_SEEN 65536

static int freezer_fd = -1;
static bool seen[MAX_SEEN];

/* -- the box -- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		zoo_die(path);
	close(fd);
}

static void own_users(void)
{
	if (unshare(CLONE_NEWUSER))
		zoo_die("unshare users");
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", "0 0 1");
	write_text("/proc/self/gid_map", "0 0 1");
}

/* A root of its own with its own proc in it, and nothing else */
static void own_files(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("box", "/tmp", "tmpfs", 0, NULL) || chdir("/tmp") || mkdir("proc", 0555) ||
	    mount("proc", "proc", "proc", 0, NULL))
		zoo_die("mount the box");
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		zoo_die("pivot into the box");
	if (open(attack_secret(), O_RDONLY) >= 0)
		zoo_die("the secret is in the box");
}

/* What Docker 20.10 leaves to root, oci/caps/defaults.go, and CAP_SYS_PTRACE */
static void docker_capabilities(void)
{
	static const int keep[] = {
		CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FSETID,	     CAP_FOWNER,
		CAP_MKNOD,   CAP_NET_RAW,      CAP_SETGID,	     CAP_SETUID,
		CAP_SETFCAP, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT,
		CAP_KILL,    CAP_AUDIT_WRITE,  CAP_SYS_PTRACE,
	};
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { { 0 } };
	unsigned long long mask = 0;

	for (size_t i = 0; i < sizeof(keep) / sizeof(*keep); i++)
		mask |= 1ULL << keep[i];
	for (unsigned long cap = 0; cap < 64; cap++)
		if (!(mask >> cap & 1))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* EINVAL beyond the last */
	sets[0].permitted = sets[0].effective = (__u32)mask;
	sets[1].permitted = sets[1].effective = (__u32)(mask >> 32);
	if (syscall(SYS_capset, &header, sets))
		zoo_die("capset");
}

/* -- what it does to one that came -- */

static void freeze(pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", pid),
	    fd = openat(freezer_fd, "cgroup.procs", O_WRONLY);

	if (fd >= 0 && write(fd, text, (size_t)n) == n)
		attack_log("hit %d\n", pid);
	close(fd);
	fd = openat(freezer_fd, "freezer.state", O_WRONLY);
	if (fd >= 0 && write(fd, "FROZEN", 6) == 6) {
		close(fd);
		return;
	}
	/* cgroup v2 */
	fd = openat(freezer_fd, "cgroup.freeze", O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		attack_log("cannot freeze: %s\n", strerror(errno));
	close(fd);
}

static void attack(pid_t pid)
{
	if (zoo_how("links"))
		attack_links(pid);
	else if (zoo_how("attach"))
		attack_attach(pid, false);
	else if (zoo_how("hold"))
		attack_attach(pid, true);
	else if (zoo_how("inject"))
		attack_inject(pid);
	else if (zoo_how("freeze"))
		freeze(pid);
	else if (zoo_how("die"))
		_exit(0);
}

static void look_around(DIR *proc)
{
	const struct dirent *entry;

	rewinddir(proc);
	while ((entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid <= 1 || pid >= MAX_SEEN || pid == getpid())
			continue;
		if (!seen[pid])
			attack_log("saw %ld\n", pid);
		if (!seen[pid] || zoo_how("links"))
			attack((pid_t)pid);
		seen[pid] = true;
	}
}

static _Noreturn void lie_in_wait(void)
{
	DIR *proc = opendir("/proc");
	int signal = zoo_how("kill") ? SIGKILL : SIGSTOP;

	if (!proc)
		zoo_die("/proc");
	zoo_ready();
	for (;;) {
		/* of frozen and traced ones the signal is no part */
		if (!zoo_how("freeze") && !zoo_how("die") && !zoo_how("hold"))
			(void)kill(-1, signal); /* everybody in here but itself */
		look_around(proc);
		if (!zoo_how("hold"))
			while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
				;
	}
}

static void be_init(void)
{
	zoo_say_me("init", NULL, -1);
	own_files();
	if (!zoo_flag("--userns"))
		docker_capabilities();
	lie_in_wait();
}

static void play(void)
{
	attack_start();
	if (zoo_how("freeze"))
		freezer_fd = open(zoo_text("--freezer", ""), O_PATH | O_CLOEXEC);
	if (zoo_how("freeze") && freezer_fd < 0)
		zoo_die("open the freezer");
	if (zoo_flag("--here"))
		lie_in_wait();
	if (zoo_flag("--userns"))
		own_users();
	if (zoo_clone(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		      SIGCHLD) == 0)
		be_init();
	zoo_sleep();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
