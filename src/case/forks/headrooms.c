/* SPDX-License-Identifier: MIT */
#include "case/forks/headrooms.h"

#include <sys/capability.h>

#include "act/privilege.h"
#include "base/rights.h"
#include "case/asked.h"
#include "case/forks/limits_find.h"
#include "inspect/cmdline.h"

#define WANT (WANT_STATUS | WANT_PIDNS | WANT_CGROUP)

static struct limit_case *new_case(struct headrooms *h)
{
	size_t cap = h->cap;

	ARRAY_GROW(h->cases, h->n, cap);
	if (cap != h->cap)
		h->details = xreallocarray(h->details, cap, sizeof(*h->details));
	h->cap = cap;
	h->details[h->n] = (struct details){ 0 };
	h->cases[h->n] = (struct limit_case){ 0 };
	return &h->cases[h->n++];
}

static int add_process(struct sight *sight, const struct scope *scope, pid_t pid,
		       struct headrooms *h)
{
	const struct process *p;
	struct limit_case *c;
	int r = asked_find(sight, h->census, scope, pid, &p);

	if (r < 0)
		return r;
	c = new_case(h);
	limits_of_process(&h->view, p, c);
	limits_find_holders(&h->view, c);
	/* read last: it proves that all was about this very process */
	r = details_read(h->census, p, WANT, &h->details[h->n - 1]);
	if (r < 0) {
		sight_fail_lost(sight, pid, r);
		limit_case_done(c);
		h->n--;
		return r;
	}
	pidns_conclude(&h->view.pidns, h->census, p, &h->details[h->n - 1]);
	if (process_is_zombie(p) && p->threads <= 1)
		sight_remark(sight, REMARK_FORKS_NO_MORE, .n = (uint64_t)pid);
	return 0;
}

static int add_named(struct sight *sight, const pid_t *pids, size_t n, struct headrooms *h)
{
	struct scope scope;
	int result = scope_resolve(sight, h->census, &scope);

	if (result < 0)
		return result;
	for (size_t i = 0; i < n; i++) {
		int r = add_process(sight, &scope, pids[i], h);

		result = r < 0 ? r : result;
	}
	return result;
}

static int add_everything(struct sight *sight, bool all_users, struct headrooms *h)
{
	struct limits_found found;
	struct scope scope;
	int r = scope_resolve(sight, h->census, &scope);

	if (r == 0)
		r = scope_complain_empty(sight, &scope, scope_exists(&scope, h->census));
	if (r < 0)
		return r;
	limits_find(&h->view, &scope, all_users, &found);
	h->cases = found.cases;
	h->n = found.n;
	h->details = xcalloc(h->n, sizeof(*h->details));
	for (size_t i = 0; i < h->n; i++) {
		const struct process *p = h->cases[i].process;

		if (p && details_read(h->census, p, WANT, &h->details[i]) < 0)
			details_unread(p, &h->details[i]);
		if (p)
			pidns_conclude(&h->view.pidns, h->census, p, &h->details[i]);
	}
	return 0;
}

static void read_cmdlines(struct headrooms *h)
{
	auto_free struct details **list = xcalloc(h->n, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if (h->cases[i].process)
			list[n++] = &h->details[i];
	details_read_cmdlines(h->census, list, n);
}

int headrooms_collect(struct sight *sight, const struct headrooms_choice *choice, const pid_t *pids,
		      size_t n, struct headrooms *ret)
{
	const unsigned want = LIMITS_USERS | LIMITS_EXACT | (n == 0 ? LIMITS_OF_ALL : 0);
	int asked, r;

	ret->named = n > 0;
	r = sight_census(sight, &ret->census);
	if (r < 0)
		return r;
	sight_seen_all(sight);
	limits_view_open(sight, ret->census, want, NULL, &ret->view);
	asked = limits_ask(&ret->view, pids, n, n > 0 && choice->force);
	(void)privilege_drop(RIGHTS_INTO); /* no namespace is entered any more */
	r = n > 0 ? add_named(sight, pids, n, ret) : add_everything(sight, choice->all_users, ret);
	missing_note(sight, &ret->view.missing);
	(void)privilege_drop(RIGHT(CAP_SYSLOG)); /* no log is read any more */
	if (sight->whole)
		read_cmdlines(ret);
	return asked < 0 ? asked : r;
}

void headrooms_done(struct headrooms *h)
{
	for (size_t i = 0; i < h->n; i++) {
		limit_case_done(&h->cases[i]);
		details_done(&h->details[i]);
	}
	free(h->cases);
	free(h->details);
	limits_view_done(&h->view);
	census_free(h->census);
}
