/* SPDX-License-Identifier: MIT */
#include "census/bpf_records.h"

#include <errno.h>
#include <signal.h>

#define READ_SIZE (64 * 1024) /* the kernel hands out eight pages at a time */
#define NS_PER_S INT64_C(1000000000)
#define NARROW_NS (NS_PER_S / 10)	  /* good enough without the work of a closer look */
#define MAX_DEATH_ERROR_NS (NS_PER_S / 2) /* what is less certain counts as unknown */

/* Linux include/linux/sched.h, the same from 5.18 to 6.18 */
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_REPORT 0x007f
#define TASK_PARKED 0x0040
#define TASK_NOLOAD 0x0400
#define TASK_RTLOCK_WAIT 0x1000
#define TASK_FROZEN 0x8000
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define PF_SIGNALED 0x00000400

/* Nanoseconds: of clocks, 73 years; of what is added up and doubled, 18 */
enum { CLOCK_BITS = 61, TERM_BITS = 59 };

/* Linux include/linux/sched/signal.h */
#define SIGNAL_STOP_STOPPED 0x1
#define SIGNAL_GROUP_EXIT 0x4

char bpf_state_letter(uint32_t state, uint32_t exit_state)
{
	static const char letters[] = "RSDTtXZP";
	uint32_t report = (state | exit_state) & TASK_REPORT;

	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	/* one comes from PREEMPT_RT locks, the other from the freezer: both read as D */
	if (state & (TASK_RTLOCK_WAIT | TASK_FROZEN))
		return 'D';
	return letters[report ? 32 - __builtin_clz(report) : 0];
}

/*
 * Whether the process may have lived on after its leader, who then called pthread_exit(3): it had
 * other threads, and the leader did not end with them. It did if it died of a signal or of another
 * thread's exit_group(2), or if it called that itself: then it shares the exit code, and its threads
 * were killed or that code is none that pthread_exit(3) leaves.
 */
static bool threads_may_have_outlived(const struct bpf_record_process *r)
{
	if (r->sum_sched_runtime == 0 || (r->flags & PF_SIGNALED))
		return false;
	if (!(r->signal_flags & SIGNAL_GROUP_EXIT) || r->exit_code != r->group_exit_code)
		return true;
	return r->exit_code == 0 && !(r->bits & BPF_PROCESS_THREAD_KILLED);
}

static void note_death(const struct bpf_records *b, const struct death_evidence *e,
		       struct process_kernel *k)
{
	int64_t died;

	k->died_ns = 0;
	if (death_estimate(e, &b->now, &died, &k->died_error_ns) == 0 &&
	    k->died_error_ns <= MAX_DEATH_ERROR_NS)
		k->died_ns = died + b->timens_ns;
}

static void find_death(struct bpf_records *b, const struct bpf_record_process *r,
		       struct process_kernel *k)
{
	bool fair = r->bits & BPF_PROCESS_FAIR, clock_known = r->bits & BPF_PROCESS_DISCOUNT_KNOWN;
	struct death_evidence e = {
		.last_arrival = (int64_t)r->last_arrival,
		/* may be less than it was: sched_autogroup_exit_task() resets it */
		.last_run = fair ? (int64_t)(r->sum_exec_runtime - r->prev_sum_exec_runtime) : 0,
		.runtime = (int64_t)r->sum_exec_runtime,
		.task_clock = clock_known ? (int64_t)r->exec_start : 0,
		.discount_high = (int64_t)r->discount,
		.start_monotonic = (int64_t)r->start_time,
		.start_boottime = (int64_t)r->start_boottime,
		.threads_outlived_it = threads_may_have_outlived(r),
	};

	/* with a live thread left it is not dead yet */
	if (r->nr_threads > 1)
		return;
	note_death(b, &e, k);
	if (k->died_error_ns <= NARROW_NS || e.threads_outlived_it)
		return;
	ARRAY_GROW(b->deferred, b->n_deferred, b->cap_deferred);
	b->deferred[b->n_deferred++] = (struct bpf_deferred_death){ e, r->pid, r->cpu };
}

/* What a sleeping task's last run says of its CPU's discount; others' notes are in motion */
static void take_sample(struct bpf_records *b, const struct bpf_record_process *r)
{
	int64_t run = (int64_t)(r->sum_exec_runtime - r->prev_sum_exec_runtime);
	int64_t arrived = (int64_t)r->exec_start - run;
	int64_t discount = (int64_t)r->last_arrival - arrived;

	if (r->state == 0 || !(r->bits & BPF_PROCESS_FAIR) ||
	    !(r->bits & BPF_PROCESS_DISCOUNT_KNOWN) || arrived <= 0 || discount < 0 ||
	    discount > (int64_t)r->discount)
		return;
	ARRAY_GROW(b->samples, b->n_samples, b->cap_samples);
	b->samples[b->n_samples++] = (struct death_sample){ arrived, discount, r->cpu };
}

static uint64_t to_ticks(const struct bpf_records *b, uint64_t ns)
{
	return ns / b->tick_ns;
}

static void fill_process(const struct bpf_records *b, const struct bpf_record_process *r,
			 struct process *p)
{
	/* Linux fs/proc/array.c:do_task_stat() */
	bool group_code = r->signal_flags & (SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED);

