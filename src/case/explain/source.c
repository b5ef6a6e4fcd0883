/* SPDX-License-Identifier: MIT */
/* What brings the zombies that an init or a subreaper adopted. */
#include "case/explain/explain_case.h"

void explain_find_source(struct explain_case *e)
{
	const struct parent_case *p = e->parent;
	const int64_t hz = sysconf(_SC_CLK_TCK);
	size_t n = 0;
	auto_free struct stray *strays = NULL;

	if (!p || !p->process || e->verdict.code != VERDICT_UNFIT_INIT)
		return;
	strays = xcalloc(p->n_looked_at, sizeof(*strays));
	for (size_t i = 0; i < p->n_looked_at; i++) {
		const struct zombie_case *z = &p->zombies[i];
		const struct process *zombie = z->process;
		const struct process *leader = census_find(e->c, zombie->sid);

		if (z->adoption.adopted != TRI_YES || zombie->sid == 0 ||
		    zombie->sid == zombie->pid || zombie->sid == p->process->sid)
			continue;
		strays[n++] = (struct stray){
			.sid = zombie->sid,
			.born_ms = zombie->start_ticks * 1000 / hz,
			.leader_lives = leader && leader->sid == leader->pid &&
					leader->state != 'Z',
		};
	}
	e->source = source_judge(strays, n);
	e->source_leader = e->source.kind == SOURCE_ONE_LEADER ? census_find(e->c, e->source.sid) :
								 NULL;
}
