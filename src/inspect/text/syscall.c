/* SPDX-License-Identifier: MIT */
#include "inspect/text/syscall.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/base.h"
#include "base/duration.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static const char *const names[] = {
#include "syscall_names.h"
};

const char *syscall_name(int nr)
{
	return nr >= 0 && (size_t)nr < ARRAY_SIZE(names) ? names[nr] : NULL;
}

static void decode_wait4(const uint64_t arg[static 6], struct blocked_in *ret)
{
	pid_t pid = (pid_t)arg[0];

	ret->options = (uint32_t)arg[2] | WEXITED;
	/* ESRCH at once, Linux kernel/exit.c:kernel_wait4(); a tracer can hold it just before that */
	if (pid == INT_MIN)
		return;
	ret->wait = pid == -1 ? WAIT_FOR_ANY : pid > 0 ? WAIT_FOR_PID : WAIT_FOR_GROUP;
	ret->id = pid > 0 ? pid : pid == -1 ? 0 : -pid;
}

static void decode_waitid(const uint64_t arg[static 6], struct blocked_in *ret)
{
	ret->options = (uint32_t)arg[3];
	ret->id = (pid_t)arg[1];
	switch ((int)arg[0]) {
	case P_ALL:
		ret->wait = WAIT_FOR_ANY;
		ret->id = 0;
		break;
	case P_PID:
		ret->wait = WAIT_FOR_PID;
		break;
	case P_PGID:
		ret->wait = WAIT_FOR_GROUP;
		break;
	case P_PIDFD:
		ret->wait = WAIT_FOR_PIDFD;
		break;
	default:
		break;
	}
}

/* How a call that is of interest reads its arguments. */
enum kind {
	KIND_OTHER, /* how long it may last is not known */
	KIND_WAIT4,
	KIND_WAITID,
	KIND_SIGNALS,  /* rt_sigtimedwait */
	KIND_ENDLESS,  /* until something comes, whatever that is */
	KIND_MS,       /* arg holds milliseconds, negative: no limit */
	KIND_TIMESPEC, /* arg points to it, NULL: no limit */
	KIND_TIMEVAL,
	KIND_FUTEX,
	KIND_CLOCK, /* clock_nanosleep */
};

struct call {
	int nr;
	enum kind kind;
	int arg;	  /* with the time limit */
	bool short_time;  /* seconds and parts are 32 bits each */
	const char *name; /* of compat calls */
};

#define NATIVE_SHORT (sizeof(long) == 4)

static const struct call natives[] = {
	{ SYS_wait4, KIND_WAIT4, 0, false, NULL },
	{ SYS_waitid, KIND_WAITID, 0, false, NULL },
	{ SYS_rt_sigtimedwait, KIND_SIGNALS, 2, NATIVE_SHORT, NULL },
	{ SYS_rt_sigsuspend, KIND_ENDLESS, 0, false, NULL },
	{ SYS_read, KIND_ENDLESS, 0, false, NULL },
	{ SYS_ppoll, KIND_TIMESPEC, 2, NATIVE_SHORT, NULL },
	{ SYS_pselect6, KIND_TIMESPEC, 4, NATIVE_SHORT, NULL },
	{ SYS_epoll_pwait, KIND_MS, 3, false, NULL },
	{ SYS_futex, KIND_FUTEX, 3, NATIVE_SHORT, NULL },
	{ SYS_nanosleep, KIND_TIMESPEC, 0, NATIVE_SHORT, NULL },
	{ SYS_clock_nanosleep, KIND_CLOCK, 2, NATIVE_SHORT, NULL },
	{ SYS_flock, KIND_ENDLESS, 0, false, NULL },
#ifdef SYS_pause
	{ SYS_pause, KIND_ENDLESS, 0, false, NULL },
#endif
#ifdef SYS_poll
	{ SYS_poll, KIND_MS, 2, false, NULL },
#endif
#ifdef SYS_select
	{ SYS_select, KIND_TIMEVAL, 4, NATIVE_SHORT, NULL },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, KIND_MS, 3, false, NULL },
#endif
#ifdef SYS_waitpid
	{ SYS_waitpid, KIND_WAIT4, 0, false, NULL },
#endif
#ifdef SYS_rt_sigtimedwait_time64
	{ SYS_rt_sigtimedwait_time64, KIND_SIGNALS, 2, false, NULL },
	{ SYS_ppoll_time64, KIND_TIMESPEC, 2, false, NULL },
	{ SYS_pselect6_time64, KIND_TIMESPEC, 4, false, NULL },
	{ SYS_futex_time64, KIND_FUTEX, 3, false, NULL },
	{ SYS_clock_nanosleep_time64, KIND_CLOCK, 2, false, NULL },
