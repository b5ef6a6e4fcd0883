/* SPDX-License-Identifier: MIT */
#include "cmd/list_columns.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "inspect/signals.h"
#include "judge/remedy.h"
#include "render/label.h"
#include "render/text.h"

static const struct details *subject(const struct list_row *r)
{
	return r->zombie ? &r->zombie->details : &r->parent->details;
}

static bool is_seen(const struct list_row *r)
{
	return r->zombie || r->parent->process;
}

static void put_raw(struct table *t, const struct list_row *r, const char *raw)
{
	auto_free char *text = text_printable(raw, strlen(raw), r->ctx->utf8);

	table_cell(t, STYLE_PLAIN, text);
}

static void put_pid(struct table *t, const struct list_row *r)
{
	table_number(t, STYLE_BOLD, (uint64_t)subject(r)->process.pid);
}

static void put_nspid(struct table *t, const struct list_row *r)
{
	pid_t pid = details_ns_pid(subject(r));

	if (pid)
		table_number(t, STYLE_PLAIN, (uint64_t)pid);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_ppid(struct table *t, const struct list_row *r)
{
	table_number(t, STYLE_PLAIN, (uint64_t)subject(r)->process.ppid);
}

static void put_state(struct table *t, const struct list_row *r)
{
	char state = subject(r)->process.state;

	table_cellf(t, STYLE_PLAIN, "%c", state > ' ' && state < 0x7f ? state : '?');
}

static void put_command(struct table *t, const struct list_row *r)
{
	put_raw(t, r, is_seen(r) ? subject(r)->process.comm : "?");
}

static void put_container(struct table *t, const struct list_row *r)
{
	const struct details *d = &r->parent->details;
	auto_free char *text =
		container_label(d->in_container ? &d->container : NULL, r->ctx->utf8);

	if (details_has(d, WANT_CGROUP))
		table_cell(t, STYLE_PLAIN, text);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_zombies(struct table *t, const struct list_row *r)
{
	table_number(t, STYLE_PLAIN, r->parent->n_zombies);
}

/* "<" says that it died at most that long ago: without BPF only its age is known */
static void put_since(struct table *t, double seconds, bool exact)
{
	char text[DURATION_TEXT_SIZE];

	table_cellf(t, STYLE_PLAIN, "%s%s", exact ? "" : "<", duration_format(seconds, text));
}

static void put_oldest(struct table *t, const struct list_row *r)
{
	put_since(t, r->parent->oldest_s, r->parent->oldest_exact);
}

static void put_dead(struct table *t, const struct list_row *r)
{
	const struct zombie_case *z = r->zombie;

	if (z->death_known)
		put_since(t, (double)(r->census->taken_ns - z->died_ns) / 1e9, true);
	else
		put_since(t, cases_age_s(r->census, z->process), false);
}

static void put_age(struct table *t, const struct list_row *r)
{
	char text[DURATION_TEXT_SIZE];

	if (!is_seen(r))
		table_cell(t, STYLE_DIM, "?");
	else
		table_cell(t, STYLE_PLAIN,
			   duration_format(cases_age_s(r->census, &subject(r)->process), text));
}

static void put_sigchld(struct table *t, const struct list_row *r)
{
	static const char *const names[] = {
		[SIGCHLD_DEFAULT] = "default", [SIGCHLD_IGNORED] = "ignored", [SIGCHLD_CAUGHT] = "caught"
	};
	const struct parent_evidence *e = &r->parent->evidence;

	if (!e->masks_known)
		table_cell(t, STYLE_DIM, "?");
	else
		table_cell(t, STYLE_PLAIN, e->blocked ? "blocked" : names[e->disposition]);
}

static void put_mask(struct table *t, const struct list_row *r, uint64_t mask)
{
	if (r->parent->evidence.masks_known)
		table_cellf(t, STYLE_PLAIN, "%" PRIx64, mask);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_sigcgt(struct table *t, const struct list_row *r)
{
	put_mask(t, r, r->parent->details.status.masks.caught);
}

static void put_sigblk(struct table *t, const struct list_row *r)
{
	put_mask(t, r, r->parent->details.status.masks.blocked);
}

static void put_sigign(struct table *t, const struct list_row *r)
{
	put_mask(t, r, r->parent->details.status.masks.ignored);
}

static void verdict_of(const struct list_row *r, struct verdict *v)
{
	if (r->zombie)
		cases_judge_zombie(r->parent, r->zombie, v);
	else
		*v = r->parent->verdict;
}

static void put_verdict(struct table *t, const struct list_row *r)
{
	struct verdict v;
	bool proven;

	verdict_of(r, &v);
	proven = v.certainty == CERTAINTY_PROVEN;
	table_cellf(t,
		    v.code == VERDICT_IN_FLIGHT ? STYLE_GREEN :
		    proven			? STYLE_RED :
						  STYLE_YELLOW,
		    "%s%s", verdict_name(v.code), proven ? "" : "?");
}

static void put_why(struct table *t, const struct list_row *r)
{
	struct verdict v;

	verdict_of(r, &v);
	put_raw(t, r, v.why);
}

static void put_remedy(struct table *t, const struct list_row *r)
{
	auto_free char *remedy = NULL;
	struct verdict v;

	verdict_of(r, &v);
	remedy = remedy_of(&v);
	put_raw(t, r, remedy);
}

static void put_nudge(struct table *t, const struct list_row *r)
{
	static const char *const names[] = { "useless", "may-help", "unknown" };
	struct verdict v;

	verdict_of(r, &v);
	table_cell(t, STYLE_PLAIN, names[v.nudge]);
}

static void put_doing(struct table *t, const struct list_row *r)
{
	const struct details *d = &r->parent->details;

	if (!details_has(d, WANT_DOING) || !d->threads[0].blocked_in.known)
		table_cell(t, STYLE_DIM, "?");
	else if (d->threads[0].blocked_in.running)
		table_cell(t, STYLE_PLAIN, "running");
	else
		table_cell(t, STYLE_PLAIN,
			   d->threads[0].blocked_in.name ? d->threads[0].blocked_in.name : "-");
}

static void put_pidns(struct table *t, const struct list_row *r)
{
	if (details_has(subject(r), WANT_PIDNS))
		table_number(t, STYLE_PLAIN, subject(r)->pidns);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_uid(struct table *t, const struct list_row *r)
{
	if (details_has(subject(r), WANT_STATUS))
		table_number(t, STYLE_PLAIN, subject(r)->status.uid);
	else
		table_cell(t, STYLE_DIM, "?");
}

static void put_held(struct table *t, const struct list_row *r)
{
	auto_free char *text = list_held(r->ctx, r->parent);

	table_cell(t, STYLE_PLAIN, text);
}

static void put_exit(struct table *t, const struct list_row *r)
{
	int code = r->zombie->process->exit_code;
	char name[SIGNAL_NAME_SIZE];

	if (!r->zombie->exit_known)
		table_cell(t, STYLE_DIM, "?");
	else if (WIFSIGNALED(code))
		table_cellf(t, STYLE_PLAIN, "%s%s", signal_name(WTERMSIG(code), name),
			    WCOREDUMP(code) ? " core" : "");
	else
		table_number(t, STYLE_PLAIN, (uint64_t)WEXITSTATUS(code));
}

static void put_adopted(struct table *t, const struct list_row *r)
{
	enum tri adopted = r->zombie->adoption.adopted;

	table_cell(t, STYLE_PLAIN, adopted == TRI_YES ? "yes" : adopted == TRI_NO ? "no" : "?");
}

static void put_blocker(struct table *t, const struct list_row *r)
{
	table_cell(t, STYLE_PLAIN, zombie_blocker(&r->zombie->evidence));
}

static void put_cpu(struct table *t, const struct list_row *r)
{
	table_cellf(t, STYLE_PLAIN, "%.2f",
		    (double)r->zombie->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK));
}

static const struct list_column parent_columns[] = {
	{ "pid", { "PID", true, 0 }, put_pid, true, 0 },
	{ "nspid", { "NSPID", true, 0 }, put_nspid, true, 72 },
	{ "state", { "S", false, 0 }, put_state, true, 0 },
	{ "command", { "COMMAND", false, 7 }, put_command, true, 0 },
	{ "zombies", { "ZOMBIES", true, 0 }, put_zombies, true, 0 },
	{ "oldest", { "OLDEST", true, 0 }, put_oldest, true, 48 },
	{ "sigchld", { "SIGCHLD", false, 0 }, put_sigchld, true, 64 },
	{ "sigcgt", { "SIGCGT", true, 6 }, put_sigcgt, true, 80 },
	{ "verdict", { "VERDICT", false, 0 }, put_verdict, true, 0 },
	{ "container", { "CONTAINER", false, 8 }, put_container, false, 0 },
	{ "ppid", { "PPID", true, 0 }, put_ppid, false, 0 },
	{ "uid", { "UID", true, 0 }, put_uid, false, 0 },
	{ "age", { "AGE", true, 0 }, put_age, false, 0 },
	{ "pidns", { "PIDNS", true, 0 }, put_pidns, false, 0 },
	{ "sigblk", { "SIGBLK", true, 6 }, put_sigblk, false, 0 },
	{ "sigign", { "SIGIGN", true, 6 }, put_sigign, false, 0 },
	{ "doing", { "DOING", false, 0 }, put_doing, false, 0 },
	{ "nudge", { "NUDGE", false, 0 }, put_nudge, false, 0 },
	{ "held", { "HELD", false, 10 }, put_held, false, 0 },
	{ "why", { "WHY", false, 10 }, put_why, false, 0 },
	{ "remedy", { "REMEDY", false, 10 }, put_remedy, false, 0 },
};

static const struct list_column zombie_columns[] = {
	{ "pid", { "PID", true, 0 }, put_pid, true, 0 },
	{ "nspid", { "NSPID", true, 0 }, put_nspid, true, 72 },
	{ "ppid", { "PPID", true, 0 }, put_ppid, true, 48 },
	{ "command", { "COMMAND", false, 7 }, put_command, true, 0 },
	{ "container", { "CONTAINER", false, 8 }, put_container, true, 80 },
	{ "exit", { "EXIT", false, 0 }, put_exit, true, 0 },
	{ "dead", { "DEAD", true, 0 }, put_dead, true, 56 },
	{ "adopted", { "ADOPTED", false, 0 }, put_adopted, true, 72 },
	{ "verdict", { "VERDICT", false, 0 }, put_verdict, true, 0 },
	{ "blocker", { "BLOCKER", false, 0 }, put_blocker, false, 0 },
	{ "age", { "AGE", true, 0 }, put_age, false, 0 },
	{ "cpu", { "CPU", true, 0 }, put_cpu, false, 0 },
	{ "uid", { "UID", true, 0 }, put_uid, false, 0 },
	{ "pidns", { "PIDNS", true, 0 }, put_pidns, false, 0 },
	{ "why", { "WHY", false, 10 }, put_why, false, 0 },
	{ "remedy", { "REMEDY", false, 10 }, put_remedy, false, 0 },
};

const struct list_column *list_columns(bool zombies, size_t *ret_n)
{
	*ret_n = zombies ? ARRAY_SIZE(zombie_columns) : ARRAY_SIZE(parent_columns);
	return zombies ? zombie_columns : parent_columns;
}

static char *all_names(const struct list_column *columns, size_t n)
{
	char *list = xstrdup(columns[0].name);

	for (size_t i = 1; i < n; i++) {
		char *longer = xasprintf("%s,%s", list, columns[i].name);

		free(list);
		list = longer;
	}
	return list;
}

int list_choose(const char *names, bool zombies, size_t width, size_t ret[static LIST_MAX_COLUMNS],
		char **ret_error)
{
	auto_free char *copy = xstrdup(names ? names : "");
	size_t n_columns, n = 0, i;
	const struct list_column *columns = list_columns(zombies, &n_columns);
	char *save = NULL;

	for (i = 0; !names && i < n_columns; i++)
		if (columns[i].by_default && columns[i].drop_below <= width)
			ret[n++] = i;
	for (char *s = strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < n_columns && !streq(columns[i].name, s); i++)
			;
		if (i == n_columns || n == LIST_MAX_COLUMNS) {
			auto_free char *known = all_names(columns, n_columns);

			*ret_error = xasprintf("--output: there is no column '%s'; there are %s", s,
					       known);
			return -EINVAL;
		}
		ret[n++] = i;
	}
	if (n == 0) {
		*ret_error = xstrdup("--output: the name of a column is wanted");
		return -EINVAL;
	}
	return (int)n;
}
