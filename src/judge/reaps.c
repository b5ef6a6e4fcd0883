/* SPDX-License-Identifier: MIT */
#include "judge/reaps.h"

#include "judge/doing.h"

struct reaps reaps_judge(const struct reaps_evidence *e)
{
	const struct parent_evidence *p = e->process;

	if (e->probe == TRI_YES)
		return (struct reaps){ TRI_YES, REAPS_PROBE_REAPED };
	if (e->probe == TRI_NO)
		return (struct reaps){ TRI_NO, REAPS_PROBE_LEFT };
	if (e->dying)
		return (struct reaps){ TRI_UNKNOWN, REAPS_DYING };
	if (p->core_dumping && p->masks_known && p->disposition != SIGCHLD_IGNORED &&
	    p->no_cldwait != TRI_YES)
		return (struct reaps){ TRI_NO, REAPS_CRASHED };
	/* children that the waiting thread cannot see are those it would not adopt either */
	if (p->seen && doing_waits_for_any(p))
		return (struct reaps){ TRI_YES, REAPS_WAITS_FOR_ANY };
	if (e->adopted_stale > 0)
		return (struct reaps){ TRI_NO, REAPS_ADOPTED_STAY };
	if (e->adopted_fresh > 0)
		return (struct reaps){ TRI_UNKNOWN,
				       e->may_sweep ? REAPS_ADOPTED_SWEPT : REAPS_ADOPTED_FRESH };
	if (p->masks_known && p->disposition == SIGCHLD_IGNORED)
		return (struct reaps){ TRI_YES, REAPS_IGNORES };
	if (p->masks_known && p->no_cldwait == TRI_YES)
		return (struct reaps){ TRI_YES, REAPS_NO_CLDWAIT };
	return (struct reaps){ TRI_UNKNOWN,
			       p->init == TRI_NO ? REAPS_PROBE_BELOW : REAPS_PROBE_TELLS };
}
