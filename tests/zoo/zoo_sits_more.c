/* SPDX-License-Identifier: MIT */
/* More calls that a parent of sits.c can sit in: locks, queues, connections, and those of newer kernels. */
#include <errno.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_sits.h"

#define A(x) ((uint64_t)(uintptr_t)(x))

/* Linux include/uapi/asm-generic/unistd.h: the same on both architectures, and newer than some headers */
enum { NR_EPOLL_PWAIT2 = 441, NR_FUTEX_WAITV = 449 };

static void make_part(void)
{
	sits_sockets();
	at.part = (struct iovec){ &at.byte, 1 };
	at.header = (struct msghdr){ .msg_iov = &at.part, .msg_iovlen = 1 };
}

/* One who waits to be accepted fills it */
static void make_full_listener(void)
{
	at.address.sun_family = AF_UNIX;
	at.address_size = sizeof(sa_family_t);
	at.other = socket(AF_UNIX, SOCK_STREAM, 0);
	at.fds[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	at.fds[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	/* the kernel finds a name */
	if (bind(at.other, (struct sockaddr *)&at.address, at.address_size) || listen(at.other, 0))
		zoo_die("listen");
	at.address_size = sizeof(at.address);
	if (getsockname(at.other, (struct sockaddr *)&at.address, &at.address_size) ||
	    connect(at.fds[1], (struct sockaddr *)&at.address, at.address_size))
		zoo_die("connect");
}

static void wake_by_accepting(void)
{
	if (accept(at.other, NULL, NULL) < 0)
		zoo_die("accept");
}

/* Two descriptions of one file, so that one can be locked against the other */
static void make_two_openings(void)
{
	char path[64];

	at.fds[0] = memfd_create("locked", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at.fds[0]);
	at.fds[1] = open(path, O_RDWR);
	if (at.fds[0] < 0 || at.fds[1] < 0)
		zoo_die(path);
	at.lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static void make_flock(void)
{
	make_two_openings();
	if (flock(at.fds[1], LOCK_EX))
		zoo_die("flock");
}

static void wake_flock(void)
{
	flock(at.fds[1], LOCK_UN);
}

static void make_range_lock(void)
{
	make_two_openings();
	if (fcntl(at.fds[1], F_OFD_SETLK, &at.lock))
		zoo_die("F_OFD_SETLK");
}

static void wake_range_lock(void)
{
	struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (fcntl(at.fds[1], F_OFD_SETLK, &none))
		zoo_die("F_OFD_SETLK");
}

static void make_fifo(void)
{
	snprintf(at.path, sizeof(at.path), "%s.fifo", zoo_text("--wake", "/tmp/coroner-zoo"));
	unlink(at.path);
	if (mkfifo(at.path, 0666))
		zoo_die(at.path);
}

static void wake_fifo(void)
{
	if (open(at.path, O_WRONLY) < 0)
		zoo_die(at.path);
	unlink(at.path);
}

static void make_full_queue(void)
{
	sits_queue();
	while (msgsnd(at.other, &at.message, sizeof(at.message.text), IPC_NOWAIT) == 0)
		;
	if (errno != EAGAIN)
		zoo_die("msgsnd");
}

static void wake_full_queue(void)
{
	if (msgrcv(at.other, &at.message, sizeof(at.message.text), 0, 0) < 0)
		zoo_die("msgrcv");
}

/* Nobody else knows it by its name */
static void make_posix_queue(void)
{
	struct mq_attr shape = { .mq_maxmsg = 1, .mq_msgsize = sizeof(at.page) };
	char name[32];

	snprintf(name, sizeof(name), "coroner-zoo-%d", getpid());
	at.other = (int)syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, &shape);
	if (at.other < 0 || syscall(SYS_mq_unlink, name))
		zoo_die("mq_open");
}

static void make_full_posix_queue(void)
{
	make_posix_queue();
	if (syscall(SYS_mq_timedsend, at.other, at.page, 1, 0, NULL))
		zoo_die("mq_timedsend");
}

static void fill_posix_queue(void)
{
	if (syscall(SYS_mq_timedsend, at.other, at.page, 5, 0, NULL))
		zoo_die("mq_timedsend");
}

static void empty_posix_queue(void)
{
	if (syscall(SYS_mq_timedreceive, at.other, at.page, sizeof(at.page), NULL, NULL) < 0)
		zoo_die("mq_timedreceive");
}

static void make_waited_word(void)
{
	sits_word();
	at.waited = (struct futex_word){ .address = A(at.word), .flags = 2 /* 32 bits */ };
}

static void make_deadline(void)
{
	const long ms = zoo_number("--limit-ms", 2500);

	clock_gettime(CLOCK_MONOTONIC, &at.limit);
	at.limit.tv_sec += ms / 1000 + 1; /* it sits down a while after this */
	at.limit.tv_nsec += ms % 1000 * 1000000;
	at.limit.tv_sec += at.limit.tv_nsec / 1000000000;
	at.limit.tv_nsec %= 1000000000;
}

/* A limit that the kernel cannot write back what is left of: then it says EINTR, whatever signal(7) says */
static void make_read_only_limit(void)
{
	struct timespec *limit =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sits_pipe();
	if (limit == MAP_FAILED)
		zoo_die("mmap");
	*limit = (struct timespec){ .tv_sec = 600 };
	at.word = (uint32_t *)limit;
	if (mprotect(limit, 4096, PROT_READ))
		zoo_die("mprotect");
}

/* Of two pages there is room for one */
static void make_nearly_full_pipe(void)
{
	sits_pipe();
	if (fcntl(at.fds[1], F_SETPIPE_SZ, 8192) != 8192 || write(at.fds[1], at.page, 4096) != 4096)
		zoo_die("F_SETPIPE_SZ");
	at.part = (struct iovec){ at.page, sizeof(at.page) };
}

static void make_full_pipe(void)
{
	make_nearly_full_pipe();
	if (write(at.fds[1], at.page, 4096) != 4096)
		zoo_die("write");
}

static void empty_pipe(void)
{
	if (read(at.fds[0], at.page, 4096) != 4096)
		zoo_die("read");
}

static const struct sit more[] = {
	{ "readv",
	  SYS_readv,
	  make_part,
	  sits_wake_pipe,
	  { { FD, 0 }, { IS, A(&at.part) }, { IS, 1 } } },
	{ "recvmsg", SYS_recvmsg, make_part, sits_wake_pipe, { { FD, 0 }, { IS, A(&at.header) } } },
	{ "accept4", SYS_accept4, sits_listener, sits_wake_listener, { { FD, 0 } } },
	{ "connect",
	  SYS_connect,
	  make_full_listener,
	  wake_by_accepting,
	  { { FD, 0 }, { IS, A(&at.address) }, { SIZE, 0 } } },
	{ "flock", SYS_flock, make_flock, wake_flock, { { FD, 0 }, { IS, LOCK_EX } } },
	{ "fcntl",
	  SYS_fcntl,
	  make_range_lock,
	  wake_range_lock,
	  { { FD, 0 }, { IS, F_OFD_SETLKW }, { IS, A(&at.lock) } } },
	{ "openat",
	  SYS_openat,
	  make_fifo,
	  wake_fifo,
	  { { IS, (uint64_t)AT_FDCWD }, { IS, A(at.path) }, { IS, O_RDONLY } } },
	{ "msgsnd",
	  SYS_msgsnd,
	  make_full_queue,
	  wake_full_queue,
	  { { OTHER, 0 }, { IS, A(&at.message) }, { IS, sizeof(at.message.text) } } },
	{ "mq_timedreceive",
	  SYS_mq_timedreceive,
	  make_posix_queue,
	  fill_posix_queue,
	  { { OTHER, 0 }, { IS, A(at.page) }, { IS, sizeof(at.page) } } },
	{ "mq_timedsend",
	  SYS_mq_timedsend,
	  make_full_posix_queue,
	  empty_posix_queue,
	  { { OTHER, 0 }, { IS, A(at.page) }, { IS, 1 } } },
	{ "futex_waitv",
	  NR_FUTEX_WAITV,
	  make_waited_word,
	  sits_wake_word,
	  { { IS, A(&at.waited) }, { IS, 1 } } },
	{ "clock_nanosleep-until",
	  SYS_clock_nanosleep,
	  make_deadline,
	  sits_nothing,
	  { { IS, CLOCK_MONOTONIC }, { IS, TIMER_ABSTIME }, { IS, A(&at.limit) } } },
	{ "epoll_pwait2",
	  NR_EPOLL_PWAIT2,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 } } },
	{ "epoll_pwait2-limit",
	  NR_EPOLL_PWAIT2,
	  sits_epoll,
	  sits_wake_pipe,
	  { { OTHER, 0 }, { IS, A(&at.event) }, { IS, 1 }, { IS, A(&at.limit) } } },
	{ "ppoll-read-only",
	  SYS_ppoll,
	  make_read_only_limit,
	  sits_wake_pipe,
	  { { IS, A(&at.polled) }, { IS, 1 }, { WORD, 0 } } },
	{ "pselect6-read-only",
	  SYS_pselect6,
	  make_read_only_limit,
	  sits_wake_pipe,
	  { { IS, 64 }, { IS, A(&at.set) }, { 0 }, { 0 }, { WORD, 0 } } },
	{ "write",
	  SYS_write,
	  make_full_pipe,
	  empty_pipe,
	  { { FD_OUT, 0 }, { IS, A(at.page) }, { IS, 1 } } },
	{ "write-part",
	  SYS_write,
	  make_nearly_full_pipe,
	  empty_pipe,
	  { { FD_OUT, 0 }, { IS, A(at.page) }, { IS, sizeof(at.page) } } },
	{ "writev-part",
	  SYS_writev,
	  make_nearly_full_pipe,
	  empty_pipe,
	  { { FD_OUT, 0 }, { IS, A(&at.part) }, { IS, 1 } } },
};

const struct sit *sit_find_more(const char *how)
{
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (!strcmp(more[i].how, how))
			return &more[i];
	return NULL;
}
