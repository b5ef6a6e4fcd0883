/* SPDX-License-Identifier: MIT */
#include "zoo_checked.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_guarded.h"

enum { SUM_STEPS = 4000 };

static struct checked *shared;

/* What the parent waits for, besides limits */
struct ticks {
	int epoll, pipe[2], semaphore;
};

static void check(int kind, long nr, const uint64_t args[static 6], int64_t expected)
{
	static struct guarded g;

	guarded_call(&g, nr, args);
	shared->broken += (uint64_t)guarded_broken(&g);
	if (g.result == expected)
		return;
	/* those that coroner makes anew; all others go on by themselves */
	if (g.result == -EINTR && (nr == SYS_epoll_pwait || nr == SYS_semop))
		shared->interrupted++;
	else
		shared->wrong++;
	shared->last_kind = kind;
	shared->last_result = g.result;
}

#define A(x) ((uint64_t)(uintptr_t)(x))
#define CHECK(kind, nr, expected, ...) check(kind, nr, (const uint64_t[6]){ __VA_ARGS__ }, expected)

static void one_round(const struct ticks *ticks, uint64_t sum)
{
	static struct epoll_event event;
	static struct timespec limit;
	static char byte;
	static struct sembuf take = { .sem_op = -1 };
	struct pollfd nothing = { .fd = -1 };

	limit = (struct timespec){ .tv_nsec = 150000 };
	CHECK(1, SYS_nanosleep, 0, A(&limit), 0);
	limit = (struct timespec){ .tv_nsec = 150000 };
	CHECK(2, SYS_ppoll, 0, A(&nothing), 1, A(&limit), 0, 0);
	limit = (struct timespec){ .tv_nsec = 150000 };
	CHECK(3, SYS_futex, -ETIMEDOUT, A(&shared->never), FUTEX_WAIT, 0, A(&limit));
	CHECK(4, SYS_epoll_pwait, 1, (uint64_t)ticks->epoll, A(&event), 1, UINT64_MAX, 0, 0);
	CHECK(5, SYS_read, 1, (uint64_t)ticks->pipe[0], A(&byte), 1);
	CHECK(6, SYS_semop, 0, (uint64_t)ticks->semaphore, A(&take), 1);
	CHECK(7, SYS_getppid, getppid(), 0);
	if (guarded_sum(42, SUM_STEPS) != sum) {
		shared->wrong++;
		shared->last_kind = 8;
	}
	shared->rounds++;
}

/* Longer than a round, so that both are waited for */
_Noreturn static void tick(const struct ticks *ticks)
{
	struct sembuf give = { .sem_op = 1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (write(ticks->pipe[1], "t", 1) != 1)
			_exit(1);
		usleep(1500);
		if (semop(ticks->semaphore, &give, 1))
			_exit(1);
		usleep(1500);
	}
}

/* For every byte a batch */
_Noreturn static void make_zombies(long zombies, int orders)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(orders, &byte, 1) == 1) {
		zoo_orphans(zombies, false);
		shared->made++;
	}
	_exit(0);
}

/* In an IPC namespace of its own, which ends with it; and 0, the first one, is nobody's */
static void make_ticks(struct ticks *ticks)
{
	struct epoll_event event = { .events = EPOLLIN };

	ticks->epoll = epoll_create1(0);
	if (pipe(ticks->pipe) || epoll_ctl(ticks->epoll, EPOLL_CTL_ADD, ticks->pipe[0], &event))
		zoo_die("epoll");
	fcntl(ticks->pipe[1], F_SETPIPE_SZ, 4096);
	if (unshare(CLONE_NEWIPC) || semctl(semget(IPC_PRIVATE, 1, 0600), 0, IPC_RMID) < 0)
		zoo_die("IPC namespace");
	ticks->semaphore = semget(IPC_PRIVATE, 1, 0600);
	if (ticks->semaphore <= 0)
		zoo_die("semget");
}

_Noreturn void checked_parent(struct checked *with, long zombies, int orders)
{
	uint64_t sum = guarded_sum(42, SUM_STEPS);
	struct ticks ticks;

	shared = with;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	make_ticks(&ticks);
	if (fork() == 0)
		tick(&ticks);
	if (fork() == 0)
		make_zombies(zombies, orders);
	for (;;)
		one_round(&ticks, sum);
}
