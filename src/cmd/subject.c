/* SPDX-License-Identifier: MIT */
#include "cmd/subject.h"

#include <inttypes.h>
#include <stdio.h>

#include "inspect/owner.h"
#include "render/label.h"
#include "render/text.h"

#define COMMAND_WIDTH 60

const struct process *subject_find(const struct census *c, pid_t pid)
{
	const struct process *p = census_find(c, pid);
	char path[24];

	if (p)
		return p;
	/* proc shows the threads of others by their numbers too, but does not list them: proc(5) */
	snprintf(path, sizeof(path), "%d/stat", pid);
	if (faccessat(c->procfd, path, F_OK, 0) == 0)
		complain("%d is no process, but a thread of one (or it was just born)", pid);
	else
		complain("there is no process %d", pid);
	return NULL;
}

char *subject_name(const struct context *ctx, const struct process *p)
{
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), ctx->utf8);

	return xasprintf("%d (%s)", p->pid, comm);
}

static void put_place(FILE *out, const struct details *d)
{
	bool init = details_ns_pid(d) == 1;

	if (details_depth(d) > 0 || init) {
		fprintf(out, ", %d inside", details_ns_pid(d));
		if (details_has(d, WANT_PIDNS))
			fprintf(out, " PID namespace %" PRIu64, d->pidns);
	}
	if (init)
		fputs(", its init", out);
	else if (d->subreaper == TRI_YES)
		fputs(", a subreaper", out);
	if (d->process.flags & PF_KTHREAD)
		fputs(", a kernel thread", out);
}

static void put_safe(FILE *out, const struct context *ctx, const char *before, const char *raw)
{
	auto_free char *safe = text_printable(raw, strlen(raw), ctx->utf8);

	if (safe[0])
		fprintf(out, "%s%s", before, safe);
}

/* User, systemd unit and terminal: what an operator knows it by */
static void put_owner(FILE *out, const struct context *ctx, const struct details *d)
{
	struct owner owner = { 0 };

	if (ctx->own_proc && owner_read(&d->process, &owner)) {
		put_safe(out, ctx, ", user ", owner.user);
		put_safe(out, ctx, ", unit ", owner.unit);
		put_safe(out, ctx, ", terminal ", owner.tty);
	} else if (details_has(d, WANT_STATUS)) {
		fprintf(out, ", user %u", d->status.uid);
	}
}

static void put_command(FILE *out, const struct context *ctx, const struct details *d)
{
	auto_free char *joined = NULL, *safe = NULL;
	size_t size, fits;
	FILE *line;

	if (!d->has_cmdline || d->n_args == 0)
		return;
	line = open_memstream(&joined, &size);
	if (!line)
		return;
	for (size_t i = 0; i < d->n_args; i++)
		fprintf(line, "%s%s", i ? " " : "", d->cmdline[i]);
	fclose(line);
	safe = text_printable(joined, size, ctx->utf8);
	fits = text_fit(safe, COMMAND_WIDTH);
	fprintf(out, ": %.*s%s", (int)fits, safe, safe[fits] == '\0' ? "" : ctx->utf8 ? "…" : "+");
}

char *subject_line(const struct context *ctx, const struct details *d)
{
	auto_free char *name = subject_name(ctx, &d->process);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup(name);
	fputs(name, out);
	put_place(out, d);
	put_owner(out, ctx, d);
	if (d->in_container) {
		auto_free char *where = container_label(&d->container, ctx->utf8);

		fprintf(out, ", in %s", where);
		if (d->container.pod_uid[0])
			fprintf(out, " of pod %s", d->container.pod_uid);
	}
	put_command(out, ctx, d);
	fclose(out);
	return text ? text : xstrdup(name);
}
