/* SPDX-License-Identifier: MIT */
/* coroner watch: the list again and again, with what changed; or the changes alone. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/duration.h"
#include "cmd/watch_print.h"
#include "render/screen.h"

#define LEAST_MS 100
#define MOST_RECENT 32

struct watch_options {
	uint64_t interval_ms;
	uint64_t looks; /* 0: without end */
	bool events;
};

enum {
	OPT_EVENTS = 256,
};

static const struct option_spec options[] = {
	{ 'n', "interval", "DURATION", "the time between two looks (2s)" },
	{ 'c', "count", "NUMBER", "end after so many looks" },
	{ OPT_EVENTS, "events", NULL, "a line for each birth, reap and adoption" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct watch_options *o = own;
	char *end;

	if (id == OPT_EVENTS) {
		o->events = true;
		return 0;
	}
	if (id == 'n') {
		if (duration_parse(argument, &o->interval_ms) == 0 && o->interval_ms >= LEAST_MS)
			return 0;
		*ret_error = xasprintf(
			"--interval: '%s' is not valid: a duration of 100ms or more is wanted",
			argument);
		return -EINVAL;
	}
	errno = 0;
	o->looks = strtoull(argument, &end, 10);
	if (!errno && *argument >= '1' && *argument <= '9' && !*end)
		return 0;
	*ret_error =
		xasprintf("--count: '%s' is not valid: a number from 1 up is wanted", argument);
	return -EINVAL;
}

/* One run: the state, its face, and what has happened lately. */
struct session {
	struct watch watch;
	const struct watch_options *options; /* borrowed */
	struct watch_face face;
	struct watch_event recent[MOST_RECENT];
	bool live;	 /* the screen is open */
	int signals;	 /* signalfd */
	int64_t next_ns; /* CLOCK_MONOTONIC of the next look */
	int ended_by;	 /* a signal; 0: none */
	bool quit;
	bool left; /* whoever was at the other end of the input or output */
};

static void remember(struct session *s)
{
	for (size_t i = 0; i < s->watch.n_events; i++) {
		if (s->face.n_recent == MOST_RECENT) {
			memmove(s->recent, s->recent + 1, sizeof(s->recent) - sizeof(*s->recent));
			s->face.n_recent--;
		}
		s->recent[s->face.n_recent++] = s->watch.events[i];
	}
}

static void draw(struct session *s)
{
	struct screen_size size = screen_size();
	char *frame = NULL;
	size_t len;
	FILE *out = open_memstream(&frame, &len);

	if (!out)
		return;
	s->face.width = size.columns;
	s->face.rows = size.rows;
	watch_print_frame(&s->watch, &s->face, out);
	fclose(out);
	screen_draw(frame);
	free(frame);
}

static void print_events(const struct session *s, bool json)
{
	for (size_t i = 0; i < s->watch.n_events; i++) {
		if (json)
			watch_print_event_json(&s->watch.events[i], stdout);
		else
			watch_print_event(s->watch.ctx, &s->watch.events[i], stdout);
	}
}

static void show(struct session *s)
{
	const struct context *ctx = s->watch.ctx;

	if (s->live) {
		draw(s);
		return;
	}
	if (s->options->events) {
		print_events(s, ctx->options.json);
	} else if (ctx->options.json) {
		watch_print_json(&s->watch, stdout);
	} else {
		if (s->watch.looks > 1)
			putchar('\n');
		watch_print_frame(&s->watch, &s->face, stdout);
	}
	fflush(stdout);
}

static void take_key(struct session *s, int key)
{
	static const struct {
		int key;
		enum watch_sort sort;
	} sorts[] = { { 'z', SORT_ZOMBIES }, { 'o', SORT_OLDEST }, { 'n', SORT_NEW } };
	struct watch_face *f = &s->face;

	for (size_t i = 0; i < ARRAY_SIZE(sorts); i++)
		if (sorts[i].key == key)
			f->sort = sorts[i].sort;
	if (key == 'q' || key == 'Q')
		s->quit = true;
	else if (key == 'p' || key == ' ')
		f->paused = !f->paused;
	else if (key == 't')
		f->by_zombie = !f->by_zombie;
	else if (key == '+' && f->interval_s < 3600)
		f->interval_s *= 2;
	else if (key == '-' && f->interval_s > 2 * LEAST_MS / 1e3)
		f->interval_s /= 2;
}

/* Give the terminal back for as long as the shell has it: job control */
static void suspend(struct session *s)
{
	screen_close();
	raise(SIGSTOP);
	if (screen_open() < 0)
		s->quit = true;
}

static void take_signal(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGTSTP && s->live)
		suspend(s);
	else if (info.ssi_signo != SIGWINCH && info.ssi_signo != SIGTSTP)
		s->ended_by = (int)info.ssi_signo;
}

