/* SPDX-License-Identifier: MIT */
#include "census/bpf/bpf_records.h"

#include <errno.h>
#include <signal.h>

#include "census/bpf/bpf_process.h"
#include "census/index.h"
#include "census/users.h"

#define READ_SIZE (64 * 1024) /* the kernel hands out eight pages at a time */
#define READY_AT_ONCE 256     /* rows */

/* Nanoseconds: of clocks, 73 years; of what is added up and doubled, 18 */
enum { CLOCK_BITS = 61, TERM_BITS = 59 };

void bpf_records_make_room(struct bpf_records *b)
{
	struct census *c = b->census;
	size_t n;

	if (c->n < b->ready)
		return;
	if (c->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : READY_AT_ONCE;
		c->procs = xreallocarray(c->procs, b->cap, sizeof(*c->procs));
		c->kernel = xreallocarray(c->kernel, b->cap, sizeof(*c->kernel));
	}
	n = b->cap - c->n < READY_AT_ONCE ? b->cap - c->n : READY_AT_ONCE;
	memory_ready(&c->procs[c->n], n * sizeof(*c->procs));
	memory_ready(&c->kernel[c->n], n * sizeof(*c->kernel));
	b->ready = c->n + n;
}

/*
 * Of the reader's own namespace, told before the first process: no more of them come than it has numbers taken, but for
 * those that are born meanwhile.
 * An array that grows is moved, and each page of it met anew.
 */
static void reserve_rows(struct bpf_records *b, uint32_t pid_allocated)
{
	struct census *c = b->census;
	size_t n = (size_t)pid_allocated + READY_AT_ONCE;

	if (b->cap > 0 || pid_allocated > PID_MAX_LIMIT)
		return;
	c->procs = memory_rows(n, sizeof(*c->procs));
	c->kernel = memory_rows(n, sizeof(*c->kernel));
	b->cap = c->procs && c->kernel ? n : 0;
}

/* What is beyond these was torn while it was read, and would overflow */
static bool is_plausible(const struct bpf_record_process *r)
{
	uint64_t clocks = r->start_time | r->start_boottime | r->exec_start;
	uint64_t terms = r->sum_exec_runtime | r->prev_sum_exec_runtime | r->last_arrival;

	if (r->bits & BPF_PROCESS_DISCOUNT_KNOWN)
		clocks |= r->discount;
	return clocks >> CLOCK_BITS == 0 && terms >> TERM_BITS == 0;
}

static void take_process(struct bpf_records *b, const struct bpf_record_process *r)
{
	struct census *c = b->census;

	/* released between being found and being read: its numbers are gone already */
	if (r->pid == 0 || !is_plausible(r)) {
		c->n_gone++;
		return;
	}
	bpf_records_make_room(b);
	bpf_process_fill(b, r, &c->procs[c->n]);
	bpf_process_fill_kernel(b, r, &c->kernel[c->n]);
	c->n++;
}

static void take_header(struct bpf_records *b, const struct bpf_record_header *r)
{
	b->own_level = r->own_level;
	b->now = (struct death_clocks){
		.sched_clock = (int64_t)r->sched_clock,
		.monotonic = (int64_t)r->monotonic,
		.boottime = (int64_t)r->boottime,
	};
	b->census->taken_ns = (int64_t)r->boottime + b->timens_ns;
	b->census->left = xcalloc(1, sizeof(*b->census->left));
	b->census->left->now = b->now;
	b->census->left->timens_ns = b->timens_ns;
	b->started = true;
}

static void take_pidns(struct bpf_records *b, const struct bpf_record_pidns *r)
{
	struct census *c = b->census;
	size_t at = c->n_pidns;

	/* told twice: as that of its init, and as the one where somebody's children go */
	if (!r->init || b->told_for_children)
		for (at = 0; at < c->n_pidns && c->pidns[at].inode != r->inode; at++)
			;
	b->told_for_children |= !r->init;
	if (at < c->n_pidns) {
		if (r->init)
			c->pidns[at].init = r->init;
		return;
	}
	if (c->n_pidns == 0)
		reserve_rows(b, r->pid_allocated);
	ARRAY_GROW(c->pidns, c->n_pidns, b->cap_pidns);
	c->pidns[c->n_pidns++] = (struct census_pidns){
		.inode = r->inode,
		.parent = r->parent_inode,
		.level = r->level,
		.init = r->init,
		.pid_max = r->pid_max,
		.pid_allocated = r->pid_allocated,
		.cursor = r->cursor,
		.dead = r->dead,
	};
}

