/* SPDX-License-Identifier: MIT */
#include "inspect/text/signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

const char *signal_name(int signal, char buf[static SIGNAL_NAME_SIZE])
{
	const char *name = sigabbrev_np(signal);

	if (name)
		snprintf(buf, SIGNAL_NAME_SIZE, "SIG%s", name);
	else if (signal == SIGRTMIN)
		snprintf(buf, SIGNAL_NAME_SIZE, "SIGRTMIN");
	else if (signal == SIGRTMAX)
		snprintf(buf, SIGNAL_NAME_SIZE, "SIGRTMAX");
	else if (signal > SIGRTMIN && signal <= (SIGRTMIN + SIGRTMAX) / 2)
		snprintf(buf, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", signal - SIGRTMIN);
	else if (signal > SIGRTMIN && signal < SIGRTMAX)
		snprintf(buf, SIGNAL_NAME_SIZE, "SIGRTMAX-%d", SIGRTMAX - signal);
	else
		snprintf(buf, SIGNAL_NAME_SIZE, "SIG%d", signal);
	return buf;
}
