/* SPDX-License-Identifier: MIT */
/* What could not be seen of the processes shown, and the right that would have shown it: one note. */
#ifndef CORONER_MISSING_H
#define CORONER_MISSING_H

#include "case/sight.h"
#include "inspect/details.h"
#include "inspect/pidns.h"
#include "inspect/trace/access.h"

struct cases;
struct parent_case;

/* Besides enum details_want. Of a zombie: it needs the same right as the link of a namespace. */
#define MISSING_EXIT (1u << 31)

/* What was refused, and of which processes. Zeroed: nothing. */
struct missing {
	unsigned what; /* enum details_want, MISSING_EXIT */
	pid_t *pids;   /* owned; a process may be in it twice */
	size_t n, cap;
};

/* What was refused of one process, unless nothing is shown that would depend on it. */
void missing_add(struct missing *m, const struct details *d);

/* The same of a parent and of those of its zombies that were looked at. */
void missing_add_case(struct missing *m, const struct parent_case *p);

/* The processes of PID namespace at of the map, where its inode was refused. */
void missing_add_pidns(struct missing *m, const struct census *c, const struct pidns_map *map,
		       size_t at);

/* All that is in from too, which is empty afterwards. */
void missing_take(struct missing *m, struct missing *from);

/*
 * Which right would have shown what was refused (enum details_want, MISSING_EXIT): held are the capabilities
 * that there are (base/rights.h), why counts without CAP_SYS_PTRACE alone. Pure.
 */
enum missing_lack missing_lack(unsigned what, uint64_t held, enum access_refusal why);

/* Note it, if it is anything, with the first few processes by number; m is empty afterwards. */
void missing_note(struct sight *sight, struct missing *m);

/* Note what was refused while these cases were looked at, and more (NULL: no more), emptied. */
void missing_note_cases(struct sight *sight, const struct cases *cases, struct missing *more);

/* Free what was not noted. */
void missing_done(struct missing *m);

#endif
