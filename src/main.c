/* SPDX-License-Identifier: MIT */
/* The way from the command line to a command, and from its answer to the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "again.h"
#include "base/duration.h"
#include "base/file.h"
#include "base/memstream.h"
#include "deadline.h"
#include "guard.h"
#include "help.h"
#include "inspect/presence.h"
#include "options.h"
#include "render/text.h"
#include "show/json/process.h"
#include "words/remarks.h"

static bool right_number_of_operands(struct context *ctx, int n, char **args)
{
	const struct command *c = ctx->command;

	if (n < c->min_args && !(c->scope_will_do && (ctx->sight.pid_ns || ctx->sight.container))) {
		sight_fail(&ctx->sight, "%s: %s is wanted", c->name, c->arguments);
		return false;
	}
	if (c->max_args >= 0 && n > c->max_args) {
		sight_fail(&ctx->sight, "%s: '%s' is one operand too many", c->name,
			   args[c->max_args]);
		return false;
	}
	return true;
}

/* Bad surroundings are no bad usage; but a check has one status for both */
static int failure_status(const struct command *c)
{
	return c->usage_status == EXIT_USAGE ? EXIT_NOT_DONE : c->usage_status;
}

/* Open the trees, look at the terminal. Returns 0; or a negative errno, and why is among the problems */
static int look_around(struct context *ctx)
{
	const struct global_options *g = &ctx->options;
	struct sight *s = &ctx->sight;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool tty = isatty(STDOUT_FILENO);
	struct winsize size = { 0 };
	int r;

	s->procfd = open(s->procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->procfd < 0) {
		r = -errno;
		sight_fail(s, "cannot open %s: %s", s->procfs, strerror(errno));
		return r;
	}
	s->own_proc = presence_is_own_proc(s->procfd);
	if (!s->own_proc && (r = file_shortage()) < 0) {
		sight_fail(s, "cannot look below %s: %s", s->procfs, strerror(-r));
		return r;
	}
	s->cgroupfd = open(s->cgroupfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->cgroupfd < 0) {
		(void)file_error(errno); /* there need be none, but for file_shortage() */
		if (!streq(s->cgroupfs, DEFAULT_CGROUPFS))
			sight_note(
				s,
				"--cgroupfs=%s cannot be opened: %s; no limit of a cgroup is known",
				s->cgroupfs, strerror(errno));
	}
	ctx->terminal.utf8 = text_locale_is_utf8();
	if (tty)
		ctx->terminal.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ?
					      size.ws_col :
					      80;
	ctx->terminal.color = g->color == COLOR_ALWAYS ||
			      (g->color == COLOR_AUTO && tty && !(no_color && *no_color) &&
			       !(term && streq(term, "dumb")));
	return 0;
}

/* A full disk or a closed pipe shows when the last of the output is written, at the latest */
static int finish_output(const struct command *c, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("cannot write the output: %s", strerror(errno ? errno : EIO));
	return failure_status(c);
}

/* The form that is asked for. Complains of a contradiction, and of a form that the command lacks. */
static int choose_form(struct context *ctx, const void *own)
{
	const struct command *c = ctx->command;
	const char *option = NULL;

	ctx->form = c->asks_for ? c->asks_for(own, &option) : FORM_TEXT;
	if (!ctx->options.json)
		return 0;
	if (ctx->form == FORM_OPENMETRICS || ctx->form == FORM_FILE) {
		sight_fail(&ctx->sight, "%s has no JSON form: it prints OpenMetrics text", c->name);
		return -EINVAL;
	}
	if (ctx->form != FORM_TEXT && ctx->form != FORM_JSON) {
		sight_fail(&ctx->sight, "%s: --json and %s contradict each other", c->name, option);
		return -EINVAL;
	}
	ctx->form = FORM_JSON;
	return 0;
}

static void show(const struct context *ctx, const void *facts, FILE *out)
{
	const struct answer answer = { &ctx->sight, &ctx->terminal, facts, out };

	for (const struct showing *s = ctx->command->shows; s->show; s++)
		if (s->form == ctx->form)
			s->show(&answer);
}

/* Show in the form asked for that nothing was found out, and why. Returns the exit status */
static int show_failure(struct context *ctx, const void *own, const char *why, bool late, FILE *out)
{
	const struct answer answer = { &ctx->sight, &ctx->terminal, NULL, out };
	const struct command *c = ctx->command;
	auto_free void *facts = NULL;
	int status;

	ctx->sight.census = NULL; /* it went with the facts */
	if (!c->failed) {
		if (ctx->form == FORM_JSON)
			json_failure(&answer, c->name);
		return failure_status(c);
	}
	facts = xcalloc(1, c->facts_size);
	status = c->failed(own, why, late, facts);
	show(ctx, facts, out);
	c->done(facts);
	return status;
}

