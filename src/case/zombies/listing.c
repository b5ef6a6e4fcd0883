/* SPDX-License-Identifier: MIT */
#include "case/zombies/listing.h"

#include "act/pin.h"
#include "case/acts/reaping.h"
#include "case/missing.h"
#include "inspect/owner.h"

void listing_read_cmdlines(struct cases *cases)
{
	size_t n = 0, cap = 0;
	auto_free struct details **list = NULL;

	for (size_t i = 0; i < cases->n; i++) {
		struct parent_case *p = &cases->parents[i];

		for (size_t k = 0; k <= p->n_looked_at; k++) {
			if (k == p->n_looked_at && !p->process)
				continue;
			ARRAY_GROW(list, n, cap);
			list[n++] = k < p->n_looked_at ? &p->zombies[k].details : &p->details;
		}
	}
	details_read_cmdlines(cases->census, list, n);
}

static bool has_verdict(const struct verdict *v, unsigned wanted)
{
	if (wanted & (1u << v->code))
		return true;
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++)
		if (v->mixed[code] && (wanted & (1u << code)))
			return true;
	return false;
}

bool listing_shows(const struct listing *l, const struct zombie_case *z)
{
	return !l->verdicts || (l->verdicts & (1u << z->verdict.code));
}

/* The parents stand in the order of how many zombies they hold: the first are those with the most */
static void leave_out(struct listing *l)
{
	struct cases *cases = &l->cases;
	size_t kept = 0;

	for (size_t i = 0; i < cases->n; i++) {
		struct parent_case *p = &cases->parents[i];

		if ((!l->verdicts || has_verdict(&p->verdict, l->verdicts)) &&
		    (!l->top || kept < l->top)) {
			cases->parents[kept++] = *p;
			continue;
		}
		l->zombies_of_out += p->n_zombies;
		parent_case_done(p);
	}
	l->n_left_out = cases->n - kept;
	cases->n = kept;
}

const char *listing_user(const struct listing *l, uint32_t uid)
{
	for (size_t i = 0; i < l->n_users; i++)
		if (l->users[i].uid == uid)
			return l->users[i].name;
	return NULL;
}

/* Each user is asked for once, by a process of it; who it is on another machine is not known here */
static void find_user(struct listing *l, const struct details *d)
{
	struct listing_user *u;
	struct owner owner;

	if (!details_has(d, WANT_STATUS))
		return;
	for (size_t i = 0; i < l->n_users; i++)
		if (l->users[i].uid == d->status.uid)
			return;
	if (!owner_read(&d->process, &owner) || !owner.user[0])
		return;
	ARRAY_GROW(l->users, l->n_users, l->users_cap);
	u = &l->users[l->n_users++];
	u->uid = d->status.uid;
	memcpy(u->name, owner.user, sizeof(u->name));
}

static void find_users(const struct sight *sight, struct listing *l)
{
	for (size_t i = 0; sight->own_proc && i < l->cases.n; i++) {
		const struct parent_case *p = &l->cases.parents[i];

		if (p->process)
			find_user(l, &p->details);
		for (size_t k = 0; l->by_zombie && k < p->n_looked_at; k++)
			find_user(l, &p->zombies[k].details);
	}
}

/* Where a nudge is useless: whose zombies can be taken all the same */
static void find_reapable(const struct sight *sight, struct listing *l)
{
	for (size_t i = 0; i < l->cases.n; i++) {
		const struct parent_case *p = &l->cases.parents[i];

		if (!reaping_would_help(p, false))
			continue;
		if (l->n_reapable < LISTING_MOST_NAMED)
			l->reapable[l->n_reapable] = p->process->pid;
		l->n_reapable++;
	}
	/* its proc must number processes as coroner does */
	if (l->n_reapable && pin_check_procfs(sight->procfd) < 0)
		l->n_reapable = 0;
}

int listing_collect(struct sight *sight, struct listing *ret)
{
	/* columns of one's own choice may ask for anything */
	const bool brief = !sight->whole && !ret->by_zombie && !ret->own_columns && !ret->verdicts;
	int r = cases_collect(sight, brief ? CASES_BRIEF : CASES_FULL, &ret->cases);

	if (r < 0)
		return r;
	leave_out(ret);
	missing_note_cases(sight, &ret->cases, NULL);
	if (sight->whole || (ret->needs & LISTING_NEEDS_ARGS))
		listing_read_cmdlines(&ret->cases);
	if (ret->needs & LISTING_NEEDS_USERS)
		find_users(sight, ret);
	if (!sight->whole)
		find_reapable(sight, ret);
	return 0;
}

void listing_done(struct listing *l)
{
	free(l->users);
	cases_done(&l->cases);
}
