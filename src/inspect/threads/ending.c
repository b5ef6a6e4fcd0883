/* SPDX-License-Identifier: MIT */
#include "inspect/threads/ending.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* Not every living thread is held: the exit(2) of a held one is its own, and no end of all */
static bool has_free_thread(const struct details *d)
{
	for (size_t i = 0; i < d->n_threads; i++)
		if (!strchr("tZX", d->threads[i].state))
			return true;
	return false;
}

/* One that is ending would not sleep on */
static bool has_sleeper(const struct details *d)
{
	for (size_t i = 0; i < d->n_threads; i++)
		if (d->threads[i].state == 'S')
			return true;
	return false;
}

/* Where it is held in exit_group(2), it may stand before that or behind it: both look the same */
static bool is_no_end(const struct details *d, const struct thread *t)
{
	if (!t->blocked_in.known || t->blocked_in.nr == SYS_exit_group)
		return false;
	return t->blocked_in.nr != SYS_exit || has_free_thread(d);
}

/*
 * The exit code in stat is the group's once that ends, else that of a stop whose tracer has not waited
 * for it: a signal's number, with an event above it (Linux v6.18 fs/proc/array.c:do_task_stat(),
 * kernel/signal.c:ptrace_stop()). So one of exit_group(2) alone is told by itself.
 */
static enum tri of_tracee(const struct details *d)
{
	const int code = d->process.exit_code;

	if (has_sleeper(d))
		return TRI_NO;
	if (code != 0)
		return WTERMSIG(code) == 0 ? TRI_YES : TRI_UNKNOWN;
	for (size_t i = 0; i < d->n_threads; i++)
		if (d->threads[i].state == 't' && !is_no_end(d, &d->threads[i]))
			return TRI_UNKNOWN;
	return TRI_NO;
}

enum tri ending_of(const struct census *c, const struct process *p, const struct details *d)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (d->status.core_dumping)
		return TRI_NO;
	if (kernel)
		return tri_of(kernel->group_exit);
	for (size_t i = 0; i < d->n_threads; i++)
		if (d->threads[i].state == 't')
			return of_tracee(d);
	return TRI_NO;
}
