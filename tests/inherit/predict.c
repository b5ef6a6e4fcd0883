/* SPDX-License-Identifier: MIT */
#include "predict.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node.h"

#define MAX_ARGS 64

struct command_line {
	char *args[MAX_ARGS + 1];
	size_t n;
};

static void add(struct command_line *line, const char *arg)
{
	if (line->n == MAX_ARGS) {
		errno = E2BIG;
		die("too many victims");
	}
	line->args[line->n] = strdup(arg);
	if (!line->args[line->n++])
		die("strdup");
}

/* Run it and read its JSON; it is awaited by its own PID, for there are other zombies */
static json_t *answer(struct command_line *line)
{
	int ends[2], status;
	json_error_t error;
	json_t *top;
	FILE *in;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		close_range(3, ~0U, 0);
		execv(line->args[0], line->args);
		_exit(127);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	top = json_loadf(in, 0, &error);
	fclose(in);
	if (waitpid(pid, &status, 0) != pid || status != 0 || !top) {
		fprintf(stderr, "forest: coroner: wait status %x, JSON: %s\n", (unsigned)status,
			top ? "well-formed" : error.text);
		errno = EPROTO;
		die("coroner");
	}
	while (line->n > 0)
		free(line->args[--line->n]);
	return top;
}

static json_t *run(const char *coroner, const char *command, const char *source, const pid_t *pids,
		   size_t n)
{
	struct command_line line = { .n = 0 };
	char text[32];

	add(&line, coroner);
	add(&line, command);
	add(&line, "--json");
	/* a census later than the zombies: none has to be looked at twice */
	add(&line, "--settle=1ms");
	snprintf(text, sizeof(text), "--source=%s", source);
	add(&line, text);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%d", pids[i]);
		add(&line, text);
	}
	return answer(&line);
}

static pid_t pid_of(const json_t *o, const char *key)
{
	return (pid_t)json_integer_value(json_object_get(o, key));
}

static void copy(char *to, size_t size, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	snprintf(to, size, "%s", text ? text : "");
}

static void read_case(const json_t *o, struct prediction *ret)
{
	const json_t *heir = json_object_get(o, "heir"), *child;
	const json_t *killed = json_object_get(o, "killed");
	char certainty[16];
	size_t i;

	*ret = (struct prediction){ .killed = -1 };
	ret->victim = pid_of(json_object_get(o, "process"), "pid");
	ret->heir = pid_of(json_object_get(heir, "process"), "pid");
	copy(ret->rule, sizeof(ret->rule), heir, "rule");
	copy(certainty, sizeof(certainty), heir, "certainty");
	ret->inferred = strcmp(certainty, "kernel") != 0;
	if (json_is_integer(killed))
		ret->killed = (long)json_integer_value(killed);
	json_array_foreach (json_object_get(o, "children"), i, child) {
		struct foretold_child *c = &ret->children[ret->n_children];

		if (++ret->n_children > MAX_CHILDREN) {
			errno = E2BIG;
			die("children");
		}
		c->pid = pid_of(child, "pid");
		copy(c->fate, sizeof(c->fate), child, "fate");
	}
}

void predict_heirs(const char *coroner, const char *source, const pid_t *pids, size_t n,
		   struct prediction *ret)
{
	json_t *top = run(coroner, "reaper", source, pids, n), *o;
	const json_t *cases = json_object_get(top, "cases");
	size_t i;

	if (json_array_size(cases) != n) {
		errno = ENODATA;
		die("one prediction for each");
	}
	json_array_foreach (cases, i, o)
		read_case(o, &ret[i]);
	json_decref(top);
}

size_t predict_orphans(const char *coroner, const char *source, struct foretold_orphan *ret,
		       size_t max)
{
	json_t *top = run(coroner, "orphans", source, NULL, 0), *o;
	const json_t *orphans = json_object_get(top, "orphans");
	size_t i, n = json_array_size(orphans);

	json_array_foreach (orphans, i, o) {
		char certainty[16];

		if (i == max)
			break;
		ret[i].pid = pid_of(json_object_get(o, "process"), "pid");
		ret[i].adopter = pid_of(o, "adopted_by");
		copy(certainty, sizeof(certainty), o, "certainty");
		ret[i].proven = !strcmp(certainty, "proven");
		copy(ret[i].evidence, sizeof(ret[i].evidence), o, "evidence");
	}
	json_decref(top);
	return n;
}
