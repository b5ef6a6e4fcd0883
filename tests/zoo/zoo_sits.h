/* SPDX-License-Identifier: MIT */
/* The system calls that a parent of sits.c can sit in: what each needs, and what wakes it. */
#ifndef ZOO_SITS_H
#define ZOO_SITS_H

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

/* All that a call may need, shared with the one who wakes it */
struct sitting {
	int fds[2]; /* a pipe, or sockets */
	int other;  /* epoll, a semaphore, a queue of messages */
	uint32_t *word;
	struct pollfd polled;
	fd_set set;
	struct epoll_event event;
	struct timespec limit;
	struct timeval limit_us;
	uint64_t mask;
	struct {
		const uint64_t *mask;
		size_t size;
	} masked;
	struct {
		long type;
		char text[8];
	} message;
	struct sembuf down;
	aio_context_t aio;
	struct io_event aio_event;
	char *ring;
	struct io_uring_sqe *entries;
	uint32_t *tail, *array;
	siginfo_t info;
	struct iovec part;
	struct msghdr header;
	struct sockaddr_un address;
	socklen_t address_size;
	struct flock lock;
	struct futex_word {
		uint64_t value, address;
		uint32_t flags, reserved;
	} waited; /* struct futex_waitv of Linux 5.16 */
	char path[256];
	char byte, page[8192];
	pid_t child;
};

extern struct sitting at;

/* No call that can be made with all registers guarded */
enum { VFORK = -1, BUSY = -2, RSEQ = -3, VSYSCALL = -4, OLD_GATE = -5 };

struct sit {
	const char *how;
	long nr;
	void (*make)(void);
	void (*wake)(void);
	struct {
		enum { IS, FD, FD_OUT, OTHER, WORD, CHILD, SIZE } what;
		uint64_t value;
	} args[6];
};

/* Does nothing: what needs no making, or no waking. */
void sits_nothing(void);
/* The one of that name, or NULL: of all, of the table in zoo_sits_more.c. */
const struct sit *sit_find(const char *how);
const struct sit *sit_find_more(const char *how);
void sits_pipe(void);
void sits_wake_pipe(void);
void sits_sockets(void);
void sits_listener(void);
void sits_wake_listener(void);
void sits_word(void);
void sits_wake_word(void);
void sits_epoll(void);
void sits_queue(void);
/* The value of its argument i, once it was made. */
uint64_t sit_argument(const struct sit *sit, int i);

/* The parent gets queued signals all the time: how many came, and how many of them out of turn. */
extern long received, disorder;
bool sends_signals(void);

/* Whether the file of --wake is there. */
bool sits_woken(void);

/* zoo_awake.c: compute until woken, in a way that a tracer may break. Returns what was wrong, 0: nothing. */
long awake(long how);

#endif
