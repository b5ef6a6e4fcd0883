/* SPDX-License-Identifier: MIT */
/* The users that the kernel counts tasks for, as BPF tells them (census.h). */
#ifndef CORONER_USERS_H
#define CORONER_USERS_H

#include "census/census.h"

/* Sort them for census_user_find(), each kept once. */
void census_users_sort(struct census *c);

#endif
