/* SPDX-License-Identifier: MIT */
/*
 * The calls that a parent of sits.c can sit in. Longer than 400 lines: half of it is the table of them, whose rows
 * need what is made above it; zoo_sits_more.c has those that came later.
 */
#include "zoo_sits.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

struct sitting at;

static const uint64_t usr1 = UINT64_C(1) << (SIGUSR1 - 1);

#define A(x) ((uint64_t)(uintptr_t)(x))

/* How many were sent (shared), how many came, and how many of them out of turn */
long received, disorder;

void sits_pipe(void)
{
	if (pipe(at.fds))
		zoo_die("pipe");
	at.polled = (struct pollfd){ .fd = at.fds[0], .events = POLLIN };
	FD_ZERO(&at.set);
	FD_SET(at.fds[0], &at.set);
}

void sits_wake_pipe(void)
{
	if (write(at.fds[1], "x", 1) != 1)
		zoo_die("write");
}

void sits_epoll(void)
{
	sits_pipe();
	at.other = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(at.other, EPOLL_CTL_ADD, at.fds[0],
		      &(struct epoll_event){ .events = EPOLLIN }))
		zoo_die("epoll_ctl");
}

void sits_listener(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	at.fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(at.fds[0], (struct sockaddr *)&address, len) || listen(at.fds[0], 1) ||
	    getsockname(at.fds[0], (struct sockaddr *)&address, &len))
		zoo_die("listen");
	at.other = address.sin_port;
}

void sits_wake_listener(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = (in_port_t)at.other };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(at.fds[1], (struct sockaddr *)&address, sizeof(address)))
		zoo_die("connect");
}

void sits_sockets(void)
{
	const struct timeval limit = { .tv_sec = 600 };

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, at.fds))
		zoo_die("socketpair");
	if (zoo_how("recv-limit") &&
	    setsockopt(at.fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		zoo_die("SO_RCVTIMEO");
}

void sits_word(void)
{
	at.word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at.word == MAP_FAILED)
		zoo_die("mmap");
}

void sits_wake_word(void)
{
	*at.word = 1;
	syscall(SYS_futex, at.word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void sits_queue(void)
{
	at.other = msgget(IPC_PRIVATE, 0600);
	at.message.type = 1;
}

static void wake_queue(void)
{
	if (msgsnd(at.other, &at.message, 1, 0))
		zoo_die("msgsnd");
}

static void make_semaphore(void)
{
	at.other = semget(IPC_PRIVATE, 1, 0600);
	at.down = (struct sembuf){ .sem_op = -1 };
}

static void wake_semaphore(void)
{
	if (semop(at.other, &(struct sembuf){ .sem_op = 1 }, 1))
		zoo_die("semop");
}

static void make_aio(void)
{
	sits_pipe();
	if (syscall(SYS_io_setup, 1, &at.aio))
		zoo_die("io_setup");
}

/* A ring without anything in it; a no-op that another process submits is what it waits for */
static void make_ring(void)
{
	struct io_uring_params params = { 0 };
	size_t size;

	at.other = (int)syscall(SYS_io_uring_setup, 4, &params);
	if (at.other < 0)
		zoo_die("io_uring_setup");
	size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	at.ring =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, at.other, IORING_OFF_SQ_RING);
	at.entries = mmap(NULL, params.sq_entries * sizeof(*at.entries), PROT_READ | PROT_WRITE,
			  MAP_SHARED, at.other, IORING_OFF_SQES);
	if (at.ring == MAP_FAILED || (void *)at.entries == MAP_FAILED)
		zoo_die("mmap of a ring");
	at.tail = (uint32_t *)(at.ring + params.sq_off.tail);
	at.array = (uint32_t *)(at.ring + params.sq_off.array);
}

static void wake_ring(void)
{
	at.entries[0] = (struct io_uring_sqe){ .opcode = IORING_OP_NOP };
	at.array[0] = 0;
	__atomic_store_n(at.tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, at.other, 1, 0, 0, NULL, 0) != 1)
		zoo_die("io_uring_enter");
}

