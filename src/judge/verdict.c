/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include "judge/rules.h"

/*
 * One row a verdict, tried in the order of the codes; the table in coroner(1) is in the same. A
 * nudge is useless, and the verdict proven, unless its rule says otherwise.
 */
static const struct row {
	bool (*rule)(struct matter *m);
	enum verdict_remedy remedy; /* unless the rule gives another */
	struct verdict_traits traits;
} rows[VERDICT_COUNT] = {
	[VERDICT_THREADS_ALIVE] = { .rule = rule_threads_alive,
				    .remedy = REMEDY_END_THREADS,
				    .traits = { .held = true,
						.alerting = true,
						.useless = USELESS_NOT_YET } },
	[VERDICT_TRACED] = { .rule = rule_traced,
			     .remedy = REMEDY_DETACH,
			     .traits = { .held = true,
					 .alerting = true,
					 .useless = USELESS_NOT_YET } },
	[VERDICT_NAMESPACE_DYING] = { .rule = rule_namespace_dying,
				      .remedy = REMEDY_FREE_DYING,
				      .traits = { .alerting = true, .useless = USELESS_NOT_YET } },
	[VERDICT_PARENT_STOPPED] = { .rule = rule_parent_stopped,
				     .remedy = REMEDY_CONTINUE,
				     .traits = { .held = true, .alerting = true } },
	[VERDICT_PARENT_FROZEN] = { .rule = rule_parent_frozen,
				    .remedy = REMEDY_THAW,
				    .traits = { .held = true, .alerting = true } },
	[VERDICT_PARENT_UNINTERRUPTIBLE] = { .rule = rule_parent_uninterruptible,
					     .remedy = REMEDY_WCHAN,
					     .traits = { .held = true,
							 .look_again = true,
							 .alerting = true } },
	[VERDICT_CLONE_CHILD] = { .rule = rule_clone_child,
				  .remedy = REMEDY_WAIT_WALL,
				  .traits = { .own_code = true,
					      .look_again = true,
					      .restart_helps = true,
					      .alerting = true,
					      .useless = USELESS_PLAIN_WAIT } },
	[VERDICT_IN_FLIGHT] = { .rule = rule_in_flight,
				.remedy = REMEDY_LOOK_AGAIN,
				.traits = { .own_code = true, .useless = USELESS_TAKEN } },
	[VERDICT_UNFIT_INIT] = { .rule = rule_unfit_init,
				 .remedy = REMEDY_REAL_INIT,
				 .traits = { .own_code = true,
					     .lacks_wait = true,
					     .restart_helps = true,
					     .init_helps = true,
					     .alerting = true } },
	[VERDICT_PARENT_REPLACED] = { .rule = rule_parent_replaced,
				      .remedy = REMEDY_ORPHAN_BEFORE_EXEC,
				      .traits = { .own_code = true,
						  .lacks_wait = true,
						  .reads_first = true,
						  .look_again = true,
						  .restart_helps = true,
						  .alerting = true } },
	[VERDICT_WAITS_FOR_OTHER] = { .rule = rule_waits_for_other,
				      .remedy = REMEDY_SEE_OTHER,
				      .traits = { .own_code = true,
						  .lacks_wait = true,
						  .look_again = true,
						  .restart_helps = true,
						  .alerting = true } },
	[VERDICT_SIGCHLD_BLOCKED] = { .rule = rule_sigchld_blocked,
				      .remedy = REMEDY_UNBLOCK,
				      .traits = { .own_code = true,
						  .lacks_wait = true,
						  .restart_helps = true,
						  .alerting = true,
						  .useless = USELESS_PENDING } },
	[VERDICT_SIGCHLD_IGNORED] = { .rule = rule_sigchld_ignored,
				      .remedy = REMEDY_WAIT_ONCE,
				      .traits = { .own_code = true,
						  .lacks_wait = true,
						  .reads_first = true,
						  .look_again = true,
						  .restart_helps = true,
						  .alerting = true } },
	[VERDICT_SIGCHLD_DEFAULT] = { .rule = rule_sigchld_default,
				      .remedy = REMEDY_FIX_PARENT,
				      .traits = { .own_code = true,
						  .lacks_wait = true,
						  .reads_first = true,
						  .look_again = true,
						  .restart_helps = true,
						  .alerting = true } },
	[VERDICT_SIGCHLD_CAUGHT] = { .rule = rule_sigchld_caught,
				     .remedy = REMEDY_FIX_HANDLER,
				     .traits = { .own_code = true,
						 .lacks_wait = true,
						 .restart_helps = true,
						 .alerting = true } },
	[VERDICT_UNKNOWN] = { .rule = rule_unknown,
			      .remedy = REMEDY_LOOK_FROM_OUTSIDE,
			      .traits = { .own_code = true, .lacks_wait = true, .alerting = true } },
};

