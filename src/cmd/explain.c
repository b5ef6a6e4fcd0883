/* SPDX-License-Identifier: MIT */
/* coroner explain: the whole story of a zombie, a parent, a reaper or an innocent process. */
#include "case/explain/explain_case.h"
#include "cmd/cmd.h"

static int collect(struct context *ctx, const void *own, int n_args, char **args, void *facts)
{
	struct explanation *x = facts;
	int r;

	(void)own;
	for (int i = 0; i < n_args; i++) {
		pid_t pid;

		/* a word that is no number is a name */
		if (strspn(args[i], "0123456789") == strlen(args[i]) &&
		    parse_pids(1, &args[i], &pid) < 0)
			return COLLECT_BAD_USAGE;
	}
	r = explanation_collect(&ctx->sight, args, (size_t)n_args, x);
	if (!x->list)
		return COLLECT_FAILED;
	/* of some processes it may be known all the same */
	return r < 0 ? EXIT_NOT_DONE : EXIT_DONE;
}

static void done(void *facts)
{
	explanation_done(facts);
}

static void print_more(FILE *out)
{
	fputs("\nNAME is that of a program, as ps -o comm has it. Without one, --container\n"
	      "and --pid-ns tell of the init in there and of the parents that hold zombies.\n",
	      out);
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "PID|NAME...",
	.summary = "Tell the whole case of a zombie, or of any process",
	.print_more = print_more,
	.facts_size = sizeof(struct explanation),
	.collect = collect,
	.shows = { { FORM_TEXT, explain_text }, { FORM_JSON, explain_json } },
	.done = done,
	.counts_users = true,
	.min_args = 1,
	.scope_will_do = true,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
};
