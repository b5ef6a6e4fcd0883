/* SPDX-License-Identifier: MIT */
/* Parents and zombies as JSON: of list, and of who shows one of them. */
#ifndef CORONER_LIST_JSON_H
#define CORONER_LIST_JSON_H

#include <jansson.h>

#include "case/zombies/cases.h"
#include "render/json_stream.h"

/* One parent, all but its zombies; a new reference. */
json_t *list_parent_json(const struct census *c, const struct parent_case *p);

/* Write "zombies", the list of those of a parent that were looked at, into the object that is open: it may be long. */
void list_put_zombies(struct json_stream *s, const struct census *c, const struct parent_case *p);

/* One zombie: a process, and how it died; a new reference. */
json_t *list_zombie_json(const struct census *c, const struct parent_case *p,
			 const struct zombie_case *z);

/* How a process ended, as "exit"; code is that of wait(2). A new reference. */
json_t *list_exit_json(bool known, int code);

#endif
