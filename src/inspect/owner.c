/* SPDX-License-Identifier: MIT */
#include "inspect/owner.h"

#include <stdio.h>

#include "census/proc_stat.h"
#include "inspect/libproc2.h"

/* More than libproc2, and the user database that it asks, take for one process */
#define ROOM ((size_t)4 << 20)

enum { PID, BEGAN, USER, UNIT, USER_UNIT, TTY };

/* libproc2 writes "-" or "?" for what there is not */
static void copy(char *to, size_t size, const char *from)
{
	bool none = !from || streq(from, "-") || streq(from, "?");

	snprintf(to, size, "%s", none ? "" : from);
}

static void fill(struct pids_stack *s, struct owner *ret)
{
	const char *unit = s->head[UNIT].result.str, *user_unit = s->head[USER_UNIT].result.str;

	copy(ret->user, sizeof(ret->user), s->head[USER].result.str);
	copy(ret->tty, sizeof(ret->tty), s->head[TTY].result.str);
	copy(ret->unit, sizeof(ret->unit), user_unit);
	if (!ret->unit[0])
		copy(ret->unit, sizeof(ret->unit), unit);
}

/* libproc2 4.0.2 frees what it has not got where memory is short (library/readproc.c:openproc()) */
static bool has_room(void)
{
	void *volatile room = malloc(ROOM); /* not left out by the compiler */
	bool there = room != NULL;

	free(room);
	return there;
}

bool owner_read(const struct process *p, struct owner *ret)
{
	const struct libproc2 *lib = libproc2_get();
	enum pids_item items[] = { PIDS_ID_PID,	 PIDS_TICS_BEGAN, PIDS_ID_RUSER,
				   PIDS_SD_UNIT, PIDS_SD_UUNIT,	  PIDS_TTY_NAME };
	unsigned pid = (unsigned)p->pid;
	struct pids_info *info = NULL;
	struct pids_fetch *fetch;
	bool found = false;

	*ret = (struct owner){ 0 };
	if (!lib || !has_room() || lib->pids_new(&info, items, ARRAY_SIZE(items)) < 0)
		return false;
	fetch = lib->pids_select(info, &pid, 1, PIDS_SELECT_PID);
	if (fetch && fetch->counts->total == 1 &&
	    proc_stat_ticks(fetch->stacks[0]->head[BEGAN].result.ull_int) == p->start_ticks) {
		fill(fetch->stacks[0], ret);
		found = true;
	}
	lib->pids_unref(&info);
	return found;
}