const struct verdict_traits *verdict_traits(enum verdict_code code)
{
	return &rows[code].traits;
}

static enum verdict_role role_of(const struct parent_evidence *p)
{
	if (p->is_machine_init)
		return ROLE_MACHINE_INIT;
	return p->init == TRI_YES ? ROLE_INIT : p->init == TRI_NO ? ROLE_PROCESS : ROLE_UNKNOWN;
}

/* It has not come to its wait, and nothing shows what it does when it comes there */
static void consider_reading(const struct parent_evidence *p, struct verdict *v)
{
	v->reads = p->reads;
	if (!p->reads || !rows[v->code].traits.reads_first)
		return;
	v->certainty = CERTAINTY_LIKELY;
	if (v->remedy == REMEDY_FIX_PARENT)
		v->remedy = REMEDY_SEE_READ;
}

/* Whatever it would do with its children: it will never run its own code again */
static void crashed(struct verdict *v)
{
	v->reason = REASON_CORE_DUMP;
	v->remedy = REMEDY_END_DUMP;
	v->certainty = CERTAINTY_LIKELY;
	v->nudge = NUDGE_USELESS;
	v->other = v->tid = 0;
}

void verdict_of_zombie(const struct parent_evidence *parent, const struct zombie_evidence *zombie,
		       struct verdict *ret)
{
	struct matter m = { parent, zombie, ret };

	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		*ret = (struct verdict){ .code = code,
					 .certainty = CERTAINTY_PROVEN,
					 .nudge = NUDGE_USELESS,
					 .remedy = rows[code].remedy,
					 .role = role_of(parent),
					 .alerting = rows[code].traits.alerting,
					 .may_have_adopted = parent->init == TRI_YES &&
							     zombie->adopted == TRI_UNKNOWN,
					 .parent = parent->pid,
					 .zombie = zombie->pid };
		if (!rows[code].rule(&m))
			continue;
		consider_reading(parent, ret);
		break;
	}
	if (parent->core_dumping && rows[ret->code].traits.own_code)
		crashed(ret);
}

void verdict_of_parent(const struct verdict *const *zombies, size_t n, struct verdict *ret)
{
	uint32_t votes[VERDICT_COUNT] = { 0 }, proven[VERDICT_COUNT] = { 0 };
	/* the first zombie of each verdict, likely and proven */
	size_t first[VERDICT_COUNT][2], kinds = 0;
	enum verdict_code most = 0;

	for (size_t i = n; i-- > 0;) {
		const struct verdict *v = zombies[i];

		first[v->code][v->certainty] = i;
		votes[v->code]++;
		proven[v->code] += v->certainty == CERTAINTY_PROVEN;
	}
	for (enum verdict_code code = 0; code < VERDICT_COUNT; code++) {
		kinds += votes[code] > 0;
		if (votes[code] > votes[most])
			most = code;
	}
	/* one of which less is known does not make what is proven of most of them doubtful */
	*ret = *zombies[first[most][2 * proven[most] > votes[most]]];
	if (kinds > 1)
		memcpy(ret->mixed, votes, sizeof(votes));
}

enum zombie_blocker zombie_blocker(const struct zombie_evidence *zombie)
{
	if (zombie->threads > 1 && !zombie->held_threads)
		return BLOCKER_THREADS_ALIVE;
	return zombie->traced == TRI_YES || zombie->held_threads ? BLOCKER_TRACED : BLOCKER_NONE;
}
