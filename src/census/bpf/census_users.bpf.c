/* SPDX-License-Identifier: MIT */
/* The census again, with the users (users.bpf.h). */
#define WITH_USERS 1

#include "census/bpf/census.bpf.c"