static void take_user(struct bpf_records *b, const struct bpf_record_user *r)
{
	struct census *c = b->census;

	ARRAY_GROW(c->users, c->n_users, b->cap_users);
	c->users[c->n_users++] = (struct census_user){
		.userns = r->userns,
		.uid = r->uid,
		.parent = r->parent,
		.owner = r->owner,
		.known = r->known && r->tasks >= 0 && r->creators_limit >= 0,
		.tasks = (uint64_t)r->tasks,
		.creators_limit = r->creators_limit == INT64_MAX ? UINT64_MAX :
								   (uint64_t)r->creators_limit,
	};
}

static void take_thread(struct bpf_records *b, const struct bpf_record_thread *r)
{
	char state = bpf_state_letter(r->state, r->exit_state);
	struct bpf_thread *t;

	/* torn while it was read, as in is_plausible() */
	if ((r->last_arrival | r->sum_exec_runtime) >> TERM_BITS || r->exec_start >> CLOCK_BITS)
		return;
	ARRAY_GROW(b->threads, b->n_threads, b->cap_threads);
	t = &b->threads[b->n_threads++];
	*t = (struct bpf_thread){
		.tgid = r->tgid,
		.pdeath_signal = (uint8_t)r->pdeath_signal,
		.late_runtime_ns = r->late ? r->sum_exec_runtime : 0,
		.arrived = r->last_arrival,
	};
	bpf_process_note_left(b, r->tgid, r->bits,
			      &(struct left_run){ r->last_arrival, r->exec_start,
						  r->sum_exec_runtime, r->discount, r->cpu });
	if (r->exit_state)
		return;
	t->ran_ns = bpf_process_ran(b, r->last_arrival);
	if (state != 'T' && state != 't' && state != 'D')
		return;
	ARRAY_GROW(b->census->held, b->census->n_held, b->cap_held);
	b->census->held[b->census->n_held++] =
		(struct census_held){ .tgid = r->tgid, .tid = r->tid, .state = state };
}

static void take(struct bpf_records *b, uint32_t type, const char *text)
{
	union {
		struct bpf_record_header header;
		struct bpf_record_process process;
		struct bpf_record_thread thread;
		struct bpf_record_pidns pidns;
		struct bpf_record_user user;
		struct bpf_record_end end;
	} r;

	switch (type) {
	case BPF_RECORD_HEADER:
		memcpy(&r.header, text, sizeof(r.header));
		take_header(b, &r.header);
		break;
	case BPF_RECORD_PROCESS:
		memcpy(&r.process, text, sizeof(r.process));
		take_process(b, &r.process);
		break;
	case BPF_RECORD_THREAD:
		memcpy(&r.thread, text, sizeof(r.thread));
		take_thread(b, &r.thread);
		break;
	case BPF_RECORD_PIDNS:
		memcpy(&r.pidns, text, sizeof(r.pidns));
		take_pidns(b, &r.pidns);
		break;
	case BPF_RECORD_USER:
		memcpy(&r.user, text, sizeof(r.user));
		take_user(b, &r.user);
		break;
	default:
		memcpy(&r.end, text, sizeof(r.end));
		b->census->n_gone += r.end.lost;
		b->ended = true;
		break;
	}
}

static size_t record_size(uint32_t type)
{
	switch (type) {
	case BPF_RECORD_HEADER:
		return sizeof(struct bpf_record_header);
	case BPF_RECORD_PROCESS:
		return sizeof(struct bpf_record_process);
	case BPF_RECORD_THREAD:
		return sizeof(struct bpf_record_thread);
	case BPF_RECORD_PIDNS:
		return sizeof(struct bpf_record_pidns);
	case BPF_RECORD_USER:
		return sizeof(struct bpf_record_user);
	case BPF_RECORD_END:
		return sizeof(struct bpf_record_end);
	default:
		return 0;
	}
}

