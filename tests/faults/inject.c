/* SPDX-License-Identifier: MIT */
/*
 * usage: inject LIMIT_S
 *
 * Runs programs, one after another, and has one system call of each, and of what it starts, fail. A line of standard
 * input is a run, its words parted by tabs: CALL THREAD WHICH ERRNO MEMORY PROGRAM ARGUMENT... The call of number CALL
 * that fails, with ERRNO, is the one that the THREADth thread makes as its WHICHth (threads in the order in which they
 * first make one; the execve of the program is the first of all). CALL -1: none fails, and each is told; a
 * number that no call has: none fails.
 * MEMORY: so many bytes to map (RLIMIT_AS), 0: no limit. PROGRAM "-": coroner's main, which is
 * linked in here and runs in a fork of this, for to execute and load a program takes longer than most of them. The answer is a line of four numbers: the exit status (128
 * and the signal that ended it; -1: it hung for LIMIT_S), and the bytes that follow of its standard output, its standard
 * error, and of what is told: a line of the thread, the number and, of what failed, the arguments. It comes once all
 * that the program started has ended.
 *
 * strace(1) can have calls fail, too: it takes several times as long, has a whole process fail and not a thread, and
 * what it runs is traced, which coroner looks at. Here calls are held by seccomp_unotify(2).
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_TASKS = 4096, MAX_WORDS = 64, FAILED = 125, HUNG = -1, ALL_CALLS = -1 };
enum { OUT, ERR, TOLD, STREAMS };

/* What is run now */
static struct {
	long call, thread, which, error, memory;
	char *program[MAX_WORDS];
	int streams[STREAMS];
	pid_t pid;
	int status;
	bool hung;
} run;

static struct {
	pid_t tid;
	long calls;
} tasks[MAX_TASKS];
static long n_tasks;

/* Told to each other by the child and its parent, by futex(2), in memory that they share */
static struct {
	uint32_t listener, taken;
} * shared;

static int nothing, deaths;
static sigset_t unmasked;
static unsigned limit_s;

int coroner_main(int argc, char **argv);

static void await_change(uint32_t *word)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void change(uint32_t *word, uint32_t to)
{
	__atomic_store_n(word, to, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* -- the child -- */

static int listen_to(long call)
{
	struct sock_filter one[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter all_but_futex[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { .len = 4,
					   .filter = call == ALL_CALLS ? all_but_futex : one };

	return (int)syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
}

/* From its listening on any call may be the one that fails: there is none but futex(2), which does not */
static noreturn void begin(void)
{
	const struct rlimit limit = { (rlim_t)run.memory, (rlim_t)run.memory };

	int words = 0;

	sigprocmask(SIG_SETMASK, &unmasked, NULL);
	signal(SIGALRM, SIG_DFL);
	setsid();
	dup2(nothing, STDIN_FILENO);
	dup2(run.streams[OUT], STDOUT_FILENO);
	dup2(run.streams[ERR], STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	while (run.program[words])
		words++;
	change(&shared->listener, (uint32_t)listen_to(run.call));
	await_change(&shared->taken);
	if (run.memory > 0)
		setrlimit(RLIMIT_AS, &limit);
	if (!strcmp(run.program[0], "-"))
		exit(coroner_main(words, run.program));
	execv(run.program[0], run.program);
	_exit(FAILED);
}

/* -- its parent -- */

/* As a good init, whom the program leaves, too */
static void collect(int options)
{
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, options)) > 0 || (pid < 0 && errno == EINTR))
		if (pid == run.pid)
			run.status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}

/* Ends, with all of its session, what takes too long */
static void on_alrm(int signal)
{
	(void)signal;
	/* what is left then has left the session, too */
	if (run.hung)
		_exit(FAILED);
	run.hung = true;
	kill(-run.pid, SIGKILL);
	alarm(limit_s);
}

static bool is_the_one(pid_t tid)
{
	long i = 0;

	while (i < n_tasks && tasks[i].tid != tid)
		i++;
	if (i == MAX_TASKS)
		errx(FAILED, "too many threads");
	if (i == n_tasks) {
		tasks[n_tasks].tid = tid;
		tasks[n_tasks++].calls = 0;
	}
	return ++tasks[i].calls == run.which && i + 1 == run.thread;
}

/* What that descriptor is, where it is one */
static bool tell_file(pid_t tid, uint64_t fd)
{
	char link[64], path[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", tid, (int)fd);
	n = readlink(link, path, sizeof(path));
	if (n > 0)
		dprintf(run.streams[TOLD], " <%.*s>", (int)n, path);
	return n > 0;
}

/* The argument, or the text that it points to where it is one */
static void tell_argument(pid_t tid, uint64_t value)
{
	char text[64] = "";
	const struct iovec here = { text, sizeof(text) - 1 };
	const struct iovec there = { (void *)(uintptr_t)value, sizeof(text) - 1 };
	int n = 0;

	if (value >= 4096 && process_vm_readv(tid, &here, 1, &there, 1, 0) > 0)
		while (isprint((unsigned char)text[n]))
			n++;
	if (n > 1)
		dprintf(run.streams[TOLD], " \"%.*s\"", n, text);
	else
		dprintf(run.streams[TOLD], " %#llx", (unsigned long long)value);
}

static void answer_one(int fd)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp reply = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	pid_t tid;

	/* ENOENT: who asked was ended meanwhile */
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0) {
		if (errno != ENOENT && errno != EINTR)
			err(FAILED, "receive");
		return;
	}
	tid = (pid_t)asked.pid;
	reply.id = asked.id;
	if (run.call == ALL_CALLS) {
		dprintf(run.streams[TOLD], "%d %d\n", tid, asked.data.nr);
	} else if (is_the_one(tid)) {
		reply.flags = 0;
		reply.error = (int)-run.error;
		dprintf(run.streams[TOLD], "%d %d", tid, asked.data.nr);
		for (int i = tell_file(tid, asked.data.args[0]); i < 6; i++)
			tell_argument(tid, asked.data.args[i]);
		dprintf(run.streams[TOLD], "\n");
	}
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT)
		err(FAILED, "send");
}

