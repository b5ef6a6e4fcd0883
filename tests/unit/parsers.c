/* SPDX-License-Identifier: MIT */
/* The parsers of /proc texts, with what a hostile or dying process may put into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/duration.h"
#include "census/proc_stat.h"
#include "inspect/cmdline.h"
#include "inspect/text/signals.h"
#include "inspect/text/status.h"

#define TAIL                                                                                     \
	" S 41 42 43 34816 -1 4194560 1 2 3 4 50 7 8 9 20 0 3 0 12345 6 7 18446744073709551615 " \
	"1 1 0 0 0 0 0 65536 17 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 256\n"

static int parse_stat(const char *comm, const char *tail, struct process *p)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "40 (%s)%s", comm, tail);

	return proc_stat_parse(text, (size_t)n, p);
}

static void stat_fields(void **state)
{
	struct process p = { 0 };

	(void)state;
	assert_int_equal(parse_stat("cat", TAIL, &p), 0);
	assert_int_equal(p.pid, 40);
	assert_string_equal(p.comm, "cat");
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.ppid, 41);
	assert_int_equal(p.pgrp, 42);
	assert_int_equal(p.sid, 43);
	assert_int_equal(p.flags, 4194560);
	assert_int_equal(p.cpu_ticks, 57);
	assert_int_equal(p.threads, 3);
	assert_int_equal(p.start_ticks, 12345);
	assert_int_equal(p.exit_signal, 17);
	assert_int_equal(p.exit_code, 256);
}

static void stat_comms(void **state)
{
	static const char *const comms[] = {
		") Z 1 (", "a b", "", "((", "))", "\n", ") ) S", "\xff"
	};
	struct process p = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comms); i++) {
		assert_int_equal(parse_stat(comms[i], TAIL, &p), 0);
		assert_string_equal(p.comm, comms[i]);
		assert_int_equal(p.ppid, 41);
	}
	/* kernel workers may be longer than a task keeps */
	assert_int_equal(parse_stat("kworker/u8:3-events_unbound", TAIL, &p), 0);
	assert_string_equal(p.comm, "kworker/u8:3-ev");
}

