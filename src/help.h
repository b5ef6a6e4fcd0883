/* SPDX-License-Identifier: MIT */
/* coroner --help, made of the command table and the option tables. */
#ifndef CORONER_HELP_H
#define CORONER_HELP_H

#include "cmd/cmd.h"

/* Print the help of one command; NULL: of coroner as a whole. */
void help_print(const struct command *command);

/* Complain that there is no command of that name, and say which one is likely meant. */
void help_no_command(const char *word);

#endif