static void make_sigset(void)
{
	sigset_t set;

	at.mask = usr1;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void on_signal(int signal_number)
{
	(void)signal_number;
}

static void make_handler(void)
{
	at.masked.mask = &at.mask;
	at.masked.size = sizeof(at.mask);
	signal(SIGUSR1, on_signal);
}

/* The signal is blocked but in the call itself */
static void make_masked(void)
{
	make_sigset();
	make_handler();
	at.mask = 0;
}

static void wake_by_signal(void)
{
	syscall(SYS_tgkill, getppid(), getppid(), SIGUSR1);
}

/* The one that is waited for is the one that wakes */
static void wake_by_ending(void)
{
	_exit(3);
}

static void make_limit(void)
{
	const long ms = zoo_number("--limit-ms", 2500);

	sits_pipe();
	at.limit = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	at.limit_us = (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static void make_word_limit(void)
{
	sits_word();
	make_limit();
}

static void on_queued(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)context;
	disorder += info->si_value.sival_int != received++;
}

static void make_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO };

	if (zoo_how("signals-restart"))
		action.sa_flags |= SA_RESTART;
	sigaction(SIGRTMIN, &action, NULL);
	sits_pipe();
	sits_word();
}

bool sends_signals(void)
{
	return zoo_how("signals") || zoo_how("signals-restart");
}

void sits_nothing(void)
{
}

static const struct sit sits[] = {
	{ "nanosleep", SYS_nanosleep, make_limit, sits_nothing, { { IS, A(&at.limit) } } },
	{ "clock_nanosleep",
	  SYS_clock_nanosleep,
	  make_limit,
	  sits_nothing,
	  { { IS, CLOCK_MONOTONIC }, { IS, 0 }, { IS, A(&at.limit) } } },
#ifdef SYS_pause
	{ "pause", SYS_pause, make_handler, wake_by_signal, { { 0 } } },
	{ "poll",
	  SYS_poll,
	  sits_pipe,
	  sits_wake_pipe,
	  { { IS, A(&at.polled) }, { IS, 1 }, { IS, UINT64_MAX } } },
	{ "poll-limit",
	  SYS_poll,
	  make_limit,
	  sits_nothing,
	  { { IS, A(&at.polled) }, { IS, 1 }, { IS, 2500 } } },
	{ "select", SYS_select, sits_pipe, sits_wake_pipe, { { IS, 64 }, { IS, A(&at.set) } } },
	{ "select-limit",
	  SYS_select,
	  make_limit,
	  sits_nothing,
	  { { IS, 64 }, { IS, A(&at.set) }, { 0 }, { 0 }, { IS, A(&at.limit_us) } } },
	{ "epoll_wait",
	  SYS_epoll_wait,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 }, { IS, UINT64_MAX } } },
	{ "epoll_wait-limit",
	  SYS_epoll_wait,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 }, { IS, 600000 } } },
