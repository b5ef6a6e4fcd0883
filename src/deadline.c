/* SPDX-License-Identifier: MIT */
#include "deadline.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

/* What a signal handler can do: this was made before, and write(2) is safe there */
static char *late_text;
static size_t late_len;
static int late_status;
static volatile sig_atomic_t printing;

static void too_late(int signal)
{
	(void)signal;
	/* half of the output is out: adding to it would help nobody */
	if (!printing)
		(void)!write(STDOUT_FILENO, late_text, late_len);
	_exit(late_status);
}

void deadline_set(uint64_t ms, char *text, size_t len, int status)
{
	const struct itimerval timer = { .it_value = { .tv_sec = (time_t)(ms / 1000),
						       .tv_usec =
							       (suseconds_t)(ms % 1000 * 1000) } };
	struct sigaction action = { .sa_handler = too_late };
	sigset_t set;

	late_text = text;
	late_len = len;
	late_status = status;
	/* whoever started this may have blocked it (sigprocmask(2) is kept over exec) */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* cannot fail with these arguments */
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

void deadline_begin_output(void)
{
	printing = 1;
}