static bool is_plausible_header(const char *text)
{
	struct bpf_record_header r;

	memcpy(&r, text, sizeof(r));
	return (r.monotonic | r.boottime | r.sched_clock) >> CLOCK_BITS == 0;
}

ssize_t bpf_records_parse(struct bpf_records *b, const char *text, size_t len)
{
	size_t used = 0;

	while (len - used >= sizeof(uint32_t)) {
		uint32_t type;
		size_t size;

		memcpy(&type, text + used, sizeof(type));
		size = record_size(type);
		if (size == 0 || b->started == (type == BPF_RECORD_HEADER) || b->ended)
			return -EBADMSG;
		if (len - used < size)
			break;
		if (type == BPF_RECORD_HEADER && !is_plausible_header(text + used))
			return -EBADMSG;
		take(b, type, text + used);
		used += size;
	}
	return (ssize_t)used;
}

static int compare_pid(const void *key, const void *p)
{
	pid_t a = *(const pid_t *)key, b = ((const struct process *)p)->pid;

	return (a > b) - (a < b);
}

static struct process *find_pid(const struct census *c, pid_t pid)
{
	return c->n ? bsearch(&pid, c->procs, c->n, sizeof(*c->procs), compare_pid) : NULL;
}

/* The parent's death signals the whole process for any of its threads; forget_original_parent() */
static void add_thread(const struct bpf_records *b, const struct bpf_thread *thread)
{
	const struct census *c = b->census;
	struct process *p = find_pid(c, thread->tgid);
	struct process_kernel *k;

	if (!p)
		return;
	k = &c->kernel[p - c->procs];
	p->cpu_ticks += bpf_process_ticks(b, thread->late_runtime_ns);
	k->other_threads++;
	if (thread->ran_ns > k->group_ran_ns)
		k->group_ran_ns = thread->ran_ns;
	k->arrivals += thread->arrived;
	if (thread->pdeath_signal && k->pdeath_signal != SIGKILL)
		k->pdeath_signal = thread->pdeath_signal;
}

int bpf_records_finish(struct bpf_records *b)
{
	const struct census *c = b->census;

	if (!b->started || !b->ended)
		return -EBADMSG;
	census_users_sort(b->census);
	for (size_t i = 0; i < b->n_threads; i++)
		add_thread(b, &b->threads[i]);
	census_sort_held(b->census);
	if (b->n_deferred > 0)
		death_samples_sort(b->samples, b->n_samples);
	for (size_t i = 0; i < b->n_deferred; i++) {
		struct bpf_deferred_death *late = &b->deferred[i];
		const struct process *p = find_pid(c, late->pid);

		death_narrow(b->samples, b->n_samples, late->cpu, &late->evidence);
		if (p)
			bpf_process_note_death(b, &late->evidence, &c->kernel[p - c->procs]);
	}
	return 0;
}

int bpf_records_read(struct bpf_records *b, int fd)
{
	auto_free char *buf = xmalloc(READ_SIZE);
	size_t kept = 0;

	/* not until read(2) gives 0: that would go on with the tasks born since the end was told */
	while (!b->ended) {
		ssize_t n = read(fd, buf + kept, READ_SIZE - kept), used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EBADMSG;
		kept += (size_t)n;
		used = bpf_records_parse(b, buf, kept);
		if (used < 0)
			return (int)used;
		kept -= (size_t)used;
		memmove(buf, buf + used, kept);
	}
	return kept > 0 ? -EBADMSG : bpf_records_finish(b);
}

void bpf_records_done(struct bpf_records *b)
{
	free(b->threads);
	free(b->samples);
	free(b->deferred);
	b->threads = NULL;
	b->samples = NULL;
	b->deferred = NULL;
}

void bpf_records_drop(struct bpf_records *b)
{
	struct census *c = b->census;

	free(c->procs);
	free(c->kernel);
	free(c->pidns);
	free(c->users);
	c->procs = NULL;
	c->kernel = NULL;
	free(c->held);
	left_free(c->left);
	c->left = NULL;
	c->pidns = NULL;
	c->users = NULL;
	c->held = NULL;
	c->n = c->n_pidns = c->n_users = c->n_held = c->n_gone = 0;
	bpf_records_done(b);
}
