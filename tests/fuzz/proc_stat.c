/* SPDX-License-Identifier: MIT */
/* /proc/PID/stat: a line printed again reads the same, and no comm deceives about other fields. */
#include "fuzz.h"

#include <errno.h>
#include <unistd.h>

#include "census/proc_stat.h"

/* The unsigned field of a start before the zero of the reader's clock: proc_stat_ticks() undone */
static uint64_t start_field(int64_t ticks)
{
	uint64_t wrap = UINT64_MAX / (uint64_t)(1000000000 / sysconf(_SC_CLK_TCK)) + 1;

	return ticks >= 0 && ticks < INT64_C(1) << 40 ? (uint64_t)ticks : (uint64_t)ticks + wrap;
}

/* The line as Linux fs/proc/array.c:do_task_stat() writes it, with comm in the place of p's own. */
static int parse_again(const struct process *p, const char *comm, size_t comm_len,
		       struct process *ret)
{
	auto_free char *tail = NULL, *head = xasprintf("%d (", p->pid);
	auto_free char *line = NULL;
	size_t head_len = strlen(head), tail_len;
	FILE *out = open_memstream(&tail, &tail_len);

	fprintf(out, ") %c %d %d %d 34816 -1 %u 10 11 12 13 %llu 0 16 17 20 0 %u 0 %llu", p->state,
		p->ppid, p->pgrp, p->sid, p->flags, (unsigned long long)p->cpu_ticks, p->threads,
		(unsigned long long)start_field(p->start_ticks));
	fprintf(out, " 23 24 18446744073709551615 26 27 28 29 30 31 32 33 34 35 36 37");
	fprintf(out, " %d 39 40 41 42 43 44 45 46 47 48 49 50 51 %d\n", p->exit_signal,
		p->exit_code);
	fclose(out);
	line = xmalloc(head_len + comm_len + tail_len);
	memcpy(line, head, head_len);
	memcpy(line + head_len, comm, comm_len);
	memcpy(line + head_len + comm_len, tail, tail_len);
	return proc_stat_parse(line, head_len + comm_len + tail_len, ret);
}

static void require_same(const struct process *a, const struct process *b)
{
	require(a->pid == b->pid && a->ppid == b->ppid && a->pgrp == b->pgrp && a->sid == b->sid);
	require(a->state == b->state && a->flags == b->flags && a->threads == b->threads);
	require(a->cpu_ticks == b->cpu_ticks && a->start_ticks == b->start_ticks);
	require(a->exit_signal == b->exit_signal && a->exit_code == b->exit_code);
}

static void any_text(const uint8_t *data, size_t size)
{
	auto_free char *text = exact_copy(data, size);
	struct process p, before, again = { 0 };
	int r;

	memset(&before, 0x5a, sizeof(before));
	p = before;
	r = proc_stat_parse(text, size, &p);
	if (r < 0) {
		require(r == -EBADMSG);
		require(memcmp(&p, &before, sizeof(p)) == 0);
		return;
	}
	require(p.pid > 0);
	require(memchr(p.comm, '\0', sizeof(p.comm)));
	/* the links between processes are the census's own */
	require(p.parent == before.parent && p.first_child == before.first_child &&
		p.next_sibling == before.next_sibling && p.n_zombies == before.n_zombies);
	require(parse_again(&p, p.comm, strlen(p.comm), &again) == 0);
	require_same(&p, &again);
	require(streq(p.comm, again.comm));
}

static void any_comm(const uint8_t *data, size_t size)
{
	static const struct process truth = {
		.pid = 4194303,
		.state = 'Z',
		.ppid = 41,
		.pgrp = 42,
		.sid = 43,
		.flags = 0x40014c,
		.cpu_ticks = 57,
		.threads = 3,
		.start_ticks = UINT64_C(12345678901),
		.exit_signal = 17,
		.exit_code = 256,
	};
	auto_free char *comm = as_string(data, size);
	struct process p = { 0 };

	require(parse_again(&truth, comm, strlen(comm), &p) == 0);
	require_same(&p, &truth);
	require(strncmp(p.comm, comm, TASK_COMM_LEN - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_comm(data, size);
	return 0;
}
