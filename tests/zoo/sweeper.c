/* SPDX-License-Identifier: MIT */
/*
 * A parent that reaps all it has, but only every --every MS milliseconds, and then makes one child that
 * ends at once: there is always one zombie, never older than that.
 * --how poll|sleep: it sleeps in between with a time limit; alarm: in pause(2), which a timer's signal ends;
 * timerfd: in read(2) of a timer; read: of a pipe that another process writes to; epoll: that waits for a socket
 * that another process writes to; usr1: in pause(2), which another process ends by SIGUSR1; usr1-nap: the same of a
 * sleep of an hour; sem: on a semaphore that it shares with another process; notify: on one that a function of
 * timer_create(2) posts; sigwait: for a timer's signal; child: in a wait for one child that does not end before;
 * steps: it runs every 50 ms meanwhile; thread: as sleep, and a second thread runs every 20 ms; turns: it and a
 * second thread compute in turns, one asleep without a time limit while the other runs.
 * --init: it is the init of a PID namespace, and what it reaps are strangers that it adopted, whose
 * session leader lives.
 */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static int to_nursery = -1;
static int timer = -1;
static int lines = -1;
static int watch = -1;
static sem_t *semaphore; /* shared with other processes, or with none */

static void nap(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void *run_often(void *unused)
{
	for (;;)
		nap(20);
	return unused;
}

static sem_t turn[2];

static void compute(long us)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000 + (now.tv_nsec - from.tv_nsec) / 1000 < us);
}

static void *take_turns(void *unused)
{
	for (;;) {
		sem_wait(&turn[0]);
		compute(200);
		sem_post(&turn[1]);
	}
	return unused;
}

static void on_alarm(int number)
{
	(void)number;
}

/* One orphan for each byte, which ends as soon as it is one */
static void nursery_main(int orders)
{
	char byte;

	setsid();
	while (read(orders, &byte, 1) == 1) {
		pid_t middle = zoo_fork();

		if (middle == 0) {
			middle = getpid();
			if (zoo_fork() == 0) {
				int looks = 0;

				prctl(PR_SET_PDEATHSIG, 0);
				while (getppid() == middle)
					zoo_look_again(&looks, "an adoption");
			}
			_exit(0);
		}
		waitpid(middle, NULL, 0);
	}
	_exit(0);
}

/* The nursery leads a session and is no child of the init, so that adoptions are proven */
static void start_nursery(void)
{
	int fds[2];

	if (pipe(fds))
		zoo_die("pipe");
	to_nursery = fds[1];
	if (zoo_fork() == 0) {
		close(fds[1]);
		if (zoo_fork() == 0)
			nursery_main(fds[0]);
		zoo_sleep();
	}
	close(fds[0]);
}

static void make_one(void)
{
	if (to_nursery >= 0) {
		if (write(to_nursery, "x", 1) != 1)
			zoo_die("write to the nursery");
	} else if (zoo_fork() == 0) {
		_exit(0);
	}
}

static bool is_called(void)
{
	return zoo_how("usr1") || zoo_how("usr1-nap");
}

/* Somebody else, who writes every now and then, or sends a signal */
static void start_writer(long ms)
{
	const pid_t sweeper = getpid();
	int fds[2];

	if (zoo_how("epoll") ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds))
		zoo_die("pipe");
	lines = fds[0];
	if (zoo_fork() == 0) {
		close(fds[0]);
		for (;;) {
			nap(ms);
			if (zoo_how("sem"))
				sem_post(semaphore);
			else if (is_called() ? kill(sweeper, SIGUSR1) : write(fds[1], "x", 1) != 1)
				_exit(0);
		}
	}
	close(fds[1]);
}

static void start_watch(void)
{
	struct epoll_event in = { .events = EPOLLIN };

	watch = epoll_create1(EPOLL_CLOEXEC);
	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, lines, &in))
		zoo_die("epoll");
}

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		zoo_die("mmap");
	return memory;
}

static void post(union sigval value)
{
	(void)value;
	sem_post(semaphore);
}

/* A thread of libc's own sleeps until the timer's time has come, and then starts another */
static void start_timer(const struct itimerspec *spec)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = post };
	timer_t id;

	if (timer_create(CLOCK_MONOTONIC, &event, &id) || timer_settime(id, 0, spec, NULL))
		zoo_die("timer_create");
}

