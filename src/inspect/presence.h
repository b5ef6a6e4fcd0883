/* SPDX-License-Identifier: MIT */
/*
 * Whether a process of the census is still there. "Gone" is said only where it is proven: its number is
 * nobody's, or another's. What proc hides (hidepid, proc(5)) or cannot read is not gone.
 */
#ifndef CORONER_PRESENCE_H
#define CORONER_PRESENCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "census/census.h"

/*
 * Is this open directory a proc that numbers processes as this process does? Only then do its numbers
 * mean the same to system calls and to BPF. Its NSpid of /proc/self has one number then, in the proc of an
 * outer PID namespace it has more, and that of any other has no /proc/self for us (Linux
 * fs/proc/array.c:task_state()); equal numbers alone would prove nothing.
 */
bool presence_is_own_proc(int procfd);

/* The same: 0, -EOPNOTSUPP where it is not, or -EMFILE and the like where that could not be found out. */
int presence_check_proc(int procfd);

/* Whether process pid is there though nothing of it is to be seen below proc: it is hidden. */
bool presence_is_hidden(const struct census *c, pid_t pid);

/*
 * Open the directory of p below proc, which stays bound to the process whatever becomes of its
 * number, once its start time was found to be the census's. *ret_fresh (NULL: not wanted) is its
 * stat as of now. Returns a file descriptor that the caller owns; -ESRCH: it is gone, proven; -ENOENT:
 * proc hides it; -EACCES, -EBADMSG or another negative errno: it is there, for all that is known.
 */
int presence_pin(const struct census *c, const struct process *p, struct process *ret_fresh);

/*
 * Whether nobody has the number pid any more, by a system call that reads no file: whoever had it in the census
 * is gone. False too where it was given anew, and where the census's proc is not ours.
 */
bool presence_is_number_free(const struct census *c, pid_t pid);

/*
 * Look once more at a zombie of the census: 0 where it is still one, with the same start time and parent,
 * -ESRCH where it is gone, else as presence_pin(). Reads one file.
 */
int presence_of_zombie(const struct census *c, const struct process *zombie);

#endif
