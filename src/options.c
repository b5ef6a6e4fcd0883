/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "base/duration.h"
#include "render/text.h"

const struct command *const commands[] = {
	&command_list,	   &command_explain,	&command_signals, &command_reaper, &command_orphans,
	&command_headroom, &command_namespaces, &command_tree,	  &command_nudge,  &command_probe,
	&command_reap,	   &command_check,	&command_metrics, &command_watch,  NULL,
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
	OPT_QUIET = 'q',
};

const struct option_spec global_options[] = {
	{ OPT_JSON, "json", NULL, "print one JSON object (coroner-json(5))" },
	{ OPT_SOURCE, "source", "SOURCE", "auto, bpf or procfs: where the census comes from" },
	{ OPT_PROCFS, "procfs", "DIR", "a mount of proc elsewhere than /proc" },
	{ OPT_CGROUPFS, "cgroupfs", "DIR", "the cgroup tree elsewhere than /sys/fs/cgroup" },
	{ OPT_PID_NS, "pid-ns", "INODE|PID", "only this PID namespace, or the one PID is in" },
	{ OPT_CONTAINER, "container", "ID", "only the container whose id begins so" },
	{ OPT_SETTLE, "settle", "DURATION", "count only zombies still there after it (500ms, 2s)" },
	{ OPT_COLOR, "color", "WHEN", "auto, always or never" },
	{ OPT_QUIET, "quiet", NULL, "no notes on standard error of what was not seen" },
	{ OPT_HELP, "help", NULL, "print this help" },
	{ OPT_VERSION, "version", NULL, "print the version" },
	{ OPT_VERBOSE, "verbose", NULL, "with --version: its rights, and what more would add" },
	{ 0 },
};

#define MAX_OPTIONS 48

const struct command *options_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
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
 * The first operand behind the global options and these. 0: there is none. *all_known: every word before it was
 * an option of these, or the value of one.
 */
static int locate_operand(int argc, char **argv, const struct option_spec *options, bool *all_known)
{
	struct getopt_tables t = { .shorts = "+", .n_shorts = 1 };
	int id;

	add_options(&t, global_options);
	add_options(&t, options);
	opterr = 0; /* refuse() says it, with what was typed made safe */
	optind = 0; /* start anew: getopt_long(3) */
	*all_known = true;
	while ((id = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1)
		*all_known = *all_known && id != '?';
	/* after "--" come operands only */
	return optind < argc && !streq(argv[optind - 1], "--") ? optind : 0;
}

/* Behind an option of a command's own its value stands before the command: "-c 3 watch". 0: no such command */
static int locate_owner(int argc, char **argv, int from)
{
	for (int i = from; i < argc && !streq(argv[i], "--"); i++) {
		const struct command *c = options_command(argv[i]);
		bool all_known;

		if (c && locate_operand(argc, argv, c->options, &all_known) == i && all_known)
			return i;
	}
	return 0;
}

/* These two main() takes for the options of that name */
static bool is_command(const char *word)
{
	return options_command(word) || streq(word, "help") || streq(word, "version");
}

int options_locate_command(int argc, char **argv)
{
	bool all_known;
	int at = locate_operand(argc, argv, command_list.options, &all_known);

	if (!at || all_known || is_command(argv[at]))
		return at;
	/* no such option is the first that is wrong, and what list says of it */
	return locate_owner(argc, argv, at + 1);
}

static int bad_value(struct sight *sight, const char *option, const char *value, const char *wanted)
{
	sight_fail(sight, "--%s: '%s' is not valid: %s", option, value, wanted);
	return -EINVAL;
}

static int choose(struct sight *sight, const char *option, const char *value,
		  const char *const *names, int *ret)
{
	for (int i = 0; names[i]; i++) {
		if (streq(names[i], value)) {
			*ret = i;
			return 0;
		}
	}
	sight_fail(sight, "--%s: '%s' is not valid: %s, %s or %s is wanted", option, value,
		   names[0], names[1], names[2]);
	return -EINVAL;
}

static int take_pid_ns(struct sight *sight, const char *value)
{
	if (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 19)
		return bad_value(sight, "pid-ns", value,
				 "the inode number of a PID namespace or a PID is wanted");
	sight->pid_ns = value;
	return 0;
}

static int take_global(struct context *ctx, int id, const char *value)
{
	struct global_options *g = &ctx->options;
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
	case OPT_QUIET:
		g->quiet = true;
		break;
	case OPT_SOURCE:
		r = choose(&ctx->sight, "source", value, sources, &choice);
		ctx->sight.source = (enum census_source)choice;
		break;
	case OPT_PROCFS:
		ctx->sight.procfs = value;
		break;
	case OPT_CGROUPFS:
		ctx->sight.cgroupfs = value;
		break;
	case OPT_PID_NS:
		return take_pid_ns(&ctx->sight, value);
	case OPT_CONTAINER:
		if (!*value)
			return bad_value(&ctx->sight, "container", value,
					 "the beginning of an id is wanted");
		ctx->sight.container = value;
		break;
	case OPT_SETTLE:
		g->settle_given = true;
		if (duration_parse(value, &ctx->sight.settle_ms) < 0)
			return bad_value(&ctx->sight, "settle", value,
					 "a duration such as 500ms, 2s or 5m is wanted");
		break;
	case OPT_COLOR:
		r = choose(&ctx->sight, "color", value, colors, &choice);
		g->color = (enum color_mode)choice;
		break;
	default:
		r = -EINVAL;
		break;
	}
	return r;
}