static void stat_garbage(void **state)
{
	static const char *const texts[] = {
		"",
		"40",
		"40 (cat",
		"40 (cat)",
		"40 (cat) S",
		"40 (cat) S 1 2 3\n",
		"(cat) S 1",
		"x (cat) S 41",
		"0 (cat)" TAIL,
		"-1 (cat)" TAIL,
		"40 (cat) S -41 40 40 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
		" 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		"40 cat" TAIL,
	};
	static const char good[] = "40 (cat)" TAIL;
	struct process p = { .pid = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(proc_stat_parse(texts[i], strlen(texts[i]), &p), -EBADMSG);
	/* every truncation: the last digits of the last field would make another number */
	for (size_t n = 0; n < strlen(good); n++)
		assert_int_equal(proc_stat_parse(good, n, &p), -EBADMSG);
	assert_int_equal(p.pid, 7);
}

#define STATUS                                                                             \
	"Name:\tcat\nUmask:\t0022\nState:\tZ (zombie)\nTgid:\t40\nNgid:\t0\nPid:\t40\n"    \
	"PPid:\t9\nTracerPid:\t77\nUid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \n"    \
	"NStgid:\t40\t5\t2\nNSpid:\t40\t5\t2\nNSpgid:\t38\t3\t1\nNSsid:\t38\t3\t0\n"       \
	"Threads:\t4\nSigQ:\t0/95\nSigPnd:\t0000000000010000\nShdPnd:\t0000000000000001\n" \
	"SigBlk:\tfffffffffffffffe\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000010002\n"

static void status_fields(void **state)
{
	struct proc_status s;

	(void)state;
	assert_int_equal(proc_status_parse(STATUS, strlen(STATUS), &s), 0);
	assert_int_equal(s.state, 'Z');
	assert_int_equal(s.tgid, 40);
	assert_int_equal(s.ppid, 9);
	assert_int_equal(s.tracer, 77);
	assert_int_equal(s.uid, 1000);
	assert_int_equal(s.threads, 4);
	assert_int_equal(s.n_ns_pids, 3);
	assert_int_equal(s.ns_pids[0], 40);
	assert_int_equal(s.ns_pids[2], 2);
	assert_int_equal(s.ns_pgrp, 1);
	assert_int_equal(s.ns_sid, 0);
	assert_int_equal(s.masks.pending, 0x10000);
	assert_int_equal(s.masks.shared_pending, 1);
	assert_true(s.masks.blocked == UINT64_C(0xfffffffffffffffe));
	assert_true(mask_has(s.masks.caught, 17));
	assert_false(mask_has(s.masks.caught, 1));
	assert_true(mask_has(s.masks.blocked, 64));
	assert_false(mask_has(s.masks.blocked, 65));
}

static void status_garbage(void **state)
{
	struct proc_status s;
	const char *cut = strstr(STATUS, "SigCgt");
	static const char *const rubbish[] = { "SigBlk:\tzzzz\n", "SigIgn:\n",
					       "SigPnd:\t000000000000000000011111111111111111\n",
					       "Uid:\t99999999999999\n" };
	static const char end[] = "State:\tS\nTgid:\t4\nUid:\t0\t0\t0\t0\nSigCgt:\t12";
	static const char negative[] = "State:\tS\nTgid:\t-4\nUid:\t0\t0\t0\t0\nSigCgt:\t1\n";
	static const char swallow[] = "State:\tS\nTgid:\t\nUid:\t1\t1\t1\t1\nSigCgt:\t0\n";

	(void)state;
	assert_int_equal(proc_status_parse("", 0, &s), -EBADMSG);
	assert_int_equal(proc_status_parse(STATUS, (size_t)(cut - STATUS), &s), -EBADMSG);
	assert_int_equal(proc_status_parse("Tgid:\n40\n", 9, &s), -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++) {
		auto_free char *text = xasprintf("%s%s", rubbish[i], STATUS);

		assert_int_equal(proc_status_parse(text, strlen(text), &s), -EBADMSG);
	}
	/* nor may a number go on behind the end of the text, nor be negative */
	assert_int_equal(proc_status_parse(end, strlen(end) - 1, &s), 0);
	assert_int_equal(s.masks.caught, 1);
	assert_int_equal(proc_status_parse(negative, strlen(negative), &s), -EBADMSG);
	/* an empty value must not take the number of the next line */
	assert_int_equal(proc_status_parse(swallow, strlen(swallow), &s), -EBADMSG);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = { { "500ms", 500 }, { "2s", 2000 },	 { "5m", 300000 },	  { "1h", 3600000 },
		     { "0", 0 },       { "7", 7000 },	 { "0.5s", 500 },	  { "1.5", 1500 },
		     { ".25s", 250 },  { "0.0005s", 1 }, { "8784h", 31622400000 } };
	static const char *const bad[] = { "",	     "s",   "-1s", "1d",   "1 s",      "0x10",
					   "1e3",    "inf", "nan", "5ss",  "9999999h", "+1",
					   "1.2.3s", ".",   ".s",  "8785h" };
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(duration_parse(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(duration_parse(bad[i], &ms), -EINVAL);
}

static void command_lines(void **state)
{
	static const struct {
		const char *text;
		size_t len, n;
		const char *last;
	} cases[] = { { "", 0, 0, NULL },	    { "sh\0-c\0exit 3\0", 13, 3, "exit 3" },
		      { "no nul", 6, 1, "no nul" }, { "a\0\0", 3, 2, "" },
		      { "cut off", 3, 1, "cut" },   { "a\nb\0", 4, 1, "a\nb" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n;
		char **list = cmdline_split(cases[i].text, cases[i].len, &n);

		assert_int_equal(n, cases[i].n);
		if (n > 0)
			assert_string_equal(list[n - 1], cases[i].last);
		while (n > 0)
			free(list[--n]);
		free(list);
	}
}

static void ages_take_six_columns(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = { { 0, "0ms" },	     { 0.35, "350ms" },	  { 59.9, "59s" },
		      { 303, "5m03s" },	     { 7620, "2h07m" },	  { 273600, "3d04h" },
		      { 8639999, "99d23h" }, { 8640000, "100d" }, { 864000000, "10000d" } };
	char text[DURATION_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(duration_format(cases[i].seconds, text), cases[i].text);
}

static void decimals(void **state)
{
	double value = 7;
	const char *rest;

	(void)state;
	rest = decimal_parse("0.7:9", &value);
	assert_string_equal(rest, ":9");
	assert_true(value == 0.7);
	assert_non_null(decimal_parse("12.345", &value));
	assert_true(value == 12.345);
	assert_non_null(decimal_parse("123456789012345678", &value));
	assert_null(decimal_parse("1234567890123456789", &value));
	assert_null(decimal_parse(".", &value));
	assert_null(decimal_parse("-1", &value));
	assert_true(value == 123456789012345678.0);
}

static void signal_names(void **state)
{
	char buf[SIGNAL_NAME_SIZE];

	(void)state;
	assert_string_equal(signal_name(9, buf), "SIGKILL");
	assert_string_equal(signal_name(17, buf), "SIGCHLD");
	assert_string_equal(signal_name(34, buf), "SIGRTMIN");
	assert_string_equal(signal_name(37, buf), "SIGRTMIN+3");
	assert_string_equal(signal_name(64, buf), "SIGRTMAX");
	assert_string_equal(signal_name(63, buf), "SIGRTMAX-1");
	assert_string_equal(signal_name(32, buf), "SIG32");
	assert_string_equal(signal_name(99, buf), "SIG99");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_fields),	  cmocka_unit_test(stat_comms),
		cmocka_unit_test(stat_garbage),	  cmocka_unit_test(status_fields),
		cmocka_unit_test(status_garbage), cmocka_unit_test(durations),
		cmocka_unit_test(decimals),	  cmocka_unit_test(ages_take_six_columns),
		cmocka_unit_test(command_lines),  cmocka_unit_test(signal_names),
	};

	return cmocka_run_group_tests_name("parsers", tests, NULL, NULL);
}
