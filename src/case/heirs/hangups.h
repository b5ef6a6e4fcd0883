/* SPDX-License-Identifier: MIT */
/* Which process groups get SIGHUP when a process ends: of its terminal, or as it leaves them orphaned. */
#ifndef CORONER_HANGUPS_H
#define CORONER_HANGUPS_H

#include "census/census.h"

/* Groups are numbered as the reader of /proc does. */
struct hangups {
	pid_t foreground; /* of the terminal whose session p leads; 0: none */
	unsigned *masters; /* owned: N of each /dev/pts/N whose other end it alone holds, for all that was seen */
	size_t n_masters;
	pid_t *orphaned; /* owned, in order; they have a stopped member, and get SIGCONT behind SIGHUP */
	size_t n_orphaned;
	bool exact; /* false: a parent that may still hold such a group, or what it holds itself, is not in sight */
};

/*
 * Find them for the end of p, whose children heir gets (NULL: somebody out of sight). Source: Linux v6.18
 * drivers/tty/tty_jobctrl.c:disassociate_ctty(), kernel/exit.c:kill_orphaned_pgrp(),
 * will_become_orphaned_pgrp(), drivers/tty/pty.c:pty_close(), drivers/tty/tty_jobctrl.c:
 * tty_signal_session_leader(). Two passes over the census, and where it holds the other end of a terminal of a child
 * of it one over all descriptors. ret is freed with hangups_done().
 */
void hangups_find(const struct census *c, const struct process *p, const struct process *heir,
		  struct hangups *ret);
void hangups_done(struct hangups *h);

/* Whether SIGHUP is sent to child; *ret_continues: SIGCONT then follows. */
bool hangups_reach(const struct hangups *h, const struct census *c, const struct process *child,
		   bool *ret_continues);

#endif