#endif
};

/* Linux arch/x86/entry/syscalls/syscall_32.tbl, arch/arm/tools/syscall.tbl: the same in both first */
static const struct call compats[] = {
	{ 1, KIND_OTHER, 0, false, "exit" },
	{ 2, KIND_OTHER, 0, false, "fork" },
	{ 3, KIND_ENDLESS, 0, false, "read" },
	{ 29, KIND_ENDLESS, 0, false, "pause" },
	{ 72, KIND_ENDLESS, 0, false, "sigsuspend" },
	{ 114, KIND_WAIT4, 0, false, "wait4" },
	{ 120, KIND_OTHER, 0, false, "clone" },
	{ 142, KIND_TIMEVAL, 4, true, "_newselect" },
	{ 143, KIND_ENDLESS, 0, false, "flock" },
	{ 162, KIND_TIMESPEC, 0, true, "nanosleep" },
	{ 168, KIND_MS, 2, false, "poll" },
	{ 177, KIND_SIGNALS, 2, true, "rt_sigtimedwait" },
	{ 179, KIND_ENDLESS, 0, false, "rt_sigsuspend" },
	{ 190, KIND_OTHER, 0, false, "vfork" },
	{ 240, KIND_FUTEX, 3, true, "futex" },
	{ 407, KIND_CLOCK, 2, false, "clock_nanosleep_time64" },
	{ 413, KIND_TIMESPEC, 4, false, "pselect6_time64" },
	{ 414, KIND_TIMESPEC, 2, false, "ppoll_time64" },
	{ 421, KIND_SIGNALS, 2, false, "rt_sigtimedwait_time64" },
	{ 422, KIND_FUTEX, 3, false, "futex_time64" },
	{ 435, KIND_OTHER, 0, false, "clone3" },
#ifdef __x86_64__
	{ 7, KIND_WAIT4, 0, false, "waitpid" },
	{ 252, KIND_OTHER, 0, false, "exit_group" },
	{ 256, KIND_MS, 3, false, "epoll_wait" },
	{ 267, KIND_CLOCK, 2, true, "clock_nanosleep" },
	{ 284, KIND_WAITID, 0, false, "waitid" },
	{ 308, KIND_TIMESPEC, 4, true, "pselect6" },
	{ 309, KIND_TIMESPEC, 2, true, "ppoll" },
	{ 319, KIND_MS, 3, false, "epoll_pwait" },
#else
	{ 248, KIND_OTHER, 0, false, "exit_group" },
	{ 252, KIND_MS, 3, false, "epoll_wait" },
	{ 265, KIND_CLOCK, 2, true, "clock_nanosleep" },
	{ 280, KIND_WAITID, 0, false, "waitid" },
	{ 335, KIND_TIMESPEC, 4, true, "pselect6" },
	{ 336, KIND_TIMESPEC, 2, true, "ppoll" },
	{ 346, KIND_MS, 3, false, "epoll_pwait" },
#endif
};

/* A time limit that lies in memory; NULL: none */
static void limit_at(uint64_t address, const struct call *call, struct blocked_in *ret)
{
	ret->limit = address ? LIMIT_IN_MEMORY : LIMIT_NONE;
	ret->limit_address = address;
	ret->limit_short = call->short_time;
	ret->limit_micro = call->kind == KIND_TIMEVAL;
}

static void decode_futex(const uint64_t arg[static 6], const struct call *call,
			 struct blocked_in *ret)
{
	int operation = (int)arg[1] & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

