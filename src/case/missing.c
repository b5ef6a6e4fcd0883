/* SPDX-License-Identifier: MIT */
#include "case/missing.h"

#include "base/file.h"
#include "base/rights.h"
#include "case/zombies/cases.h"

#define MOST_ASKED 64 /* of which it is found out why */

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
	const struct pidns *ns = &map->list[at];

	for (size_t i = 0; i < ns->processes && ns->refused; i++)
		add(m, WANT_PIDNS, c->procs[map->members[ns->first + i]].pid);
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

/* One reason for all that were asked, or the one that CAP_SYS_PTRACE would overrule in any case */
static enum access_refusal find_reason(int procfd, const struct missing *m, uint64_t *ret_lacks)
{
	enum access_refusal reason = ACCESS_OTHER_USER;
	struct access_reader reader;

	*ret_lacks = 0;
	access_reader(procfd, &reader);
	for (size_t i = 0; i < m->n && i < MOST_ASKED; i++) {
		auto_free char *path = xasprintf("%d/status", m->pids[i]), *text = NULL;
		enum access_refusal why;
		uint64_t lacks;
		size_t len;

		if (file_slurp_at(procfd, path, &text, &len) < 0)
			return ACCESS_OTHER_USER;
		why = access_why(&reader, text, len, &lacks);
		if (i > 0 && why != reason)
			return ACCESS_OTHER_USER;
		reason = why;
		*ret_lacks |= lacks;
	}
	return m->n > MOST_ASKED ? ACCESS_OTHER_USER : reason;
}

/* Files of mode 0400, and nothing else: the links of the same processes were shown */
static bool is_files_alone(unsigned what)
{
	return !(what & ~(unsigned)(WANT_DOING | WANT_SIGNALFD | WANT_SIGNALFD_IF_BLOCKED));
}

enum missing_lack missing_lack(unsigned what, uint64_t held, enum access_refusal why)
{
	static const enum missing_lack lacks[] = {
		[ACCESS_UNCLEAR] = LACKS_TO_TRACE_OWN_USERS,
		[ACCESS_OTHER_USER] = LACKS_TO_TRACE,
		[ACCESS_CAPABLE] = LACKS_TO_TRACE_OR_EQUAL,
		[ACCESS_YAMA] = LACKS_TO_TRACE_BY_YAMA,
	};

	if (!(held & RIGHT(CAP_SYS_PTRACE)))
		return lacks[why];
	if (is_files_alone(what) &&
	    !(held & (RIGHT(CAP_DAC_READ_SEARCH) | RIGHT(CAP_DAC_OVERRIDE))))
		return LACKS_TO_READ_FILES;
	return LACKS_NOTHING;
}

static void find_lack(int procfd, const struct missing *m, struct missing_summary *ret)
{
	const uint64_t held = rights_held();
	enum access_refusal why = ACCESS_UNCLEAR;

	if (!(held & RIGHT(CAP_SYS_PTRACE)))
		why = find_reason(procfd, m, &ret->lacks);
	/* who has that right need not equal it */
	if (ret->lacks & RIGHT(CAP_SYS_PTRACE))
		why = ACCESS_OTHER_USER;
	ret->lack = missing_lack(m->what, held, why);
}

void missing_note(struct sight *sight, struct missing *m)
{
	struct missing_summary summary = { .what = m->what };

	if (m->n == 0)
		return;
	sort(m);
	summary.n = m->n;
	/* the last one is named rather than called one more */
	summary.n_named = m->n <= MISSING_NAMED ? m->n : MISSING_NAMED - 1;
	memcpy(summary.named, m->pids, summary.n_named * sizeof(*m->pids));
	find_lack(sight->procfd, m, &summary);
	sight_remark(sight, REMARK_MISSING, .missing = summary);
	missing_done(m);
}

void missing_note_cases(struct sight *sight, const struct cases *cases, struct missing *more)
{
	struct missing m = { 0 };
	size_t unread = 0;

	for (size_t i = 0; i < cases->n; i++) {
		missing_add_case(&m, &cases->parents[i]);
		unread += cases->parents[i].unread &&
			  !(cases->parents[i].details.denied & WANT_STATUS);
	}
	if (unread)
		sight_remark(sight, REMARK_STATUS_UNREAD, .n = unread);
	if (more)
		missing_take(&m, more);
	missing_note(sight, &m);
}

void missing_done(struct missing *m)
{
	free(m->pids);
	*m = (struct missing){ 0 };
}
