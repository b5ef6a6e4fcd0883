/* SPDX-License-Identifier: MIT */
/* The command table, the global options, and the way from the command line to a command. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/duration.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "render/text.h"

static const struct command *const commands[] = {
	&command_list,	   &command_explain,	&command_signals, &command_reaper, &command_orphans,
	&command_headroom, &command_namespaces, &command_tree,	  &command_nudge,  &command_probe,
	&command_check,	   &command_metrics,	&command_watch,
};

enum global_id {
	OPT_JSON = 1000,
	OPT_SOURCE,
	OPT_PROCFS,
	OPT_CGROUPFS,
	OPT_PID_NS,
	OPT_CONTAINER,
	OPT_SETTLE,
	OPT_COLOR,
	OPT_HELP = 'h',
	OPT_VERSION = 'V',
	OPT_VERBOSE = 'v',
};

static const struct option_spec global_options[] = {
	{ OPT_JSON, "json", NULL, "print one JSON object (coroner-json(5))" },
	{ OPT_SOURCE, "source", "SOURCE", "auto, bpf or procfs: where the census comes from" },
	{ OPT_PROCFS, "procfs", "DIR", "a mount of proc elsewhere than /proc" },
	{ OPT_CGROUPFS, "cgroupfs", "DIR", "the cgroup tree elsewhere than /sys/fs/cgroup" },
	{ OPT_PID_NS, "pid-ns", "INODE|PID", "only this PID namespace, or the one PID is in" },
	{ OPT_CONTAINER, "container", "ID", "only the container whose id begins so" },
	{ OPT_SETTLE, "settle", "DURATION", "count only zombies still there after it (500ms, 2s)" },
	{ OPT_COLOR, "color", "WHEN", "auto, always or never" },
	{ OPT_HELP, "help", NULL, "print this help" },
	{ OPT_VERSION, "version", NULL, "print the version" },
	{ OPT_VERBOSE, "verbose", NULL, "with --version: its rights, and what more would add" },
	{ 0 },
};

#define MAX_OPTIONS 48

static void print_options(const char *title, const struct option_spec *o)
{
	if (!o || !o->name)
		return;
	printf("\n%s:\n", title);
	for (; o->name; o++) {
		auto_free char *name = xasprintf("%s%s%s", o->name, o->argument ? "=" : "",
						 o->argument ? o->argument : "");

		if (o->id < 256)
			printf("  -%c, --%-20s %s\n", o->id, name, o->help);
		else
			printf("      --%-20s %s\n", name, o->help);
	}
}

static void print_help(const struct command *command)
{
	if (command) {
		printf("Usage: coroner [OPTIONS] %s%s%s\n\n%s.\n", command->name,
		       command->arguments ? " " : "", command->arguments ? command->arguments : "",
		       command->summary);
		if (command->effects)
			printf("%s\n", command->effects);
		print_options("Options", command->options);
		print_options("Global options", global_options);
		return;
	}
	puts("Usage: coroner [OPTIONS] [COMMAND] [ARGS]\n\n"
	     "Explain zombie and orphan processes: who is to blame, why they stay, what helps.\n"
	     "Start with 'coroner' (the same as 'coroner list'), then 'coroner explain PID'.\n\n"
	     "Commands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		auto_free char *usage =
			xasprintf("%s%s%s", commands[i]->name, commands[i]->arguments ? " " : "",
				  commands[i]->arguments ? commands[i]->arguments : "");

		printf("  %-22s  %s\n", usage, commands[i]->summary);
	}
	print_options("Options of list", command_list.options);
	print_options("Global options", global_options);
	puts("\n'coroner COMMAND --help' tells the options of one command.");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* getopt_long(3)'s two forms of the option tables */
struct getopt_tables {
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 2];
	size_t n, n_shorts;
};

static void add_options(struct getopt_tables *t, const struct option_spec *o)
{
	for (; o && o->name && t->n < MAX_OPTIONS; o++) {
		t->longs[t->n++] = (struct option){ o->name,
						    o->argument ? required_argument : no_argument,
						    NULL, o->id };
		if (o->id >= 256)
			continue;
		t->shorts[t->n_shorts++] = (char)o->id;
		if (o->argument)
			t->shorts[t->n_shorts++] = ':';
	}
}

