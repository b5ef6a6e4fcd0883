/* SPDX-License-Identifier: MIT */
/*
 * The stream of the BPF iterator: read in any pieces it gives the same census, every record is
 * counted, and one that breaks off or has another shape is no census.
 *
 * Input: a line a record. Its first letter is the kind: h(eader), p(rocess), t(hread), n(amespace),
 * e(nd); the rest of the line fills the record from its front, zeros after that. Any other line goes
 * into the stream as it is.
 */
#include "fuzz.h"

#include <errno.h>

#include "census/bpf/bpf_records.h"

/* 73 years in nanoseconds: what clocks and sums of the kernel are taken to stay below */
#define TIME_MASK ((UINT64_C(1) << 61) - 1)

struct stream {
	char *text; /* owned */
	size_t len;
	FILE *out;
	size_t n_processes, n_released, n_lost;
	uint32_t *pidns; /* owned: inodes as they came */
	size_t n_pidns, cap_pidns;
	bool told_for_children; /* an inode may come twice then, and stands once */
};

static void mask_time(__u64 *ns)
{
	*ns &= TIME_MASK;
}

/* Sums and clocks stay what they are; the reader adds a few of them up */
static void tame(struct bpf_record_process *p)
{
	mask_time(&p->start_time);
	mask_time(&p->start_boottime);
	mask_time(&p->sum_sched_runtime);
	mask_time(&p->sum_exec_runtime);
	mask_time(&p->prev_sum_exec_runtime);
	mask_time(&p->last_arrival);
	mask_time(&p->exec_start);
	mask_time(&p->discount);
	/* of one second and more, half a year's worth: it is doubled */
	p->sum_exec_runtime >>= 2;
	p->prev_sum_exec_runtime >>= 2;
	p->last_arrival >>= 2;
}

static void put(struct stream *s, uint32_t type, void *record, size_t size, const char *fill)
{
	size_t n = strlen(fill);

	if (n > size - sizeof(type))
		n = size - sizeof(type);
	memset(record, 0, size);
	memcpy(record, &type, sizeof(type));
	memcpy((char *)record + sizeof(type), fill, n);
	if (type == BPF_RECORD_PROCESS)
		tame(record);
	if (type == BPF_RECORD_HEADER) {
		struct bpf_record_header *h = record;

		mask_time(&h->monotonic);
		mask_time(&h->boottime);
		mask_time(&h->sched_clock);
	}
	fwrite(record, size, 1, s->out);
}

static void put_line(struct stream *s, const char *line)
{
	union {
		struct bpf_record_header header;
		struct bpf_record_process process;
		struct bpf_record_thread thread;
		struct bpf_record_pidns pidns;
		struct bpf_record_user user;
		struct bpf_record_end end;
	} r;

	switch (line[0]) {
	case 'h':
		put(s, BPF_RECORD_HEADER, &r.header, sizeof(r.header), line + 1);
		break;
	case 'p':
		put(s, BPF_RECORD_PROCESS, &r.process, sizeof(r.process), line + 1);
		s->n_released += r.process.pid == 0;
		s->n_processes += r.process.pid != 0;
		break;
	case 't':
		put(s, BPF_RECORD_THREAD, &r.thread, sizeof(r.thread), line + 1);
		break;
	case 'n':
		put(s, BPF_RECORD_PIDNS, &r.pidns, sizeof(r.pidns), line + 1);
		ARRAY_GROW(s->pidns, s->n_pidns, s->cap_pidns);
		s->pidns[s->n_pidns++] = r.pidns.inode;
		s->told_for_children |= r.pidns.init == 0;
		break;
	case 'u':
		put(s, BPF_RECORD_USER, &r.user, sizeof(r.user), line + 1);
		break;
	case 'e':
		put(s, BPF_RECORD_END, &r.end, sizeof(r.end), line + 1);
		s->n_lost += r.end.lost;
		break;
	default:
		fwrite(line, strlen(line), 1, s->out);
		break;
	}
}

/* Whether these lines are a whole stream: a header first and only there, an end last and only there */
static bool is_whole(const char *kinds)
{
	size_t n = strlen(kinds);

	return n >= 2 && kinds[0] == 'h' && kinds[n - 1] == 'e' &&
	       strspn(kinds + 1, "ptn") == n - 2;
}

