/* SPDX-License-Identifier: MIT */
/* /proc/PID/status: printed again it reads the same, and no process's name passes for a field. */
#include "fuzz.h"

#include <errno.h>

#include "inspect/text/status.h"

static char *print_again(const struct proc_status *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "Umask:\t0022\nState:\t%c (so)\nTgid:\t%u\nPPid:\t%u\nTracerPid:\t%u\n",
		s->state, (unsigned)s->tgid, (unsigned)s->ppid, (unsigned)s->tracer);
	fprintf(out, "Uid:\t%u\t1\t2\t3\n", s->uid);
	if (s->n_ns_pids > 0)
		fprintf(out, "NSpid:");
	for (int i = 0; i < s->n_ns_pids; i++)
		fprintf(out, "\t%u", (unsigned)s->ns_pids[i]);
	fprintf(out, "\nNSpgid:\t7\t%u\nNSsid:\t8\t9\t%u\n", (unsigned)s->ns_pgrp,
		(unsigned)s->ns_sid);
	fprintf(out, "VmPeak:\t  1000 kB\nThreads:\t%u\n", s->threads);
	fprintf(out, "SigQ:\t0/95\nSigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
		(unsigned long long)s->masks.pending, (unsigned long long)s->masks.shared_pending,
		(unsigned long long)s->masks.blocked);
	fprintf(out, "SigIgn:\t%016llx\nSigCgt:\t%016llx\nCapInh:\t0\n",
		(unsigned long long)s->masks.ignored, (unsigned long long)s->masks.caught);
	fclose(out);
	return text;
}

static void require_same(const struct proc_status *a, const struct proc_status *b)
{
	require(a->state == b->state && a->tgid == b->tgid && a->ppid == b->ppid);
	require(a->tracer == b->tracer && a->uid == b->uid && a->threads == b->threads);
	require(memcmp(&a->masks, &b->masks, sizeof(a->masks)) == 0);
	require(a->n_ns_pids == b->n_ns_pids);
	require(memcmp(a->ns_pids, b->ns_pids, sizeof(a->ns_pids)) == 0);
	require(a->ns_pgrp == b->ns_pgrp && a->ns_sid == b->ns_sid);
}

/* The other reader of these lines, which takes one level of one line, agrees with this one. */
static void require_numbers(const char *text, const struct proc_status *s)
{
	for (int i = 0; i < s->n_ns_pids; i++) {
		pid_t pid = s->ns_pids[i];

		/* above kernel.pid_max's own bound: no number of a process */
		if (pid < 0 || pid > 4194304)
			return;
		require(proc_status_number(text, strlen(text), "NSpid:", i) == pid);
	}
	require(proc_status_number(text, strlen(text), "NSpid:", s->n_ns_pids) == 0);
}

static void any_text(const uint8_t *data, size_t size)
{
	auto_free char *text = exact_copy(data, size), *printed = NULL;
	struct proc_status s, again;
	int r = proc_status_parse(text, size, &s);

	for (int level = 0; level < 3; level++)
		require(proc_status_number(text, size, "NSpid:", level) >= 0);
	if (r < 0) {
		require(r == -EBADMSG);
		return;
	}
	require(s.n_ns_pids >= 0 && s.n_ns_pids <= MAX_PID_NS_LEVEL + 1);
	require(s.state != '\0' && s.state != '\n');
	printed = print_again(&s);
	require(proc_status_parse(printed, strlen(printed), &again) == 0);
	require_same(&s, &again);
	require_numbers(printed, &s);
}

/* Linux fs/proc/array.c:proc_task_name() escapes newlines and backslashes, nothing else */
static char *with_name(const char *name, const char *rest)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("Name:\t", out);
	for (const char *s = name; *s; s++) {
		if (*s == '\n')
			fputs("\\n", out);
		else if (*s == '\\')
			fputs("\\\\", out);
		else
			fputc(*s, out);
	}
	fprintf(out, "\n%s", rest);
	fclose(out);
	return text;
}

static void any_name(const uint8_t *data, size_t size)
{
	static const struct proc_status truth = {
		.state = 'S',
		.tgid = 40,
		.ppid = 9,
		.tracer = 77,
		.uid = 1000,
		.threads = 4,
		.masks = { 0x10000, 1, 0xfffffffffffffffe, 0x1000, 0x10002 },
		.n_ns_pids = 3,
		.ns_pids = { 40, 5, 2 },
		.ns_pgrp = 1,
	};
	auto_free char *name = as_string(data, size), *rest = print_again(&truth);
	auto_free char *text = with_name(name, rest);
	struct proc_status s;

	require(proc_status_parse(text, strlen(text), &s) == 0);
	require_same(&s, &truth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_name(data, size);
	return 0;
}
