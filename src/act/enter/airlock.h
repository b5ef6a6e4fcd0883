/* SPDX-License-Identifier: MIT */
/*
 * What must be ready before anything of coroner's goes into a foreign PID namespace: namespaces that
 * hold nothing, and the program inside as a sealed file in memory.
 *
 * The mount namespace has one file system, read-only, of the airlock's own, by pivot_root(2), before
 * Linux 6.14 with an empty file where the image's path would be; with it come network, IPC, UTS and
 * cgroup namespaces of its own. A process in there keeps them alive and does nothing else. Nothing in
 * the foreign namespace can see it.
 */
#ifndef CORONER_AIRLOCK_H
#define CORONER_AIRLOCK_H

#include <stdbool.h>
#include <sys/types.h>

/* The descriptor that the guide runs the image from, and the path that execveat(2) makes of it */
#define AIRLOCK_IMAGE 3
#define AIRLOCK_IMAGE_PATH "dev/fd/3"

struct airlock {
	int image;    /* owned: memfd of the program inside; -1 */
	int socket;   /* owned: the keeper ends when it is closed; -1: there is no keeper */
	int keeper;   /* owned: pidfd */
	pid_t pid;    /* of the keeper */
	int unsealed; /* 0: the namespaces are there; else why not, a negative errno */
};

/*
 * Make the image, and with seal the namespaces too (CAP_SYS_ADMIN, CAP_SYS_CHROOT, Linux 5.8); that
 * they cannot be had is no error. To be called while no other thread runs.
 *
 * *ret is to be closed with airlock_close() in any case. Returns 0; -EOPNOTSUPP: this architecture or kernel
 * cannot; -EACCES: memory may not be run (vm.memfd_noexec); or another negative errno.
 */
int airlock_open(bool seal, struct airlock *ret);
void airlock_close(struct airlock *a);

/* Move the calling process, which has no threads, into the namespaces. Returns 0 or a negative errno. */
int airlock_enter(const struct airlock *a);

#endif
