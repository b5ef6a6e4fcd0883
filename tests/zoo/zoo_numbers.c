/* SPDX-License-Identifier: MIT */
/* A PID namespace with few numbers of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

/* Its own on these kernels; on older ones this file is everybody's and must not be written. */
static void shrink_pid_max(int pid_max)
{
	struct utsname name;
	int major = 0, minor = 0, fd;

	uname(&name);
	if (sscanf(name.release, "%d.%d", &major, &minor) != 2 || major < 6 ||
	    (major == 6 && minor < 14)) {
		errno = 0;
		zoo_die("pid_max per PID namespace needs Linux 6.14");
	}
	fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%d", pid_max) < 0)
		zoo_die("pid_max");
	close(fd);
}

int zoo_in_small_pidns(int pid_max, void (*play)(void))
{
	int status;
	pid_t init;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
		zoo_die("unshare");
	init = fork();
	if (init == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("proc", "/proc", "proc", 0, NULL) < 0)
			zoo_die("mount");
		shrink_pid_max(pid_max);
		play();
		exit(0);
	}
	waitpid(init, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
