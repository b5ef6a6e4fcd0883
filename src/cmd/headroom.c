/* SPDX-License-Identifier: MIT */
/* coroner headroom: how many more tasks fit before fork fails, and which limit is hit first. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "act/privilege.h"
#include "cmd/headroom_text.h"
#include "cmd/limits_find.h"
#include "cmd/scope.h"
#include "render/json.h"

struct headroom_options {
	bool all;
};

enum {
	OPT_ALL = 'a',
};

static const struct option_spec options[] = {
	{ OPT_ALL, "all", NULL, "without PID: all users, not just those near a limit" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct headroom_options *o = own;

	(void)argument;
	(void)ret_error;
	if (id == OPT_ALL)
		o->all = true;
	return 0;
}

static struct limit_case *new_case(struct headroom_report *r)
{
	size_t cap = r->cap;

	ARRAY_GROW(r->cases, r->n, cap);
	if (cap != r->cap)
		r->details = xreallocarray(r->details, cap, sizeof(*r->details));
	r->cap = cap;
	r->details[r->n] = (struct details){ 0 };
	r->cases[r->n] = (struct limit_case){ 0 };
	return &r->cases[r->n++];
}

/* -- with PIDs -- */

static int add_process(struct headroom_report *r, pid_t pid)
{
	const unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP;
	const struct process *p = census_find(r->census, pid);
	struct limit_case *c;
	int error;

	if (!p) {
		complain("there is no process %d", pid);
		return -ESRCH;
	}
	c = new_case(r);
	limits_of_process(&r->view, p, c);
	/* read last: it proves that all was about this very process */
	error = details_read(r->census, p, want, &r->details[r->n - 1]);
	if (error < 0) {
		complain_lost(pid, error);
		limit_case_done(c);
		r->n--;
		return error;
	}
	pidns_conclude(&r->view.pidns, r->census, p, &r->details[r->n - 1]);
	if (process_is_zombie(p))
		context_note(r->ctx, "process %d is a zombie: it does not fork any more", pid);
	return 0;
}

/* -- without: all that is limited -- */

static int add_everything(struct headroom_report *r, const struct headroom_options *o)
{
	const unsigned want = WANT_STATUS | WANT_PIDNS | WANT_CGROUP;
	struct limits_found found;
	struct scope scope;
	int error = scope_resolve(r->ctx, r->census, &scope);

	if (error == 0)
		error = scope_complain_empty(&scope, scope_exists(&scope, r->census));
	if (error < 0)
		return error;
	limits_find(&r->view, &scope, o->all, &found);
	r->cases = found.cases;
	r->n = found.n;
	r->details = xcalloc(r->n, sizeof(*r->details));
	for (size_t i = 0; i < r->n; i++) {
		const struct process *p = r->cases[i].process;

		if (p && details_read(r->census, p, want, &r->details[i]) < 0)
			details_unread(p, &r->details[i]);
		if (p)
			pidns_conclude(&r->view.pidns, r->census, p, &r->details[i]);
	}
	return 0;
}

/* -- JSON -- */

static json_t *limit_json(const struct limits_view *v, const struct limit *l)
{
	bool unlimited = l->has_max && l->max == LIMIT_UNLIMITED;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(limit_kind_name(l->kind)));
	json_object_set_new(o, "name", json_text(l->name));
	json_object_set_new(o, "owner", json_text(l->owner));
	json_object_set_new(o, "current", json_known(l->has_current, (int64_t)l->current));
	json_object_set_new(o, "max", json_known(l->has_max && !unlimited, (int64_t)l->max));
	json_object_set_new(o, "unlimited", json_tri(l->has_max ? tri_of(unlimited) : TRI_UNKNOWN));
	json_object_set_new(o, "headroom", json_known(l->has_headroom, (int64_t)l->headroom));
	json_object_set_new(o, "exact", json_boolean(l->exact));
	json_object_set_new(o, "zombies", json_known(l->has_zombies, (int64_t)l->zombies));
	json_object_set_new(o, "zombies_inferred",
			    json_boolean(l->kind == LIMIT_CGROUP && v->held_inferred));
	json_object_set_new(o, "refused", json_known(l->has_refused, (int64_t)l->refused));
	json_object_set_new(o, "applies", json_boolean(l->applies));
	return o;
}