	*p = (struct process){
		.start_ticks = to_ticks(b, r->start_boottime + (uint64_t)b->timens_ns),
		.cpu_ticks = to_ticks(b, r->sum_sched_runtime + r->sum_exec_runtime),
		.pid = r->pid,
		.ppid = r->ppid,
		.pgrp = r->pgrp,
		.sid = r->sid,
		.threads = (uint32_t)r->nr_threads,
		.flags = r->flags,
		.exit_code = group_code ? r->group_exit_code : r->exit_code,
		.state = bpf_state_letter(r->state, r->exit_state),
		.exit_signal = (uint8_t)r->exit_signal,
	};
	memcpy(p->comm, r->comm, sizeof(p->comm) - 1);
}

static void fill_kernel(struct bpf_records *b, const struct bpf_record_process *r,
			struct process_kernel *k)
{
	*k = (struct process_kernel){
		.start_ns = r->start_boottime + (uint64_t)b->timens_ns,
		.cgroup_id = r->cgroup_id,
		.pidns = r->pidns,
		.ns_pid = r->ns_pid,
		.tracer = r->tracer,
		.parent_exec_id = r->parent_exec_id,
		.self_exec_id = r->self_exec_id,
		.uid = r->uid,
		.live_threads = r->live > 0 ? (uint32_t)r->live : 0,
		.level = (uint8_t)(r->level - b->own_level),
		.pdeath_signal = (uint8_t)r->pdeath_signal,
		.sigchld = r->bits & BPF_PROCESS_SIGCHLD_CAUGHT	 ? SIGCHLD_CAUGHT :
			   r->bits & BPF_PROCESS_SIGCHLD_IGNORED ? SIGCHLD_IGNORED :
								   SIGCHLD_DEFAULT,
		.no_cldwait = r->bits & BPF_PROCESS_NO_CLDWAIT,
		.subreaper = r->bits & BPF_PROCESS_SUBREAPER,
		.has_subreaper = r->bits & BPF_PROCESS_HAS_SUBREAPER,
		.is_init = r->ns_pid == 1,
		.lost_thread = r->sum_sched_runtime != 0,
		.task = r->task,
		.older_sibling = r->older_sibling,
	};
	if (r->exit_state) {
		find_death(b, r, k);
		return;
	}
	take_sample(b, r);
	if (r->last_arrival)
		k->ran_ns = b->now.boottime - b->now.sched_clock + (int64_t)r->last_arrival +
			    b->timens_ns;
}

void bpf_records_make_room(struct bpf_records *b)
{
	struct census *c = b->census;

	if (c->n < b->cap)
		return;
	b->cap = b->cap ? b->cap * 2 : 256;
	c->procs = xreallocarray(c->procs, b->cap, sizeof(*c->procs));
	c->kernel = xreallocarray(c->kernel, b->cap, sizeof(*c->kernel));
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
	fill_process(b, r, &c->procs[c->n]);
	fill_kernel(b, r, &c->kernel[c->n]);
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
	b->started = true;
}

static void take_pidns(struct bpf_records *b, const struct bpf_record_pidns *r)
{
	struct census *c = b->census;

	ARRAY_GROW(c->pidns, c->n_pidns, b->cap_pidns);
	c->pidns[c->n_pidns++] = (struct census_pidns){
		.inode = r->inode,
		.parent = r->parent_inode,
		.level = r->level,
		.init = r->init,
		.pid_max = r->pid_max,
		.pid_allocated = r->pid_allocated,
		.cursor = r->cursor,
	};
}

static void take_thread(struct bpf_records *b, const struct bpf_record_thread *r)
{
	ARRAY_GROW(b->threads, b->n_threads, b->cap_threads);
	b->threads[b->n_threads++] = (struct bpf_thread){
		.tgid = r->tgid,
		.pdeath_signal = (uint8_t)r->pdeath_signal,
		.late_runtime_ns = r->late ? r->sum_exec_runtime : 0,
	};
}

static void take(struct bpf_records *b, uint32_t type, const char *text)
{
	union {
		struct bpf_record_header header;
		struct bpf_record_process process;
		struct bpf_record_thread thread;
		struct bpf_record_pidns pidns;
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
	p->cpu_ticks += to_ticks(b, thread->late_runtime_ns);
	if (thread->pdeath_signal && k->pdeath_signal != SIGKILL)
		k->pdeath_signal = thread->pdeath_signal;
}

int bpf_records_finish(struct bpf_records *b)
{
	const struct census *c = b->census;

	if (!b->started || !b->ended)
		return -EBADMSG;
	for (size_t i = 0; i < b->n_threads; i++)
		add_thread(b, &b->threads[i]);
	if (b->n_deferred > 0)
		death_samples_sort(b->samples, b->n_samples);
	for (size_t i = 0; i < b->n_deferred; i++) {
		struct bpf_deferred_death *late = &b->deferred[i];
		const struct process *p = find_pid(c, late->pid);

		death_narrow(b->samples, b->n_samples, late->cpu, &late->evidence);
		if (p)
			note_death(b, &late->evidence, &c->kernel[p - c->procs]);
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
	c->procs = NULL;
	c->kernel = NULL;
	c->pidns = NULL;
	c->n = c->n_pidns = c->n_gone = 0;
	bpf_records_done(b);
}