/* The same where why is among the problems */
static int show_problems(struct context *ctx, const void *own)
{
	const struct remarks *problems = &ctx->sight.problems;
	auto_free char *why = problems->n ? remark_words(&problems->list[0]) :
					    xstrdup("see standard error");

	context_complain_all(ctx);
	return show_failure(ctx, own, why, false, stdout);
}

/* Whoever knows the statuses of one command alone reads its output, too */
static int bad_usage(struct context *ctx, const void *own)
{
	const struct command *c = ctx->command;

	if (c->usage_status == EXIT_USAGE)
		context_complain_all(ctx);
	else
		(void)show_problems(ctx, own); /* that status is for what could not be seen */
	return finish_output(c, c->usage_status);
}

/*
 * From here on the command's time runs, and what is said when it is up is prepared. Returns true where a child has
 * looked in its place, and *ret is the exit status.
 */
static bool is_done_in_time(struct context *ctx, const void *own, int *ret)
{
	uint64_t ms = ctx->command->gives_up_after_ms(own);
	auto_free char *late = xasprintf("gave up after %g s", (double)ms / 1000);
	auto_free char *killed = NULL;
	char *text = NULL;
	size_t len;
	FILE *out;

	switch (sight_may_hang(&ctx->sight) ? guard_begin(ms, ret) : GUARD_NO_CHILD) {
	case GUARD_LOOK:
		return false;
	case GUARD_DONE:
		return true;
	case GUARD_LATE:
		*ret = show_failure(ctx, own, late, true, stdout);
		return true;
	case GUARD_KILLED:
		killed = xasprintf("ended by signal %d", *ret);
		*ret = show_failure(ctx, own, killed, false, stdout);
		return true;
	case GUARD_NO_CHILD:
		break;
	}
	out = memstream_open(&text, &len);
	*ret = show_failure(ctx, own, late, true, out);
	if (fclose(out) == 0)
		deadline_set(ms, text, len, *ret);
	return false;
}

/* Look, show what was found in the form that is asked for: the way of every command */
static int answer(struct context *ctx, const void *own, int n, char **args)
{
	const struct command *c = ctx->command;
	auto_free void *facts = xcalloc(1, c->facts_size);
	int status;

	status = c->collect(ctx, own, n, args, facts);
	sight_read_all(&ctx->sight);
	if (sight_complete(&ctx->sight) < 0 && status >= 0)
		status = failure_status(c);
	context_complain_all(ctx);
	deadline_begin_output();
	if (status >= 0)
		show(ctx, facts, stdout);
	c->done(facts);
	if (status == COLLECT_BAD_USAGE)
		return bad_usage(ctx, own);
	return status < 0 ? show_problems(ctx, own) : status;
}

/* The options are wrong: those that were read say in which form that is told */
static int misread(struct context *ctx, const void *own)
{
	context_complain_all(ctx);
	fprintf(stderr, "Try 'coroner --help'.\n");
	(void)choose_form(ctx, own);
	return bad_usage(ctx, own);
}

static bool goes_together(struct context *ctx, const void *own, int n, char **args)
{
	if (!right_number_of_operands(ctx, n, args)) {
		context_complain_all(ctx);
		fprintf(stderr, "Try 'coroner %s --help'.\n", ctx->command->name);
		return false;
	}
	if (ctx->command->settles_nothing && ctx->options.settle_given) {
		sight_fail(&ctx->sight, "%s: --settle does nothing there, and does not go with it",
			   ctx->command->name);
		return false;
	}
	return choose_form(ctx, own) == 0;
}

/* It needs no trees: what it cannot look at is its answer. One line of it is the same in all forms. */
static int show_version(struct context *ctx)
{
	const struct command *asked = ctx->command; /* whose exit statuses hold */

	ctx->command = &command_version;
	ctx->form = ctx->options.json && ctx->options.verbose ? FORM_JSON : FORM_TEXT;
	return finish_output(asked, answer(ctx, NULL, 0, NULL));
}

static uint64_t again_after_ms(const struct context *ctx, const void *own)
{
	return ctx->command->again_after_ms ? ctx->command->again_after_ms(own) : 0;
}

