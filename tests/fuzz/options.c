/* SPDX-License-Identifier: MIT */
/*
 * The command line, each line of the input a word of it: what is taken has been understood whole, and what is
 * refused is told in one line, and one more where a right word is near. Nothing is run.
 */
#include "fuzz.h"

#include <getopt.h>

#include "options.h"

enum { MOST_WORDS = 12 };

static char *complaints(struct context *ctx, void *own, int argc, char **argv, enum parsed *ret)
{
	FILE *real = stderr;
	char *text = NULL;
	size_t len;

	fflush(real);
	stderr = open_memstream(&text, &len);
	*ret = options_parse(ctx, own, argc, argv);
	context_complain_all(ctx);
	fclose(stderr);
	stderr = real;
	return text;
}

/* "coroner: WHY", and perhaps "coroner: did you mean …" */
static void require_reason(const char *text)
{
	const char *end = strchr(text, '\n'), *more = end ? end + 1 : "";

	require(end && end > text);
	if (*more) {
		require(has_prefix(more, "coroner: did you mean '--"));
		require(strchr(more, '\n') == more + strlen(more) - 1);
	}
}

static void parse(int argc, char **argv)
{
	struct context ctx = { .command = &command_list,
			       .sight = { .procfs = "/proc", .cgroupfs = "/sys/fs/cgroup" } };
	int at = options_locate_command(argc, argv);
	auto_free char *told = NULL;
	auto_free void *own = NULL;
	enum parsed parsed;

	require(at >= 0 && at < argc);
	if (at) {
		const struct command *named = options_command(argv[at]);

		require(argv[at][0] != '-' || !named);
		if (!named)
			return;
		ctx.command = named;
		memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof(*argv));
		argc--;
	}
	own = xcalloc(1, ctx.command->own_size);
	told = complaints(&ctx, own, argc, argv, &parsed);
	if (parsed == PARSED_BAD)
		require_reason(told);
	else
		require(!*told);
	require(optind >= 1 && optind <= argc);
	sight_done(&ctx.sight);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = as_string(data, size);
	static char name[] = "coroner";
	char *argv[MOST_WORDS + 2] = { name }, *line = text;
	int argc = 1;

	while (*line && argc <= MOST_WORDS) {
		char *next = cut_line(line);

		argv[argc++] = line;
		line = next;
	}
	parse(argc, argv);
	return 0;
}
