/* SPDX-License-Identifier: MIT */
#include "words/heirs/reaps.h"

const char *reaps_why(const struct reaps *r)
{
	static const char *const whys[REAPS_REASONS] = {
		[REAPS_PROBE_REAPED] = "an orphan made on purpose was reaped",
		[REAPS_PROBE_LEFT] = "an orphan made on purpose was not reaped",
		[REAPS_DYING] = "it is dying itself",
		[REAPS_CRASHED] =
			"it has crashed and its core is being written: its own code runs no more",
		[REAPS_WAITS_FOR_ANY] = "a thread of it waits for any child",
		[REAPS_ADOPTED_STAY] = "zombies that it adopted stay",
		[REAPS_ADOPTED_FRESH] =
			"it holds zombies that it adopted; --settle=2s tells whether they stay",
		[REAPS_ADOPTED_SWEPT] =
			"it holds zombies that it adopted, and may run again at any time and look for them: look again later",
		[REAPS_IGNORES] = "it ignores SIGCHLD: the kernel reaps for it",
		[REAPS_NO_CLDWAIT] = "it has SA_NOCLDWAIT set: the kernel reaps for it",
		[REAPS_PROBE_BELOW] =
			"nothing seen now shows it; coroner probe, started below it, finds out by experiment",
		[REAPS_PROBE_TELLS] =
			"nothing seen now shows it; coroner probe finds out by experiment",
	};

	return whys[r->reason];
}
