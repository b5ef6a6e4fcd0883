/* SPDX-License-Identifier: MIT */
#include "show/text/list_columns.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "base/memstream.h"
#include "inspect/text/signals.h"
#include "words/remedy.h"
#include "words/label.h"
#include "render/text.h"
#include "words/verdict.h"
#include "words/tokens.h"

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
	auto_free char *text = text_printable(raw, strlen(raw), r->terminal->utf8);

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
		container_label(d->in_container ? &d->container : NULL, r->terminal->utf8);

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
	const struct parent_evidence *e = &r->parent->evidence;

	if (!e->masks_known)
		table_cell(t, STYLE_DIM, "?");
	else
		table_cell(t, STYLE_PLAIN, e->blocked ? "blocked" : sigchld_token(e->disposition));
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

static const struct verdict *verdict_of(const struct list_row *r)
{
	return r->zombie ? &r->zombie->verdict : &r->parent->verdict;
}

static void put_verdict(struct table *t, const struct list_row *r)
{
	const struct verdict *v = verdict_of(r);
	bool proven = v->certainty == CERTAINTY_PROVEN, mixed = false;

	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++)
		mixed |= v->mixed[code] > 0;
	table_cellf(t,
		    !v->alerting ? STYLE_GREEN :
		    proven	 ? STYLE_RED :
				   STYLE_YELLOW,
		    "%s%s%s", verdict_name(v->code), proven ? "" : "?", mixed ? " +" : "");
}

static void put_why(struct table *t, const struct list_row *r)
{
	auto_free char *why = verdict_why(verdict_of(r));

	put_raw(t, r, why);
}

static void put_remedy(struct table *t, const struct list_row *r)
{
	auto_free char *remedy = remedy_of(verdict_of(r));

	put_raw(t, r, remedy);
}

static void put_nudge(struct table *t, const struct list_row *r)
{
	table_cell(t, STYLE_PLAIN, nudge_name(verdict_of(r)->nudge));
}

