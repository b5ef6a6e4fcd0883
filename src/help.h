/* SPDX-License-Identifier: MIT */
/* coroner --help, made of the command table and the option tables. */
#ifndef CORONER_HELP_H
#define CORONER_HELP_H

#include "cmd/cmd.h"

/* Print the help of one command; NULL: of coroner as a whole. */
void help_print(const struct command *command);

#endif