#endif
	{ "ppoll", SYS_ppoll, sits_pipe, sits_wake_pipe, { { IS, A(&at.polled) }, { IS, 1 } } },
	{ "ppoll-limit",
	  SYS_ppoll,
	  make_limit,
	  sits_nothing,
	  { { IS, A(&at.polled) }, { IS, 1 }, { IS, A(&at.limit) } } },
	{ "ppoll-mask",
	  SYS_ppoll,
	  make_masked,
	  wake_by_signal,
	  { { IS, A(&at.polled) }, { IS, 0 }, { 0 }, { IS, A(&at.mask) }, { IS, 8 } } },
	{ "pselect6", SYS_pselect6, sits_pipe, sits_wake_pipe, { { IS, 64 }, { IS, A(&at.set) } } },
	{ "pselect6-limit",
	  SYS_pselect6,
	  make_limit,
	  sits_nothing,
	  { { IS, 64 }, { IS, A(&at.set) }, { 0 }, { 0 }, { IS, A(&at.limit) } } },
	{ "epoll_pwait",
	  SYS_epoll_pwait,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 }, { IS, UINT64_MAX } } },
	{ "epoll_pwait-limit",
	  SYS_epoll_pwait,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 }, { IS, 600000 } } },
	{ "read",
	  SYS_read,
	  sits_pipe,
	  sits_wake_pipe,
	  { { FD, 0 }, { IS, A(&at.byte) }, { IS, 1 } } },
	{ "accept", SYS_accept, sits_listener, sits_wake_listener, { { FD, 0 } } },
	{ "recv",
	  SYS_recvfrom,
	  sits_sockets,
	  sits_wake_pipe,
	  { { FD, 0 }, { IS, A(&at.byte) }, { IS, 1 } } },
	{ "recv-limit",
	  SYS_recvfrom,
	  sits_sockets,
	  sits_wake_pipe,
	  { { FD, 0 }, { IS, A(&at.byte) }, { IS, 1 } } },
	{ "futex", SYS_futex, sits_word, sits_wake_word, { { WORD, 0 }, { IS, FUTEX_WAIT } } },
	{ "futex-limit",
	  SYS_futex,
	  make_word_limit,
	  sits_nothing,
	  { { WORD, 0 }, { IS, FUTEX_WAIT }, { IS, 0 }, { IS, A(&at.limit) } } },
	{ "io_getevents",
	  SYS_io_getevents,
	  make_aio,
	  sits_nothing,
	  { { OTHER, 1 }, { IS, 1 }, { IS, 1 }, { IS, A(&at.aio_event) } } },
	{ "io_getevents-limit",
	  SYS_io_getevents,
	  make_aio,
	  sits_nothing,
	  { { OTHER, 1 }, { IS, 1 }, { IS, 1 }, { IS, A(&at.aio_event) }, { IS, A(&at.limit) } } },
	{ "io_uring_enter",
	  SYS_io_uring_enter,
	  make_ring,
	  wake_ring,
	  { { OTHER, 0 }, { IS, 0 }, { IS, 1 }, { IS, IORING_ENTER_GETEVENTS } } },
	{ "msgrcv",
	  SYS_msgrcv,
	  sits_queue,
	  wake_queue,
	  { { OTHER, 0 }, { IS, A(&at.message) }, { IS, 8 }, { 0 }, { 0 } } },
	{ "semop",
	  SYS_semop,
	  make_semaphore,
	  wake_semaphore,
	  { { OTHER, 0 }, { IS, A(&at.down) }, { IS, 1 } } },
	{ "semtimedop",
	  SYS_semtimedop,
	  make_semaphore,
	  wake_semaphore,
	  { { OTHER, 0 }, { IS, A(&at.down) }, { IS, 1 }, { IS, A(&at.limit) } } },
	{ "sigtimedwait",
	  SYS_rt_sigtimedwait,
	  make_sigset,
	  wake_by_signal,
	  { { IS, A(&at.mask) }, { IS, A(&at.info) }, { IS, 0 }, { IS, 8 } } },
	{ "sigtimedwait-limit",
	  SYS_rt_sigtimedwait,
	  make_sigset,
	  wake_by_signal,
	  { { IS, A(&at.mask) }, { IS, A(&at.info) }, { IS, A(&at.limit) }, { IS, 8 } } },
	{ "sigsuspend",
	  SYS_rt_sigsuspend,
	  make_masked,
	  wake_by_signal,
	  { { IS, A(&at.mask) }, { IS, 8 } } },
	{ "wait4", SYS_wait4, sits_nothing, wake_by_ending, { { CHILD, 0 } } },
	{ "waitid",
	  SYS_waitid,
	  sits_nothing,
	  wake_by_ending,
	  { { IS, P_PID }, { CHILD, 0 }, { IS, A(&at.info) }, { IS, WEXITED } } },
	{ "signals", SYS_ppoll, make_signals, sits_nothing, { { 0 } } },
	{ "signals-restart",
	  SYS_read,
	  make_signals,
	  sits_wake_pipe,
	  { { FD, 0 }, { IS, A(&at.byte) }, { IS, 1 } } },
	{ "busy", BUSY, sits_nothing, sits_nothing, { { 0 } } },
	{ "rseq", RSEQ, sits_nothing, sits_nothing, { { 0 } } },
#ifdef __x86_64__
	{ "vsyscall", VSYSCALL, sits_nothing, sits_nothing, { { 0 } } },
	{ "old-gate", OLD_GATE, sits_nothing, sits_nothing, { { 0 } } },
#endif
	{ "vfork", VFORK, sits_nothing, wake_by_ending, { { 0 } } },
};

const struct sit *sit_find(const char *how)
{
	for (size_t i = 0; i < sizeof(sits) / sizeof(*sits); i++)
		if (!strcmp(sits[i].how, how))
			return &sits[i];
	return sit_find_more(how);
}

uint64_t sit_argument(const struct sit *sit, int i)
{
	switch (sit->args[i].what) {
	case FD:
		return (uint64_t)at.fds[0];
	case FD_OUT:
		return (uint64_t)at.fds[1];
	case OTHER:
		return sit->args[i].value ? at.aio : (uint64_t)at.other;
	case WORD:
		return A(at.word);
	case CHILD:
		return (uint64_t)at.child;
	case SIZE:
		return at.address_size;
	default:
		return sit->args[i].value;
	}
}
