/* SPDX-License-Identifier: MIT */
/*
 * The census as a BPF task iterator: one pass over the tasks of the reader's PID namespace, one
 * record for each thread group (bpf_record.h).
 *
 * Loads are plain dereferences, which the verifier turns into loads that survive a bad address;
 * they cost a nanosecond where a helper call costs thirty. What a record costs is the wait for the
 * memory of task, pid, signal and cred, one after the other; so each call also touches that of the
 * tasks that come next (fetch_ahead()), and the waits overlap.
 * One file, longer than 400 lines: the loader takes one object, and clang inlines all of it.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "census/bpf/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "census/bpf/bpf_record.h"

#define SIGCHLD 17 /* not on alpha, mips, parisc and sparc */
#define SIG_IGN 1
#define SA_NOCLDWAIT 2
#define MAX_RT_PRIO 100
#define MAX_PID_NS_LEVEL 32
#define MAX_CPUS 1024
#define DISCOUNT_UNKNOWN (~0ULL)
#define PIDNS_ADDING (1U << 31)
#define CSS_DYING (1 << 4)
#define MAX_CGROUP_DEPTH 64

#ifndef WITH_USERS
#define WITH_USERS 0 /* census_users.bpf.c */
#endif

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set before loading: the running kernel has bpf_rdonly_cast(), since 6.2 */
const volatile bool has_cast = false;

/* Linux kernel/bpf/helpers.c: what is at that address, as a type that may be read and no more */
extern void *bpf_rdonly_cast(const void *address, __u32 btf_id) __ksym __weak;

/* The reader's own PID namespace, found in the first call; one reader only ever has this copy */
static __u32 own_level;
static __u64 own_ns;

static __u32 lost;
static __u64 discounts[MAX_CPUS]; /* plus one, 0: not read yet */
static __u64 last_cgroups;	  /* its cgroup is last_cgroup_id */
static __u64 last_cgroup_id;
static __u64 last_ns; /* its inode number is in last_inode: neighbours share a namespace */
static __u32 last_inode;
static __u64 last_nsproxy; /* its namespace for children is last_children */
static __u64 last_children;
static __u64 children_told; /* a namespace for children already written */
static __u32 children_inode;
static volatile __u64 scratch;
static __u64 parent_ns;
static struct bpf_record_pidns pidns;
static struct bpf_record_process record; /* too large for the stack */

/* struct upid as it is in memory since 2.6.24, for numbers at a level the verifier cannot know */
struct number {
	__s32 nr;
	__u32 padding;
	__u64 ns;
};

/*
 * A kernel pointer as a plain number, for what the verifier does not allow to its pointers: adding
 * a variable offset, passing to a global function.
 */
static __always_inline __u64 plain(const void *pointer)
{
	scratch = (__u64)pointer;
	return scratch;
}

/*
 * A task by a pointer that the verifier does not trust. Since 6.3 reading a pointer through a trusted
 * one makes it scan all of the kernel's BTF several times, 1.5 ms in all
 * (kernel/bpf/btf.c:btf_nested_type_is_trusted()).
 */
static __always_inline const struct task_struct *untrusted(const struct task_struct *task)
{
	if (!has_cast)
		return task;
	return bpf_rdonly_cast(task, bpf_core_type_id_kernel(struct task_struct));
}

/* The next in the list of processes, which mostly is the next in the order of PIDs */
static __always_inline const struct task_struct *next_of(const struct task_struct *task)
{
	__u64 next = (__u64)task->tasks.next - bpf_core_field_offset(task->tasks);

	return untrusted((const void *)next);
}

#define TOUCH(field) ((void)*(const volatile typeof(field) *)&(field))

/*
 * Bring near what the next calls will read: of the second next process the task itself, of the next
 * one what its task points to, so that no load here waits for another.
 */
