/* SPDX-License-Identifier: MIT */
/* coroner check: a health check by the Monitoring Plugins guidelines. Forks nothing. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "cmd/check_options.h"
#include "cmd/checkup.h"
#include "judge/remedy.h"
#include "render/check_report.h"
#include "render/json.h"
#include "render/label.h"
#include "render/text.h"

#define SETTLE_MS 200
#define MAX_PARENTS 10 /* that the long output speaks of */

/* -- its own timeout -- */

/* What a signal handler can do: this was made before, and write(2) is safe there */
static char *late_text;
static size_t late_len;
static volatile sig_atomic_t printing;

static void too_late(int signal)
{
	(void)signal;
	/* half of the output is out: adding to it would help nobody */
	if (!printing)
		(void)!write(STDOUT_FILENO, late_text, late_len);
	_exit(CHECK_UNKNOWN);
}

static void print_report(const struct check_options *o, const struct context *ctx,
			 const struct census *c, const struct check_report *r, FILE *out);

static void start_timer(const struct check_options *o, const struct context *ctx)
{
	uint64_t ms = o->timeout_given ? o->timeout_ms : CHECK_TIMEOUT_MS;
	const struct itimerval timer = { .it_value = { .tv_sec = (time_t)(ms / 1000),
						       .tv_usec =
							       (suseconds_t)(ms % 1000 * 1000) } };
	struct sigaction action = { .sa_handler = too_late };
	struct check_report late = { .status = CHECK_UNKNOWN };
	sigset_t set;
	FILE *out = open_memstream(&late_text, &late_len);

	if (!out)
		return;
	late.summary = xasprintf("gave up after %g s", (double)ms / 1000);
	print_report(o, ctx, NULL, &late, out);
	check_report_done(&late);
	if (fclose(out) != 0)
		return;
	/* whoever started this may have blocked it (sigprocmask(2) is kept over exec) */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* cannot fail with these arguments */
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* -- the metrics -- */

static void measure(const struct checkup *k, double least[static N_CHECK_METRICS],
		    double most[static N_CHECK_METRICS])
{
	const size_t counts[N_CHECK_METRICS] = {
		[CHECK_METRIC_ZOMBIES] = k->cases.n_zombies,
		[CHECK_METRIC_PER_PARENT] = k->most_per_parent,
		[CHECK_METRIC_ORPHANS] = k->orphans,
		[CHECK_METRIC_UNFIT_INITS] = k->unfit_inits,
		[CHECK_METRIC_REFUSED] = k->found.refused,
	};

	for (size_t i = 0; i < N_CHECK_METRICS; i++) {
		least[i] = (double)counts[i];
		/* of what is hidden there may be any number more */
		most[i] = k->unseen ? INFINITY : least[i];
	}
	least[CHECK_METRIC_OLDEST] = k->oldest_least_s;
	most[CHECK_METRIC_OLDEST] = k->unseen ? INFINITY : k->oldest_most_s;
	least[CHECK_METRIC_PID_USAGE] = k->fullest ? k->fullest_percent : 0;
	most[CHECK_METRIC_PID_USAGE] = k->fullest ? k->fullest_percent : 100;
	if (!k->found.has_refused)
		most[CHECK_METRIC_REFUSED] = INFINITY;
	/* procfs shows but some of them */
	if (!k->cases.census->kernel)
		most[CHECK_METRIC_ORPHANS] = INFINITY;
}

/* -- what it says -- */

static char *limit_words(const struct context *ctx, const struct limit *l)
{
	auto_free char *name = text_printable(l->name, strlen(l->name), ctx->utf8);

	return xasprintf("%s of %s",
			 l->kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(l->kind), name);
}

static void add_parent(struct context *ctx, const struct parent_case *p, struct check_report *r)
{
	const struct details *d = &p->details;
	auto_free char *comm = text_printable(d->process.comm, strlen(d->process.comm), ctx->utf8);
	auto_free char *label = d->in_container ? container_label(&d->container, ctx->utf8) : NULL;
	auto_free char *remedy = remedy_of(&p->verdict);

	check_add_line(r, xasprintf("%zu zombie%s of %d %s%s%s%s: %s: %s", p->n_zombies,
				    p->n_zombies == 1 ? "" : "s", d->process.pid,
				    p->process ? comm : "(not in sight)", label ? " (" : "",
				    label ? label : "", label ? ")" : "",
				    verdict_name(p->verdict.code), p->verdict.why));
	check_add_line(r, xasprintf("  remedy: %s", remedy));
}

static void add_lines(struct context *ctx, const struct checkup *k, struct check_report *r)
{
	for (size_t i = 0; i < k->cases.n && i < MAX_PARENTS; i++)
		add_parent(ctx, &k->cases.parents[i], r);
	if (k->cases.n > MAX_PARENTS)
		check_add_line(r, xasprintf("and %zu more parent%s", k->cases.n - MAX_PARENTS,
					    k->cases.n == MAX_PARENTS + 1 ? "" : "s"));
	if (k->fullest) {
		auto_free char *words = limit_words(ctx, k->fullest);
		auto_free char *owner =
			k->fullest->owner ? text_printable(k->fullest->owner,
							   strlen(k->fullest->owner), ctx->utf8) :
					    NULL;

		check_add_line(r,
			       xasprintf("%.0f%% of %s in use: %s%" PRIu64 " tasks more fit%s%s%s",
					 k->fullest_percent, words,
					 k->fullest->exact && !limits_hidden(&k->view) ? "" :
											 "at most ",
					 k->fullest->headroom, owner ? " (" : "",
					 owner ? owner : "", owner ? ")" : ""));
	}
	if (k->unseen)
		check_add_line(r, xasprintf("not all can be seen: %s", k->unseen));
}

/* The metrics that alert, worst first; when none does, how many zombies there are */
static char *summarise(const struct checkup *k, const struct check_metric *metrics,
		       enum check_state status)
{
	static const enum check_state order[] = { CHECK_CRITICAL, CHECK_WARNING, CHECK_UNKNOWN };
	char text[512] = "", value[CHECK_VALUE_SIZE];
	size_t len = 0;

	for (size_t s = 0; s < ARRAY_SIZE(order); s++) {
		for (size_t i = 0; i < N_CHECK_METRICS; i++) {
			const struct check_metric *m = &metrics[i];

			if (m->state != order[s])
				continue;
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s%s",
						len ? ", " : "", m->name,
						m->has_value ? check_value(m, value) : "unknown",
						m->has_value && *m->unit != 'c' ? m->unit : "");
		}
	}
	if (k->unseen && status == CHECK_UNKNOWN)
		len = (size_t)snprintf(text, sizeof(text), "%s", k->unseen);
	if (len == 0)
		snprintf(text, sizeof(text), "%zu zombie%s, fullest limit on tasks %.0f%% used",
			 k->cases.n_zombies, k->cases.n_zombies == 1 ? "" : "s",
			 k->fullest ? k->fullest_percent : 0);
	if (strlen(text) > CHECK_SUMMARY_WIDTH)
		memcpy(text + CHECK_SUMMARY_WIDTH - 3, "...", 4);
	return xstrdup(text);
}

