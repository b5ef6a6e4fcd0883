/* SPDX-License-Identifier: MIT */
#ifndef CORONER_LIST_JSON_H
#define CORONER_LIST_JSON_H

#include <jansson.h>

#include "cmd/cases.h"

/*
 * Print the cases as "coroner.list/1". The cases must be full ones. Reads the command lines. An
 * output error shows in ferror(stdout).
 */
void list_print_json(struct context *ctx, struct cases *cases);

/* One parent with its zombies, as an element of "parents"; a new reference. */
json_t *list_parent_json(const struct census *c, const struct parent_case *p);

/* One zombie: a process, and how it died; a new reference. */
json_t *list_zombie_json(const struct census *c, const struct parent_case *p,
			 const struct zombie_case *z);

/* How a process ended, as "exit"; code is that of wait(2). A new reference. */
json_t *list_exit_json(bool known, int code);

/* Fill the command lines of all parents and zombies of the cases. */
void list_read_cmdlines(struct cases *cases);

#endif
