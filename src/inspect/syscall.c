/* SPDX-License-Identifier: MIT */
#include "inspect/syscall.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/base.h"

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

static void decode(const uint64_t arg[static 6], struct blocked_in *ret)
{
	switch (ret->nr) {
	case SYS_wait4:
		decode_wait4(arg, ret);
		break;
	case SYS_waitid:
		decode_waitid(arg, ret);
		break;
	case SYS_rt_sigtimedwait:
		ret->wait = WAIT_FOR_SIGNALS;
		ret->address = arg[0];
		break;
	default:
		break;
	}
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

int proc_syscall_parse(const char *text, size_t len, struct blocked_in *ret)
{
	auto_free char *copy = xstrndup(text, len);
	uint64_t value[9] = { 0 };
	size_t n = 0;

	*ret = (struct blocked_in){ .nr = -1 };
	if (has_prefix(copy, "running")) {
		ret->known = ret->running = true;
		return 0;
	}
	if (parse_numbers(copy, value, &n) < 0 || (n != 3 && n != 9))
		return -EBADMSG;
	if (sizeof(long) == 8 && value[n - 2] >> 32 == 0 && value[n - 1] >> 32 == 0 &&
	    value[n - 2] != 0)
		return 0;
	ret->known = true;
	if (n == 3)
		return 0;
	ret->nr = (int)(int64_t)value[0];
	ret->name = syscall_name(ret->nr);
	decode(value + 1, ret);
	return 0;
}
