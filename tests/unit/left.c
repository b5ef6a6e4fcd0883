/* SPDX-License-Identifier: MIT */
/* Since when a process has not run, on a machine whose CPUs are stolen from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

#include "census/bpf/bpf_records.h"
#include "census/index.h"
#include "census/left.h"

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)

/* Of CPU 0 two seconds were stolen before anything here begins */
#define STOLEN (2 * S)
#define LEFT (900 * S)		    /* when the init was taken from CPU 0 */
#define BORN (LEFT + 200 * MS)	    /* its zombie */
#define CHILD_RAN (BORN + 300 * MS) /* on CPU 0 as well, and died at once */

static struct bpf_record_header header(uint64_t now)
{
	return (struct bpf_record_header){
		.type = BPF_RECORD_HEADER, .monotonic = now, .boottime = now, .sched_clock = now
	};
}

/* It had a CPU for a millisecond; discount: as it is when the pass goes by */
static struct bpf_record_process init(uint64_t discount)
{
	return (struct bpf_record_process){
		.type = BPF_RECORD_PROCESS,
		.bits = BPF_PROCESS_FAIR | BPF_PROCESS_DISCOUNT_KNOWN,
		.pid = 10,
		.ns_pid = 1,
		.state = 1,
		.exit_signal = SIGCHLD,
		.nr_threads = 1,
		.live = 1,
		.start_time = 890 * S,
		.start_boottime = 890 * S,
		.sum_exec_runtime = 5 * MS,
		.prev_sum_exec_runtime = 4 * MS,
		.last_arrival = LEFT - MS,
		.exec_start = LEFT - STOLEN,
		.discount = discount,
	};
}

/* stolen: of CPU 0, between the two */
static struct bpf_record_process zombie(uint64_t discount, uint64_t stolen)
{
	return (struct bpf_record_process){
		.type = BPF_RECORD_PROCESS,
		.bits = BPF_PROCESS_FAIR | BPF_PROCESS_DISCOUNT_KNOWN,
		.pid = 12,
		.ppid = 10,
		.ns_pid = 2,
		.state = 0x80,
		.exit_state = 0x20,
		.exit_signal = SIGCHLD,
		.nr_threads = 1,
		.start_time = BORN,
		.start_boottime = BORN,
		.sum_exec_runtime = MS,
		.last_arrival = CHILD_RAN,
		.exec_start = CHILD_RAN + MS - STOLEN - stolen,
		.discount = discount,
	};
}

static const struct bpf_record_end end = { .type = BPF_RECORD_END };

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

static void take(struct stream *s, uint64_t now, const struct bpf_record_process *parent,
		 const struct bpf_record_thread *thread, const struct bpf_record_process *child)
{
	struct bpf_record_header h = header(now);

	*s = (struct stream){ .records = { .census = &s->census, .tick_ns = S / 100 } };
	add(s, &h, sizeof(h));
	add(s, parent, sizeof(*parent));
	if (thread)
		add(s, thread, sizeof(*thread));
	add(s, child, sizeof(*child));
	add(s, &end, sizeof(end));
	assert_int_equal(bpf_records_parse(&s->records, s->text, s->len), s->len);
	assert_int_equal(bpf_records_finish(&s->records), 0);
	census_index(&s->census);
	census_link(&s->census);
	census_mark_left(&s->census);
	assert_null(s->census.left);
}

static void finish(struct stream *s)
{
	free(s->census.index);
	free(s->census.pidns_index);
	bpf_records_drop(&s->records);
}

static int64_t left_of_init(const struct stream *s)
{
	return s->census.kernel[0].group_left_ns;
}

/* Nothing stolen since: it is known within some milliseconds */
static void a_quiet_machine(void **state)
{
	struct bpf_record_process parent = init(STOLEN), child = zombie(STOLEN, 0);
	struct stream s;

	(void)state;
	take(&s, 901 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT, LEFT + 50 * MS);
	/* on a CPU it is running for all that is known */
	finish(&s);
	parent.bits |= BPF_PROCESS_ON_CPU;
	take(&s, 901 * S, &parent, NULL, &child);
	assert_int_equal(left_of_init(&s), INT64_MAX);
	finish(&s);
}

