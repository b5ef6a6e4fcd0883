/* SPDX-License-Identifier: MIT */
/*
 * A process as the run time of Go makes it: several threads, a handler for every signal, one thread in
 * epoll_pwait, one asleep on a futex, and one that waits for the one child that was started, by its number.
 * Nobody waits for a stranger.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void note_signal(int signal_number)
{
	(void)signal_number;
}

static void *poll_network(void *unused)
{
	struct epoll_event event;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	(void)unused;
	for (;;)
		epoll_pwait(fd, &event, 1, -1, NULL);
}

static void *park(void *unused)
{
	static uint32_t word;

	(void)unused;
	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void *await_child(void *unused)
{
	siginfo_t info;

	(void)unused;
	while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) < 0)
		;
	return NULL;
}

int main(void)
{
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
	void *(*const lives[])(void *) = { poll_network, park, await_child };
	pthread_t thread;

	child = fork();
	if (child == 0)
		for (;;)
			pause();
	for (int n = 1; n < 65; n++)
		sigaction(n, &action, NULL);
	for (unsigned i = 0; i < sizeof(lives) / sizeof(*lives); i++)
		pthread_create(&thread, NULL, lives[i], NULL);
	park(NULL);
}
