/* SPDX-License-Identifier: MIT */
/* From the BPF iterator's records (bpf_record.h) to the census. */
#ifndef CORONER_BPF_RECORDS_H
#define CORONER_BPF_RECORDS_H

#include "census/bpf/bpf_record.h"
#include "census/census.h"
#include "census/death.h"
#include "census/left.h"

struct bpf_thread {
	pid_t tgid;
	uint8_t pdeath_signal;
	uint64_t late_runtime_ns;
	int64_t ran_ns; /* as in struct process_kernel, of this thread */
	uint64_t arrived;
};

/* A zombie whose death needs the samples of the whole pass. */
struct bpf_deferred_death {
	struct death_evidence evidence;
	pid_t pid;
	uint32_t cpu;
};

struct bpf_records {
	struct census *census; /* borrowed; gets procs, kernel and pidns */
	size_t cap, cap_pidns, cap_users;
	size_t ready;		    /* so many rows of it are in memory already */
	bool told_for_children;	    /* of some PID namespace another than its init has told */
	struct bpf_thread *threads; /* owned: other threads than leaders, where they count */
	size_t n_threads, cap_threads;
	size_t cap_held;
	struct death_sample *samples; /* owned */
	size_t n_samples, cap_samples;
	struct bpf_deferred_death *deferred; /* owned */
	size_t n_deferred, cap_deferred;
	struct death_clocks now;
	int64_t timens_ns; /* what the reader's time namespace adds to CLOCK_BOOTTIME */
	uint32_t own_level;
	uint64_t tick_ns; /* sysconf(_SC_CLK_TCK) as a duration */
	bool started, ended;
};

/*
 * Take in as many whole records as text of len bytes holds; the reader keeps the rest for the next
 * time. Returns the number of bytes used, or -EBADMSG if it is no such stream.
 */
ssize_t bpf_records_parse(struct bpf_records *b, const char *text, size_t len);

/*
 * After the last record: give each process what its threads add to it, and find the deaths that
 * only all samples together can tell. 0, or -EBADMSG if the stream has no end.
 */
int bpf_records_finish(struct bpf_records *b);

/*
 * Read the records of a whole pass from fd, and finish. Returns 0, -EBADMSG if it is no such stream, or
 * the negative errno of read(2). Source: Linux kernel/bpf/bpf_iter.c:bpf_seq_read(), which starts again
 * where it was when it is read on after the end.
 */
int bpf_records_read(struct bpf_records *b, int fd);

/* Room for one more process in the census. */
void bpf_records_make_room(struct bpf_records *b);

/* Release everything but the census; _drop() empties that too, for another source to start. */
void bpf_records_drop(struct bpf_records *b);
void bpf_records_done(struct bpf_records *b);

#endif
