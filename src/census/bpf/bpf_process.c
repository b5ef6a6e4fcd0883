/* SPDX-License-Identifier: MIT */
#include "census/bpf/bpf_process.h"

#include "base/duration.h"
#include "census/proc_stat.h"

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
 * Whether the leader ended the whole group, by exit_group(2): the code with which it itself ended (Linux
 * kernel/acct.c:acct_collect()) is the group's. pthread_exit(3) leaves 0, so 0 says nothing; nor does exit_code, which
 * release_task() makes the group's since Linux 6.15.
 */
static bool leader_ended_group(const struct bpf_record_process *r)
{
	return r->signal_flags & SIGNAL_GROUP_EXIT && r->main_exit_code != 0 &&
	       r->main_exit_code == r->group_exit_code;
}

/*
 * Whether the process may have lived on after its leader, who then called pthread_exit(3): it had other threads, and
 * the leader did not end with them, by a signal or another thread's exit_group(2), nor ended them.
 */
static bool threads_may_have_outlived(const struct bpf_record_process *r)
{
	return r->sum_sched_runtime != 0 && !(r->flags & PF_SIGNALED) && !leader_ended_group(r);
}

void bpf_process_note_death(const struct bpf_records *b, const struct death_evidence *e,
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
	bpf_process_note_death(b, &e, k);
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

uint64_t bpf_process_ticks(const struct bpf_records *b, uint64_t ns)
{
	return ns / b->tick_ns;
}

void bpf_process_fill(const struct bpf_records *b, const struct bpf_record_process *r,
		      struct process *p)
{
	/* Linux fs/proc/array.c:do_task_stat() */
	bool group_code = r->signal_flags & (SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED);

	*p = (struct process){
		.start_ticks = proc_stat_ticks(
			bpf_process_ticks(b, r->start_boottime + (uint64_t)b->timens_ns)),
		.cpu_ticks = bpf_process_ticks(b, r->sum_sched_runtime + r->sum_exec_runtime),
		.pid = r->pid,
		.ppid = r->ppid,
		.pgrp = r->pgrp,
		.sid = r->sid,
		.waited = r->waited,
		.threads = (uint32_t)r->nr_threads,
		.flags = r->flags,
		.exit_code = group_code ? r->group_exit_code : r->exit_code,
		.state = bpf_state_letter(r->state, r->exit_state),
		.exit_signal = (uint8_t)r->exit_signal,
	};
	memcpy(p->comm, r->comm, sizeof(p->comm) - 1);
}

int64_t bpf_process_ran(const struct bpf_records *b, uint64_t arrived)
{
	int64_t earliest, latest;

	if (death_clock_bounds((int64_t)arrived, &b->now, &earliest, &latest) < 0)
		return 0;
	return earliest + b->timens_ns;
}

/*
 * exec_start is the moment when a task was taken from its CPU, on that CPU's clock, which lagged behind by no
 * more then than it does now. Of one on a CPU it is an earlier moment (Linux kernel/sched/fair.c:
 * update_curr()).
 */
void bpf_process_note_left(const struct bpf_records *b, pid_t tgid, uint32_t bits,
			   const struct left_run *run)
{
	struct left *l = b->census->left;
	bool known = !(bits & BPF_PROCESS_ON_CPU) && (bits & BPF_PROCESS_DISCOUNT_KNOWN) &&
		     run->exec_start > 0 && run->discount < (UINT64_C(1) << 61);

	ARRAY_GROW(l->notes, l->n_notes, l->cap_notes);
	l->notes[l->n_notes++] = (struct left_note){
		.task_clock = run->exec_start,
		.arrived = (int64_t)run->last_arrival,
		.discount = known ? (int64_t)run->discount : INT64_MAX,
		.tgid = tgid,
		.cpu = run->cpu,
		.known = known,
	};
}

/* Of plain zombies nobody asks since when they have not run, but like the sleeping they tell of clocks */
static void note_run(const struct bpf_records *b, const struct bpf_record_process *r)
{
	const struct left_run run = { r->last_arrival, r->exec_start, r->sum_exec_runtime,
				      r->discount, r->cpu };

	if (!r->exit_state || r->nr_threads > 1)
		bpf_process_note_left(b, r->pid, r->bits, &run);
	if (r->state != 0 && !(r->bits & BPF_PROCESS_ON_CPU) &&
	    (r->bits & BPF_PROCESS_DISCOUNT_KNOWN))
		left_learn(b->census->left, &run);
}

void bpf_process_fill_kernel(struct bpf_records *b, const struct bpf_record_process *r,
			     struct process_kernel *k)
{
	/* every field: were one left out, GCC would zero the row first, a store that waits for its memory */
	*k = (struct process_kernel){
		.start_ns = r->start_boottime + (uint64_t)b->timens_ns,
		.cgroup_id = r->cgroup_id,
		.pidns = r->pidns,
		.ns_pid = r->ns_pid,
		.tracer = r->tracer,
		.parent_exec_id = r->parent_exec_id,
		.self_exec_id = r->self_exec_id,
		.uid = r->uid,
		.userns = r->userns,
		.children_pidns = r->children_pidns ? r->children_pidns : r->pidns,
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
		.group_exit = r->signal_flags & SIGNAL_GROUP_EXIT,
		.task = r->task,
		.older_sibling = r->older_sibling,
		.group_left_ns = INT64_MAX,
		.arrivals = r->last_arrival,
		.died_ns = 0,
		.died_error_ns = 0,
		.ran_ns = 0,
		.group_ran_ns = 0,
		.other_threads = 0,
		.attached_late = false,
		.hidden = false,
	};
	note_run(b, r);
	if (r->exit_state) {
		find_death(b, r, k);
		return;
	}
	k->group_ran_ns = bpf_process_ran(b, r->last_arrival);
	take_sample(b, r);
	if (r->last_arrival)
		k->ran_ns = b->now.boottime - b->now.sched_clock + (int64_t)r->last_arrival +
			    b->timens_ns;
}