static bool is_global(int id)
{
	return (id >= OPT_JSON && id <= OPT_COLOR) || id == OPT_HELP || id == OPT_VERSION ||
	       id == OPT_VERBOSE || id == OPT_QUIET;
}

/* Name the option that a word behind "--" is likely meant for, if there is one */
static void suggest_option(const struct getopt_tables *t, const char *word)
{
	auto_free char *name = xstrndup(word, strcspn(word, "="));
	const char *names[MAX_OPTIONS], *meant = NULL;

	for (size_t i = 0; i < t->n; i++) {
		names[i] = t->longs[i].name;
		if (*name && strncmp(names[i], name, strlen(name)) == 0)
			meant = names[i]; /* a part of it */
	}
	if (!meant)
		meant = text_nearest(name, names, t->n);
	if (meant)
		complain("did you mean '--%s'?", meant);
}

/* Behind "--", up to a value: there is no such option */
static void complain_unknown(const struct getopt_tables *t, const char *word)
{
	complain("there is no option '--%.*s'", (int)strcspn(word, "="), word);
	suggest_option(t, word);
}

/* Why getopt_long(3) took no option: optopt is 0 for a long one, or the one that it knows by its id or letter */
static void refuse(const struct getopt_tables *t, char **argv)
{
	const char *word = argv[optind - 1];
	size_t i = 0;

	if (optopt == 0) {
		complain_unknown(t, word + strlen("--"));
		return;
	}
	while (i < t->n && t->longs[i].val != optopt)
		i++;
	if (i == t->n)
		complain("there is no option '-%c'", optopt);
	else if (!t->longs[i].has_arg)
		complain("the option '--%s' takes no value", t->longs[i].name);
	else if (has_prefix(word, "--"))
		complain("the option '--%s' wants a value", t->longs[i].name);
	else
		complain("the option '-%c' wants a value", optopt);
}

/*
 * getopt_long(3) takes a part of a name for the whole: a script that says --pid would have --pid-ns. Refuse it.
 * What it took stands before optind, and before an argument that is a word of its own.
 */
static bool is_abbreviated(const struct getopt_tables *t, char **argv, int index)
{
	const char *whole = index < 0 ? NULL : t->longs[index].name;
	const char *word = argv[optind - 1];

	if (!whole)
		return false;
	if (optarg && !(optarg > word && optarg <= word + strlen(word)))
		word = argv[optind - 2];
	word += strlen("--");
	if (strcspn(word, "=") == strlen(whole))
		return false;
	complain_unknown(t, word);
	return true;
}

enum parsed options_parse(struct context *ctx, void *own, int argc, char **argv)
{
	struct getopt_tables t = { .n = 0 };
	enum parsed result = PARSED_RUN;
	int id, index = -1;

	add_options(&t, global_options);
	add_options(&t, ctx->command->options);
	optind = 0; /* start anew: getopt_long(3) */
	for (; (id = getopt_long(argc, argv, t.shorts, t.longs, &index)) != -1; index = -1) {
		auto_free char *error = NULL;

		if (id == '?')
			refuse(&t, argv);
		if (id == '?' || is_abbreviated(&t, argv, index))
			return PARSED_BAD;
		if (id == OPT_HELP || id == OPT_VERSION) {
			result = id == OPT_HELP ? PARSED_HELP : PARSED_VERSION;
			continue;
		}
		if (is_global(id)) {
			if (take_global(ctx, id, optarg) < 0)
				return PARSED_BAD;
			continue;
		}
		if (ctx->command->take_option(own, id, optarg, &error) < 0) {
			sight_fail(&ctx->sight, "%s", error);
			return PARSED_BAD;
		}
	}
	return result;
}
