/* SPDX-License-Identifier: MIT */
#include "render/live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/base.h"
#include "base/duration.h"
#include "render/screen.h"

int live_open(struct live *l, bool screen)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };
	sigset_t set;

	*l = (struct live){ 0 };
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		sigaddset(&set, list[i]);
	if (sigprocmask(SIG_BLOCK, &set, &l->before) < 0)
		return -errno;
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signals < 0)
		return -errno;
	l->screen = screen && screen_open() == 0;
	return 0;
}

void live_close(struct live *l)
{
	screen_close();
	close(l->signals);
	sigprocmask(SIG_SETMASK, &l->before, NULL);
	if (!l->ended_by || l->ended_by == SIGINT)
		return;
	(void)fflush(stdout);
	(void)signal(l->ended_by, SIG_DFL);
	(void)raise(l->ended_by);
}

/* Give the terminal back for as long as the shell has it: job control */
static void suspend(struct live *l)
{
	screen_close();
	(void)raise(SIGSTOP);
	l->lost = screen_open() < 0;
}

void live_take_signal(struct live *l)
{
	struct signalfd_siginfo info;

	if (read(l->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGTSTP && l->screen)
		suspend(l);
	else if (info.ssi_signo != SIGWINCH && info.ssi_signo != SIGTSTP)
		l->ended_by = (int)info.ssi_signo;
}

static int wait_ms(int64_t until_ns)
{
	int64_t left = (until_ns - clock_ns(CLOCK_MONOTONIC)) / 1000000;

	if (until_ns < 0)
		return -1;
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left + 1;
}

int live_wait(struct live *l, int64_t until_ns)
{
	struct pollfd fds[] = { { l->signals, POLLIN, 0 },
				/* without a screen: POLLERR once nobody reads any more */
				{ l->screen ? STDIN_FILENO : STDOUT_FILENO, l->screen ? POLLIN : 0,
				  0 } };

	if (poll(fds, ARRAY_SIZE(fds), wait_ms(until_ns)) < 0 && errno != EINTR)
		return -errno;
	if (fds[0].revents)
		live_take_signal(l);
	l->left = fds[1].revents & (POLLERR | POLLHUP | POLLNVAL);
	return fds[0].revents || fds[1].revents;
}