static int run(struct context *ctx, void *own, int argc, char **argv)
{
	int status;

	if (!goes_together(ctx, own, argc, argv))
		return bad_usage(ctx, own);
	if (!ctx->options.settle_given)
		ctx->sight.settle_ms = ctx->command->settle_ms;
	ctx->sight.whole = ctx->form == FORM_JSON;
	ctx->sight.repeats = ctx->command->repeats || again_after_ms(ctx, own) > 0;
	ctx->sight.counts_users = ctx->command->counts_users;
	ctx->sight.rights_kept = ctx->command->capabilities;
	if (ctx->command->gives_up_after_ms && is_done_in_time(ctx, own, &status))
		return finish_output(ctx->command, status);
	if (look_around(ctx) < 0) {
		status = show_problems(ctx, own);
		return finish_output(ctx->command, status);
	}
	if (ctx->command->run)
		status = ctx->command->run(ctx, own, argc, argv);
	else
		status = answer(ctx, own, argc, argv);
	context_complain_all(ctx);
	sight_read_all(&ctx->sight);
	context_print_notes(ctx);
	if (sight_complete(&ctx->sight) < 0)
		status = failure_status(ctx->command);
	context_complain_all(ctx);
	return finish_output(ctx->command, status);
}

/* Once, or again and again until it fails or is told to end; anew: the whole command line, for that */
static int run_as_asked(struct context *ctx, void *own, int argc, char **argv, char **anew)
{
	int64_t began_ms = clock_ns(CLOCK_MONOTONIC) / 1000000;
	uint64_t every_ms = again_after_ms(ctx, own);
	int status, r;

	if (every_ms > 0)
		again_begin();
	status = run(ctx, own, argc, argv);
	if (every_ms == 0 || status != EXIT_DONE)
		return status;
	r = again_wait_and_run(every_ms, began_ms, anew);
	if (r < 0)
		complain("cannot look again: %s", strerror(-r));
	return r < 0 ? failure_status(ctx->command) : EXIT_DONE;
}

/* The words of argv, before the options are sorted to its front; NULL behind the last */
static char **copy_words(int argc, char **argv)
{
	char **words = xcalloc((size_t)argc + 1, sizeof(*words));

	for (int i = 0; i < argc; i++)
		words[i] = argv[i];
	return words;
}

/* "coroner help [COMMAND]" and "coroner version" are the options of that name; where the command is */
static int locate_command(int argc, char **argv)
{
	static char help[] = "--help", version[] = "--version";
	int at;

	while ((at = options_locate_command(argc, argv)) > 0) {
		if (streq(argv[at], "help"))
			argv[at] = help;
		else if (streq(argv[at], "version"))
			argv[at] = version;
		else
			break;
	}
	return at;
}

int main(int argc, char **argv)
{
	struct context ctx = { .command = &command_list,
			       .sight = { .procfs = "/proc", .cgroupfs = DEFAULT_CGROUPFS } };
	auto_free char **anew = copy_words(argc, argv);
	int at = locate_command(argc, argv), status;
	auto_free void *own = NULL;

	setlocale(LC_ALL, "");
	/* numbers are for programs too: some locales have a decimal point of two bytes */
	setlocale(LC_NUMERIC, "C");
	/* a reader that went away is an error of the output, with a message like any other */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* RLIMIT_FSIZE: an error to tell, and to clean up after */
	if (at && !options_command(argv[at])) {
		help_no_command(argv[at]);
		return EXIT_USAGE;
	}
	if (at) {
		ctx.command = options_command(argv[at]);
		memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof(*argv));
		argc--;
	}
	out_of_memory_status(failure_status(ctx.command));
	json_begin();
	if (context_limit_rights(&ctx) < 0)
		return failure_status(ctx.command);
	own = xcalloc(1, ctx.command->own_size);
	switch (options_parse(&ctx, own, argc, argv)) {
	case PARSED_HELP:
		help_print(at ? ctx.command : NULL);
		return finish_output(ctx.command, EXIT_DONE);
	case PARSED_VERSION:
		if (optind < argc) {
			sight_fail(&ctx.sight, "--version: '%s' is one operand too many",
				   argv[optind]);
			return misread(&ctx, own);
		}
		return show_version(&ctx);
	case PARSED_RUN:
		break;
	default:
		return misread(&ctx, own);
	}
	status = run_as_asked(&ctx, own, argc - optind, argv + optind, anew);
	sight_done(&ctx.sight);
	return status;
}
