/* SPDX-License-Identifier: MIT */
/* coroner nudge: send SIGCHLD to parents that hold zombies, and say what that changed. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "act/nudge.h"
#include "act/pin.h"
#include "act/privilege.h"
#include "base/duration.h"
#include "base/file.h"
#include "cmd/attempt.h"
#include "cmd/cases.h"
#include "cmd/missing.h"
#include "render/text.h"

#define DEFAULT_TIMEOUT_MS 1000
#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)

struct nudge_options {
	bool all;
	bool yes;
	bool dry_run;
	bool force;
	bool timeout_given;
	uint64_t timeout_ms;
};

static const struct option_spec options[] = {
	{ 'a', "all", NULL, "every parent that a nudge may help; asks first" },
	{ 'y', "yes", NULL, "with --all: do not ask" },
	{ 'n', "dry-run", NULL, "say what would be sent, send nothing" },
	{ 'f', "force", NULL, "send also where it looks useless" },
	{ 't', "timeout", "DURATION", "how long to wait for each parent (default 1s)" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct nudge_options *o = own;

	switch (id) {
	case 'a':
		o->all = true;
		return 0;
	case 'y':
		o->yes = true;
		return 0;
	case 'n':
		o->dry_run = true;
		return 0;
	case 'f':
		o->force = true;
		return 0;
	default:
		o->timeout_given = true;
		if (duration_parse(argument, &o->timeout_ms) == 0 &&
		    o->timeout_ms <= MAX_TIMEOUT_MS)
			return 0;
		*ret_error = xasprintf(
			"--timeout: '%s' is not valid: a duration up to a day is wanted", argument);
		return -EINVAL;
	}
}

static const struct parent_case *find_case(const struct cases *cases, pid_t pid)
{
	for (size_t i = 0; i < cases->n; i++)
		if (cases->parents[i].process && cases->parents[i].process->pid == pid)
			return &cases->parents[i];
	return NULL;
}

/* The verdict of a zombie that a nudge may get reaped, else the parent's own */
static bool may_help(const struct parent_case *p, struct verdict *ret)
{
	for (size_t i = 0; i < p->n_looked_at; i++) {
		cases_judge_zombie(p, &p->zombies[i], ret);
		if (ret->nudge == NUDGE_MAY_HELP)
			return true;
	}
	*ret = p->verdict;
	return false;
}

/* The dead take no signal: whom to nudge for this zombie, and whether that looks worth it */
static char *who_instead(const struct cases *cases, const struct process *zombie)
{
	static const char itself[] = "it is itself a zombie, which takes no signal";
	const struct parent_case *p = find_case(cases, zombie->ppid);
	struct verdict v;

	if (!census_parent(cases->census, zombie))
		return xasprintf(
			"%s: its parent is not in sight; to be nudged is that, from where it is seen",
			itself);
	if (!p)
		return xasprintf("%s: to be nudged is its parent, %d", itself, zombie->ppid);
	if (may_help(p, &v))
		return xasprintf("%s: to be nudged is its parent (coroner nudge %d)", itself,
				 zombie->ppid);
	return xasprintf("%s: to be nudged would be its parent, %d, but a nudge %s (%s)", itself,
			 zombie->ppid,
			 v.nudge == NUDGE_USELESS ? "is useless there" :
						    "may do nothing there as yet",
			 verdict_name(v.code));
}

static void plan(const struct cases *cases, const struct nudge_options *o, struct attempt *a)
{
	const struct process *p = census_find(cases->census, a->pid);

	a->parent = find_case(cases, a->pid);
	if (p)
		memcpy(a->comm, p->comm, sizeof(a->comm));
	if (!p) {
		a->reason = xstrdup("no such process is in sight");
		a->not_done = true;
	} else if (!a->parent && p->state == 'Z') {
		a->reason = who_instead(cases, p);
	} else if (!a->parent) {
		a->reason = xstrdup("it holds no zombie");
	} else {
		a->result.before = a->result.after = a->parent->n_zombies;
		a->wanted = may_help(a->parent, &a->verdict) || o->force;
		if (p->flags & PF_KTHREAD)
			a->reason = xstrdup("it is a kernel thread");
		else if (!a->wanted)
			a->reason =
				xasprintf("%s: %s", verdict_name(a->verdict.code), a->verdict.why);
	}
}

