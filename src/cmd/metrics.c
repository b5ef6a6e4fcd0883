/* SPDX-License-Identifier: MIT */
/* coroner metrics: OpenMetrics text for the textfile collector of node_exporter. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/duration.h"
#include "cmd/checkup.h"
#include "render/label.h"
#include "render/openmetrics.h"

#define TOP 20
#define MAX_TOP 1000

struct metrics_options {
	const char *output;
	bool top_given;
	size_t top;
};

enum {
	OPT_OUTPUT = 'o',
	OPT_TOP = 256,
};

static const struct option_spec options[] = {
	{ OPT_OUTPUT, "output", "FILE", "write aside, then rename to FILE (DIR/coroner.prom)" },
	{ OPT_TOP, "top", "N", "label sets a metric has at most (default 20)" },
	{ 0 },
};

static int take_option(void *own, int id, const char *argument, char **ret_error)
{
	struct metrics_options *o = own;
	unsigned long n;

	if (id == OPT_OUTPUT) {
		o->output = argument;
		if (*argument)
			return 0;
		*ret_error = xstrdup("--output: the name of a file is wanted");
		return -EINVAL;
	}
	n = strtoul(argument, NULL, 10);
	if (strspn(argument, "0123456789") == strlen(argument) && n >= 1 && n <= MAX_TOP) {
		o->top_given = true;
		o->top = n;
		return 0;
	}
	*ret_error = xasprintf("--top: '%s' is not valid: 1 to %d is wanted", argument, MAX_TOP);
	return -EINVAL;
}

static void gauge(FILE *out, const char *name, const char *unit, const char *help, double value)
{
	om_gauge(out, name, unit, help);
	om_sample(out, name, NULL, 0, value);
}

/* -- zombies by what holds them -- */

/* Parents of one program in one container are one series: no series has a PID */
struct group {
	char *container;     /* owned */
	const char *comm;    /* borrowed from the case */
	const char *verdict; /* static */
	size_t zombies;
};

static struct group *group_of(struct group *groups, size_t *n, const struct parent_case *p)
{
	const char *comm = p->process ? p->details.process.comm : "";
	const char *verdict = verdict_name(p->verdict.code);
	auto_free char *label = p->details.in_container ?
					container_label(&p->details.container, true) :
					xstrdup("");

	for (size_t i = 0; i < *n; i++)
		if (streq(groups[i].comm, comm) && streq(groups[i].verdict, verdict) &&
		    streq(groups[i].container, label))
			return &groups[i];
	groups[*n] = (struct group){ xstrdup(label), comm, verdict, 0 };
	return &groups[(*n)++];
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return (x->zombies < y->zombies) - (x->zombies > y->zombies);
}

static void put_parents(FILE *out, const struct checkup *k, size_t top)
{
	auto_free struct group *groups = xcalloc(k->cases.n, sizeof(*groups));
	size_t n = 0, rest = 0;

	for (size_t i = 0; i < k->cases.n; i++)
		group_of(groups, &n, &k->cases.parents[i])->zombies +=
			k->cases.parents[i].n_zombies;
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

static void put_verdicts(FILE *out, const struct checkup *k)
{
	size_t parents[VERDICT_COUNT] = { 0 };

	for (size_t i = 0; i < k->cases.n; i++)
		parents[k->cases.parents[i].verdict.code]++;
	om_gauge(out, "coroner_parents", NULL, "Parents that hold zombies, by verdict.");
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		const struct om_label label = { "verdict", verdict_name(code) };

		om_sample(out, "coroner_parents", &label, 1, (double)parents[code]);
	}
}

/* -- PID namespaces -- */

static int compare_pidns(const void *a, const void *b)
{
	const struct pidns *x = *(const struct pidns *const *)a,
			   *y = *(const struct pidns *const *)b;

	if (x->zombies != y->zombies)
		return (x->zombies < y->zombies) - (x->zombies > y->zombies);
	return (x->processes < y->processes) - (x->processes > y->processes);
}

