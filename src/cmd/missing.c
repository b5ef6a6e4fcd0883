/* SPDX-License-Identifier: MIT */
#include "cmd/missing.h"

#include <stdio.h>
#include <sys/capability.h>

#include "cmd/cases.h"

#define MISSING_EXIT \
	(1u << 31)   /* of a zombie: it needs the same right as the link of a namespace */
#define MOST_NAMED 4 /* processes that a note names */

/* Whether this process holds a capability in its effective set (cap_get_proc(3)) */
static bool is_effective(cap_value_t capability)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (!caps)
		return false;
	(void)cap_get_flag(caps, capability, CAP_EFFECTIVE, &value); /* stays CAP_CLEAR */
	cap_free(caps);
	return value == CAP_SET;
}

static void add(struct missing *m, unsigned what, pid_t pid)
{
	if (!what)
		return;
	m->what |= what;
	ARRAY_GROW(m->pids, m->n, m->cap);
	m->pids[m->n++] = pid;
}

void missing_add(struct missing *m, const struct details *d)
{
	unsigned what = d->denied;

	/* concluded from others */
	if (details_has(d, WANT_PIDNS))
		what &= ~(unsigned)WANT_PIDNS;
	if ((d->denied & WANT_PIDNS) && d->process.state == 'Z')
		what |= MISSING_EXIT;
	add(m, what, d->process.pid);
}

void missing_add_case(struct missing *m, const struct parent_case *p)
{
	missing_add(m, &p->details);
	for (size_t k = 0; k < p->n_looked_at; k++)
		missing_add(m, &p->zombies[k].details);
}

void missing_add_pidns(struct missing *m, const struct census *c, const struct pidns_map *map,
		       size_t at)
{
	for (size_t i = 0; i < c->n && map->list[at].refused; i++)
		if (map->of[i] == at)
			add(m, WANT_PIDNS, c->procs[i].pid);
}

void missing_take(struct missing *m, struct missing *from)
{
	for (size_t i = 0; i < from->n; i++)
		add(m, from->what, from->pids[i]);
	missing_done(from);
}

static int compare(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each process once, in order */
static void sort(struct missing *m)
{
	size_t kept = 0;

	qsort(m->pids, m->n, sizeof(*m->pids), compare);
	for (size_t i = 1; i < m->n; i++)
		if (m->pids[i] != m->pids[kept])
			m->pids[++kept] = m->pids[i];
	m->n = kept + 1;
}

static void put_what(FILE *out, unsigned what)
{
	static const struct {
		unsigned what;
		const char *name;
	} shown[] = {
		{ WANT_PIDNS, "PID namespace" },
		{ MISSING_EXIT, "exit status" },
		{ WANT_DOING, "system call" },
		{ WANT_SIGNALFD | WANT_SIGNALFD_IF_BLOCKED, "signalfds" },
		{ WANT_WCHAN, "wait channel" },
		{ WANT_STATUS | WANT_THREADS, "signal masks" },
		{ WANT_CGROUP, "container" },
	};
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		if (!(what & shown[i].what))
			continue;
		fprintf(out, "%s%s", between, shown[i].name);
		between = ", ";
	}
}

static void put_whose(FILE *out, const struct missing *m)
{
	/* the last one is named rather than called one more */
	size_t named = m->n <= MOST_NAMED + 1 ? m->n : MOST_NAMED;

	fputs(m->n == 1 ? " of process " : " of processes ", out);
	for (size_t i = 0; i < named; i++)
		fprintf(out, "%s%d", i == 0 ? "" : i + 1 == m->n ? " and " : ", ", m->pids[i]);
	if (named < m->n)
		fprintf(out, " and %zu more", m->n - named);
}

void missing_note(struct context *ctx, struct missing *m)
{
	auto_free char *text = NULL;
	size_t size;
	FILE *out;

	if (m->n == 0)
		return;
	sort(m);
	out = open_memstream(&text, &size);
	if (!out)
		return;
	put_what(out, m->what);
	put_whose(out, m);
	fclose(out);
	if (is_effective(CAP_SYS_PTRACE))
		context_note(
			ctx,
			"%s not shown: refused in spite of CAP_SYS_PTRACE (another user namespace, or a security module)",
			text);
	else
		context_note(ctx, "%s not shown: CAP_SYS_PTRACE is missing", text);
	missing_done(m);
}

void missing_note_cases(struct context *ctx, const struct cases *cases, struct missing *more)
{
	struct missing m = { 0 };

	for (size_t i = 0; i < cases->n; i++)
		missing_add_case(&m, &cases->parents[i]);
	if (more)
		missing_take(&m, more);
	missing_note(ctx, &m);
}

void missing_done(struct missing *m)
{
	free(m->pids);
	*m = (struct missing){ 0 };
}