/*
 * The command is the first operand, wherever it stands; options before it may be global ones or,
 * where none is named, those of the default command. Returns its place in argv, 0 for none.
 */
static int locate_command(int argc, char **argv)
{
	struct getopt_tables t = { .shorts = "+", .n_shorts = 1 };

	add_options(&t, global_options);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		add_options(&t, commands[i]->is_default ? commands[i]->options : NULL);
	opterr = 0;
	optind = 1;
	while (getopt_long(argc, argv, t.shorts, t.longs, NULL) != -1)
		;
	opterr = 1;
	/* after "--" come operands only */
	return optind < argc && !streq(argv[optind - 1], "--") ? optind : 0;
}

static int bad_value(const char *option, const char *value, const char *wanted)
{
	complain("--%s: '%s' is not valid: %s", option, value, wanted);
	return -EINVAL;
}

static int choose(const char *option, const char *value, const char *const *names, int *ret)
{
	for (int i = 0; names[i]; i++) {
		if (streq(names[i], value)) {
			*ret = i;
			return 0;
		}
	}
	complain("--%s: '%s' is not valid: %s, %s or %s is wanted", option, value, names[0],
		 names[1], names[2]);
	return -EINVAL;
}

static int take_pid_ns(struct global_options *g, const char *value)
{
	if (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 19)
		return bad_value("pid-ns", value,
				 "the inode number of a PID namespace or a PID is wanted");
	g->pid_ns = value;
	return 0;
}

static int take_global(struct global_options *g, int id, const char *value)
{
	static const char *const sources[] = { "auto", "bpf", "procfs", NULL };
	static const char *const colors[] = { "auto", "always", "never", NULL };
	int choice = 0, r = 0;

	switch (id) {
	case OPT_JSON:
		g->json = true;
		break;
	case OPT_VERBOSE:
		g->verbose = true;
		break;
	case OPT_SOURCE:
		r = choose("source", value, sources, &choice);
		g->source = (enum census_source)choice;
		break;
	case OPT_PROCFS:
		g->procfs = value;
		break;
	case OPT_CGROUPFS:
		g->cgroupfs = value;
		break;
	case OPT_PID_NS:
		return take_pid_ns(g, value);
	case OPT_CONTAINER:
		if (!*value)
			return bad_value("container", value, "the beginning of an id is wanted");
		g->container = value;
		break;
	case OPT_SETTLE:
		g->settle_given = true;
		if (duration_parse(value, &g->settle_ms) < 0)
			return bad_value("settle", value,
					 "a duration such as 500ms, 2s or 5m is wanted");
		break;
	case OPT_COLOR:
		r = choose("color", value, colors, &choice);
		g->color = (enum color_mode)choice;
		break;
	default:
		r = -EINVAL;
		break;
	}
	return r;
}

enum parsed {
	PARSED_RUN,
	PARSED_HELP,
	PARSED_VERSION,
	PARSED_BAD,
};

static bool is_global(int id)
{
	return (id >= OPT_JSON && id <= OPT_COLOR) || id == OPT_HELP || id == OPT_VERSION ||
	       id == OPT_VERBOSE;
}

static enum parsed parse(struct context *ctx, void *own, int argc, char **argv)
{
	struct getopt_tables t = { .n = 0 };
	enum parsed result = PARSED_RUN;
	int id;