/* It was judged a moment ago; a handler that is gone meanwhile will not serve the signal */
static bool still_as_judged(const struct attempt *a, const struct nudging *n)
{
	const struct parent_evidence *e = &a->parent->evidence;
	enum sigchld_disposition now = mask_has(n->masks.ignored, SIGCHLD) ? SIGCHLD_IGNORED :
				       mask_has(n->masks.caught, SIGCHLD)  ? SIGCHLD_CAUGHT :
									     SIGCHLD_DEFAULT;

	return !e->masks_known || now == e->disposition || now == SIGCHLD_CAUGHT;
}

static void explain(struct attempt *a)
{
	const struct nudge_result *r = &a->result;
	char took[DURATION_TEXT_SIZE];

	duration_format(r->waited_ms / 1000, took);
	if (r->error == -EACCES)
		a->reason = xstrdup("it belongs to another user: CAP_KILL is missing");
	else if (r->error == -ESRCH)
		a->reason = xstrdup("it ended meanwhile");
	else if (r->error < 0)
		a->reason = xasprintf("the signal cannot be sent: %s", strerror(-r->error));
	else if (r->after == 0)
		return;
	else if (r->after < r->before)
		a->reason = xasprintf("%zu left after %s: %s", r->after, took, a->verdict.why);
	else if (a->verdict.nudge == NUDGE_MAY_HELP)
		a->reason = xasprintf("it reaped none within %s: %s", took, a->verdict.why);
	else
		a->reason = xasprintf("%s: %s", verdict_name(a->verdict.code), a->verdict.why);
}

/* What would be sent, if it may be */
static void rehearse(struct context *ctx, struct attempt *a)
{
	struct nudging n;

	/* where a proc is that numbers processes otherwise nothing can be tried */
	if (nudge_open(ctx->procfd, a->parent->process, NULL, 0, &n) < 0)
		return;
	a->result.error = nudge_may(&n);
	nudge_done(&n);
	if (a->result.error == 0)
		return;
	explain(a);
	a->wanted = false;
	a->not_done = true;
}

static void attempt(struct context *ctx, const struct nudge_options *o, struct attempt *a)
{
	struct nudging n;
	int r;

	if (!a->parent)
		return;
	if (o->dry_run && a->wanted) {
		rehearse(ctx, a);
		return;
	}
	r = nudge_open(ctx->procfd, a->parent->process, a->parent->held, a->parent->n_zombies, &n);
	if (r < 0) {
		free(a->reason);
		a->reason = r == -ESRCH ? xstrdup("it ended meanwhile") :
					  xasprintf("it cannot be pinned: %s", strerror(-r));
		a->ended = r == -ESRCH;
		a->not_done = true;
		a->wanted = false;
		return;
	}
	if (a->wanted && !o->force && !still_as_judged(a, &n)) {
		a->wanted = false;
		a->reason = xstrdup("its SIGCHLD disposition changed while it was looked at");
	}
	if (a->wanted) {
		nudge_send(&n, (unsigned)o->timeout_ms, &a->result);
		explain(a);
	} else {
		nudge_spare(&n, &a->result);
	}
	nudge_done(&n);
}

/* The PIDs to look at: the operands, each once, or all parents in sight */
static int choose(const struct nudge_options *o, const struct cases *cases, int n_args, char **args,
		  struct attempts *ret)
{
	auto_free pid_t *pids = xcalloc((size_t)n_args, sizeof(*pids));
	int r = parse_pids(n_args, args, pids);

