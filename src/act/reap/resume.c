/* SPDX-License-Identifier: MIT */
#include "act/reap/resume.h"

#include <linux/futex.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/base.h"

/* Linux include/uapi/linux/io_uring.h, which may be older here: its last argument names a limit */
#define ENTER_EXT_ARG (1U << 3)

/* Of these nothing is ever noticed: ERESTARTSYS, ERESTARTNOHAND, ERESTARTNOINTR, RESTARTBLOCK */
static const int by_themselves[] = {
#ifdef SYS_pause
	SYS_pause,	     SYS_poll,
	SYS_select,	     SYS_open,
#endif
	SYS_restart_syscall, SYS_nanosleep,
	SYS_clock_nanosleep, SYS_ppoll,
	SYS_pselect6,	     SYS_rt_sigsuspend,
	SYS_futex,	     SYS_wait4,
	SYS_waitid,	     SYS_read,
	SYS_readv,	     SYS_pread64,
	SYS_preadv,	     SYS_preadv2,
	SYS_accept,	     SYS_accept4,
	SYS_connect,	     SYS_recvmsg,
	SYS_recvfrom,	     SYS_msgrcv,
	SYS_msgsnd,	     SYS_mq_timedreceive,
	SYS_mq_timedsend,    SYS_flock,
	SYS_fcntl,	     SYS_openat,
	SYS_openat2,
#ifdef SYS_futex_waitv
	SYS_futex_waitv,
#endif
#ifdef SYS_futex_wait
	SYS_futex_wait,
#endif
};

/* SO_RCVTIMEO, SO_SNDTIMEO: socket(7); also through read and write */
static const int on_sockets[] = {
	SYS_accept, SYS_accept4, SYS_connect, SYS_recvfrom, SYS_recvmsg, SYS_read, SYS_readv,
};

/* Of these half may be done already: a short count comes back */
static const int in_parts[] = {
	SYS_write,  SYS_writev,	  SYS_pwrite64, SYS_pwritev,	     SYS_pwritev2,
	SYS_sendto, SYS_sendmsg,  SYS_sendmmsg, SYS_sendfile,	     SYS_splice,
	SYS_tee,    SYS_vmsplice, SYS_recvmmsg, SYS_copy_file_range,
};

/* EINTR; without a limit where that argument, a pointer or a number of milliseconds, says so */
static const struct limited {
	int nr;
	enum { NO_LIMIT, POINTER, MILLISECONDS, RING } limit;
	unsigned argument;
} limited[] = {
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, MILLISECONDS, 3 },
#endif
	{ SYS_epoll_pwait, MILLISECONDS, 3 },
#ifdef SYS_epoll_pwait2
	{ SYS_epoll_pwait2, POINTER, 3 },
#endif
	{ SYS_rt_sigtimedwait, POINTER, 2 },  { SYS_semop, NO_LIMIT, 0 },
	{ SYS_semtimedop, POINTER, 3 },	      { SYS_io_getevents, POINTER, 4 },
#ifdef SYS_io_pgetevents
	{ SYS_io_pgetevents, POINTER, 4 },
#endif
#ifdef SYS_io_uring_enter
	{ SYS_io_uring_enter, RING, 3 },
#endif
};

static bool is_in(const int *list, size_t n, int nr)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == nr)
			return true;
	return false;
}

static bool has_no_limit(const struct limited *l, const uint64_t args[static 6])
{
	const uint64_t argument = args[l->argument];

	switch (l->limit) {
	case POINTER:
		return argument == 0;
	case MILLISECONDS:
		return (int)argument < 0;
	case RING:
		return !(argument & ENTER_EXT_ARG);
	default:
		return true;
	}
}

/* Told to wait until all has come, it gives what came so far */
static bool waits_for_all(int nr, const uint64_t args[static 6])
{
	return (nr == SYS_recvfrom && args[3] & MSG_WAITALL) ||
	       (nr == SYS_recvmsg && args[2] & MSG_WAITALL);
}

enum resume resume_of(int nr, const uint64_t args[static 6])
{
	if (nr < 0)
		return RESUME_RUNNING;
	if (is_in(by_themselves, ARRAY_SIZE(by_themselves), nr))
		return waits_for_all(nr, args) ? RESUME_LIMITED : RESUME_ITSELF;
	if (is_in(in_parts, ARRAY_SIZE(in_parts), nr))
		return RESUME_LIMITED;
	for (size_t i = 0; i < ARRAY_SIZE(limited); i++)
		if (limited[i].nr == nr)
			return has_no_limit(&limited[i], args) ? RESUME_ANEW : RESUME_LIMITED;
	return RESUME_UNKNOWN;
}

/* What is left of it is written back; where that cannot be: EINTR (Linux fs/select.c:poll_select_finish()) */
static bool has_limit_in_memory(int nr, const uint64_t args[static 6])
{
#ifdef SYS_select
	if (nr == SYS_select)
		return args[4] != 0;
#endif
	return (nr == SYS_pselect6 && args[4]) || (nr == SYS_ppoll && args[2]);
}

bool resume_may_fail(int nr, const uint64_t args[static 6])
{
	return resume_of(nr, args) != RESUME_ITSELF ||
	       is_in(on_sockets, ARRAY_SIZE(on_sockets), nr) || has_limit_in_memory(nr, args);
}

bool resume_by_block(int nr, const uint64_t args[static 6])
{
	int command;

	switch (nr) {
	case SYS_restart_syscall:
	case SYS_nanosleep:
		return true;
	case SYS_clock_nanosleep:
		return !(args[1] & TIMER_ABSTIME);
	case SYS_futex:
		command = (int)args[1] & FUTEX_CMD_MASK;
		return args[3] && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET);
	default:
		return false;
	}
}
