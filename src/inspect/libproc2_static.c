/* SPDX-License-Identifier: MIT */
/*
 * libproc2 in a static binary, build/coroner-static, and stand-ins for what libproc2.a refers to and
 * such a one cannot have; coroner asks libproc2 for none of these items.
 *
 * - sd_*: libsystemd has no static library on Debian. -ENODATA is sd_pid_get_session(3)'s own
 *   answer for a process outside of any session.
 * - numa_*: libproc2 opens libnuma with dlopen(3) as soon as a handle is made. In a static
 *   binary that would load a foreign C library into the process.
 * - pwcache_*: user and group names, which would load the host's NSS modules likewise.
 *
 * Weak, so that a libproc2 that brings one of them along for another symbol wins.
 */
#include "inspect/libproc2.h"

#include <errno.h>
#include <sys/types.h>

const struct libproc2 *libproc2_get(void)
{
	static const struct libproc2 linked = {
		.pids_new = procps_pids_new,
		.pids_select = procps_pids_select,
		.pids_unref = procps_pids_unref,
	};

	return &linked;
}

#define STUB __attribute__((weak))

STUB int sd_pid_get_machine_name(pid_t pid, char **ret);
STUB int sd_pid_get_owner_uid(pid_t pid, uid_t *ret);
STUB int sd_pid_get_session(pid_t pid, char **ret);
STUB int sd_pid_get_slice(pid_t pid, char **ret);
STUB int sd_pid_get_unit(pid_t pid, char **ret);
STUB int sd_pid_get_user_unit(pid_t pid, char **ret);
STUB int sd_session_get_seat(const char *session, char **ret);
STUB void numa_init(void);
STUB void numa_uninit(void);
STUB char *pwcache_get_user(uid_t uid);
STUB char *pwcache_get_group(gid_t gid);

static int no_node(int unused)
{
	(void)unused;
	return -1;
}

static int no_nodes(void)
{
	return -1;
}

/* libproc2 calls through these two; its own also start as functions that answer -1. */
extern int (*numa_max_node)(void);
extern int (*numa_node_of_cpu)(int cpu);
STUB int (*numa_max_node)(void) = no_nodes;
STUB int (*numa_node_of_cpu)(int cpu) = no_node;

void numa_init(void)
{
}

void numa_uninit(void)
{
}

int sd_pid_get_machine_name(pid_t pid, char **ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_pid_get_owner_uid(pid_t pid, uid_t *ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_pid_get_session(pid_t pid, char **ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_pid_get_slice(pid_t pid, char **ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_pid_get_unit(pid_t pid, char **ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_pid_get_user_unit(pid_t pid, char **ret)
{
	(void)pid;
	(void)ret;
	return -ENODATA;
}

int sd_session_get_seat(const char *session, char **ret)
{
	(void)session;
	(void)ret;
	return -ENODATA;
}

char *pwcache_get_user(uid_t uid)
{
	static char unknown[] = "?";

	(void)uid;
	return unknown;
}

char *pwcache_get_group(gid_t gid)
{
	static char unknown[] = "?";

	(void)gid;
	return unknown;
}