	if (r < 0)
		return r;
	ret->list = xcalloc((size_t)n_args + cases->n, sizeof(*ret->list));
	for (int i = 0; i < n_args; i++) {
		size_t k = 0;

		while (k < ret->n && ret->list[k].pid != pids[i])
			k++;
		if (k == ret->n)
			ret->list[ret->n++].pid = pids[i];
	}
	for (size_t i = 0; o->all && i < cases->n; i++)
		if (cases->parents[i].process)
			ret->list[ret->n++].pid = cases->parents[i].process->pid;
	return 0;
}

/* On a terminal: yes or no, before anything is sent */
static bool confirmed(const struct context *ctx, const struct attempts *all)
{
	char line[16] = "";
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct attempt *a = &all->list[i];
		auto_free char *comm = text_printable(a->comm, strlen(a->comm), ctx->utf8);

		if (!a->wanted)
			continue;
		fprintf(stderr, "  %d %s: %zu zombie%s\n", a->pid, comm, a->result.before,
			a->result.before == 1 ? "" : "s");
		n++;
	}
	if (n == 0)
		return true;
	fprintf(stderr, "Send SIGCHLD to %s? [y/N] ", n == 1 ? "it" : "all of them");
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int check_usage(const struct nudge_options *o, int n_args)
{
	if (o->all == (n_args > 0)) {
		complain("nudge: %s",
			 o->all ? "either PIDs or --all, not both" : "PID or --all is wanted");
		return -EINVAL;
	}
	if (o->all && !o->yes && !o->dry_run && !isatty(STDIN_FILENO)) {
		complain("nudge: --all asks before it sends: on no terminal it needs --yes");
		return -EINVAL;
	}
	return 0;
}

static int act(struct context *ctx, const struct nudge_options *o, const struct cases *cases,
	       struct attempts *all)
{
	struct missing missing = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		plan(cases, o, &all->list[i]);
		if (all->list[i].parent)
			missing_add_case(&missing, all->list[i].parent);
	}
	missing_note(ctx, &missing);
	if (o->all && !o->yes && !o->dry_run && !confirmed(ctx, all)) {
		complain("nothing was sent");
		return EXIT_NOT_DONE;
	}
	for (size_t i = 0; i < all->n; i++)
		attempt(ctx, o, &all->list[i]);
	(void)file_shortage(); /* more zombies than descriptors are counted one by one */
	(void)privilege_drop(~UINT64_C(0)); /* nothing is left to do but to print */
	attempts_print(ctx, cases->census, all, o->dry_run);
	return attempts_status(all, o->dry_run);
}

static int run(struct context *ctx, void *own, int n_args, char **args)
{
	struct nudge_options *o = own;
	struct attempts all = { 0 };
	struct cases cases;
	int status = EXIT_USAGE;

	if (!o->timeout_given)
		o->timeout_ms = DEFAULT_TIMEOUT_MS;
	if (check_usage(o, n_args) < 0)
		return EXIT_USAGE;
	if (!o->dry_run && pin_check_procfs(ctx->procfd) < 0) {
		complain(
			"%s numbers processes otherwise than coroner does: nothing can be sent by it",
			ctx->options.procfs);
		return EXIT_NOT_DONE;
	}
	if (cases_collect(ctx, CASES_BRIEF, &cases) < 0)
		return EXIT_NOT_DONE;
	if (choose(o, &cases, n_args, args, &all) == 0)
		status = act(ctx, o, &cases, &all);
	attempts_done(&all);
	cases_done(&cases);
	return status;
}

const struct command command_nudge = {
	.name = "nudge",
	.arguments = "PID... | --all",
	.summary = "Send SIGCHLD to parents of zombies; tell what changed",
	.options = options,
	.own_size = sizeof(struct nudge_options),
	.take_option = take_option,
	.run = run,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.capabilities = PRIVILEGE_NUDGE,
};
