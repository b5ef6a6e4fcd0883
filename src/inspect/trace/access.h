/* SPDX-License-Identifier: MIT */
/* Why the kernel refuses to show a process to this one: ptrace(2), "Ptrace access mode checking". */
#ifndef CORONER_ACCESS_H
#define CORONER_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum access_refusal {
	ACCESS_UNCLEAR, /* kept closed otherwise: not dumpable, a user namespace, a security module */
	ACCESS_OTHER_USER, /* some of its user and group IDs are not the reader's */
	ACCESS_CAPABLE,	   /* it is permitted capabilities that are not effective in the reader */
	ACCESS_YAMA,	   /* kernel.yama.ptrace_scope forbids it */
};

/* Who wants to read. */
struct access_reader {
	uint32_t uid, gid;  /* of the file system, setfsuid(2): the effective ones here */
	uint64_t effective; /* capabilities */
	unsigned yama;	    /* kernel.yama.ptrace_scope, 0 where there is none */
};

/* This process. */
void access_reader(int procfd, struct access_reader *ret);

/*
 * Why a reader without CAP_SYS_PTRACE was refused a process whose /proc/PID/status this is: the first
 * reason that the kernel comes to, Linux kernel/ptrace.c:__ptrace_may_access(). *ret_lacks: with
 * ACCESS_CAPABLE, the capabilities that the reader lacks for it; else 0. Pure.
 */
enum access_refusal access_why(const struct access_reader *r, const char *status, size_t len,
			       uint64_t *ret_lacks);

#endif
