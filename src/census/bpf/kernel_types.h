/* SPDX-License-Identifier: MIT */
/*
 * The few kernel structures the census reads, cut down to the fields it reads. The loader program
 * finds the real offsets in the running kernel's BTF (CO-RE), so order and neighbours mean nothing.
 * Names and types are those of Linux v5.18 to v6.18, include/linux/sched.h, sched/signal.h, pid.h,
 * pid_namespace.h, cgroup-defs.h, kernel/sched/sched.h.
 */
#ifndef CORONER_KERNEL_TYPES_H
#define CORONER_KERNEL_TYPES_H

#include <linux/types.h>

#define PIDTYPE_TGID 1
#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3
#define PIDTYPE_MAX 4

struct seq_file;
struct task_struct;

/* What the program is called with: fixed by the kernel, not relocated (that would cost load time) */
struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__u32 val;
} kuid_t;

struct ns_common {
	unsigned int inum;
};

struct idr {
	unsigned int idr_next;
};

struct pid_namespace {
	struct idr idr;
	unsigned int pid_allocated;
	unsigned int level;
	int pid_max; /* since 6.14 */
	struct pid_namespace *parent;
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

typedef struct {
	long long counter;
} atomic64_t;

struct user_namespace;

struct ucounts {
	struct user_namespace *ns;
	kuid_t uid;
	atomic64_t rlimit[1]; /* enum rlimit_type, since 6.0 */
};

struct user_namespace {
	struct ns_common ns;
	struct ucounts *ucounts; /* of the owner, in the namespace around it */
	long rlimit_max[1];	 /* enum rlimit_type, since 6.0 */
};

struct cred {
	kuid_t uid;
	struct ucounts *ucounts;
};

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
};

struct sigaction {
	void *sa_handler;
	unsigned long sa_flags;
};

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	struct k_sigaction action[64];
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	unsigned int flags;
	struct cgroup_subsys_state *parent;
};

#pragma clang attribute pop
/*
 * Not relocated: subsys is its first member in all these versions. The kernel keeps the candidates for a name in one
 * of 31 slots (kernel/bpf/btf.c: VMLINUX_CAND_CACHE_SIZE), and this one would share that of cgroup_subsys_id: each
 * load would look through all of its types twice more. tests/bench/core-slots shows who shares one.
 */
struct css_set {
	struct cgroup_subsys_state *subsys[16];
};
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum cgroup_subsys_id {
	pids_cgrp_id = 11, /* CONFIG_CGROUP_PIDS; the running kernel's value is relocated in */
};

struct rq {
	__u64 clock;
	__u64 clock_task;
	int cpu; /* CONFIG_SMP */
};

struct cfs_rq {
	struct rq *rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct sched_entity {
	__u64 exec_start;
	__u64 sum_exec_runtime;
	__u64 prev_sum_exec_runtime;
	struct cfs_rq *cfs_rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct sched_info {
	unsigned long long last_arrival; /* CONFIG_SCHED_INFO */
};

struct thread_info {
	__u32 cpu; /* CONFIG_SMP */
};

struct pacct_struct {
	long ac_exitcode;
};

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	unsigned int flags;
	unsigned int is_child_subreaper : 1;
	unsigned int has_child_subreaper : 1;
	struct pid *pids[PIDTYPE_MAX];
	unsigned long long sum_sched_runtime;
	__u64 cutime;
	__u64 cstime;
	unsigned long cmin_flt;
	unsigned long cmaj_flt;
	struct pacct_struct pacct; /* CONFIG_BSD_PROCESS_ACCT */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	unsigned int ptrace;
	int prio;
	unsigned int on_cpu; /* CONFIG_SMP; narrower in 7.2: only unsigned loads adapt to that */
	struct sched_entity se;
	struct sched_info sched_info;
	struct list_head tasks;
	int exit_state;
	int exit_code;
	int exit_signal;
	int pdeath_signal;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct list_head children;
	struct list_head sibling;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_time;
	__u64 start_boottime;
	const struct cred *real_cred;
	char comm[16];
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	__u64 parent_exec_id;
	__u64 self_exec_id;
	struct css_set *cgroups; /* CONFIG_CGROUPS */
};

#pragma clang attribute pop

#endif
