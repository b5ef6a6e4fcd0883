/* SPDX-License-Identifier: MIT */
/*
 * The stream of the BPF iterator: whole, cut anywhere, and malformed. Longer than 400 lines: every test is made of
 * the same few records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "census/bpf/bpf_process.h"
#include "census/bpf/bpf_records.h"

#define S UINT64_C(1000000000)

enum { PID_MAX = 4194304 };

static const struct bpf_record_header header = {
	.type = BPF_RECORD_HEADER,
	.own_level = 1,
	.monotonic = 1000 * S,
	.boottime = 1000 * S,
	.sched_clock = 1000 * S,
};

static const struct bpf_record_pidns pidns = {
	.type = BPF_RECORD_PIDNS,
	.inode = 77,
	.parent_inode = 4,
	.level = 1,
	.init = 1,
};

static const struct bpf_record_process sleeper = {
	.type = BPF_RECORD_PROCESS,
	.bits = BPF_PROCESS_SUBREAPER | BPF_PROCESS_SIGCHLD_CAUGHT | BPF_PROCESS_FAIR,
	.pid = 10,
	.ppid = 1,
	.pgrp = 10,
	.sid = 10,
	.tracer = -1,
	.ns_pid = 1,
	.pidns = 99,
	.level = 3,
	.state = 1,
	.exit_signal = SIGCHLD,
	.nr_threads = 2,
	.live = 2,
	.uid = 1000,
	.start_time = 900 * S,
	.start_boottime = 900 * S + 19999999,
	.sum_exec_runtime = 25000000,
	.comm = "fifteen bytes..", /* and no NUL to trust */
};

/* Died 100 s ago of SIGKILL. */
static const struct bpf_record_process zombie = {
	.type = BPF_RECORD_PROCESS,
	.bits = BPF_PROCESS_FAIR,
	.pid = 12,
	.ppid = 10,
	.ns_pid = 3,
	.pidns = 99,
	.level = 3,
	.state = 0x80,
	.exit_state = 0x20,
	.exit_code = 9,
	.group_exit_code = 9,
	.signal_flags = 4,
	.exit_signal = SIGCHLD,
	.nr_threads = 1,
	.start_time = 890 * S,
	.start_boottime = 890 * S,
	.sum_exec_runtime = 1000000,
	.last_arrival = 900 * S,
	.comm = "dead",
};

static const struct bpf_record_end end = { .type = BPF_RECORD_END, .lost = 1 };

struct stream {
	struct census census;
	struct bpf_records records;
	char text[4096];
	size_t len;
};

static void add(struct stream *s, const void *record, size_t size)
{
	assert_true(s->len + size <= sizeof(s->text));
	memcpy(s->text + s->len, record, size);
	s->len += size;
}

static void begin(struct stream *s)
{
	*s = (struct stream){ .records = { .census = &s->census, .tick_ns = S / 100 } };
	add(s, &header, sizeof(header));
	add(s, &pidns, sizeof(pidns));
}

static void finish(struct stream *s)
{
	bpf_records_drop(&s->records);
}

/* Each user once, found by both numbers; a namespace that two tell of has its init all the same */
static void users_and_namespaces_are_merged(void **state)
{
	struct bpf_record_user u = { .type = BPF_RECORD_USER,
				     .userns = 7,
				     .uid = 1000,
				     .parent = 5,
				     .owner = 12,
				     .known = 1,
				     .tasks = 3,
				     .creators_limit = INT64_MAX };
	struct bpf_record_pidns ns = { .type = BPF_RECORD_PIDNS, .inode = 99, .dead = 1 };
	const struct census_user *found;
	struct stream s;

	(void)state;
	begin(&s);
	add(&s, &u, sizeof(u));
	u.userns = 5;
	u.uid = 12;
	u.known = 0;
	add(&s, &u, sizeof(u));
	add(&s, &u, sizeof(u));
	add(&s, &ns, sizeof(ns));
	ns.init = 10;
	add(&s, &ns, sizeof(ns));
	add(&s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(bpf_records_finish(&s.records), 0);
	assert_int_equal(s.census.n_users, 2);
	found = census_user_find(&s.census, 7, 1000);
	assert_non_null(found);
	assert_true(found->known && found->tasks == 3 && found->creators_limit == UINT64_MAX);
	assert_int_equal(found->parent, 5);
	found = census_user_find(&s.census, 5, 12);
	assert_true(found && !found->known);
	assert_null(census_user_find(&s.census, 7, 12));
	assert_int_equal(s.census.n_pidns, 2);
	assert_true(s.census.pidns[1].dead && s.census.pidns[1].init == 10);
	finish(&s);
}

static void fields_arrive(void **state)
{
	struct stream s;
	const struct process *p;
	const struct process_kernel *k;

	(void)state;
	begin(&s);
	add(&s, &sleeper, sizeof(sleeper));
	add(&s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(bpf_records_finish(&s.records), 0);
	assert_int_equal(s.census.n, 1);
	assert_int_equal(s.census.n_gone, 1);
	assert_int_equal(s.census.n_pidns, 1);
	assert_int_equal(s.census.pidns[0].inode, 77);
	assert_int_equal(s.census.pidns[0].parent, 4);
	p = &s.census.procs[0];
	assert_int_equal(p->pid, 10);
	assert_int_equal(p->ppid, 1);
	assert_int_equal(p->state, 'S');
	assert_int_equal(p->threads, 2);
	assert_int_equal(p->start_ticks, 90001); /* rounded down, as /proc does */
	assert_int_equal(p->cpu_ticks, 2);
	assert_string_equal(p->comm, "fifteen bytes..");
	k = &s.census.kernel[0];
	assert_int_equal(k->level, 2);
	assert_int_equal(k->pidns, 99);
	assert_int_equal(k->tracer, -1);
	assert_int_equal(k->sigchld, SIGCHLD_CAUGHT);
	assert_true(k->subreaper && k->is_init);
	assert_false(k->has_subreaper || k->no_cldwait || k->hidden);
	assert_int_equal(k->died_ns, 0);
	finish(&s);
}

static void a_stream_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t cut = 0;; cut++) {
		struct stream s;
		ssize_t used;

		begin(&s);
		add(&s, &sleeper, sizeof(sleeper));
		add(&s, &zombie, sizeof(zombie));
		add(&s, &end, sizeof(end));
		if (cut > s.len)
			break;
		used = bpf_records_parse(&s.records, s.text, cut);
		assert_in_range(used, 0, cut);
		assert_int_equal(bpf_records_parse(&s.records, s.text + used, s.len - (size_t)used),
				 s.len - (size_t)used);
		assert_int_equal(bpf_records_finish(&s.records), 0);
		assert_int_equal(s.census.n, 2);
		finish(&s);
	}
}

