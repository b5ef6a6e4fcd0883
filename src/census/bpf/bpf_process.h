/* SPDX-License-Identifier: MIT */
/* What the record of one process means: its fields as /proc would show them, its times of life and death. */
#ifndef CORONER_BPF_PROCESS_H
#define CORONER_BPF_PROCESS_H

#include "census/bpf/bpf_records.h"

/* The letter of /proc/PID/stat. Source: Linux include/linux/sched.h:task_state_index(). */
char bpf_state_letter(uint32_t state, uint32_t exit_state);

/* Fill in what /proc/PID/stat has too, and what only the kernel has; the second notes deaths to narrow down. */
void bpf_process_fill(const struct bpf_records *b, const struct bpf_record_process *r,
		      struct process *p);
void bpf_process_fill_kernel(struct bpf_records *b, const struct bpf_record_process *r,
			     struct process_kernel *k);

/* Set the time of a death from its evidence; 0 where that is too uncertain. */
void bpf_process_note_death(const struct bpf_records *b, const struct death_evidence *e,
			    struct process_kernel *k);

/* When a task that got its CPU then surely ran: CLOCK_BOOTTIME at the earliest; 0: not known. */
int64_t bpf_process_ran(const struct bpf_records *b, uint64_t arrived);

/* Note when a task of that process was taken from its CPU, for census_mark_left(). */
void bpf_process_note_left(const struct bpf_records *b, pid_t tgid, uint32_t bits,
			   const struct left_run *run);

/* Nanoseconds as clock ticks. */
uint64_t bpf_process_ticks(const struct bpf_records *b, uint64_t ns);

#endif