static char *container_of(const struct checkup *k, const struct pidns *ns)
{
	const struct process *p = ns->init ? ns->init : ns->member;
	char *label = NULL;
	struct details d;

	if (p && details_read(k->cases.census, p, WANT_CGROUP, &d) == 0) {
		label = d.in_container ? container_label(&d.container, true) : NULL;
		details_done(&d);
	}
	return label ? label : xstrdup("");
}

static void put_pidns_gauge(FILE *out, const struct pidns *const *list, char *const *containers,
			    size_t n, const char *name, const char *help, bool zombies)
{
	om_gauge(out, name, NULL, help);
	for (size_t i = 0; i < n; i++) {
		char inode[24];
		const struct om_label labels[] = { { "pidns", inode },
						   { "container", containers[i] } };

		snprintf(inode, sizeof(inode), "%" PRIu64, list[i]->inode);
		om_sample(out, name, labels, 2,
			  (double)(zombies ? list[i]->zombies : list[i]->processes));
	}
}

static bool is_in_scope(const struct checkup *k, const struct pidns *ns)
{
	const struct process *p = ns->init ? ns->init : ns->member;
	struct details d;
	bool in;

	if (k->scope.by_pidns && ns->inode != k->scope.pidns)
		return false;
	if (!k->scope.container)
		return true;
	if (details_read(k->cases.census, p, WANT_CGROUP, &d) < 0)
		return false;
	in = scope_has_container(&k->scope, &d);
	details_done(&d);
	return in;
}

static void put_pidns(FILE *out, const struct checkup *k, size_t top)
{
	const struct pidns_map *m = &k->view.pidns;
	auto_free const struct pidns **list = xcalloc(m->n, sizeof(*list));
	auto_free char **containers = xcalloc(m->n, sizeof(*containers));
	size_t n = 0, all = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (!is_in_scope(k, &m->list[i]))
			continue;
		all++;
		/* two that could not be read would be one series */
		if (m->list[i].inode)
			list[n++] = &m->list[i];
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), compare_pidns);
	n = n < top ? n : top;
	for (size_t i = 0; i < n; i++)
		containers[i] = container_of(k, list[i]);
	gauge(out, "coroner_pid_namespaces", NULL, "PID namespaces in scope.", (double)all);
	put_pidns_gauge(out, list, containers, n, "coroner_pid_namespace_processes",
			"Processes of a PID namespace, zombies included; those with most zombies.",
			false);
	put_pidns_gauge(out, list, containers, n, "coroner_pid_namespace_zombies",
			"Zombies of a PID namespace; those with most.", true);
	for (size_t i = 0; i < n; i++)
		free(containers[i]);
}

/* -- limits -- */

static int compare_limits(const void *a, const void *b)
{
	double x = limit_usage(*(const struct limit *const *)a);
	double y = limit_usage(*(const struct limit *const *)b);

	return (x < y) - (x > y);
}

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

static void put_limit_gauge(FILE *out, size_t which, const struct limit *const *list, size_t n)
{
	om_gauge(out, limit_gauges[which].name, limit_gauges[which].unit, limit_gauges[which].help);
	for (size_t i = 0; i < n; i++) {
		const struct limit *l = list[i];
		const struct om_label labels[] = { { "kind", limit_kind_name(l->kind) },
						   { "name", l->name } };
		const double values[] = { limit_usage(l) / 100, (double)l->current,
					  (double)l->headroom, (double)l->zombies };

		if (which != 3 || l->has_zombies)
			om_sample(out, limit_gauges[which].name, labels, 2, values[which]);
	}
}

