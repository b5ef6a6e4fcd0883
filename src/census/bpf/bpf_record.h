/* SPDX-License-Identifier: MIT */
/*
 * What the BPF iterator (census.bpf.c) writes and bpf.c reads: one header, then in one stream one
 * record a process, with those of PID namespaces, users and left-over threads between them, then one
 * trailer. Both sides are compiled from this file in one build, so the layout is no ABI.
 */
#ifndef CORONER_BPF_RECORD_H
#define CORONER_BPF_RECORD_H

#include <linux/types.h>

enum bpf_record_type {
	BPF_RECORD_HEADER = 0x434f5201,
	BPF_RECORD_PROCESS,
	BPF_RECORD_THREAD,
	BPF_RECORD_PIDNS,
	BPF_RECORD_USER,
	BPF_RECORD_END,
};

/* The clocks at the start of the pass, in nanoseconds, as the initial time namespace counts. */
struct bpf_record_header {
	__u32 type;
	__u32 own_level; /* of the reader's PID namespace, 0: the initial one */
	__u64 monotonic;
	__u64 boottime;
	__u64 sched_clock; /* the scheduler's clock: at most one tick behind monotonic's moment */
};

enum bpf_process_bits {
	BPF_PROCESS_SUBREAPER = 1 << 0,
	BPF_PROCESS_HAS_SUBREAPER = 1 << 1,
	BPF_PROCESS_SIGCHLD_IGNORED = 1 << 2,
	BPF_PROCESS_SIGCHLD_CAUGHT = 1 << 3,
	BPF_PROCESS_NO_CLDWAIT = 1 << 4,
	BPF_PROCESS_DISCOUNT_KNOWN = 1 << 5, /* discount was read */
	BPF_PROCESS_FAIR = 1 << 6,	     /* not a realtime or deadline task when it last ran */
	BPF_PROCESS_ON_CPU = 1 << 8,
};

/* Task and signal fields of a thread group's leader, under the kernel's names where there is one. */
struct bpf_record_process {
	__u32 type;
	__u32 bits;
	__s32 pid; /* numbers of the reader's PID namespace; 0: has none there */
	__s32 ppid;
	__s32 pgrp;
	__s32 sid;
	__s32 tracer; /* 0: not traced; -1: traced from outside the reader's PID namespace */
	__s32 ns_pid; /* in its own PID namespace */
	__u32 pidns;  /* inode number of that */
	__u32 level;  /* depth of that, absolute */
	__u32 state;
	__u32 exit_state;
	__u32 flags;
	__s32 exit_code;
	__s32 group_exit_code;
	__s32 exit_signal;
	__s32 pdeath_signal;
	__u32 signal_flags;
	__s32 nr_threads;
	__s32 live;
	__u32 uid;
	__u32 userns;	      /* inode number of the user namespace that uid is counted in */
	__u32 children_pidns; /* of the one that its children go to; 0: its own */
	__u32 cpu;
	__u32 self_exec_id;
	__u32 parent_exec_id;
	__s32 main_exit_code; /* with which the main thread itself ended, of one that had other threads; else 0 */
	__u32 unused;
	__u64 start_time; /* nanoseconds of CLOCK_MONOTONIC */
	__u64 start_boottime;
	__u64 cgroup_id;
	__u64 sum_sched_runtime; /* of its threads that are gone, nanoseconds */
	__u64 sum_exec_runtime;	 /* of the leader */
	__u64 prev_sum_exec_runtime;
	__u64 last_arrival; /* sched_clock: when it last got a CPU */
	__u64 exec_start;   /* the same less the CPU's discount: when it last left that CPU */
	__u64 discount;	    /* interrupt and stolen time of that CPU so far */
	__u64 task; /* an opaque key, and that of the child before it in its parent's list, 0: it is the first */
	__u64 older_sibling;
	__u64 waited; /* grows with each child that was waited for and used anything: cutime and others */
	char comm[16];
};

/* A thread that is no leader, and not dead; under the names of struct bpf_record_process. */
struct bpf_record_thread {
	__u32 type;
	__s32 tgid;
	__s32 tid;
	__s32 pdeath_signal;
	__u32 bits;
	__u32 state;
	__u32 exit_state;
	__u32 late; /* the leader has exited: it counts for the process's CPU time */
	__u32 cpu;
	__u32 unused;
	__u64 sum_exec_runtime;
	__u64 last_arrival;
	__u64 exec_start;
	__u64 discount;
};

struct bpf_record_pidns {
	__u32 type;
	__u32 inode;
	__u32 parent_inode; /* 0: it is the initial one */
	__u32 level;	    /* absolute */
	__s32 init;	    /* number of its init for the reader, 0: out of sight */
	__u32 pid_max;	    /* 0: this kernel has one for all (before 6.14) */
	__u32 pid_allocated;
	__u32 cursor; /* where the allocator looks first */
	__u32 dead;   /* its init is in zap_pid_ns_processes() or gone: no fork into it works */
};

/* What a user is counted for in a user namespace: struct ucounts. The same one may come twice. */
struct bpf_record_user {
	__u32 type;
	__u32 userns; /* inode number */
	__u32 uid;    /* in the initial user namespace, as owner */
	__u32 parent; /* inode number of the user namespace around; 0: this is the initial one */
	__u32 owner;  /* who made this namespace, and is charged for it there */
	__u32 known;  /* tasks and creators_limit were read: Linux 6.0 and later */
	__s64 tasks;  /* that count for RLIMIT_NPROC, inner namespaces' included */
	__s64 creators_limit; /* of this namespace: what the owner's tasks are compared with */
};

struct bpf_record_end {
	__u32 type;
	__u32 lost; /* processes met half released */
};

#endif
