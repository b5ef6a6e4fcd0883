/* SPDX-License-Identifier: MIT */
/* coroner probe: find out by experiment who adopts an orphan, and whether it is reaped. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "act/probe.h"
#include "act/privilege.h"
#include "base/duration.h"
#include "cmd/cmd.h"
#include "cmd/probing.h"
#include "render/json.h"
#include "render/table.h"
#include "render/text.h"

#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)

struct probe_options {
	bool timeout_given;
	uint64_t timeout_ms;
};

static const struct option_spec options[] = {
	{ 't', "timeout", "DURATION", "how long the orphan may stay unreaped (default 5s)" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct probe_options *o = own;

	(void)id;
	o->timeout_given = true;
	if (duration_parse(argument, &o->timeout_ms) == 0 && o->timeout_ms <= MAX_TIMEOUT_MS)
		return 0;
	*ret_error = xasprintf("--timeout: '%s' is not valid: a duration up to a day is wanted",
			       argument);
	return -EINVAL;
}

static void print_json(const struct context *ctx, const struct census *c,
		       const struct probe_result *r)
{
	json_t *body = json_object(), *adopter = json_object();
	size_t len = strlen(r->adopter_comm);

	json_object_set_new(adopter, "pid", json_known(r->adopter != 0, r->adopter));
	json_object_set_new(adopter, "ns_pid",
			    json_known(r->adopter_ns_pid != 0, r->adopter_ns_pid));
	json_object_set_new(adopter, "comm",
			    len ? json_raw_text(r->adopter_comm, len) : json_null());
	json_object_set_new(body, "pidns", json_known(r->pidns != 0, (int64_t)r->pidns));
	json_object_set_new(body, "adopter", adopter);
	json_object_set_new(body, "reaped", json_boolean(r->reaped));
	json_object_set_new(body, "reaped_after_ms",
			    r->reaped ? json_real(r->reaped_after_ms) : json_null());
	json_object_set_new(body, "left_behind", json_known(r->left_behind != 0, r->left_behind));
	(void)json_print(json_top("probe", c, ctx->notes, ctx->n_notes, body), stdout);
}

static void print_text(const struct context *ctx, const struct probe_options *o,
		       const struct probe_result *r)
{
	auto_free char *comm = text_printable(r->adopter_comm, strlen(r->adopter_comm), ctx->utf8);
	enum style style = r->reaped ? STYLE_GREEN : STYLE_RED;
	char took[DURATION_TEXT_SIZE];

	if (r->pidns)
		printf("PID namespace %" PRIu64 ": ", r->pidns);
	printf("an orphan made %s is adopted by ", r->elsewhere ? "there" : "here");
	if (r->adopter)
		printf("process %d", r->adopter);
	else
		printf("a process out of sight");
	if (*comm)
		printf(" (%s)", comm);
	if (r->adopter_ns_pid && r->adopter_ns_pid != r->adopter)
		printf(", PID %d inside", r->adopter_ns_pid);
	printf(", which %s", style_on(style, ctx->color));
	if (r->reaped)
		printf("reaps it %s%s", r->reaped_after_ms < 1 ? "at once" : "after ",
		       r->reaped_after_ms < 1 ? "" :
						duration_format(r->reaped_after_ms / 1000, took));
	else
		printf("does not reap it within %s",
		       duration_format((double)o->timeout_ms / 1000, took));
	puts(style_off(style, ctx->color));
	if (!r->reaped)
		printf("zombie %d is left behind, until its parent waits for it or ends\n",
		       r->left_behind);
}

static int result(struct context *ctx, const struct probe_options *o, const struct census *c,
		  const struct process *in, const struct probe_result *r)
{
	if (in && !r->elsewhere)
		context_note(
			ctx,
			"%d is in coroner's own PID namespace: the spot where coroner stands was probed",
			in->pid);
	if (ctx->options.json)
		print_json(ctx, c, r);
	else
		print_text(ctx, o, r);
	return r->reaped ? EXIT_DONE : EXIT_NOT_DONE;
}

/* The operand as a process of the census; complains */
static int find(const struct census *c, int n, char **args, const struct process **ret)
{
	pid_t pid;

	*ret = NULL;
	if (n == 0)
		return 0;
	if (parse_pids(1, args, &pid) < 0)
		return -EINVAL;
	*ret = census_find(c, pid);
	if (*ret)
		return 0;
	complain("probe: no process %d is in sight", pid);
	return -ESRCH;
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	struct probe_options *o = own;
	struct probe_result r = { 0 };
	const struct process *in;
	struct census *c;
	struct probe *p;
	uint64_t had;
	int error, status = EXIT_NOT_DONE;

	if (!o->timeout_given)
		o->timeout_ms = PROBE_TIMEOUT_MS;
	/* a stale or fake /proc is no hindrance: nothing is asked of it but what is printed */
	if (!streq(ctx->options.procfs, "/proc")) {
		complain(
			"probe: --procfs=%s may number processes otherwise than probe does; only /proc will do",
			ctx->options.procfs);
		return EXIT_NOT_DONE;
	}
	if (context_census(ctx, &c) < 0)
		return EXIT_NOT_DONE;
	context_seen_all(ctx);
	error = find(c, n_args, args, &in);
	if (error < 0) {
		census_free(c);
		return error == -EINVAL ? EXIT_USAGE : EXIT_NOT_DONE;
	}
	had = privilege_held();
	error = probe_start(ctx->procfd, in, (unsigned)o->timeout_ms, &p);
	/* only to enter the namespace; ptrace access is for /proc with hidepid */
	(void)privilege_drop(~PRIVILEGE(CAP_SYS_PTRACE));
	if (error == 0)
		error = probe_finish(p, &r);
	if (error < 0) {
		auto_free char *why = probing_failure(error, r.step, had);

		complain("probe: %s", why);
	} else {
		status = result(ctx, o, c, in, &r);
	}
	census_free(c);
	return status;
}

const struct command command_probe = {
	.name = "probe",
	.arguments = "[PID]",
	.summary = "Try out who adopts an orphan, and whether it is reaped",
	.effects =
		"It makes a short-lived orphan, which exits with status 0, in the PID namespace\n"
		"of PID (default: where coroner stands). If the adopter does not reap it, one\n"
		"zombie stays.",
	.options = options,
	.own_size = sizeof(struct probe_options),
	.take_option = take_option,
	.run = run,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.unscoped = true,
	.capabilities = PRIVILEGE_ENTER,
};
