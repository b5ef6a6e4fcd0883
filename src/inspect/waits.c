/* SPDX-License-Identifier: MIT */
#include "inspect/waits.h"

#include <stdio.h>

#include "base/file.h"

static pid_t of_pidfd(const struct census *c, pid_t parent, int fd)
{
	char path[64], text[1024];
	const char *line;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", parent, fd);
	if (file_read_at(c->procfd, path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nPid:");
	return line ? (pid_t)strtol(line + strlen("\nPid:"), NULL, 10) : 0;
}

static bool has_number(const struct census *c, const struct process *child, int depth, pid_t number)
{
	struct details d;
	bool hit;

	if (details_read(c, child, WANT_STATUS, &d) < 0)
		return false;
	hit = details_has(&d, WANT_STATUS) && d.status.n_ns_pids > depth &&
	      d.status.ns_pids[depth] == number;
	details_done(&d);
	return hit;
}

/* The one awaited is alive as a rule, so the living are asked first */
static pid_t of_number(const struct census *c, const struct details *parent, pid_t number)
{
	const struct process *p = census_find(c, parent->process.pid), *child;
	int depth = details_depth(parent);

	if (depth < 0 || !p)
		return 0;
	if (depth == 0)
		return number;
	for (int zombies = 0; zombies < 2; zombies++)
		for (child = census_first_child(c, p); child; child = census_next_child(c, child))
			if ((child->state == 'Z') == zombies && has_number(c, child, depth, number))
				return child->pid;
	return 0;
}

pid_t waits_target(const struct census *c, const struct details *parent,
		   const struct blocked_in *blocked_in)
{
	if (blocked_in->wait == WAIT_FOR_PIDFD)
		return of_pidfd(c, parent->process.pid, blocked_in->id);
	if (blocked_in->wait == WAIT_FOR_PID)
		return of_number(c, parent, blocked_in->id);
	return 0;
}
