/* SPDX-License-Identifier: MIT */
/* Why the init of a PID namespace is said to reap, or not, or to be dying. */
#ifndef CORONER_NAMESPACES_WORDS_H
#define CORONER_NAMESPACES_WORDS_H

#include "case/heirs/namespaces.h"

/* A sentence; static. */
const char *namespace_why(const struct namespace_row *row);

#endif
