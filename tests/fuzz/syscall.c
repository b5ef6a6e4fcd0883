/* SPDX-License-Identifier: MIT */
/* /proc/PID/syscall: what a wait waits for, read from the line that would say the same again. */
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "inspect/text/syscall.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define NO_IDTYPE 99

/* A main thread's stack and a mapped library: a native task, beyond 4 GiB */
#define PLACE "0x7ffc0f37c9d8 0x7f0ce6b17c3a"

static char *line_of(long nr, const uint64_t arg[static 6])
{
	return xasprintf("%ld 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx " PLACE "\n", nr,
			 (unsigned long long)arg[0], (unsigned long long)arg[1],
			 (unsigned long long)arg[2], (unsigned long long)arg[3],
			 (unsigned long long)arg[4], (unsigned long long)arg[5]);
}

static uint64_t wait4_pid(const struct blocked_in *b)
{
	switch (b->wait) {
	case WAIT_FOR_ANY:
		return UINT64_MAX;
	case WAIT_FOR_PID:
		return (uint64_t)b->id;
	case WAIT_FOR_GROUP:
		return (uint64_t) - (int64_t)b->id;
	default:
		return (uint64_t)(int64_t)INT_MIN; /* which waits for nothing */
	}
}

static uint64_t waitid_type(const struct blocked_in *b)
{
	switch (b->wait) {
	case WAIT_FOR_ANY:
		return P_ALL;
	case WAIT_FOR_PID:
		return P_PID;
	case WAIT_FOR_PIDFD:
		return P_PIDFD;
	case WAIT_FOR_GROUP:
		return P_PGID;
	default:
		return NO_IDTYPE;
	}
}

static char *print_again(const struct blocked_in *b)
{
	uint64_t arg[6] = { 0 };

	if (b->running)
		return xstrdup("running\n");
	if (b->nr == -1)
		return xstrdup("-1 " PLACE "\n");
	if (b->nr == SYS_wait4) {
		arg[0] = wait4_pid(b);
		arg[2] = b->options;
	} else if (b->nr == SYS_waitid) {
		arg[0] = waitid_type(b);
		arg[1] = (uint64_t)b->id;
		arg[3] = b->options;
	} else if (b->nr == SYS_rt_sigtimedwait) {
		arg[0] = b->address;
	}
	return line_of(b->nr, arg);
}

static void require_sense(const struct blocked_in *b)
{
	require(b->name == (b->known && !b->running ? syscall_name(b->nr) : NULL));
	require(!b->running || (b->known && b->nr == -1));
	if (b->wait == WAIT_FOR_NONE)
		return;
	require(b->known);
	if (b->wait == WAIT_FOR_SIGNALS)
		require(b->nr == SYS_rt_sigtimedwait);
	else
		require(b->nr == SYS_wait4 || b->nr == SYS_waitid);
	/* wait(2): a child is asked for by a number above 0 */
	if (b->nr == SYS_wait4)
		require((b->options & WEXITED) && b->id >= 0);
}

static void any_text(const uint8_t *data, size_t size)
{
	auto_free char *text = exact_copy(data, size), *printed = NULL;
	struct blocked_in b, again;
	int r = proc_syscall_parse(text, size, ABI_GUESS, &b);

	require_sense(&b);
	if (r < 0) {
		require(r == -EBADMSG);
		require(!b.known && b.nr == -1 && b.wait == WAIT_FOR_NONE);
		return;
	}
	if (!b.known)
		return;
	printed = print_again(&b);
	require(proc_syscall_parse(printed, strlen(printed), ABI_GUESS, &again) == 0);
	require(again.known && again.running == b.running && again.nr == b.nr);
	require(again.name == b.name && again.wait == b.wait && again.id == b.id);
	require(again.options == b.options && again.address == b.address);
}

/* Any registers that a task can have in a wait */
static void any_wait(const uint8_t *data, size_t size)
{
	static const long calls[] = { SYS_wait4, SYS_waitid, SYS_rt_sigtimedwait, SYS_read };
	uint64_t arg[6] = { 0 };
	auto_free char *text = NULL;
	struct blocked_in b;
	long nr;

	if (size == 0)
		return;
	nr = calls[*data % ARRAY_SIZE(calls)];
	memcpy(arg, data + 1, size - 1 < sizeof(arg) ? size - 1 : sizeof(arg));
	text = line_of(nr, arg);
	require(proc_syscall_parse(text, strlen(text), ABI_GUESS, &b) == 0);
	require(b.known && b.nr == nr);
	require_sense(&b);
	if (nr == SYS_wait4 && (int)arg[0] > 0)
		require(b.wait == WAIT_FOR_PID && b.id == (int)arg[0]);
	if (nr == SYS_wait4 && (int)arg[0] == -1)
		require(b.wait == WAIT_FOR_ANY);
	if (nr == SYS_read)
		require(b.wait == WAIT_FOR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_text(data, size);
	any_wait(data, size);
	return 0;
}
