/* SPDX-License-Identifier: MIT */
/* What the end of a parent does to its living children: the subject's own fate, and that of its children. */
#include <stdio.h>

#include "inspect/text/signals.h"
#include "words/explain/explain.h"
#include "words/signals.h"

/* PR_SET_PDEATHSIG(2const): the end of the forking thread alone sets it off */
void explain_own_fate(const struct explain_case *e, struct story *s)
{
	const char *name, *thread = "its parent";
	char buf[SIGNAL_NAME_SIZE];
	const struct fate_by_signal *f = &e->pdeath;
	const int signal = f->signal;

	if (signal <= 0)
		return;
	name = signal_name(signal, buf);
	if (e->subject->state == 'Z' && e->subject->threads <= 1) {
		story_tell(s, "parent",
			   "It had asked for %s at its parent's death; a dead process gets none.",
			   name);
		return;
	}
	if (e->born_of && e->born_of->threads > 1)
		thread = "the thread of its parent that it belongs to";
	if (f->may != TRI_YES) {
		story_tell(s, "parent", "It has asked for %s once %s ends, but %s.", name, thread,
			   f->may == TRI_NO ? "that has not the right to send it: it gets none" :
					      "whether that has the right to send it is not known");
		story_evidence(s, false, "its parent-death signal, PR_SET_PDEATHSIG");
		return;
	}
	story_tell(s, "parent", "It gets %s once %s ends%s.", name, thread,
		   f->ends == TRI_YES ? ", and ends with it" :
		   f->ends == TRI_NO  ? ", which does not end it" :
		   f->perhaps	      ? ", and most likely ends with it" :
		   f->why == WHY_NOT  ? "; whether that ends it could not be read" :
					"; whether that ends it is not known");
	if (f->ends == TRI_UNKNOWN && f->why != WHY_NOT)
		story_evidence(s, true, "its parent-death signal, PR_SET_PDEATHSIG: %s",
			       signal_why(f->why));
	else
		story_evidence(s, false, "its parent-death signal, PR_SET_PDEATHSIG");
}

/* "2 of SIGHUP", " and ", "1 of its parent-death signal" */
static char *causes(size_t killed, size_t hung_up)
{
	auto_free char *by_signal = killed == 1 ?
					    xstrdup("1 of its parent-death signal") :
					    xasprintf("%zu of their parent-death signals", killed);
	auto_free char *by_hangup = xasprintf("%zu of SIGHUP", hung_up);

	if (killed && hung_up)
		return xasprintf("%s and %s", by_hangup, by_signal);
	return xstrdup(killed ? by_signal : by_hangup);
}

/* Of its living children, those that go with it */
void explain_fates(const struct explain_case *e, struct story *s)
{
	const size_t n = e->n_killed + e->n_hung_up;
	auto_free char *why = NULL;

	if (n == 0)
		return;
	why = causes(e->n_killed, e->n_hung_up);
	story_tell(s, "heir", "Of its living children %zu end%s with it: %s.", n, n == 1 ? "s" : "",
		   why);
	story_evidence(s, false, "coroner reaper %d", e->heir.process->pid);
}