	add_options(&t, global_options);
	add_options(&t, ctx->command->options);
	optind = 0; /* start anew: getopt_long(3) */
	while ((id = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		auto_free char *error = NULL;

		if (id == '?')
			return PARSED_BAD;
		if (id == OPT_HELP || id == OPT_VERSION) {
			result = id == OPT_HELP ? PARSED_HELP : PARSED_VERSION;
			continue;
		}
		if (is_global(id)) {
			if (take_global(&ctx->options, id, optarg) < 0)
				return PARSED_BAD;
			continue;
		}
		if (ctx->command->take_option(own, id, optarg, &error) < 0) {
			complain("%s", error);
			return PARSED_BAD;
		}
	}
	return result;
}

static bool right_number_of_operands(const struct command *c, int n, char **args)
{
	if (n < c->min_args) {
		complain("%s: %s is wanted", c->name, c->arguments);
		return false;
	}
	if (c->max_args >= 0 && n > c->max_args) {
		complain("%s: '%s' is one operand too many", c->name, args[c->max_args]);
		return false;
	}
	return true;
}

/* Bad surroundings are no bad usage; but a check has one status for both */
static int failure_status(const struct command *c)
{
	return c->usage_status == EXIT_USAGE ? EXIT_NOT_DONE : c->usage_status;
}

/* Open the trees, look at the terminal. Complains; returns 0 or a negative errno. */
static int look_around(struct context *ctx)
{
	const struct global_options *g = &ctx->options;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool tty = isatty(STDOUT_FILENO);
	struct winsize size = { 0 };

	ctx->procfd = open(g->procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctx->procfd < 0) {
		int r = -errno;

		complain("cannot open %s: %s", g->procfs, strerror(errno));
		return r;
	}
	ctx->own_proc = context_is_own_proc(ctx->procfd);
	ctx->cgroupfd = open(g->cgroupfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctx->cgroupfd < 0)
		(void)file_error(errno); /* there need be none, but for file_shortage() */
	ctx->utf8 = text_locale_is_utf8();
	if (tty)
		ctx->width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ?
				     size.ws_col :
				     80;
	ctx->color = g->color == COLOR_ALWAYS ||
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

static int run(struct context *ctx, void *own, int argc, char **argv)
{
	int status;

	if (!right_number_of_operands(ctx->command, argc, argv)) {
		fprintf(stderr, "Try 'coroner %s --help'.\n", ctx->command->name);
		return ctx->command->usage_status;
	}
	if (ctx->command->unscoped && (ctx->options.pid_ns || ctx->options.container)) {
		complain("%s: --pid-ns and --container do not go with it", ctx->command->name);
		return ctx->command->usage_status;
	}
	if (!ctx->options.settle_given)
		ctx->options.settle_ms = ctx->command->settle_ms;
	if (look_around(ctx) < 0) {
		status = ctx->command->could_not_look ? ctx->command->could_not_look(ctx, own) :
							failure_status(ctx->command);
		return finish_output(ctx->command, status);
	}
	status = ctx->command->run(ctx, own, argc, argv);
	context_print_notes(ctx);
	if (context_complete() < 0)
		status = failure_status(ctx->command);
	return finish_output(ctx->command, status);
}

/* A PID alone is most likely meant for the command that takes any */
static void complain_no_command(const char *word)
{
	if (*word && strspn(word, "0123456789") == strlen(word))
		complain("there is no command '%s'; did you mean 'coroner explain %s'?", word,
			 word);
	else
		complain("there is no command '%s'", word);
}

int main(int argc, char **argv)
{
	struct context ctx = { .command = &command_list,
			       .options = { .procfs = "/proc", .cgroupfs = "/sys/fs/cgroup" } };
	int at = locate_command(argc, argv), status;
	auto_free void *own = NULL;

	setlocale(LC_ALL, "");
	/* a reader that went away is an error of the output, with a message like any other */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* RLIMIT_FSIZE: an error to tell, and to clean up after */
	if (at && !find_command(argv[at])) {
		complain_no_command(argv[at]);
		fprintf(stderr, "Try 'coroner --help'.\n");
		return EXIT_USAGE;
	}
	if (at) {
		ctx.command = find_command(argv[at]);
		memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof(*argv));
		argc--;
	}
	if (context_limit_rights(&ctx) < 0)
		return failure_status(ctx.command);
	own = xcalloc(1, ctx.command->own_size);
	switch (parse(&ctx, own, argc, argv)) {
	case PARSED_HELP:
		print_help(at ? ctx.command : NULL);
		return finish_output(ctx.command, EXIT_DONE);
	case PARSED_VERSION:
		if (optind < argc) {
			complain("--version: '%s' is one operand too many", argv[optind]);
			fprintf(stderr, "Try 'coroner --help'.\n");
			return ctx.command->usage_status;
		}
		version_print(&ctx);
		return finish_output(ctx.command, EXIT_DONE);
	case PARSED_RUN:
		break;
	default:
		fprintf(stderr, "Try 'coroner --help'.\n");
		return ctx.command->usage_status;
	}
	status = run(&ctx, own, argc - optind, argv + optind);
	for (size_t i = 0; i < ctx.n_notes; i++)
		free(ctx.notes[i]);
	free(ctx.notes);
	return status;
}