/* Until nobody is left that could call */
static void answer_all(int pidfd)
{
	struct pollfd fds[] = { { .events = POLLIN }, { .fd = deaths, .events = POLLIN } };
	struct signalfd_siginfo death;
	int fd;

	await_change(&shared->listener);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)shared->listener, 0);
	if (fd < 0)
		err(FAILED, "no notifications of seccomp");
	change(&shared->taken, 1);
#ifdef SECCOMP_IOCTL_NOTIF_SET_FLAGS
	/* saves time on kernels that know it */
	(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
#endif
	fds[0].fd = fd;
	while (!(fds[0].revents & POLLHUP) || fds[0].revents & POLLIN) {
		if (poll(fds, 2, -1) < 0) {
			if (errno != EINTR)
				err(FAILED, "poll");
			continue;
		}
		if (fds[0].revents & POLLIN)
			answer_one(fd);
		if (fds[1].revents & POLLIN && read(deaths, &death, sizeof(death)) > 0)
			collect(WNOHANG);
	}
	close(fd);
}

static void run_one(void)
{
	int pidfd;

	n_tasks = 0;
	shared->listener = shared->taken = 0;
	run.status = FAILED;
	run.hung = false;
	run.pid = fork();
	if (run.pid < 0)
		err(FAILED, "fork");
	if (run.pid == 0)
		begin();
	pidfd = (int)syscall(SYS_pidfd_open, run.pid, 0);
	alarm(limit_s);
	answer_all(pidfd);
	collect(0);
	alarm(0);
	close(pidfd);
}

/* -- what is asked and answered -- */

static long next_number(char **rest)
{
	const char *word = strsep(rest, "\t");
	char *end = NULL;
	long n = word ? strtol(word, &end, 10) : 0;

	if (!word || end == word || *end)
		errx(FAILED, "no number: %s", word ? word : "");
	return n;
}

static void take_request(char *line)
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	run.call = next_number(&line);
	run.thread = next_number(&line);
	run.which = next_number(&line);
	run.error = next_number(&line);
	run.memory = next_number(&line);
	while (line && n + 1 < MAX_WORDS)
		run.program[n++] = strsep(&line, "\t");
	run.program[n] = NULL;
	if (n == 0 || line)
		errx(FAILED, "no program, or too many words");
}

static void pass_on(int fd, off_t size)
{
	char some[65536];
	ssize_t n;

	for (off_t at = 0; at < size; at += n) {
		n = pread(fd, some, sizeof(some), at);
		if (n <= 0 || fwrite(some, 1, (size_t)n, stdout) != (size_t)n)
			err(FAILED, "output");
	}
}

static void answer_request(void)
{
	struct stat st[STREAMS];

	for (int i = 0; i < STREAMS; i++)
		if (fstat(run.streams[i], &st[i]) < 0)
			err(FAILED, "fstat");
	printf("%d %lld %lld %lld\n", run.hung ? HUNG : run.status, (long long)st[OUT].st_size,
	       (long long)st[ERR].st_size, (long long)st[TOLD].st_size);
	for (int i = 0; i < STREAMS; i++) {
		pass_on(run.streams[i], st[i].st_size);
		close(run.streams[i]);
	}
	if (fflush(stdout) != 0)
		err(FAILED, "output");
}

int main(int argc, char **argv)
{
	const struct sigaction end = { .sa_handler = on_alrm, .sa_flags = SA_RESTART };
	sigset_t chld;
	char *line = NULL;
	size_t size = 0;

	limit_s = argc == 2 ? (unsigned)atoi(argv[1]) : 0;
	if (limit_s == 0)
		errx(FAILED, "usage: inject LIMIT_S");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &unmasked);
	deaths = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (deaths < 0 || shared == MAP_FAILED)
		err(FAILED, "beginning");
	sigaction(SIGALRM, &end, NULL);
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (getline(&line, &size, stdin) > 0) {
		take_request(line);
		for (int i = 0; i < STREAMS; i++) {
			run.streams[i] = memfd_create("stream", MFD_CLOEXEC);
			if (run.streams[i] < 0)
				err(FAILED, "memfd_create");
		}
		run_one();
		answer_request();
	}
	return 0;
}