static __always_inline void fetch_ahead(const struct task_struct *task)
{
	const struct task_struct *next = next_of(task), *second = next_of(next);

	TOUCH(second->flags);
	TOUCH(second->prio);
	TOUCH(second->se.exec_start);
	if (bpf_core_field_exists(second->sched_info.last_arrival))
		TOUCH(second->sched_info.last_arrival);
	TOUCH(second->exit_state);
	TOUCH(second->tgid);
	TOUCH(second->real_parent);
	TOUCH(second->thread_pid);
	TOUCH(second->start_time);
	TOUCH(second->comm[0]);
	TOUCH(second->signal);
	TOUCH(second->self_exec_id);
	if (bpf_core_field_exists(second->cgroups))
		TOUCH(second->cgroups);
	TOUCH(next->thread_pid->level);
	TOUCH(next->thread_pid->numbers[0].nr);
	TOUCH(next->real_cred->uid.val);
	if (WITH_USERS)
		TOUCH(next->real_cred->ucounts);
	TOUCH(next->signal->live.counter);
	TOUCH(next->signal->flags);
	TOUCH(next->signal->pids[PIDTYPE_TGID]);
	TOUCH(next->signal->sum_sched_runtime);
}

/* The number of a struct pid at a level */
static __always_inline bool number_read(__u64 address, __u32 level, struct number *ret)
{
	return bpf_probe_read_kernel(ret, sizeof(*ret),
				     (void *)(address + bpf_core_field_offset(struct pid, numbers) +
					      level * sizeof(*ret))) == 0;
}

/* Linux kernel/pid.c:pid_nr_ns() for the reader's namespace */
static __always_inline __s32 own_number(const struct pid *pid)
{
	struct number number;

	if (!pid || pid->level < own_level)
		return 0;
	if (own_level == 0)
		return pid->numbers[0].nr;
	if (!number_read(plain(pid), own_level, &number) || number.ns != own_ns)
		return 0;
	return number.nr;
}

/*
 * Global functions are verified once, not once a call. They take numbers: the verifier would want
 * proof of every pointer.
 */
__noinline int pidns_read(__u64 address)
{
	const struct pid_namespace *ns = (const void *)address, *parent;

	pidns.pid_max = 0;
	pidns.parent_inode = 0;
	BPF_CORE_READ_INTO(&pidns.inode, ns, ns.inum);
	BPF_CORE_READ_INTO(&pidns.level, ns, level);
	BPF_CORE_READ_INTO(&pidns.pid_allocated, ns, pid_allocated);
	BPF_CORE_READ_INTO(&pidns.cursor, ns, idr.idr_next);
	if (bpf_core_field_exists(ns->pid_max))
		BPF_CORE_READ_INTO(&pidns.pid_max, ns, pid_max);
	parent = BPF_CORE_READ(ns, parent);
	parent_ns = (__u64)parent;
	if (parent)
		BPF_CORE_READ_INTO(&pidns.parent_inode, parent, ns.inum);
	pidns.dead = !(pidns.pid_allocated & PIDNS_ADDING);
	pidns.pid_allocated &= ~PIDNS_ADDING;
	return 0;
}

__noinline int inode_read(__u64 address)
{
	const struct pid_namespace *ns = (const void *)address;

	last_inode = BPF_CORE_READ(ns, ns.inum);
	return 0;
}

static __always_inline void write_pidns(struct seq_file *seq, __u64 address, __s32 init)
{
	pidns_read(address);
	pidns.type = BPF_RECORD_PIDNS;
	pidns.init = init;
	bpf_seq_write(seq, &pidns, sizeof(pidns));
}

/* Of the one in parent_ns, and what is around it next; called by bpf_loop(), which is verified once */
static long write_parent_pidns(__u32 i, struct seq_file **seq)
{
	(void)i;
	write_pidns(*seq, parent_ns, 0);
	return parent_ns == 0;
}