static void set_out(long ms)
{
	const struct timeval part = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	const struct itimerval every = { part, part };
	const struct itimerspec spec = { { part.tv_sec, part.tv_usec * 1000 },
					 { part.tv_sec, part.tv_usec * 1000 } };
	static sem_t own;
	sigset_t alarms;
	pthread_t thread;

	semaphore = zoo_how("sem") ? shared_memory(sizeof(*semaphore)) : &own;
	sem_init(semaphore, zoo_how("sem"), 0);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (zoo_how("notify")) {
		start_timer(&spec);
	} else if (zoo_how("alarm") || zoo_how("sigwait")) {
		if (zoo_how("sigwait"))
			sigprocmask(SIG_BLOCK, &alarms, NULL);
		else
			signal(SIGALRM, on_alarm);
		setitimer(ITIMER_REAL, &every, NULL);
	} else if (zoo_how("timerfd")) {
		timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
		timerfd_settime(timer, 0, &spec, NULL);
	} else if (zoo_how("read") || zoo_how("epoll") || is_called() || zoo_how("sem")) {
		signal(SIGUSR1, is_called() ? on_alarm : SIG_DFL);
		start_writer(ms);
		if (zoo_how("epoll"))
			start_watch();
	} else if (zoo_how("turns")) {
		sem_init(&turn[0], 0, 0);
		sem_init(&turn[1], 0, 0);
		if (pthread_create(&thread, NULL, take_turns, NULL))
			zoo_die("pthread_create");
	} else if (zoo_how("thread") && pthread_create(&thread, NULL, run_often, NULL)) {
		zoo_die("pthread_create");
	}
}

static void await_child(long ms)
{
	pid_t child = zoo_fork();

	if (child == 0) {
		nap(ms);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* Until somebody or something else ends that; false: it is none of these */
static bool is_woken(void)
{
	struct epoll_event in;
	sigset_t alarms;
	uint64_t n;
	int number;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (zoo_how("alarm") || zoo_how("usr1"))
		pause();
	else if (zoo_how("usr1-nap"))
		nap(3600 * 1000);
	else if (zoo_how("sigwait"))
		sigwait(&alarms, &number);
	else if (zoo_how("sem") || zoo_how("notify"))
		sem_wait(semaphore);
	else if (zoo_how("epoll") && epoll_wait(watch, &in, 1, -1) != 1)
		zoo_die("epoll_wait");
	else if (zoo_how("timerfd") && read(timer, &n, sizeof(n)) != sizeof(n))
		zoo_die("read the timer");
	else if ((zoo_how("read") || zoo_how("epoll")) && read(lines, &n, 1) != 1)
		zoo_die("read what is written");
	else
		return zoo_how("timerfd") || zoo_how("read") || zoo_how("epoll");
	return true;
}

static void sleep_until_next(long ms)
{
	if (is_woken())
		return;
	if (zoo_how("poll"))
		poll(NULL, 0, (int)ms);
	else if (zoo_how("child"))
		await_child(ms);
	else if (zoo_how("turns"))
		for (long done = 0; done < ms * 1000; done += 400) {
			sem_post(&turn[0]);
			sem_wait(&turn[1]);
			compute(200);
		}
	else if (zoo_how("steps"))
		for (long done = 0; done < ms; done += 50)
			nap(50);
	else
		nap(ms);
}

/* However long it takes to come, on a busy machine */
static void reap_one(void)
{
	int looks = 0;

	while (waitpid(-1, NULL, WNOHANG) <= 0)
		zoo_look_again(&looks, "a zombie");
}

static void play(void)
{
	const long every = zoo_number("--every", 1000);

	zoo_say_me("parent", "S", -1);
	if (zoo_flag("--init"))
		start_nursery();
	for (int sweeps = 0;; sweeps++) {
		if (sweeps == 2) {
			set_out(every);
			zoo_ready();
		}
		make_one();
		/* twice at once, to show that it does */
		if (sweeps < 2)
			reap_one();
		else
			sleep_until_next(every);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--init"))
		zoo_init_actor(play);
	else
		zoo_actor(play);
	return zoo_keep();
}