static json_t *case_json(const struct headroom_report *r, size_t i)
{
	const struct limit_case *c = &r->cases[i];
	json_t *o = json_object(), *limits = json_array();

	if (c->process)
		json_object_set_new(o, "subject", json_process(r->census, &r->details[i]));
	else
		json_object_set_new(o, "subject",
				    json_pack("{s:o}", "cgroup", json_text(c->cgroup)));
	for (size_t k = 0; k < c->n; k++)
		json_array_append_new(limits, limit_json(&r->view, &c->limits[k]));
	json_object_set_new(o, "limits", limits);
	json_object_set_new(o, "binding", json_known(c->answer.binding >= 0, c->answer.binding));
	json_object_set_new(o, "headroom",
			    json_known(c->answer.has_total, (int64_t)c->answer.total));
	json_object_set_new(o, "exact", json_boolean(c->answer.has_total && !c->answer.unknown));
	return o;
}

static void print_json(struct headroom_report *r)
{
	json_t *cases = json_array(), *body = json_object();
	auto_free struct details **list = xcalloc(r->n, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->cases[i].process)
			list[n++] = &r->details[i];
	details_read_cmdlines(r->census, list, n);
	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(cases, case_json(r, i));
	json_object_set_new(body, "cases", cases);
	(void)json_print(json_top("headroom", r->census, r->ctx->notes, r->ctx->n_notes, body),
			 stdout);
}

static void report_done(struct headroom_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		limit_case_done(&r->cases[i]);
		details_done(&r->details[i]);
	}
	free(r->cases);
	free(r->details);
	limits_view_done(&r->view);
	census_free(r->census);
}

static int run(struct context *ctx, void *own, int n, char **args)
{
	auto_free pid_t *pids = xcalloc((size_t)n, sizeof(*pids));
	struct headroom_report r = { .ctx = ctx };
	int status = EXIT_DONE;

	if (parse_pids(n, args, pids) < 0)
		return EXIT_USAGE;
	if (context_census(ctx, &r.census) < 0)
		return EXIT_NOT_DONE;
	context_seen_all(ctx);
	limits_view_open(ctx, r.census,
			 LIMITS_USERS | LIMITS_ENTER | LIMITS_EXACT | (n == 0 ? LIMITS_OF_ALL : 0),
			 NULL, &r.view);
	if (n == 0 && add_everything(&r, own) < 0)
		status = EXIT_NOT_DONE;
	for (int i = 0; i < n; i++)
		if (add_process(&r, pids[i]) < 0)
			status = EXIT_NOT_DONE;
	missing_note(ctx, &r.view.missing);
	(void)privilege_drop(PRIVILEGE(CAP_SYS_ADMIN)); /* no namespace is entered any more */
	if (n == 0 && status != EXIT_DONE) {
		/* no such scope, and that is told */
	} else if (ctx->options.json) {
		print_json(&r);
	} else if (n == 0) {
		headroom_print_all(&r);
	} else {
		for (size_t i = 0; i < r.n; i++) {
			fputs(i ? "\n" : "", stdout);
			headroom_print_process(&r, &r.cases[i]);
		}
	}
	report_done(&r);
	return status;
}

const struct command command_headroom = {
	.name = "headroom",
	.arguments = "[PID...]",
	.summary = "Show how many more tasks fit before fork fails",
	.options = options,
	.own_size = sizeof(struct headroom_options),
	.take_option = take_option,
	.run = run,
	.max_args = -1,
	.capabilities = PRIVILEGE_ENTER,
	.usage_status = EXIT_USAGE,
};