/* The first call of a pass: the clocks, who reads, and the namespaces from his outward. */
static __always_inline void write_header(struct seq_file *seq)
{
	const struct task_struct *self = (const void *)bpf_get_current_task();
	struct bpf_record_header r = { .type = BPF_RECORD_HEADER };
	const struct pid *pid = BPF_CORE_READ(self, thread_pid);
	struct number number = {};
	__u32 level = BPF_CORE_READ(pid, level);

	if (level <= MAX_PID_NS_LEVEL)
		number_read(plain(pid), level, &number);
	own_level = level;
	own_ns = number.ns;

	r.own_level = level;
	if (bpf_core_field_exists(self->sched_info.last_arrival))
		r.sched_clock = BPF_CORE_READ(self, sched_info.last_arrival);
	if (bpf_core_field_exists(self->se.cfs_rq)) {
		__u64 clock = BPF_CORE_READ(self, se.cfs_rq, rq, clock);

		if (clock > r.sched_clock)
			r.sched_clock = clock;
	}
	r.monotonic = bpf_ktime_get_ns();
	r.boottime = bpf_ktime_get_boot_ns();
	bpf_seq_write(seq, &r, sizeof(r));

	if (number.ns)
		write_pidns(seq, number.ns, 1);
	if (number.ns && parent_ns)
		bpf_loop(MAX_PID_NS_LEVEL, write_parent_pidns, &seq, 0);
}

/*
 * Where its children go: another PID namespace after unshare(2) or setns(2), which may be dead, with
 * nobody in it to tell of it
 */
static __always_inline void read_children_pidns(struct seq_file *seq, const struct nsproxy *nsproxy,
						__u64 own)
{
	record.children_pidns = 0;
	/* a zombie has none any more */
	if (!nsproxy)
		return;
	if ((__u64)nsproxy != last_nsproxy) {
		last_children = plain(nsproxy->pid_ns_for_children);
		last_nsproxy = (__u64)nsproxy;
	}
	if (last_children == own || !last_children)
		return;
	if (last_children != children_told) {
		children_told = last_children;
		write_pidns(seq, last_children, 0);
		children_inode = pidns.inode;
	}
	record.children_pidns = children_inode;
}

static __always_inline void read_pidns(struct seq_file *seq, const struct pid *pid,
				       const struct nsproxy *nsproxy)
{
	struct number number = {};

	record.level = pid->level;
	if (record.level == 0) {
		number.nr = pid->numbers[0].nr;
		number.ns = plain(pid->numbers[0].ns);
	} else if (record.level <= MAX_PID_NS_LEVEL) {
		number_read(plain(pid), record.level, &number);
	}
	record.ns_pid = number.nr;
	/* number 1 is the init (kernel/pid.c:is_child_reaper()); the reader's is in the header */
	if (number.nr == 1 && number.ns != own_ns)
		write_pidns(seq, number.ns, record.pid);
	if (number.ns != last_ns) {
		last_ns = number.ns;
		inode_read(number.ns);
	}
	record.pidns = last_inode;
	read_children_pidns(seq, nsproxy, number.ns);
}

static __always_inline __u32 sigchld_bits(const struct sighand_struct *sighand)
{
	__u64 handler = (__u64)sighand->action[SIGCHLD - 1].sa.sa_handler;
	__u32 bits = 0;

	if (handler == SIG_IGN)
		bits |= BPF_PROCESS_SIGCHLD_IGNORED;
	else if (handler)
		bits |= BPF_PROCESS_SIGCHLD_CAUGHT;
	if (sighand->action[SIGCHLD - 1].sa.sa_flags & SA_NOCLDWAIT)
		bits |= BPF_PROCESS_NO_CLDWAIT;
	return bits;
}

static __always_inline void read_family(const struct task_struct *task)
{
	record.ppid = own_number(task->real_parent->signal->pids[PIDTYPE_TGID]);
	record.tracer = 0;
	if (task->ptrace) {
		__s32 tracer = own_number(task->parent->signal->pids[PIDTYPE_TGID]);

		record.tracer = tracer ? tracer : -1;
	}
	record.task = (__u64)task;
	record.older_sibling = (__u64)task->sibling.prev - bpf_core_field_offset(task->sibling);
	if ((__u64)task->sibling.prev ==
	    (__u64)task->real_parent + bpf_core_field_offset(task->children))
		record.older_sibling = 0;
}

