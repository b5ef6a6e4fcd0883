/* SPDX-License-Identifier: MIT */
/* What the process in question does: its threads, a deep sleep, the terminal that stopped it. */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "case/explain/explain_case.h"

static void note_threads(struct explain_case *e, const struct parent_case *p)
{
	const struct process_kernel *kernel = p->process ? census_kernel(e->c, p->process) : NULL;

	e->notes = xcalloc(p->details.n_threads + 1, sizeof(*e->notes));
	for (size_t i = 0; i < p->details.n_threads; i++) {
		struct thread_note *n = &e->notes[i];
		double asleep;

		n->awaits = p->threads[i].pid ? census_find(e->c, p->threads[i].pid) : NULL;
		n->has_asleep = kernel && kernel->ran_ns &&
				p->details.threads[i].tid == p->details.process.pid;
		if (!n->has_asleep)
			continue;
		asleep = (double)(e->c->taken_ns - kernel->ran_ns) / 1e9;
		n->asleep_s = asleep > 0 ? asleep : 0;
	}
}

/* What a sleep that no signal ends waits for */
static void read_wchan(struct explain_case *e, const struct parent_case *p)
{
	struct details d;

	if (!p->process || p->details.process.state != 'D')
		return;
	e->has_wchan = details_read(e->c, p->process, WANT_PIDNS | WANT_WCHAN, &d) == 0;
	if (e->has_wchan && details_has(&d, WANT_WCHAN))
		memcpy(e->wchan, d.wchan, sizeof(e->wchan));
	details_done(&d);
}

/* rt_sigtimedwait(2) unblocks the awaited set while it sleeps: Linux kernel/signal.c:do_sigtimedwait() */
static bool takes_signals(const struct parent_evidence *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_SIGCHLD)
			return true;
	return false;
}

/* Whether a descriptor is that terminal, by its own name or as /dev/tty (5:0) */
static bool is_terminal(const struct census *c, pid_t pid, int fd, unsigned device)
{
	struct stat st;
	char path[48];

	snprintf(path, sizeof(path), "%d/fd/%d", pid, fd);
	return fstatat(c->procfd, path, &st, 0) == 0 && S_ISCHR(st.st_mode) &&
	       (st.st_rdev == tty_dev(device) || st.st_rdev == makedev(5, 0));
}

/* What it was about to do to the terminal when that stopped it */
static enum terminal_wish wish_of(struct explain_case *e, const struct parent_case *p)
{
	const struct details *d = &p->details;
	const char *call = d->n_threads && d->threads[0].blocked_in.known ?
				   d->threads[0].blocked_in.name :
				   NULL;
	/* SIGNAL_STOP_STOPPED: the exit code is the signal's number, until its parent has waited for it */
	const int signal = d->process.exit_code & 0x7f;

	if (tty_read(e->c, p->process, &e->terminal) < 0 || !e->terminal.device ||
	    e->terminal.foreground == 0 || e->terminal.foreground == p->process->pgrp)
		return TERMINAL_NOTHING;
	/* what it does to anything else, the terminal does not mind */
	if (call && !is_terminal(e->c, p->process->pid, (int)d->threads[0].blocked_in.args[0],
				 e->terminal.device))
		call = NULL;
	if (signal == SIGTTIN || (call && (streq(call, "read") || streq(call, "readv"))))
		return TERMINAL_READ;
	if (signal == SIGTTOU ||
	    (call && (streq(call, "write") || streq(call, "writev") || streq(call, "ioctl"))))
		return TERMINAL_WRITE;
	return TERMINAL_NOTHING;
}

void explain_find_doing(struct explain_case *e)
{
	const struct parent_case *p = explain_focus(e);

	note_threads(e, p);
	read_wchan(e, p);
	e->awaits_sigchld = takes_signals(&p->evidence);
	if (p->process && details_state(&p->details) == 'T')
		e->wish = wish_of(e, p);
}
