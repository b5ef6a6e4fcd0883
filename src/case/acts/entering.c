/* SPDX-License-Identifier: MIT */
#include "case/acts/entering.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "inspect/trace/tracers.h"

/* Whether at is outer, or lies inside it; a tree of garbage may hold a loop */
static bool is_inside(const struct pidns_map *map, size_t at, size_t outer)
{
	for (size_t steps = 0; steps <= map->n; steps++) {
		if (at == outer)
			return true;
		if (map->list[at].parent < 0)
			return false;
		at = (size_t)map->list[at].parent;
	}
	return false;
}

/* Of a process that sees what enters at: the first that may trace it, or may do so for all that is known */
static const struct process *find_tracer(const struct sight *sight, const struct census *c,
					 const struct pidns_map *map, size_t at, enum tri *ret)
{
	struct stat own = { 0 };

	(void)stat("/proc/self/ns/pid", &own);
	for (size_t i = 0; i < c->n; i++) {
		if (!is_inside(map, at, map->of[i]) || map->list[map->of[i]].inode == own.st_ino)
			continue;
		*ret = tracer_is(sight->procfd, &c->procs[i]);
		if (*ret != TRI_NO)
			return &c->procs[i];
	}
	return NULL;
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