static json_t *metric_json(const struct check_metric *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(m->name));
	if (!m->has_value)
		json_object_set_new(o, "value", json_null());
	else if (*m->unit == 's' || *m->unit == '%')
		json_object_set_new(o, "value", json_seconds(m->value));
	else
		json_object_set_new(o, "value", json_integer((json_int_t)m->value));
	json_object_set_new(o, "unit", json_string(m->unit));
	json_object_set_new(o, "warning", json_text(m->warning));
	json_object_set_new(o, "critical", json_text(m->critical));
	json_object_set_new(o, "state", json_string(check_state_name(m->state)));
	return o;
}

/* Without a census (it failed, or time is up) the top says that nothing was seen */
static void print_json(const struct context *ctx, const struct census *c,
		       const struct check_report *r, FILE *out)
{
	const struct census none = { .source = CENSUS_PROCFS };
	json_t *body = json_object(), *metrics = json_array(), *lines = json_array();

	for (size_t i = 0; i < r->n_metrics; i++)
		json_array_append_new(metrics, metric_json(&r->metrics[i]));
	for (size_t i = 0; i < r->n_lines; i++)
		json_array_append_new(lines, json_text(r->lines[i]));
	json_object_set_new(body, "status", json_string(check_state_name(r->status)));
	json_object_set_new(body, "metrics", metrics);
	json_object_set_new(body, "summary", json_text(r->summary));
	json_object_set_new(body, "details", lines);
	(void)json_print(json_top("check", c ? c : &none, ctx->notes, ctx->n_notes, body), out);
}

