/* SPDX-License-Identifier: MIT */
/* Limits on tasks in words, and whoever holds them. */
#ifndef CORONER_LIMIT_WORDS_H
#define CORONER_LIMIT_WORDS_H

#include <jansson.h>
#include <stdbool.h>

#include "case/forks/holders.h"
#include "judge/headroom.h"

/* "pids.max of /docker/3f2a", "pid_max of PID namespace 4026532400": safe to print; owned. */
char *limit_words(const struct limit *l, bool utf8);
/* The same of the kind and the name alone. */
char *limit_title(enum limit_kind kind, const char *name, bool utf8);

/* {"kind", "name", "current", "max", "headroom", "zombies"}; a new reference. */
json_t *limit_words_json(const struct limit *l);

/*
 * "35 threads and 2 zombies of nginx (uid 0) in docker:3f2a": safe to print; owned. limit is the name of the
 * limit held: its own cgroup is not named again.
 */
char *limit_holder_words(const struct limit_holder *h, const char *limit, bool utf8);

/* [{"container", "cgroup", "comm", "uid", "pid", "tasks", "threads", "zombies"}]; a new reference. */
json_t *limit_holders_json(const struct limit_holders *h);

/* Who is likely to have set it, or whom it does not bind; NULL: not known. Raw, untrusted; owned. */
char *limit_owner_words(const struct limit *l);

/* Of LIMIT_PID_MAX: why what is left is not MAX - 1 - USED; NULL: it is. Owned by the caller. */
char *limit_lost_words(const struct limit *l);

/* What REFUSED counts, where that is not what this limit has refused, and when it began; NULL, owned. */
char *limit_refused_words(const struct limit *l);

/* What a fork into a PID namespace without an init gets; static. */
const char *limit_dead_words(void);

/* How many tasks more fit, and what then refuses the fork; owned by the caller. */
char *limit_answer_words(const struct limit_case *c);

#endif
