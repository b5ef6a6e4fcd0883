/* SPDX-License-Identifier: MIT */
/*
 * coroner watch: the list again and again, with what changed; or the changes alone. It is a loop by nature, so
 * it has no collect: each look collects (case/watch/watch_state.h), and is shown at once in the form asked for.
 */
#include <errno.h>

#include "base/duration.h"
#include "cmd/cmd.h"
#include "cmd/watch_screen.h"
#include "render/live.h"
#include "render/screen.h"
#include "show/watch.h"

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
	{ OPT_EVENTS, "events", NULL, "a line for each death, reap and adoption" },
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
		if (duration_parse(argument, &o->interval_ms) == 0 &&
		    o->interval_ms >= WATCH_LEAST_MS)
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

/* One run: what was seen, its face, and the view that it is shown in. */
struct session {
	const struct context *ctx; /* borrowed, as the next */
	const struct watch_options *options;
	struct watch_view view;
	struct watch_screen screen;
	struct live live;
	bool quit;
	bool at_once; /* the next look is due now */
};

static void (*form_of(const struct session *s))(const struct answer *a)
{
	if (s->options->events)
		return s->ctx->options.json ? watch_events_json : watch_events_text;
	return s->ctx->options.json ? watch_json : watch_text;
}

static void show_on(const struct session *s, FILE *out)
{
	const struct answer a = { &s->ctx->sight, &s->ctx->terminal, &s->view, out };

	form_of(s)(&a);
}

static void show(struct session *s)
{
	if (s->live.screen) {
		watch_screen_draw(&s->screen);
		return;
	}
	show_on(s, stdout);
	(void)fflush(stdout); /* an error of it stays in ferror(stdout) */
}

static void take_key(struct session *s, int key)
{
	enum watch_wish wish = watch_screen_key(&s->screen, key);

	s->quit |= wish == WATCH_WISH_QUIT;
	s->at_once |= wish == WATCH_WISH_LOOK;
}

/* Until the next look is due: 1 then, 0 where the end has come, or a negative errno, of which it is told */
static int wait_for_next(struct session *s)
{
	const struct watch_face *face = &s->view.face;
	const int64_t next_ns = clock_ns(CLOCK_MONOTONIC) + (int64_t)(face->interval_s * 1e9);

	s->at_once = false;
	while (face->paused || clock_ns(CLOCK_MONOTONIC) < next_ns) {
		int came = live_wait(&s->live, face->paused ? -1 : next_ns), key;

		if (came < 0) {
			sight_fail(s->view.watch.sight, "cannot wait for the next look: %s",
				   strerror(-came));
			return came;
		}
		while (s->live.screen && !s->quit && (key = screen_key()))
			take_key(s, key);
		if (s->quit || live_ended(&s->live))
			return 0;
		if (s->at_once)
			break;
		if (s->live.screen && came)
			watch_screen_draw(&s->screen);
	}
	return 1;
}

/* A signal cuts the settle time short; one that does not end the run has it begin anew */
static int look(struct session *s)
{
	int r;

	while ((r = watch_look(&s->view.watch)) == -EINTR) {
		live_take_signal(&s->live);
		if (live_ended(&s->live))
			return 0;
	}
	return r;
}

static int loop(struct session *s)
{
	const struct watch *w = &s->view.watch;
	int more;

	do {
		int r = look(s);

		if (r < 0)
			return r;
		if (live_ended(&s->live))
			return 0;
		show(s);
		if (!s->live.screen && ferror(stdout))
			return 0; /* main() says it */
		if (s->options->looks && w->looks >= s->options->looks)
			return 0;
		more = wait_for_next(s);
	} while (more > 0);
	if (more < 0)
		return more;
	if (!s->live.left || s->live.screen)
		return 0;
	/* nothing need have been written since, for main() to say it */
	complain("cannot write the output: %s", strerror(EPIPE));
	return -EPIPE;
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	const struct watch_options *o = own;
	struct session s = { .ctx = ctx,
			     .options = o,
			     .view = { .watch = { .sight = &ctx->sight } } };
	int r;

	(void)n_args;
	(void)args;
	s.screen.ctx = ctx;
	s.screen.view = &s.view;
	s.view.watch.tells_found = o->events;
	s.view.face.interval_s = o->interval_ms ? (double)o->interval_ms / 1e3 : 2;
	r = live_open(&s.live, !o->events && !ctx->options.json && ctx->terminal.width);
	if (r < 0) {
		complain("cannot wait for signals: %s", strerror(-r));
		return EXIT_NOT_DONE;
	}
	ctx->sight.interrupt_fd = s.live.signals;
	r = loop(&s);
	watch_screen_done(&s.screen);
	watch_done(&s.view.watch);
	live_close(&s.live);
	return r < 0 ? EXIT_NOT_DONE : EXIT_DONE;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "Show the list again and again, and what changed",
	.options = options,
	.own_size = sizeof(struct watch_options),
	.take_option = take_option,
	.run = run,
	.counts_users = true,
	.usage_status = EXIT_USAGE,
	.repeats = true,
};