static void what_is_no_stream_is_refused(void **state)
{
	static const uint32_t unknown = 12345;
	struct stream s;

	(void)state;
	begin(&s);
	add(&s, &unknown, sizeof(unknown));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), -EBADMSG);
	finish(&s);

	/* a second header, a record after the end, none before it, no end */
	begin(&s);
	add(&s, &header, sizeof(header));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), -EBADMSG);
	finish(&s);
	begin(&s);
	add(&s, &end, sizeof(end));
	add(&s, &sleeper, sizeof(sleeper));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), -EBADMSG);
	finish(&s);
	begin(&s);
	assert_int_equal(bpf_records_parse(&s.records, s.text + sizeof(header), sizeof(pidns)),
			 -EBADMSG);
	finish(&s);
	begin(&s);
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(bpf_records_finish(&s.records), -EBADMSG);
	finish(&s);
}

static void the_torn_are_counted(void **state)
{
	struct bpf_record_process torn = sleeper;
	struct stream s;

	(void)state;
	begin(&s);
	torn.last_arrival = UINT64_C(6582955728264977243);
	add(&s, &torn, sizeof(torn));
	torn = sleeper;
	torn.exec_start = UINT64_C(1) << 62;
	add(&s, &torn, sizeof(torn));
	add(&s, &sleeper, sizeof(sleeper));
	add(&s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(s.census.n, 1);
	assert_int_equal(s.census.n_gone, 3);
	finish(&s);
}

/* As the kernel does it: a task born after the end of the pass comes with the next read(2) */
static void the_pass_ends_with_its_end(void **state)
{
	struct stream s;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	begin(&s);
	add(&s, &sleeper, sizeof(sleeper));
	add(&s, &end, sizeof(end));
	assert_int_equal(write(ends[1], s.text, s.len), s.len);
	assert_int_equal(write(ends[1], &zombie, sizeof(zombie)), sizeof(zombie));
	close(ends[1]);
	assert_int_equal(bpf_records_read(&s.records, ends[0]), 0);
	assert_int_equal(s.census.n, 1);
	close(ends[0]);
	finish(&s);
}

static void a_pass_without_end_is_refused(void **state)
{
	struct stream s;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	begin(&s);
	add(&s, &sleeper, sizeof(sleeper));
	assert_int_equal(write(ends[1], s.text, s.len), s.len);
	close(ends[1]);
	assert_int_equal(bpf_records_read(&s.records, ends[0]), -EBADMSG);
	close(ends[0]);
	finish(&s);
}

static void the_released_are_counted(void **state)
{
	struct bpf_record_process gone = zombie;
	struct stream s;

	(void)state;
	gone.pid = 0;
	begin(&s);
	add(&s, &gone, sizeof(gone));
	add(&s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(s.census.n, 0);
	assert_int_equal(s.census.n_gone, 2);
	finish(&s);
}

static struct process_kernel parse_zombie(const struct bpf_record_process *r, uint64_t *ret_ticks)
{
	struct bpf_record_thread late = { .type = BPF_RECORD_THREAD,
					  .tgid = r->pid,
					  .pdeath_signal = SIGTERM,
					  .late = 1,
					  .sum_exec_runtime = 3 * S };
	struct process_kernel k;
	struct stream s;

	begin(&s);
	add(&s, r, sizeof(*r));
	if (r->nr_threads > 1)
		add(&s, &late, sizeof(late));
	add(&s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s.records, s.text, s.len), s.len);
	assert_int_equal(bpf_records_finish(&s.records), 0);
	assert_int_equal(s.census.procs[0].state, 'Z');
	k = s.census.kernel[0];
	*ret_ticks = s.census.procs[0].cpu_ticks;
	finish(&s);
	return k;
}

static bool death_known(const struct bpf_record_process *r)
{
	uint64_t ticks;

	return parse_zombie(r, &ticks).died_ns != 0;
}

static void death_is_that_of_the_last_thread(void **state)
{
	struct bpf_record_process r = zombie;
	struct process_kernel k;
	uint64_t ticks;

	(void)state;
	k = parse_zombie(&r, &ticks);
	assert_in_range(k.died_ns, 900 * S, 900 * S + S / 10);
	assert_int_equal(ticks, 0);

	/* alive in its threads: not dead, and their time is its own */
	r.nr_threads = 2;
	k = parse_zombie(&r, &ticks);
	assert_int_equal(k.died_ns, 0);
	assert_int_equal(ticks, 300);
	assert_int_equal(k.pdeath_signal, SIGTERM);

	/* it once had threads: which ended first, they or the leader? */
	r = zombie;
	r.sum_sched_runtime = 1;
	/* the leader perhaps: since Linux 6.15 it is given the code of its group in any case */
	assert_false(death_known(&r));
	r.main_exit_code = r.group_exit_code;
	assert_true(death_known(&r)); /* it ended them */
	r.main_exit_code = r.exit_code = r.group_exit_code = 0;
	assert_false(death_known(&r)); /* perhaps pthread_exit(3) */
	r.group_exit_code = 15;
	assert_false(death_known(&r)); /* the leader had gone already */
	r.flags = 0x400;
	assert_true(death_known(&r)); /* PF_SIGNALED: killed with the rest */
}

static void letters_are_those_of_proc(void **state)
{
	(void)state;
	assert_int_equal(bpf_state_letter(0, 0), 'R');
	assert_int_equal(bpf_state_letter(0x1, 0), 'S');
	assert_int_equal(bpf_state_letter(0x2001, 0), 'S'); /* TASK_FREEZABLE */
	assert_int_equal(bpf_state_letter(0x2, 0), 'D');
	assert_int_equal(bpf_state_letter(0x102, 0), 'D'); /* TASK_KILLABLE */
	assert_int_equal(bpf_state_letter(0x104, 0), 'T'); /* TASK_STOPPED */
	assert_int_equal(bpf_state_letter(0x8, 0), 't');
	assert_int_equal(bpf_state_letter(0x80, 0x10), 'X');
	assert_int_equal(bpf_state_letter(0x80, 0x20), 'Z');
	assert_int_equal(bpf_state_letter(0x40, 0), 'P');
	assert_int_equal(bpf_state_letter(0x402, 0), 'I');
	assert_int_equal(bpf_state_letter(0x8000, 0), 'D'); /* TASK_FROZEN */
	assert_int_equal(bpf_state_letter(0x1000, 0), 'D'); /* TASK_RTLOCK_WAIT */
}

static void take_many(struct stream *s, pid_t n)
{
	struct bpf_record_process one = sleeper;

	assert_int_equal(bpf_records_parse(&s->records, s->text, s->len), s->len);
	for (one.pid = 1; one.pid <= n; one.pid++)
		assert_int_equal(bpf_records_parse(&s->records, (const char *)&one, sizeof(one)),
				 sizeof(one));
	assert_int_equal(s->census.n, n);
	for (pid_t i = 0; i < n; i++)
		assert_int_equal(s->census.procs[i].pid, i + 1);
}

/* What the namespace counts is a guess at the rows: of what is torn, too */
static void rows_need_no_right_number(void **state)
{
	const uint32_t counts[] = { 0, 3, 300000, PID_MAX, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct bpf_record_pidns own = pidns;
		struct stream s = { .records = { .census = &s.census, .tick_ns = S / 100 } };

		own.pid_allocated = counts[i];
		add(&s, &header, sizeof(header));
		add(&s, &own, sizeof(own));
		take_many(&s, 1000);
		finish(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_arrive),
		cmocka_unit_test(users_and_namespaces_are_merged),
		cmocka_unit_test(a_stream_may_be_cut_anywhere),
		cmocka_unit_test(what_is_no_stream_is_refused),
		cmocka_unit_test(the_torn_are_counted),
		cmocka_unit_test(the_pass_ends_with_its_end),
		cmocka_unit_test(a_pass_without_end_is_refused),
		cmocka_unit_test(the_released_are_counted),
		cmocka_unit_test(death_is_that_of_the_last_thread),
		cmocka_unit_test(rows_need_no_right_number),
		cmocka_unit_test(letters_are_those_of_proc),
	};

	return cmocka_run_group_tests_name("bpf_records", tests, NULL, NULL);
}