/* Half a minute of the CPU was stolen since: what ran there next tells how little of it before that */
static void what_ran_next_tells(void **state)
{
	const uint64_t now = STOLEN + 30 * S;
	struct bpf_record_process parent = init(now), child = zombie(now, 0);
	struct stream s;

	(void)state;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT, BORN);
	finish(&s);
	/* what was stolen in between counts: it may have been before the init was taken from the CPU */
	child = zombie(now, 100 * MS);
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 100 * MS, LEFT + 200 * MS);
	finish(&s);
	/* nothing is known of another CPU, nor from one that ran before, or so much that it may have */
	child = zombie(now, 0);
	child.cpu = 1;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 30 * S, LEFT + 31 * S);
	finish(&s);
	child = zombie(now, 0);
	child.last_arrival -= S;
	child.exec_start -= S;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 30 * S, LEFT + 31 * S);
	finish(&s);
	child = zombie(now, 0);
	child.sum_exec_runtime = S;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 30 * S, LEFT + 31 * S);
	finish(&s);
	/* nor from who runs, or ran just now: its notes may be in motion */
	child = zombie(now, 0);
	child.bits |= BPF_PROCESS_ON_CPU;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 30 * S, LEFT + 31 * S);
	finish(&s);
	child = zombie(now, 0);
	child.last_arrival = 999 * S + 950 * MS;
	child.exec_start = 999 * S + 960 * MS - now;
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&s), LEFT + 30 * S, LEFT + 31 * S);
	finish(&s);
}

/* The last of all threads counts, a dead one's and one that was not met included */
static void of_all_threads(void **state)
{
	struct bpf_record_process parent = init(STOLEN), child = zombie(STOLEN, 0);
	struct bpf_record_thread thread = { .type = BPF_RECORD_THREAD,
					    .tgid = 10,
					    .tid = 11,
					    .bits = parent.bits,
					    .state = 1,
					    .last_arrival = LEFT + 9 * S,
					    .exec_start = LEFT + 10 * S - STOLEN,
					    .discount = STOLEN };
	struct stream s;

	(void)state;
	parent.nr_threads = parent.live = 2;
	take(&s, 1000 * S, &parent, &thread, &child);
	assert_in_range(left_of_init(&s), LEFT + 10 * S, LEFT + 11 * S);
	finish(&s);
	thread.state = 0x80;
	thread.exit_state = 0x20;
	take(&s, 1000 * S, &parent, &thread, &child);
	assert_in_range(left_of_init(&s), LEFT + 10 * S, LEFT + 11 * S);
	finish(&s);
	take(&s, 1000 * S, &parent, NULL, &child);
	assert_int_equal(left_of_init(&s), INT64_MAX);
	finish(&s);
	/* its main thread may be the dead one */
	parent.state = 0x80;
	parent.exit_state = 0x20;
	thread.state = 1;
	thread.exit_state = 0;
	thread.exec_start -= 20 * S;
	thread.last_arrival -= 20 * S;
	take(&s, 1000 * S, &parent, &thread, &child);
	assert_in_range(left_of_init(&s), LEFT, LEFT + S);
	finish(&s);
}

/* Time stolen between two looks takes nothing away from what the first one proved */
static void a_second_look_keeps_the_first(void **state)
{
	struct bpf_record_process parent = init(STOLEN), child = zombie(STOLEN, 0);
	struct stream first, second;

	(void)state;
	take(&first, 901 * S, &parent, NULL, &child);
	/* of no use to the second one: it has another CPU */
	child.cpu = 1;
	parent.discount = child.discount = STOLEN + S;
	take(&second, 903 * S, &parent, NULL, &child);
	assert_in_range(left_of_init(&second), LEFT + S, LEFT + 2 * S);
	census_keep_left(&second.census, &first.census);
	assert_int_equal(left_of_init(&second), left_of_init(&first));
	finish(&second);
	/* but one that has run in between has run */
	parent.last_arrival = 902 * S;
	parent.exec_start = 902 * S + MS - parent.discount;
	take(&second, 903 * S, &parent, NULL, &child);
	census_keep_left(&second.census, &first.census);
	assert_in_range(left_of_init(&second), 902 * S, 903 * S);
	finish(&second);
	finish(&first);
	/* nor is it known whether it has where the kernel does not note that (no SCHED_INFO) */
	parent = init(STOLEN);
	parent.last_arrival = 0;
	take(&first, 901 * S, &parent, NULL, &child);
	parent.exec_start = 902 * S - parent.discount;
	take(&second, 903 * S, &parent, NULL, &child);
	census_keep_left(&second.census, &first.census);
	assert_in_range(left_of_init(&second), 902 * S, 903 * S);
	finish(&second);
	finish(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quiet_machine),
		cmocka_unit_test(what_ran_next_tells),
		cmocka_unit_test(of_all_threads),
		cmocka_unit_test(a_second_look_keeps_the_first),
	};

	return cmocka_run_group_tests_name("left", tests, NULL, NULL);
}
