/* SPDX-License-Identifier: MIT */
/* What every command gets and gives: the command table's rows, the global options, notes, exits. */
#ifndef CORONER_CMD_H
#define CORONER_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "census/census.h"

/* Exit statuses; `check` alone has its own (cmd/check.c). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_NOT_DONE = 1, /* what was asked could not be done, or did not work */
	EXIT_USAGE = 2,
};

enum color_mode {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct global_options {
	bool json;
	bool verbose; /* with --version: the rights too */
	enum census_source source;
	bool frugal; /* CENSUS_AUTO may do without BPF where nothing hangs on it (cmd/look.h) */
	const char *procfs;
	const char *cgroupfs;
	const char *pid_ns;    /* inode or PID, NULL: all */
	const char *container; /* prefix of an id, NULL: all */
	uint64_t settle_ms;
	bool settle_given;
	enum color_mode color;
};

/* One option of a command, and its line in --help. */
struct option_spec {
	int id; /* its letter, or a number from 256 up where it has none */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
};

struct context;

/* One row of the command table. */
struct command {
	const char *name;
	const char *arguments; /* for --help: "PID..." */
	const char *summary;
	const char *effects; /* for --help: what it does to the system, a paragraph; NULL: nothing */
	const struct option_spec *options; /* ended by a row without a name; NULL: none */
	size_t own_size; /* of the zeroed struct that take_option fills and run gets */
	/* Take one option: returns 0, or -EINVAL and *ret_error (owned by the caller) says why. */
	int (*take_option)(void *own, int id, const char *argument, char **ret_error);
	/* Do it: returns an exit status. args are the n operands. */
	int (*run)(struct context *ctx, void *own, int n, char **args);
	/* Answer where there is no proc to look at, which is complained of already; NULL: no answer. */
	int (*could_not_look)(struct context *ctx, void *own);
	int min_args;
	int max_args;	       /* -1: any number */
	int usage_status;      /* exit status of bad usage */
	uint64_t settle_ms;    /* its default of --settle */
	uint64_t capabilities; /* that it can use besides those of a census (act/privilege.h) */
	bool repeats;	       /* takes a census again and again: keeps the rights to */
	bool is_default;       /* run when no command is named */
	bool unscoped;	       /* it is about the processes named: no --pid-ns, no --container */
};

enum { PIPE_WIDTH = 80 }; /* what a reader of a pipe or a file can count on */

/* All that a run of a command knows about its surroundings. */
struct context {
	const struct command *command;
	struct global_options options;
	int procfd;
	int cgroupfd;  /* -1: there is none */
	bool own_proc; /* --procfs is this process's own /proc */
	bool color;
	bool utf8;
	size_t width;	 /* terminal columns, 0: not a terminal */
	uint64_t rights; /* effective capabilities as it was started, before it gave up any */
	char **notes;	 /* owned: what could not be seen, and why */
	size_t n_notes;
	size_t notes_cap;
};

/* How many columns there are for text that fits. Pure. */
static inline size_t cmd_width(const struct context *ctx)
{
	return ctx->width ? ctx->width : PIPE_WIDTH;
}

/*
 * Remember a sentence for the JSON "notes" and for standard error; the same one twice counts once.
 */
void context_note(struct context *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drop all notes but the first n: those of a look that counts for nothing. */
void context_forget(struct context *ctx, size_t n);

/* Whether it was started with the rights that loading BPF takes. */
bool context_may_load_bpf(const struct context *ctx);

/* Print the notes on standard error, a line each: after the output of a text run. */
void context_print_notes(const struct context *ctx);

/*
 * Say on standard error what went wrong: "coroner: " and the sentence. The one place for it.
 */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Say that a process in the census could not be looked at: it ended, or what r, a negative errno, says.
 */
void complain_lost(pid_t pid, int r);

/*
 * Take the census that the options ask for; on failure complains and returns a negative errno.
 * The census is owned by the caller. Adds the notes about processes that could not be read.
 */
int context_census(struct context *ctx, struct census **ret);

/*
 * Is this open directory a proc of the process's own PID namespace? Another one's, as /proc is after
 * unshare(1) alone, knows it by another number or not at all.
 */
bool context_is_own_proc(int procfd);

/*
 * Whether all files could be opened that were to be read since the last call (file_shortage()). If
 * not, complains and returns a negative errno: what was found is not all that there is.
 */
int context_complete(void);

/*
 * The last census has been taken: give up what only loading the BPF iterator needs, unless the
 * command repeats it.
 */
void context_seen_all(const struct context *ctx);

/*
 * Keep only the capabilities that the command can use (privilege_keep()); a start with rights of
 * the file's own is refused. Complains; returns 0 or a negative errno.
 */
int context_limit_rights(struct context *ctx);

/* Print name and version, with --verbose the rights that coroner has and what each would add. */
void version_print(struct context *ctx);

/*
 * The PIDs that the operands name, all digits. On a word that is none: complains, returns -EINVAL.
 * ret must have room for n.
 */
int parse_pids(int n, char **args, pid_t *ret);

/* The commands, one file each. */
extern const struct command command_list;
extern const struct command command_explain;
extern const struct command command_signals;
extern const struct command command_reaper;
extern const struct command command_orphans;
extern const struct command command_headroom;
extern const struct command command_namespaces;
extern const struct command command_tree;
extern const struct command command_nudge;
extern const struct command command_probe;
extern const struct command command_check;
extern const struct command command_metrics;
extern const struct command command_watch;

#endif
