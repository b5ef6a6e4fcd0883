/* SPDX-License-Identifier: MIT */
#include "judge/reaps.h"

#include "judge/doing.h"

struct reaps reaps_judge(const struct reaps_evidence *e)
{
	const struct parent_evidence *p = e->process;

	if (e->probe == TRI_YES)
		return (struct reaps){ TRI_YES, "an orphan made on purpose was reaped" };
	if (e->probe == TRI_NO)
		return (struct reaps){ TRI_NO, "an orphan made on purpose was not reaped" };
	if (e->dying)
		return (struct reaps){ TRI_UNKNOWN, "it is dying itself" };
	/* children that the waiting thread cannot see are those it would not adopt either */
	if (p->seen && doing_waits_for_any(p))
		return (struct reaps){ TRI_YES, "a thread of it waits for any child" };
	if (e->adopted_stale > 0)
		return (struct reaps){ TRI_NO, "zombies that it adopted stay" };
	if (e->adopted_fresh > 0)
		return (struct reaps){
			TRI_UNKNOWN,
			"it holds zombies that it adopted; --settle=2s tells whether they stay"
		};
	if (p->masks_known && p->disposition == SIGCHLD_IGNORED)
		return (struct reaps){ TRI_YES, "it ignores SIGCHLD: the kernel reaps for it" };
	if (p->masks_known && p->no_cldwait == TRI_YES)
		return (struct reaps){ TRI_YES,
				       "it has SA_NOCLDWAIT set: the kernel reaps for it" };
	return (struct reaps){ TRI_UNKNOWN,
			       "nothing seen now shows it; coroner probe finds out by experiment" };
}

const char *reaps_name(enum tri answer)
{
	return answer == TRI_YES ? "yes" : answer == TRI_NO ? "no" : "unknown";
}
