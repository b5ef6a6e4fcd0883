/* SPDX-License-Identifier: MIT */
#include "case/heirs/fates.h"

#include <signal.h>

#include "case/heirs/pdeath.h"
#include "case/signals/signal_targets.h"
#include "inspect/trace/tracer.h"

static bool is_dead(const struct process *p)
{
	return p->state == 'Z' && p->threads <= 1;
}

/* Whether a signal that the kernel sends ends it, at once or (SIGCONT follows) as it runs on */
static struct fate_by_signal ends(struct sight *sight, const struct census *c,
				  const struct process *child, int signal, bool from_ancestor,
				  bool continues)
{
	struct fate_by_signal ret = { .signal = signal };
	struct signal_outcome o;
	struct signal_view v;
	bool dies;

	if (signal_view_read(sight, c, child, &v) < 0)
		return ret;
	o = signal_judge(&v.target, signal, from_ancestor);
	signal_view_done(&v);
	dies = o.effect == EFFECT_DIES ||
	       (continues && o.effect == EFFECT_PENDING && o.then == EFFECT_DIES);
	ret.why = o.why;
	if (!o.certain || o.effect == EFFECT_TRACER)
		ret.perhaps = dies;
	/* a handler may end it, and so may one that it takes or that waits for it */
	else if (dies || (o.effect != EFFECT_HANDLED && o.effect != EFFECT_TAKEN &&
			  o.effect != EFFECT_PENDING))
		ret.ends = tri_of(dies);
	return ret;
}

/* kernel/signal.c:send_signal_locked(): one from outside is forced on the init of a namespace */
static bool is_deeper(const struct census *c, const struct process *child)
{
	const struct process_kernel *kernel = census_kernel(c, child);

	return kernel && kernel->is_init;
}

struct fate_by_signal fate_by_pdeath(struct sight *sight, const struct census *c,
				     const struct process *child)
{
	const struct process_kernel *kernel = census_kernel(c, child);
	const int signal = kernel ? kernel->pdeath_signal : -1;
	struct fate_by_signal ret;
	enum tri may;

	if (signal <= 0 || is_dead(child))
		return (struct fate_by_signal){ .signal = signal,
						.ends = signal < 0 ? TRI_UNKNOWN : TRI_NO };
	may = pdeath_may_send(c, child);
	if (may != TRI_YES)
		return (struct fate_by_signal){ .signal = signal, .may = may, .ends = may };
	ret = ends(sight, c, child, signal, is_deeper(c, child), false);
	ret.may = TRI_YES;
	return ret;
}

struct fate fate_of(struct sight *sight, const struct heirs *h, const struct heir_case *k,
		    const struct process *child)
{
	const struct parent_evidence *heir = k->view ? &k->view->look.evidence : NULL;
	/* /proc tells only through the status: of the living it does not matter */
	pid_t tracer = child->state == 'Z' ? tracer_of(h->c, child) : 0;
	struct heir_disposition disposition = {
		.ignored = heir && heir->masks_known ?
				   tri_of(heir->disposition == SIGCHLD_IGNORED) :
				   TRI_UNKNOWN,
		.no_cldwait = heir ? heir->no_cldwait : TRI_UNKNOWN,
	};
	struct child_evidence e = {
		.zombie = child->state == 'Z',
		.threads_alive = child->threads > 1,
		.traced = tracer != 0 && tracer != k->process->pid,
		.hung_up = TRI_NO,
	};
	struct fate_by_signal by_pdeath = fate_by_pdeath(sight, h->c, child), by_hangup;
	struct fate ret = { .exact = true, .pdeath_signal = by_pdeath.signal };
	bool continues;

	e.killed = by_pdeath.ends;
	e.perhaps_killed = by_pdeath.perhaps;
	ret.sighup = !k->kills && !is_dead(child) &&
		     hangups_reach(&k->hangups, h->c, child, &continues);
	if (ret.sighup) {
		by_hangup = ends(sight, h->c, child, SIGHUP, is_deeper(h->c, child), continues);
		e.hung_up = by_hangup.ends;
		e.perhaps_hung_up = by_hangup.perhaps;
	}
	ret.fate = child_fate_judge(&e, k->kills ? NULL : &disposition, &ret.exact);
	/* who is killed all the same needs no SIGHUP */
	ret.exact &= k->hangups.exact || is_dead(child) || ret.fate != FATE_ADOPTED;
	return ret;
}

void fates_collect(struct sight *sight, const struct heirs *h, struct heir_case *k)
{
	const struct process *child;
	size_t cap = 0;

	for (child = census_first_child(h->c, k->process); child;
	     child = census_next_child(h->c, child)) {
		ARRAY_GROW(k->children, k->n_children, cap);
		k->children[k->n_children++] =
			(struct child_case){ child, fate_of(sight, h, k, child) };
	}
}