struct reading {
	struct census census;
	struct bpf_records records;
	int result; /* 0 or -EBADMSG */
};

/* As bpf.c reads: what a piece leaves unread stands before the next one */
static void read_in_pieces(const struct stream *s, size_t piece, struct reading *ret)
{
	struct bpf_records *b = &ret->records;
	size_t used = 0, have = 0;

	*ret = (struct reading){ 0 };
	b->census = &ret->census;
	b->tick_ns = 10000000;
	while (have < s->len) {
		auto_free char *copy = NULL;
		ssize_t n;

		have = have + piece < s->len ? have + piece : s->len;
		copy = exact_copy(s->text + used, have - used);
		n = bpf_records_parse(b, copy, have - used);
		if (n < 0) {
			require(n == -EBADMSG);
			ret->result = -EBADMSG;
			return;
		}
		require((size_t)n <= have - used);
		used += (size_t)n;
	}
	ret->result = bpf_records_finish(b);
	require(ret->result == (b->started && b->ended ? 0 : -EBADMSG));
	if (used < s->len)
		ret->result = -EBADMSG;
}

static void require_same(const struct census *a, const struct census *b)
{
	require(a->n == b->n && a->n_gone == b->n_gone && a->n_pidns == b->n_pidns);
	for (size_t i = 0; i < a->n; i++) {
		const struct process *p = &a->procs[i], *q = &b->procs[i];
		const struct process_kernel *k = &a->kernel[i], *l = &b->kernel[i];

		require(p->pid == q->pid && p->state == q->state && p->ppid == q->ppid);
		require(p->start_ticks == q->start_ticks && p->cpu_ticks == q->cpu_ticks);
		require(p->exit_code == q->exit_code && streq(p->comm, q->comm));
		require(k->died_ns == l->died_ns && k->died_error_ns == l->died_error_ns);
		require(k->pdeath_signal == l->pdeath_signal && k->sigchld == l->sigchld);
	}
}

static void require_namespaces(const struct stream *s, const struct census *c)
{
	require(s->told_for_children ? c->n_pidns <= s->n_pidns : c->n_pidns == s->n_pidns);
	for (size_t i = 0; i < s->n_pidns; i++) {
		size_t at = 0;

		while (at < c->n_pidns && c->pidns[at].inode != s->pidns[i])
			at++;
		require(at < c->n_pidns);
	}
}

static void require_counted(const struct stream *s, const struct census *c)
{
	require(c->n == s->n_processes);
	require_namespaces(s, c);
	require(c->n_gone == s->n_released + s->n_lost);
	for (size_t i = 0; i < c->n; i++) {
		require(c->procs[i].pid != 0);
		require(memchr(c->procs[i].comm, '\0', sizeof(c->procs[i].comm)));
		require(strchr("RSDTtXZPI", c->procs[i].state));
		require(c->kernel[i].died_ns == 0 || c->kernel[i].died_error_ns >= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1 << 20, 1, 7, 100, 333 };
	auto_free char *text = as_string(data, size), *kinds = xstrdup(text);
	struct stream s = { 0 };
	struct reading whole;
	size_t n = 0;

	s.out = open_memstream(&s.text, &s.len);
	for (char *line = text, *next; *line; line = next) {
		next = cut_line(line);
		if (!line[0])
			continue;
		kinds[n++] = line[0];
		put_line(&s, line);
	}
	kinds[n] = '\0';
	fclose(s.out);
	read_in_pieces(&s, pieces[0], &whole);
	if (is_whole(kinds)) {
		require(whole.result == 0);
		require_counted(&s, &whole.census);
	} else if (strspn(kinds, "hptne") == n) {
		require(whole.result == -EBADMSG);
	}
	for (size_t i = 1; i < ARRAY_SIZE(pieces); i++) {
		struct reading other;

		if (s.len > 4096 && pieces[i] < 100)
			continue;
		read_in_pieces(&s, pieces[i], &other);
		require(other.result == whole.result);
		if (whole.result == 0)
			require_same(&whole.census, &other.census);
		bpf_records_drop(&other.records);
	}
	bpf_records_drop(&whole.records);
	free(s.text);
	free(s.pidns);
	return 0;
}