static int wait_ms(const struct session *s)
{
	int64_t left = (s->next_ns - clock_ns(CLOCK_MONOTONIC)) / 1000000;

	if (s->face.paused)
		return -1;
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left + 1;
}

/* Until the next look is due. False: the end has come. */
static bool wait_for_next(struct session *s)
{
	s->next_ns = clock_ns(CLOCK_MONOTONIC) + (int64_t)(s->face.interval_s * 1e9);
	while (s->face.paused || clock_ns(CLOCK_MONOTONIC) < s->next_ns) {
		struct pollfd fds[] = { { s->signals, POLLIN, 0 },
					/* without a screen: POLLERR once nobody reads any more */
					{ s->live ? STDIN_FILENO : STDOUT_FILENO,
					  s->live ? POLLIN : 0, 0 } };
		int key;

		if (poll(fds, ARRAY_SIZE(fds), wait_ms(s)) < 0 && errno != EINTR)
			return false;
		if (fds[0].revents)
			take_signal(s);
		while (s->live && (key = screen_key()))
			take_key(s, key);
		s->left = fds[1].revents & (POLLERR | POLLHUP | POLLNVAL);
		if (s->quit || s->ended_by || s->left)
			return false;
		if (s->live && (fds[0].revents || fds[1].revents))
			draw(s);
	}
	return true;
}

/* What would end the process must find the terminal restored first */
static int open_signals(sigset_t *ret_before)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		sigaddset(&set, list[i]);
	if (sigprocmask(SIG_BLOCK, &set, ret_before) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int loop(struct session *s)
{
	do {
		int r = watch_look(&s->watch);

		if (r < 0)
			return r;
		remember(s);
		show(s);
		if (!s->live && ferror(stdout))
			return 0; /* main() says it */
		if (s->options->looks && s->watch.looks >= s->options->looks)
			return 0;
	} while (wait_for_next(s));
	if (!s->left || s->live)
		return 0;
	/* nothing need have been written since, for main() to say it */
	complain("cannot write the output: %s", strerror(EPIPE));
	return -EPIPE;
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	struct watch_options *o = own;
	struct session s = { .watch.ctx = ctx, .options = o };
	sigset_t before;
	int r;

	(void)n_args;
	(void)args;
	s.face.interval_s = o->interval_ms ? (double)o->interval_ms / 1e3 : 2;
	s.face.recent = s.recent;
	s.signals = open_signals(&before);
	if (s.signals < 0) {
		complain("cannot wait for signals: %s", strerror(errno));
		return EXIT_NOT_DONE;
	}
	if (!o->events && !ctx->options.json && ctx->width)
		s.live = screen_open() == 0;
	r = loop(&s);
	screen_close();
	close(s.signals);
	watch_done(&s.watch);
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* an interrupt is the usual way to end it; the others are told as what they are */
	if (s.ended_by && s.ended_by != SIGINT) {
		fflush(stdout);
		signal(s.ended_by, SIG_DFL);
		raise(s.ended_by);
	}
	return r < 0 ? EXIT_NOT_DONE : EXIT_DONE;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "Show the list again and again, and what changed",
	.options = options,
	.own_size = sizeof(struct watch_options),
	.take_option = take_option,
	.run = run,
	.usage_status = EXIT_USAGE,
	.repeats = true,
};