	if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET)
		return;
	limit_at(arg[call->arg], call, ret);
	if (operation == FUTEX_WAIT_BITSET)
		ret->limit_clock = arg[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

static void decode_clock(const uint64_t arg[static 6], const struct call *call,
			 struct blocked_in *ret)
{
	limit_at(arg[call->arg], call, ret);
	if (arg[1] & TIMER_ABSTIME)
		ret->limit_clock = (int)arg[0];
}

static void decode_as(const uint64_t arg[static 6], const struct call *call, struct blocked_in *ret)
{
	switch (call->kind) {
	case KIND_WAIT4:
		decode_wait4(arg, ret);
		ret->limit = LIMIT_NONE;
		break;
	case KIND_WAITID:
		decode_waitid(arg, ret);
		ret->limit = LIMIT_NONE;
		break;
	case KIND_SIGNALS:
		ret->wait = WAIT_FOR_SIGNALS;
		ret->address = arg[0];
		limit_at(arg[call->arg], call, ret);
		break;
	case KIND_ENDLESS:
		ret->limit = LIMIT_NONE;
		break;
	case KIND_MS:
		ret->limit_ns = (int64_t)(int)arg[call->arg] * 1000000;
		ret->limit = ret->limit_ns < 0 ? LIMIT_NONE : LIMIT_KNOWN;
		break;
	case KIND_TIMESPEC:
	case KIND_TIMEVAL:
		limit_at(arg[call->arg], call, ret);
		break;
	case KIND_FUTEX:
		decode_futex(arg, call, ret);
		break;
	case KIND_CLOCK:
		decode_clock(arg, call, ret);
		break;
	case KIND_OTHER:
		break;
	}
}

static const struct call *find_call(const struct call *calls, size_t n, int nr)
{
	for (size_t i = 0; i < n; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

/* The number that the native ABI has for a call of that name */
static int native_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && streq(names[i], name))
			return (int)i;
	return SYSCALL_FOREIGN;
}

static void decode(const uint64_t arg[static 6], bool compat, struct blocked_in *ret)
{
	const struct call *call = compat ? find_call(compats, ARRAY_SIZE(compats), ret->nr) :
					   find_call(natives, ARRAY_SIZE(natives), ret->nr);

	ret->name = compat ? call ? call->name : NULL : syscall_name(ret->nr);
	if (compat)
		ret->nr = call ? native_number(call->name) : SYSCALL_FOREIGN;
	if (call)
		decode_as(arg, call, ret);
}

static int parse_numbers(char *s, uint64_t value[static 9], size_t *ret_n)
{
	size_t n = 0;

	while (*s && *s != '\n') {
		char *end;

		if (n == 9)
			return -EBADMSG;
		errno = 0;
		/* the first is signed decimal, the others are 0x hexadecimal */
		value[n] = n == 0 ? (uint64_t)strtoll(s, &end, 10) : strtoull(s, &end, 16);
		if (errno || end == s)
			return -EBADMSG;
		n++;
		s = end;
		while (*s == ' ')
			s++;
	}
	*ret_n = n;
	return 0;
}

int proc_syscall_parse(const char *text, size_t len, enum syscall_abi abi, struct blocked_in *ret)
{
	auto_free char *copy = xstrndup(text, len);
	uint64_t value[9] = { 0 };
	size_t n = 0;

	*ret = (struct blocked_in){ .nr = -1, .limit_clock = LIMIT_RELATIVE };
	if (has_prefix(copy, "running")) {
		ret->known = ret->running = true;
		return 0;
	}
	if (parse_numbers(copy, value, &n) < 0 || (n != 3 && n != 9))
		return -EBADMSG;
	if (abi == ABI_GUESS && sizeof(long) == 8 && value[n - 2] >> 32 == 0 &&
	    value[n - 1] >> 32 == 0 && value[n - 2] != 0) {
		ret->ambiguous = true;
		return 0;
	}
	ret->known = true;
	ret->sp = value[n - 2];
	ret->pc = value[n - 1];
	if (n == 3)
		return 0;
	ret->nr = (int)(int64_t)value[0];
	memcpy(ret->args, value + 1, sizeof(ret->args));
	decode(value + 1, abi == ABI_COMPAT, ret);
	return 0;
}

void limit_parse(const void *bytes, size_t size, struct blocked_in *in)
{
	int64_t wide[2] = { 0 }, now = 0, parts;
	int32_t narrow[2];

	in->limit = LIMIT_UNKNOWN;
	if (in->limit_short && size >= sizeof(narrow)) {
		memcpy(narrow, bytes, sizeof(narrow));
		wide[0] = narrow[0];
		wide[1] = narrow[1];
	} else if (!in->limit_short && size >= sizeof(wide)) {
		memcpy(wide, bytes, sizeof(wide));
	} else {
		return;
	}
	parts = in->limit_micro ? wide[1] * 1000 : wide[1];
	if (wide[0] < 0 || wide[1] < 0 || parts >= NS_PER_S)
		return;
	if (in->limit_clock == CLOCK_MONOTONIC || in->limit_clock == CLOCK_REALTIME ||
	    in->limit_clock == CLOCK_BOOTTIME)
		now = clock_ns(in->limit_clock);
	else if (in->limit_clock != LIMIT_RELATIVE)
		return;
	/* "for ever" overflows */
	in->limit_ns = wide[0] >= INT64_MAX / NS_PER_S - 1 ? INT64_MAX :
							     wide[0] * NS_PER_S + parts - now;
	in->limit = LIMIT_KNOWN;
}
