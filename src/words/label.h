/* SPDX-License-Identifier: MIT */
#ifndef CORONER_LABEL_H
#define CORONER_LABEL_H

#include <stdbool.h>

#include "inspect/text/container.h"

/*
 * "docker:3f2a1b9c4d5e": a container in one word for people, twelve digits of a hexadecimal id as
 * the engines show it, a name whole; "-" for NULL (no container). Made safe to print; owned by the
 * caller.
 */
char *container_label(const struct container *c, bool utf8);

#endif
