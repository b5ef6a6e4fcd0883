/* SPDX-License-Identifier: MIT */
/* OpenMetrics text for the textfile collector of node_exporter. */
#include <stdio.h>

#include "case/forks/measures.h"
#include "show/monitor/openmetrics.h"
#include "show/show.h"
#include "words/forks/series.h"
#include "words/label.h"
#include "words/tokens.h"
#include "words/verdict.h"

static void gauge(FILE *out, const char *name, const char *unit, const char *help, double value)
{
	om_gauge(out, name, unit, help);
	om_sample(out, name, NULL, 0, value);
}

/* -- zombies by what holds them -- */

/* "" for none */
static char *container_of(const struct details *d)
{
	return d->in_container ? container_label(&d->container, true) : xstrdup("");
}

/* Parents of one program in one container are one series: no series has a PID */
struct group {
	char *container;     /* owned */
	const char *comm;    /* borrowed from the case */
	const char *verdict; /* static */
	size_t zombies;
};

static struct group group_of(const struct parent_case *p)
{
	return (struct group){ container_of(&p->details), p->process ? p->details.process.comm : "",
			       verdict_name(p->verdict.code), p->n_zombies };
}

static int compare_names(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order = strcmp(x->comm, y->comm);

	if (order == 0)
		order = strcmp(x->verdict, y->verdict);
	return order ? order : strcmp(x->container, y->container);
}

/* Those that are named alike become one; returns how many are left */
static size_t merge_groups(struct group *groups, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(groups, n, sizeof(*groups), compare_names);
	for (size_t i = 1; i < n; i++) {
		if (compare_names(&groups[kept], &groups[i]) != 0) {
			groups[++kept] = groups[i];
			continue;
		}
		groups[kept].zombies += groups[i].zombies;
		free(groups[i].container);
	}
	return kept + 1;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->zombies != y->zombies)
		return x->zombies < y->zombies ? 1 : -1;
	return compare_names(a, b);
}

static void put_parents(FILE *out, const struct checkup *k, size_t top)
{
	auto_free struct group *groups = xcalloc(k->cases.n, sizeof(*groups));
	size_t n, rest = 0;

	for (size_t i = 0; i < k->cases.n; i++)
		groups[i] = group_of(&k->cases.parents[i]);
	n = merge_groups(groups, k->cases.n);
	if (n > 0)
		qsort(groups, n, sizeof(*groups), compare_groups);
	om_gauge(out, "coroner_parent_zombies", NULL,
		 "Zombies by program that holds them, container and verdict; the largest groups.");
	for (size_t i = 0; i < n; i++) {
		const struct om_label labels[] = { { "comm", groups[i].comm },
						   { "container", groups[i].container },
						   { "verdict", groups[i].verdict } };

		if (i < top)
			om_sample(out, "coroner_parent_zombies", labels, 3,
				  (double)groups[i].zombies);
		else
			rest += groups[i].zombies;
		free(groups[i].container);
	}
	gauge(out, "coroner_other_parents_zombies", NULL,
	      "Zombies in groups too small to be named.", (double)rest);
}

static void put_by_verdict(FILE *out, const char *name, const char *help,
			   const size_t parents[VERDICT_COUNT])
{
	om_gauge(out, name, NULL, help);
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		const struct om_label label = { "verdict", verdict_name(code) };

		om_sample(out, name, &label, 1, (double)parents[code]);
	}
}

static void put_verdicts(FILE *out, const struct checkup *k)
{
	size_t parents[VERDICT_COUNT] = { 0 }, likely[VERDICT_COUNT] = { 0 };

	for (size_t i = 0; i < k->cases.n; i++) {
		const struct verdict *v = &k->cases.parents[i].verdict;

		parents[v->code]++;
		likely[v->code] += v->certainty == CERTAINTY_LIKELY;
	}
	put_by_verdict(out, "coroner_parents", "Parents that hold zombies, by verdict.", parents);
	put_by_verdict(out, "coroner_parents_likely",
		       "Of these, those whose verdict is likely, not proven.", likely);
}

/* -- PID namespaces -- */

static void put_pidns_gauge(FILE *out, const struct measures *m, const char *name, const char *help,
			    bool zombies)
{
	om_gauge(out, name, NULL, help);
	for (size_t i = 0; i < m->n_pidns && i < m->top; i++) {
		const struct measured_pidns *one = &m->pidns[i];
		auto_free char *container = container_of(&one->details);
		const struct om_label labels[] = { { "init", pidns_init_comm(one->ns) },
						   { "container", container } };

		om_sample(out, name, labels, 2, (double)(zombies ? one->zombies : one->processes));
	}
}

static void put_pidns(FILE *out, const struct measures *m)
{
	gauge(out, "coroner_pid_namespaces", NULL, "PID namespaces in scope.",
	      (double)m->all_pidns);
	put_pidns_gauge(
		out, m, "coroner_pid_namespace_processes",
		"Processes of the PID namespaces of a container, zombies included; those with most zombies.",
		false);
	put_pidns_gauge(out, m, "coroner_pid_namespace_zombies",
			"Zombies of the PID namespaces of a container; those with most.", true);
}

/* -- limits -- */