/*
 * How far the clock of a CPU's tasks lags behind: read once a pass, as those cache lines belong to
 * the scheduler of that CPU and are written all the time.
 */
static __always_inline __u64 discount_of(const struct task_struct *task, __u32 cpu)
{
	const struct rq *rq;
	__u64 clock_task;

	if (cpu >= MAX_CPUS || !bpf_core_field_exists(task->se.cfs_rq))
		return DISCOUNT_UNKNOWN;
	if (discounts[cpu])
		return discounts[cpu] - 1;
	rq = task->se.cfs_rq->rq;
	clock_task = rq->clock_task;
	/* with one CPU there is no number to compare */
	if (bpf_core_field_exists(rq->cpu) && (__u32)rq->cpu != cpu)
		return DISCOUNT_UNKNOWN;
	if (!clock_task || rq->clock < clock_task)
		return DISCOUNT_UNKNOWN;
	discounts[cpu] = rq->clock - clock_task + 1;
	return discounts[cpu] - 1;
}

/* A removed cgroup's zombies are charged to those above it still */
static long leave_dying(__u32 i, const struct cgroup_subsys_state **css)
{
	(void)i;
	*css = (*css)->parent;
	return !((*css)->flags & CSS_DYING);
}

/* 0: a kernel without the pids controller */
static __always_inline __u64 cgroup_of(const struct task_struct *task)
{
	const struct css_set *cgroups;
	__u32 id;

	if (!bpf_core_field_exists(task->cgroups) ||
	    !bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		return 0;
	cgroups = task->cgroups;
	id = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	if ((__u64)cgroups != last_cgroups) {
		const struct cgroup_subsys_state *css = cgroups->subsys[id];

		if (css->flags & CSS_DYING)
			bpf_loop(MAX_CGROUP_DEPTH, leave_dying, &css, 0);
		last_cgroup_id = css->cgroup->kn->id;
		last_cgroups = (__u64)cgroups;
	}
	return last_cgroup_id;
}

#if WITH_USERS
#include "census/bpf/users.bpf.h"
#endif

/* A kernel for one CPU has no such field, and runs who looks */
static __always_inline bool is_on_cpu(const struct task_struct *task)
{
	if (bpf_core_field_exists(task->on_cpu))
		return task->on_cpu;
	return (__u64)task == bpf_get_current_task();
}

/*
 * What is in the task itself. First of all, from the trusted pointer: these loads need no guard, and
 * the CPU fetches their eight cache lines at once. That wait is most of what a record costs.
 */
static __always_inline void read_numbers(const struct task_struct *task)
{
	record.state = task->__state;
	record.flags = task->flags;
	record.bits = task->prio >= MAX_RT_PRIO ? BPF_PROCESS_FAIR : 0;
	if (is_on_cpu(task))
		record.bits |= BPF_PROCESS_ON_CPU;
	record.sum_exec_runtime = task->se.sum_exec_runtime;
	record.prev_sum_exec_runtime = task->se.prev_sum_exec_runtime;
	record.exec_start = task->se.exec_start;
	record.last_arrival = 0; /* death.c: nothing to go by */
	if (bpf_core_field_exists(task->sched_info.last_arrival))
		record.last_arrival = task->sched_info.last_arrival;
	record.exit_state = task->exit_state;
	record.exit_code = task->exit_code;
	record.exit_signal = task->exit_signal;
	record.pdeath_signal = task->pdeath_signal;
	record.start_time = task->start_time;
	record.start_boottime = task->start_boottime;
	record.self_exec_id = task->self_exec_id;
	record.parent_exec_id = task->parent_exec_id;
	record.cpu = 0;
	if (bpf_core_field_exists(task->thread_info.cpu))
		record.cpu = task->thread_info.cpu;
	__builtin_memcpy(record.comm, task->comm, sizeof(record.comm));
}

static __always_inline void read_signal(const struct signal_struct *signal)
{
	record.nr_threads = signal->nr_threads;
	record.live = signal->live.counter;
	record.sum_sched_runtime = signal->sum_sched_runtime;
	record.signal_flags = signal->flags;
	record.group_exit_code = signal->group_exit_code;
	record.waited = signal->cutime + signal->cstime + signal->cmin_flt + signal->cmaj_flt;
	if (BPF_CORE_READ_BITFIELD(signal, is_child_subreaper))
		record.bits |= BPF_PROCESS_SUBREAPER;
	if (BPF_CORE_READ_BITFIELD(signal, has_child_subreaper))
		record.bits |= BPF_PROCESS_HAS_SUBREAPER;
	/* only asked of one that had other threads; it is a cache line of its own */
	record.main_exit_code = 0;
	if (bpf_core_field_exists(signal->pacct) && record.sum_sched_runtime)
		record.main_exit_code = (__s32)signal->pacct.ac_exitcode;
}

static __always_inline void read_discount(const struct task_struct *task)
{
	record.discount = discount_of(task, record.cpu);
	if (record.discount != DISCOUNT_UNKNOWN)
		record.bits |= BPF_PROCESS_DISCOUNT_KNOWN;
}

/* What the task only points to */
static __always_inline void read_pointers(const struct task_struct *task)
{
	record.uid = task->real_cred->uid.val;
	record.cgroup_id = cgroup_of(task);
	read_discount(task);
	/* a zombie has no use for handlers, but other threads; they are a cache line of their own */
	if (!record.exit_state || record.nr_threads > 1)
		record.bits |= sigchld_bits(task->sighand);
}

/* Of other threads what concerns the whole process: when it ran, and what holds it. */
static __always_inline int write_thread(struct seq_file *seq, const struct task_struct *task,
					const struct signal_struct *signal)
{
	struct bpf_record_thread r = { .type = BPF_RECORD_THREAD };

	read_discount(task);
	r.tgid = own_number(signal->pids[PIDTYPE_TGID]);
	r.tid = own_number(task->thread_pid);
	r.pdeath_signal = record.pdeath_signal;
	r.bits = record.bits;
	r.state = record.state;
	r.exit_state = record.exit_state;
	r.late = task->group_leader->exit_state != 0;
	r.cpu = record.cpu;
	r.unused = 0;
	r.sum_exec_runtime = record.sum_exec_runtime;
	r.last_arrival = record.last_arrival;
	r.exec_start = record.exec_start;
	r.discount = record.discount;
	bpf_seq_write(seq, &r, sizeof(r));
	return 0;
}

SEC("iter/task")
int dump_task(struct bpf_iter__task *ctx)
{
	const struct task_struct *trusted = ctx->task, *task;
	struct seq_file *seq = ctx->meta->seq;
	const struct signal_struct *signal;

	if (!trusted) {
		struct bpf_record_end r = { .type = BPF_RECORD_END, .lost = lost };

		bpf_seq_write(seq, &r, sizeof(r));
		return 0;
	}
	task = untrusted(trusted);
	if (has_cast)
		fetch_ahead(task);
	signal = task->signal;
	read_numbers(trusted);
	read_signal(signal);
	if (ctx->meta->seq_num == 0)
		write_header(seq);
	if (trusted->pid != trusted->tgid)
		return write_thread(seq, task, signal);
	/* a thread other than the leader has run a program, and takes its place just now */
	if ((__u64)task->group_leader != (__u64)task) {
		lost++;
		return 0;
	}

	record.type = BPF_RECORD_PROCESS;
	record.pid = own_number(signal->pids[PIDTYPE_TGID]);
	record.pgrp = own_number(signal->pids[PIDTYPE_PGID]);
	record.sid = own_number(signal->pids[PIDTYPE_SID]);
	read_pointers(task);
#if WITH_USERS
	read_user(seq, task->real_cred->ucounts);
#endif
	read_family(task);
	read_pidns(seq, signal->pids[PIDTYPE_TGID], task->nsproxy);
	bpf_seq_write(seq, &record, sizeof(record));
	return 0;
}