static void print_report(const struct check_options *o, const struct context *ctx,
			 const struct census *c, const struct check_report *r, FILE *out)
{
	switch (ctx->options.json ? CHECK_FORMAT_JSON : o->format) {
	case CHECK_FORMAT_JSON:
		print_json(ctx, c, r, out);
		break;
	case CHECK_FORMAT_TAP:
		check_print_tap(r, out);
		break;
	case CHECK_FORMAT_JUNIT:
		check_print_junit(r, out);
		break;
	default:
		check_print_nagios(r, out);
	}
}

/* Whoever reads the output, not the messages, must get an answer too */
static int could_not_look(struct context *ctx, void *own)
{
	struct check_report failed = { .status = CHECK_UNKNOWN };

	failed.summary = xstrdup("could not look: see standard error");
	print_report(own, ctx, NULL, &failed, stdout);
	check_report_done(&failed);
	return CHECK_UNKNOWN;
}

static int run(struct context *ctx, void *own, int n, char **args)
{
	const struct check_options *o = own;
	struct check_metric metrics[N_CHECK_METRICS];
	struct check_report r = { .metrics = metrics, .status = CHECK_OK };
	double least[N_CHECK_METRICS], most[N_CHECK_METRICS];
	struct checkup k;
	bool spared;
	int status;

	(void)n;
	(void)args;
	if (ctx->options.json && o->format_given && o->format != CHECK_FORMAT_JSON) {
		complain("check: --json and --format=%s contradict each other",
			 check_format_name(o->format));
		return CHECK_UNKNOWN;
	}
	start_timer(o, ctx);
	ctx->options.frugal = !o->warning[CHECK_METRIC_ORPHANS].given &&
			      !o->critical[CHECK_METRIC_ORPHANS].given;
	if (checkup_take(ctx, false, &k) < 0)
		return could_not_look(ctx, own);
	spared = ctx->options.frugal && ctx->options.source == CENSUS_AUTO &&
		 k.cases.census->source == CENSUS_PROCFS && !k.cases.census->bpf_unusable;
	if (spared)
		context_note(ctx,
			     "orphans not counted: procfs shows but some of them (--source=bpf)");
	measure(&k, least, most);
	for (size_t i = 0; i < N_CHECK_METRICS; i++) {
		bool early = i == CHECK_METRIC_UNFIT_INITS && k.unfit_lasting == 0;

		check_judge(o, i, least[i], most[i], early, &metrics[i]);
		r.status = check_worse(r.status, metrics[i].state);
	}
	/* whatever is not seen could be as bad as can be */
	if (k.unseen)
		r.status = check_worse(r.status, CHECK_UNKNOWN);
	r.n_metrics = N_CHECK_METRICS;
	r.summary = summarise(&k, metrics, r.status);
	add_lines(ctx, &k, &r);
	printing = 1;
	print_report(o, ctx, k.cases.census, &r, stdout);
	status = (int)r.status;
	check_report_done(&r);
	checkup_done(&k);
	return status;
}

const struct command command_check = {
	.name = "check",
	.summary = "Check the health and say so by exit status",
	.options = check_option_specs,
	.own_size = sizeof(struct check_options),
	.take_option = check_take_option,
	.run = run,
	.could_not_look = could_not_look,
	.usage_status = CHECK_UNKNOWN,
	.settle_ms = SETTLE_MS,
};
