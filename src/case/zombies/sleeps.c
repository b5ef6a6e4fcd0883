/* SPDX-License-Identifier: MIT */
#include "case/zombies/sleeps.h"

#include <signal.h>

#include "base/duration.h"

/* What is left at least of a sleep with a time limit; slept_ns: it began that long ago at most, 0: unknown */
static bool is_far_away(const struct blocked_in *in, int64_t slept_ns)
{
	if (in->limit_clock != LIMIT_RELATIVE)
		return in->limit_ns > VERDICT_LONG_SLEEP_S * NS_PER_S;
	if (slept_ns > 0 && in->limit_ns - slept_ns > VERDICT_LONG_SLEEP_S * NS_PER_S)
		return true;
	return slept_ns == 0 && in->limit_ns > VERDICT_LONG_CALL_S * NS_PER_S;
}

static bool thread_sleeps_long(const struct thread *t, int64_t slept_ns)
{
	if (t->state != 'S' || !t->blocked_in.known || t->blocked_in.running)
		return false;
	return t->blocked_in.limit == LIMIT_NONE ||
	       (t->blocked_in.limit == LIMIT_KNOWN && is_far_away(&t->blocked_in, slept_ns));
}

static bool is_live(const struct thread *t)
{
	return t->state != 'Z' && t->state != 'X';
}

/* alarm(2), setitimer(2), timer_create(2): the signals that these are used with */
static bool may_have_alarms(uint64_t caught)
{
	uint64_t realtime = ~UINT64_C(0) << (34 - 1);

	return (caught & realtime) || mask_has(caught, SIGALRM) || mask_has(caught, SIGVTALRM) ||
	       mask_has(caught, SIGPROF);
}

enum tri sleeps_long(const struct census *c, const struct parent_case *p)
{
	const struct process_kernel *kernel = census_kernel(c, p->process);
	const struct details *d = &p->details;
	/* of one thread alone it is known when it ran last */
	int64_t slept_ns = kernel && kernel->group_ran_ns && d->n_threads == 1 ?
				   c->done_ns - kernel->group_ran_ns :
				   0;

	if (!details_has(d, WANT_STATUS | WANT_THREADS | WANT_DOING))
		return TRI_UNKNOWN;
	for (size_t i = 0; i < d->n_threads; i++)
		if (is_live(&d->threads[i]) && !thread_sleeps_long(&d->threads[i], slept_ns))
			return TRI_NO;
	/* one may have woken another that was looked at before it */
	if (d->n_threads > 1 && !d->at_once)
		return TRI_NO;
	if (may_have_alarms(d->status.masks.caught) ||
	    (details_waits_for_files(d) && d->timer != TRI_NO))
		return TRI_UNKNOWN;
	return TRI_YES;
}