static void put_doing(struct table *t, const struct list_row *r)
{
	const struct details *d = &r->parent->details;
	const struct blocked_in *in;

	if (!details_has(d, WANT_DOING)) {
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	in = &d->threads[cases_telling_thread(r->parent)].blocked_in;
	if (!in->known)
		table_cell(t, STYLE_DIM, "?");
	else if (in->running)
		table_cell(t, STYLE_PLAIN, "running");
	else
		table_cell(t, STYLE_PLAIN, in->name ? in->name : "-");
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

/* The name where it is known, else the number */
static void put_user(struct table *t, const struct list_row *r)
{
	const struct details *d = subject(r);
	const char *name;

	if (!details_has(d, WANT_STATUS)) {
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	name = listing_user(r->listing, d->status.uid);
	if (name)
		put_raw(t, r, name);
	else
		table_number(t, STYLE_PLAIN, d->status.uid);
}

/* What has no arguments any more, or never had, has its name in brackets: ps(1) */
static void put_args(struct table *t, const struct list_row *r)
{
	const struct details *d = subject(r);
	auto_free char *joined = NULL;
	size_t size;
	FILE *out;

	if (!is_seen(r) || !d->has_cmdline) {
		table_cell(t, STYLE_DIM, "?");
		return;
	}
	out = memstream_open(&joined, &size);
	for (size_t i = 0; i < d->n_args; i++)
		fprintf(out, "%s%s", i ? " " : "", d->cmdline[i]);
	if (d->n_args == 0)
		fprintf(out, "[%s]", d->process.comm);
	fclose(out);
	put_raw(t, r, joined);
}

static void put_held(struct table *t, const struct list_row *r)
{
	auto_free char *text = list_held(r->terminal, r->parent);

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
	const struct adoption *a = &r->zombie->adoption;

	if (a->adopted == TRI_UNKNOWN)
		table_cell(t, STYLE_PLAIN, "?");
	else
		table_cellf(t, STYLE_PLAIN, "%s%s", a->adopted == TRI_YES ? "yes" : "no",
			    a->proven ? "" : "?");
}

static void put_blocker(struct table *t, const struct list_row *r)
{
	table_cell(t, STYLE_PLAIN, blocker_token(r->zombie->blocker));
}

static void put_cpu(struct table *t, const struct list_row *r)
{
	table_cellf(t, STYLE_PLAIN, "%.2f",
		    (double)r->zombie->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK));
}

static const struct list_column parent_columns[] = {
	{ "pid", { "PID", true, 0 }, put_pid, true, 0, 0 },
	{ "nspid", { "NSPID", true, 0 }, put_nspid, true, 72, 0 },
	{ "state", { "S", false, 0 }, put_state, true, 0, 0 },
	{ "command", { "COMMAND", false, 7 }, put_command, true, 0, 0 },
	{ "zombies", { "ZOMBIES", true, 0 }, put_zombies, true, 0, 0 },
	{ "oldest", { "OLDEST", true, 0 }, put_oldest, true, 48, 0 },
	{ "sigchld", { "SIGCHLD", false, 0 }, put_sigchld, true, 64, 0 },
	{ "sigcgt", { "SIGCGT", true, 6 }, put_sigcgt, true, 80, 0 },
	{ "verdict", { "VERDICT", false, 0 }, put_verdict, true, 0, 0 },
	{ "container", { "CONTAINER", false, 8 }, put_container, false, 0, 0 },
	{ "ppid", { "PPID", true, 0 }, put_ppid, false, 0, 0 },
	{ "uid", { "UID", true, 0 }, put_uid, false, 0, 0 },
	{ "user", { "USER", false, 8 }, put_user, false, 0, LISTING_NEEDS_USERS },
	{ "args", { "ARGS", false, 8 }, put_args, false, 0, LISTING_NEEDS_ARGS },
	{ "age", { "AGE", true, 0 }, put_age, false, 0, 0 },
	{ "pidns", { "PIDNS", true, 0 }, put_pidns, false, 0, 0 },
	{ "sigblk", { "SIGBLK", true, 6 }, put_sigblk, false, 0, 0 },
	{ "sigign", { "SIGIGN", true, 6 }, put_sigign, false, 0, 0 },
	{ "doing", { "DOING", false, 0 }, put_doing, false, 0, 0 },
	{ "nudge", { "NUDGE", false, 0 }, put_nudge, false, 0, 0 },
	{ "held", { "HELD", false, 10 }, put_held, false, 0, 0 },
	{ "why", { "WHY", false, 10 }, put_why, false, 0, 0 },
	{ "remedy", { "REMEDY", false, 10 }, put_remedy, false, 0, 0 },
};

static const struct list_column zombie_columns[] = {
	{ "pid", { "PID", true, 0 }, put_pid, true, 0, 0 },
	{ "nspid", { "NSPID", true, 0 }, put_nspid, true, 72, 0 },
	{ "ppid", { "PPID", true, 0 }, put_ppid, true, 48, 0 },
	{ "command", { "COMMAND", false, 7 }, put_command, true, 0, 0 },
	{ "container", { "CONTAINER", false, 8 }, put_container, true, 80, 0 },
	{ "exit", { "EXIT", false, 0 }, put_exit, true, 0, 0 },
	{ "dead", { "DEAD", true, 0 }, put_dead, true, 56, 0 },
	{ "adopted", { "ADOPTED", false, 0 }, put_adopted, true, 72, 0 },
	{ "verdict", { "VERDICT", false, 0 }, put_verdict, true, 0, 0 },
	{ "blocker", { "BLOCKER", false, 0 }, put_blocker, false, 0, 0 },
	{ "age", { "AGE", true, 0 }, put_age, false, 0, 0 },
	{ "cpu", { "CPU", true, 0 }, put_cpu, false, 0, 0 },
	{ "uid", { "UID", true, 0 }, put_uid, false, 0, 0 },
	{ "user", { "USER", false, 8 }, put_user, false, 0, LISTING_NEEDS_USERS },
	{ "args", { "ARGS", false, 8 }, put_args, false, 0, LISTING_NEEDS_ARGS },
	{ "pidns", { "PIDNS", true, 0 }, put_pidns, false, 0, 0 },
	{ "why", { "WHY", false, 10 }, put_why, false, 0, 0 },
	{ "remedy", { "REMEDY", false, 10 }, put_remedy, false, 0, 0 },
};

_Static_assert(ARRAY_SIZE(parent_columns) <= LISTING_MAX_COLUMNS &&
		       ARRAY_SIZE(zombie_columns) <= LISTING_MAX_COLUMNS,
	       "LISTING_MAX_COLUMNS");

const struct list_column *list_columns(bool zombies, size_t *ret_n)
{
	*ret_n = zombies ? ARRAY_SIZE(zombie_columns) : ARRAY_SIZE(parent_columns);
	return zombies ? zombie_columns : parent_columns;
}