static const struct {
	const char *name, *unit, *help;
} limit_gauges[] = {
	{ "coroner_limit_usage_ratio", "ratio",
	  "Share of a limit on tasks that is in use; the fullest ones." },
	{ "coroner_limit_tasks", NULL, "Tasks that count against the limit." },
	{ "coroner_limit_headroom", NULL,
	  "Tasks that still fit, by this limit alone; at most so many where not all can be counted." },
	{ "coroner_limit_zombies", NULL, "Zombies among the tasks that count." },
};

/* A limit with the name that its series have. */
struct series {
	char *name; /* owned */
	const struct limit *limit;
};

static void put_limit_gauge(FILE *out, size_t which, const struct series *list, size_t n)
{
	om_gauge(out, limit_gauges[which].name, limit_gauges[which].unit, limit_gauges[which].help);
	for (size_t i = 0; i < n; i++) {
		const struct limit *l = list[i].limit;
		const struct om_label labels[] = { { "kind", limit_kind_name(l->kind) },
						   { "name", list[i].name } };
		const double values[] = { limit_usage(l) / 100, (double)l->current,
					  (double)l->headroom, (double)l->zombies };

		if (which != 3 || l->has_zombies)
			om_sample(out, limit_gauges[which].name, labels, 2, values[which]);
	}
}

static bool is_named(const struct series *list, size_t n, const char *name, enum limit_kind kind)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].limit->kind == kind && streq(list[i].name, name))
			return true;
	return false;
}

static void put_limits(FILE *out, const struct measures *m)
{
	auto_free struct series *list = xcalloc(m->top, sizeof(*list));
	const struct checkup *k = &m->checkup;
	size_t n = 0;

	for (size_t i = 0; i < m->n_limits && n < m->top; i++) {
		const struct limit *l = m->limits[i].limit;
		char *name = limit_series_name(&m->limits[i]);

		/* of those that are named alike the fullest one, which came first */
		if (is_named(list, n, name, l->kind))
			free(name);
		else
			list[n++] = (struct series){ name, l };
	}
	for (size_t which = 0; which < ARRAY_SIZE(limit_gauges); which++)
		put_limit_gauge(out, which, list, n);
	for (size_t i = 0; i < n; i++)
		free(list[i].name);
	if (k->found.has_refused)
		gauge(out, "coroner_refused_forks", NULL,
		      "Forks that a pids.max has refused, in all cgroups that exist now.",
		      (double)k->found.refused);
}

/* -- all of it -- */

static void put_totals(FILE *out, const struct checkup *k)
{
	const struct census *c = k->cases.census;
	const struct om_label version = { "version", CORONER_VERSION };
	const struct om_label source = { "source", source_token(c->source) };

	om_gauge(out, "coroner_build_info", NULL, "The version of coroner.");
	om_sample(out, "coroner_build_info", &version, 1, 1);
	om_gauge(out, "coroner_source_info", NULL, "Where the census came from.");
	om_sample(out, "coroner_source_info", &source, 1, 1);
	gauge(out, "coroner_complete", NULL,
	      "1 if all processes in scope could be seen, and no limit was lost, else 0.",
	      k->unseen.kind || k->unfit_maybe || k->found.unread ? 0 : 1);
	gauge(out, "coroner_visible_processes", NULL, "Processes that could be seen.",
	      (double)c->n);
	gauge(out, "coroner_zombies", NULL, "Zombies in scope.", (double)k->cases.n_zombies);
	gauge(out, "coroner_most_zombies_per_parent", NULL, "Zombies of the parent that has most.",
	      (double)k->most_per_parent);
	if (c->kernel)
		gauge(out, "coroner_orphans", NULL, "Processes that were adopted by a reaper.",
		      (double)k->orphans);
	if (!k->unfit_maybe)
		gauge(out, "coroner_unfit_inits", NULL,
		      "Inits that adopt zombies and do not reap them.", (double)k->unfit_inits);
	gauge(out, "coroner_dying_namespaces", NULL,
	      "PID namespaces that are torn down and wait for members.", (double)k->cases.n_dying);
	if (k->oldest_least_s >= k->oldest_most_s)
		gauge(out, "coroner_oldest_zombie_age_seconds", "seconds",
		      "Time since the oldest zombie died.", k->oldest_least_s);
}

static void put_failure(FILE *out, const char *why)
{
	const struct om_label reason = { "reason", why };

	om_gauge(out, "coroner_failure_info", NULL, "Why nothing could be measured.");
	om_sample(out, "coroner_failure_info", &reason, 1, 1);
	om_end(out);
}

void metrics_write(FILE *out, const struct measures *m)
{
	const struct checkup *k = &m->checkup;

	if (m->failure) {
		put_failure(out, m->failure);
		return;
	}
	put_totals(out, k);
	put_verdicts(out, k);
	put_parents(out, k, m->top);
	put_pidns(out, m);
	put_limits(out, m);
	gauge(out, "coroner_look_duration_seconds", "seconds", "How long this look has taken.",
	      m->took_s);
	gauge(out, "coroner_look_timestamp_seconds", "seconds", "When it was done.", m->done_s);
	om_end(out);
}

void metrics_openmetrics(const struct answer *a)
{
	metrics_write(stdout, a->facts);
}