static void put_limits(FILE *out, const struct checkup *k, size_t top)
{
	auto_free const struct limit **list = xcalloc(k->found.n, sizeof(*list));
	size_t n = 0;

	/* each case's own limit: those above are cases of their own */
	for (size_t i = 0; i < k->found.n; i++) {
		const struct limit *l = k->found.cases[i].n ? &k->found.cases[i].limits[0] : NULL;

		if (l && l->applies && l->has_current && limit_usage(l) >= 0)
			list[n++] = l;
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), compare_limits);
	n = n < top ? n : top;
	for (size_t which = 0; which < ARRAY_SIZE(limit_gauges); which++)
		put_limit_gauge(out, which, list, n);
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
	const struct om_label source = { "source", c->source == CENSUS_BPF ? "bpf" : "procfs" };

	om_gauge(out, "coroner_build_info", NULL, "The version of coroner.");
	om_sample(out, "coroner_build_info", &version, 1, 1);
	om_gauge(out, "coroner_source_info", NULL, "Where the census came from.");
	om_sample(out, "coroner_source_info", &source, 1, 1);
	gauge(out, "coroner_complete", NULL, "1 if all processes in scope could be seen, else 0.",
	      k->unseen ? 0 : 1);
	gauge(out, "coroner_visible_processes", NULL, "Processes that could be seen.",
	      (double)c->n);
	gauge(out, "coroner_zombies", NULL, "Zombies in scope.", (double)k->cases.n_zombies);
	gauge(out, "coroner_most_zombies_per_parent", NULL, "Zombies of the parent that has most.",
	      (double)k->most_per_parent);
	if (c->kernel)
		gauge(out, "coroner_orphans", NULL, "Processes that were adopted by a reaper.",
		      (double)k->orphans);
	gauge(out, "coroner_unfit_inits", NULL, "Inits that adopt zombies and do not reap them.",
	      (double)k->unfit_inits);
	if (k->oldest_least_s >= k->oldest_most_s)
		gauge(out, "coroner_oldest_zombie_age_seconds", "seconds",
		      "Time since the oldest zombie died.", k->oldest_least_s);
}

static void put_all(FILE *out, const struct checkup *k, size_t top, int64_t began_ns)
{
	int64_t now_ms = clock_ns(CLOCK_REALTIME) / 1000000;

	put_totals(out, k);
	put_verdicts(out, k);
	put_parents(out, k, top);
	put_pidns(out, k, top);
	put_limits(out, k, top);
	gauge(out, "coroner_look_duration_seconds", "seconds", "How long this look has taken.",
	      (double)(clock_ns(CLOCK_MONOTONIC) - began_ns) / 1e9);
	gauge(out, "coroner_look_timestamp_seconds", "seconds", "When it was done.",
	      (double)now_ms / 1000);
	om_end(out);
}

/* Readers must never see half a file: written aside, under a name they do not read, then renamed */
static int write_file(const char *path, const struct checkup *k, size_t top, int64_t began_ns)
{
	auto_free char *aside = xasprintf("%s.XXXXXX", path);
	struct stat st;
	int fd, r = 0;
	FILE *out;

	/* to rename over a device or a pipe would end it for everybody */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		complain("%s is no regular file: it would be replaced by one", path);
		return -EINVAL;
	}
	fd = mkostemp(aside, O_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		r = -errno;
		complain("cannot write beside %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return r;
	}
	put_all(out, k, top, began_ns);
	/* the collector runs as another user */
	if (fflush(out) != 0 || ferror(out) || fchmod(fd, 0644) < 0)
		r = -errno;
	if (fclose(out) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(aside, path) < 0)
		r = -errno;
	if (r < 0) {
		complain("cannot write %s: %s", path, strerror(-r));
		(void)unlink(aside); /* the error is told already */
	}
	return r;
}

static int run(struct context *ctx, void *own, int n, char **args)
{
	const struct metrics_options *o = own;
	size_t top = o->top_given ? o->top : TOP;
	int64_t began = clock_ns(CLOCK_MONOTONIC);
	int status = EXIT_DONE;
	struct checkup k;

	(void)n;
	(void)args;
	if (ctx->options.json) {
		complain("metrics has no JSON form: it prints OpenMetrics text");
		return EXIT_USAGE;
	}
	if (checkup_take(ctx, true, &k) < 0)
		return EXIT_NOT_DONE;
	if (!o->output)
		put_all(stdout, &k, top, began);
	else if (write_file(o->output, &k, top, began) < 0)
		status = EXIT_NOT_DONE;
	checkup_done(&k);
	return status;
}

const struct command command_metrics = {
	.name = "metrics",
	.summary = "Print OpenMetrics text for Prometheus",
	.options = options,
	.own_size = sizeof(struct metrics_options),
	.take_option = take_option,
	.run = run,
	.usage_status = EXIT_USAGE,
};
