/* SPDX-License-Identifier: MIT */
#include "case/acts/entering.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "inspect/trace/tracers.h"

/* The first of the processes of one namespace that may trace a process in it, or may do so for all that is known */
static const struct process *find_tracer_in(const struct sight *sight, const struct census *c,
					    const struct pidns_map *map, const struct pidns *ns,
					    enum tri *ret)
{
	for (size_t i = 0; i < ns->processes; i++) {
		const struct process *p = &c->procs[map->members[ns->first + i]];

		*ret = tracer_is(sight->procfd, p);
		if (*ret != TRI_NO)
			return p;
	}
	return NULL;
}

/* The same of all that see what enters at: they are in it, or in one around it */
static const struct process *find_tracer(const struct sight *sight, const struct census *c,
					 const struct pidns_map *map, size_t at, enum tri *ret)
{
	const struct process *found = NULL;
	struct stat own = { 0 };
	int ns = (int)at;

	(void)stat("/proc/self/ns/pid", &own);
	/* a tree of garbage may hold a loop */
	for (size_t steps = 0; ns >= 0 && !found && steps <= map->n; steps++) {
		if (map->list[ns].inode != own.st_ino)
			found = find_tracer_in(sight, c, map, &map->list[ns], ret);
		ns = map->list[ns].parent;
	}
	return found;
}

int entering_allowed(struct sight *sight, const struct airlock *airlock, const struct census *c,
		     const struct pidns_map *map, size_t at, enum entering_deed deed)
{
	static const enum remark_code refused[][2] = {
		[ENTERING_TO_ASK] = { REMARK_NOT_ASKED_FOR_PERHAPS, REMARK_NOT_ASKED_FOR_TRACER },
		[ENTERING_TO_PROBE] = { REMARK_NOT_PROBED_FOR_PERHAPS,
					REMARK_NOT_PROBED_FOR_TRACER },
	};
	const struct process *tracer;
	enum tri may = TRI_NO;

	if (airlock->unsealed == 0)
		return 0;
	tracer = find_tracer(sight, c, map, at, &may);
	if (!tracer)
		return 0;
	sight_remark(sight, refused[deed][may == TRI_YES], .n = map->list[at].inode,
		     .m = (uint64_t)tracer->pid, .error = airlock->unsealed);
	return -EPERM;
}
