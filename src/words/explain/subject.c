/* SPDX-License-Identifier: MIT */
#include "words/explain/subject.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memstream.h"
#include "inspect/owner.h"
#include "words/label.h"
#include "render/text.h"

#define COMMAND_WIDTH 60

char *subject_name(const struct terminal *t, const struct process *p)
{
	auto_free char *comm = text_printable(p->comm, strlen(p->comm), t->utf8);

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

static void put_safe(FILE *out, bool utf8, const char *before, const char *raw)
{
	auto_free char *safe = text_printable(raw, strlen(raw), utf8);

	if (safe[0])
		fprintf(out, "%s%s", before, safe);
}

/* User, systemd unit and terminal: what an operator knows it by */
static void put_owner(FILE *out, bool utf8, const struct details *d, const struct owner *owner)
{
	if (details_has(d, WANT_STATUS) && !(owner && owner->user[0]))
		fprintf(out, ", user %u", d->status.uid);
	if (owner) {
		put_safe(out, utf8, ", user ", owner->user);
		put_safe(out, utf8, ", unit ", owner->unit);
		put_safe(out, utf8, ", terminal ", owner->tty);
	}
}

static void put_command(FILE *out, bool utf8, const struct details *d)
{
	auto_free char *joined = NULL, *safe = NULL;
	size_t size, fits;
	FILE *line;

	if (d->cmdline_unread)
		fputs(", its command line cannot be read", out);
	if (!d->has_cmdline || d->n_args == 0)
		return;
	line = memstream_open(&joined, &size);
	for (size_t i = 0; i < d->n_args; i++)
		fprintf(line, "%s%s", i ? " " : "", d->cmdline[i]);
	fclose(line);
	safe = text_printable(joined, size, utf8);
	fits = text_fit(safe, COMMAND_WIDTH);
	fprintf(out, ": %.*s%s", (int)fits, safe, safe[fits] == '\0' ? "" : utf8 ? "…" : "+");
}

char *subject_line(const struct terminal *t, const struct details *d, const struct owner *owner)
{
	auto_free char *name = subject_name(t, &d->process);
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);

	fputs(name, out);
	put_place(out, d);
	put_owner(out, t->utf8, d, owner);
	if (d->in_container) {
		auto_free char *where = container_label(&d->container, t->utf8);

		fprintf(out, ", in %s", where);
		if (d->container.pod_uid[0])
			fprintf(out, " of pod %s", d->container.pod_uid);
	}
	put_command(out, t->utf8, d);
	fclose(out);
	return text ? text : xstrdup(name);
}
