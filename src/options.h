/* SPDX-License-Identifier: MIT */
/* The command line: the command table, the global options, getopt_long(3)'s tables made of both. */
#ifndef CORONER_OPTIONS_H
#define CORONER_OPTIONS_H

#include "cmd/cmd.h"

/* The command table, in the order of --help; ended by NULL. */
extern const struct command *const commands[];

/* The global options; ended by a row without a name. */
extern const struct option_spec global_options[];

enum parsed {
	PARSED_RUN,
	PARSED_HELP,
	PARSED_VERSION,
	PARSED_BAD,
};

/* The command of that name; NULL: there is none. */
const struct command *options_command(const char *name);

/*
 * Where in argv the command stands: the first operand, after options which may be global ones, those of list, or
 * the command's own. 0: none is named, or an option before the operand is nobody's. Leaves argv as it is.
 */
int options_locate_command(int argc, char **argv);

/*
 * Take the options of ctx->command and the global ones; own is the command's zeroed struct. Complains of
 * what is wrong. The operands start at argv[optind] afterwards.
 */
enum parsed options_parse(struct context *ctx, void *own, int argc, char **argv);

#endif
