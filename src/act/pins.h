/* SPDX-License-Identifier: MIT */
/*
 * Numbers pinned before anything is read of them. A start time tells two processes with one number
 * apart only where they were born in different clock ticks; a number may be given anew within one.
 * So whoever is to be acted on is pinned first and looked at afterwards: until its process is reaped
 * a number is nobody else's (Linux kernel/pid.c:free_pid()), and while pin_is_reaped() is false all
 * that was read by it since pins_take() is of that process.
 */
#ifndef CORONER_PINS_H
#define CORONER_PINS_H

#include <stddef.h>
#include <sys/types.h>

struct pins {
	struct pin *list; /* owned, with its pidfds; in the order of PIDs */
	size_t n;
};

/*
 * Pin whoever has these n numbers now, zombies included. Raises the soft limit of open files to the
 * hard one, and leaves enough of them free for the rest of the work. ret is freed by pins_done().
 */
void pins_take(const pid_t *pids, size_t n, struct pins *ret);
void pins_done(struct pins *pins);

/*
 * The pidfd of the process that has that number, borrowed. -ENOENT: nobody had it then, or it was not
 * asked for; -ESRCH: it has been reaped since; -EINVAL: a thread's; -EMFILE: for want of descriptors;
 * or another error of pin_number().
 */
int pins_find(const struct pins *pins, pid_t pid);

#endif
