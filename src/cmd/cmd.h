/* SPDX-License-Identifier: MIT */
/* What every command gets and gives: the command table's rows, the global options, notes, exits. */
#ifndef CORONER_CMD_H
#define CORONER_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "case/sight.h"
#include "render/terminal.h"
#include "show/show.h"

/* Exit statuses; `check` alone has its own (cmd/check.c). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_NOT_DONE = 1, /* what was asked could not be done, or did not work */
	EXIT_USAGE = 2,
};

/* What an answer can look like. */
enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_DOT,
	FORM_NAGIOS,
	FORM_TAP,
	FORM_JUNIT,
	FORM_OPENMETRICS,
	FORM_FILE, /* nothing to show: it is in a file */
};

enum color_mode {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct global_options {
	bool json;
	bool verbose; /* with --version: the rights too */
	bool quiet;   /* no notes on standard error */
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

/* One form of a command's answer. */
struct showing {
	enum form form;
	void (*show)(const struct answer *a);
};

/* What collect returns where there is nothing to show; why has been told, or is among the problems. */
enum {
	COLLECT_FAILED = -1,
	COLLECT_BAD_USAGE = -2,
};

enum { COMMAND_MAX_FORMS = 6 };

/* One row of the command table. */
struct command {
	const char *name;
	const char *arguments; /* for --help: "PID..." */
	const char *summary;
	const char *effects; /* for --help: what it does to the system, a paragraph; NULL: nothing */
	void (*print_more)(FILE *out); /* for --help: what the options speak of; NULL: nothing */
	const struct option_spec *options; /* ended by a row without a name; NULL: none */
	size_t own_size; /* of the zeroed struct that take_option fills and run gets */
	/* Take one option: returns 0, or -EINVAL and *ret_error (owned by the caller) says why. */
	int (*take_option)(void *own, int id, const char *argument, char **ret_error);
	/*
	 * The facts that it is about: a zeroed struct of facts_size bytes, filled by collect, shown in one
	 * of the forms, freed by done. args are the n operands. collect returns an exit status, or COLLECT_FAILED or
	 * COLLECT_BAD_USAGE; done takes what it left then, too.
	 */
	size_t facts_size;
	int (*collect)(struct context *ctx, const void *own, int n, char **args, void *facts);
	struct showing shows[COMMAND_MAX_FORMS]; /* ended by a row without a function */
	void (*done)(void *facts);
	/* The form that its own options ask for, and by which of them; FORM_TEXT: by none. NULL: never any */
	enum form (*asks_for)(const void *own, const char **ret_option);
	/*
	 * Fill zeroed facts with nothing but why there are none, so that whoever reads one of the forms is
	 * answered too; late: its time was up. Returns the exit status. NULL: then JSON alone says so.
	 */
	int (*failed)(const void *own, const char *why, bool late, void *facts);
	/* When it gives up, failed then; its forms are shown on struct answer's out. NULL: never */
	uint64_t (*gives_up_after_ms)(const void *own);
	/* After how long it looks anew, as a program that is executed anew (again.h); 0: not. NULL: never */
	uint64_t (*again_after_ms)(const void *own);
	/* In place of all these, of one that looks again and again: returns an exit status. */
	int (*run)(struct context *ctx, void *own, int n, char **args);
	int min_args;
	bool scope_will_do; /* less than min_args where --pid-ns or --container says what it is about */
	int max_args;	    /* -1: any number */
	int usage_status;      /* exit status of bad usage */
	uint64_t settle_ms;    /* its default of --settle */
	uint64_t capabilities; /* that it can use besides those of a census (base/rights.h) */
	bool repeats;	       /* takes a census again and again: keeps the rights to */
	bool counts_users;     /* it looks at RLIMIT_NPROC: BPF shall tell what counts */
	bool settles_nothing;  /* zombies or not is all the same to it: no --settle */
};

/* All that a run of a command knows about its surroundings. */
struct context {
	const struct command *command;
	struct global_options options;
	enum form form;
	struct sight sight;
	struct terminal terminal;
};

/* Print the notes on standard error, a line each: after the output of a text run. */
void context_print_notes(const struct context *ctx);

/*
 * Say on standard error what went wrong: "coroner: " and the sentence. The one place for it.
 */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Say all that has gone wrong by now, on standard error, each once; JSON has it among its notes. */
void context_complain_all(struct context *ctx);

/*
 * Keep only the capabilities that the command can use (privilege_keep()); a start with rights of
 * the file's own is refused. Complains; returns 0 or a negative errno.
 */
int context_limit_rights(struct context *ctx);

/*
 * The PIDs that the operands name, all digits. On a word that is none: complains, returns -EINVAL.
 * ret must have room for n.
 */
int parse_pids(int n, char **args, pid_t *ret);

/* Whether either PIDs are among the operands or --all is given: 0; else complains, returns -EINVAL. */
int check_pids_or_all(const char *command, bool all, int n_args);

/* The answer to a question that was just asked on a terminal: a line of standard input that begins with "y". */
bool read_yes(void);

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
extern const struct command command_reap;
extern const struct command command_check;
extern const struct command command_metrics;
extern const struct command command_watch;
/* Of --version: not in the table of options.h. */
extern const struct command command_version;

#endif
