/* SPDX-License-Identifier: MIT */
/*
 * One file above the usual 400 lines, so that each zoo program is built from two sources: its own
 * and this one. The parts: arguments, talking, making processes, cgroups, the keeper.
 */
#include "zoo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum kind { SAY_PID, SAY_NUMBER, SAY_TEXT, SAY_READY };

struct message {
	enum kind kind;
	char key[32];
	char states[8];
	char text[160];
	long number;
	long syscall_nr;
	pid_t pid; /* filled in by the keeper, from the sender's credentials */
};

enum { MAX_MESSAGES = 4096, MAX_ACTORS = 16 };

static struct message heard[MAX_MESSAGES];
static int heard_count;
static int ready_count;
static pid_t actors[MAX_ACTORS];
static int actor_count;
static int keeper_end = -1;
static int guardian_pipe = -1;
static int arg_count;
static char **args;
static int to_keeper = -1;

_Noreturn void zoo_die(const char *what)
{
	fprintf(stderr, "zoo: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void zoo_look_again(int *looks, const char *condition)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	if (++*looks > 10000) {
		errno = ETIMEDOUT;
		zoo_die(condition);
	}
	(void)nanosleep(&moment, NULL);
}

/* -- arguments -- */

const char *zoo_nth(const char *name, int index)
{
	for (int i = 1; i < arg_count; i++)
		if (!strcmp(args[i], name) && index-- == 0)
			return i + 1 < arg_count ? args[i + 1] : "";
	return NULL;
}

const char *zoo_text(const char *name, const char *fallback)
{
	const char *text = zoo_nth(name, 0);

	return text ? text : fallback;
}

long zoo_number(const char *name, long fallback)
{
	const char *text = zoo_nth(name, 0);

	return text ? strtol(text, NULL, 10) : fallback;
}

bool zoo_flag(const char *name)
{
	return zoo_nth(name, 0) != NULL;
}

bool zoo_how(const char *name)
{
	return !strcmp(zoo_text("--how", ""), name);
}

/* -- talking to the keeper -- */

static void send_message(const struct message *message)
{
	if (send(to_keeper, message, sizeof(*message), 0) != (ssize_t)sizeof(*message))
		zoo_die("send to the keeper");
}

static struct message message_new(enum kind kind, const char *key)
{
	struct message message = { .kind = kind, .syscall_nr = -1 };

	snprintf(message.key, sizeof(message.key), "%s", key);
	return message;
}

void zoo_say_me(const char *key, const char *states, long syscall_nr)
{
	struct message message = message_new(SAY_PID, key);

	snprintf(message.states, sizeof(message.states), "%s", states ? states : "");
	message.syscall_nr = syscall_nr;
	send_message(&message);
}

void zoo_say_number(const char *key, long number)
{
	struct message message = message_new(SAY_NUMBER, key);

	message.number = number;
	send_message(&message);
}

void zoo_say_text(const char *key, const char *text)
{
	struct message message = message_new(SAY_TEXT, key);

	snprintf(message.text, sizeof(message.text), "%s", text);
	send_message(&message);
}

void zoo_ready(void)
{
	struct message message = message_new(SAY_READY, "");

	send_message(&message);
}

_Noreturn void zoo_sleep(void)
{
	for (;;)
		pause();
}

_Noreturn void zoo_rest(void)
{
	zoo_ready();
	zoo_sleep();
}

/* -- making processes -- */

static void die_with_parent(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		zoo_die("PR_SET_PDEATHSIG");
}

pid_t zoo_clone(unsigned long flags, int exit_signal)
{
	struct zoo_gate gate = zoo_gate_new();
	pid_t pid = (pid_t)syscall(SYS_clone, flags | (unsigned long)exit_signal, 0, 0, 0, 0);

	if (pid < 0)
		zoo_die("clone");
	if (pid == 0) {
		/* The parent may be dead before the prctl; the gate closes that gap: EOF without a byte. */
		die_with_parent();
		zoo_gate_wait(gate);
		return 0;
	}
	zoo_gate_open(gate);
	return pid;
}

pid_t zoo_fork(void)
{
	return zoo_clone(0, SIGCHLD);
}

void zoo_await_death(pid_t pid)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL))
		if (errno != EINTR)
			zoo_die("waitid");
}

pid_t zoo_zombie(int status)
{
	pid_t pid = zoo_fork();

	if (pid == 0) {
		zoo_say_me("zombies[]", "Z", -1);
		_exit(status);
	}
	zoo_await_death(pid);
	return pid;
}

void zoo_zombies(long count)
{
	while (count-- > 0)
		zoo_zombie(0);
}

pid_t zoo_sleeper(void)
{
	pid_t pid = zoo_fork();

	if (pid == 0)
		zoo_sleep();
	return pid;
}

struct zoo_gate zoo_gate_new(void)
{
	struct zoo_gate gate;

	if (pipe2(gate.fds, O_CLOEXEC))
		zoo_die("pipe");
	return gate;
}

void zoo_gate_open(struct zoo_gate gate)
{
	if (write(gate.fds[1], "x", 1) != 1)
		zoo_die("open a gate");
	close(gate.fds[0]);
	close(gate.fds[1]);
}

void zoo_gate_wait(struct zoo_gate gate)
{
	char byte;

	close(gate.fds[1]);
	while (read(gate.fds[0], &byte, 1) != 1)
		if (errno != EINTR)
			_exit(1);
	close(gate.fds[0]);
}

struct thread_start {
	void (*setup)(void);
	struct zoo_gate gate;
};

static void *thread_main(void *arg)
{
	struct thread_start *start = arg;

	if (start->setup)
		start->setup();
	if (write(start->gate.fds[1], "x", 1) != 1)
		zoo_die("thread gate");
	zoo_sleep();
}

void zoo_thread(void (*setup)(void))
{
	/* Lives as long as the process: the thread uses it. */
	struct thread_start *start = calloc(1, sizeof(*start));
	pthread_t thread;
	char byte;

	if (!start)
		zoo_die("calloc");
	start->setup = setup;
	start->gate = zoo_gate_new();
	errno = pthread_create(&thread, NULL, thread_main, start);
	if (errno)
		zoo_die("pthread_create");
	while (read(start->gate.fds[0], &byte, 1) != 1)
		if (errno != EINTR)
			zoo_die("thread gate");
}

void zoo_block_sigchld(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno)
		zoo_die("pthread_sigmask");
}

/* What an actor must not keep open, above all the reading end of a test's pipe. */
static void become_actor(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		zoo_die("/dev/null");
	close(null);
	close(keeper_end);
	if (guardian_pipe >= 0)
		close(guardian_pipe);
}

/* -- cgroups -- */

enum { MAX_CGROUPS = 16 };

static char cgroups[MAX_CGROUPS][512];
static int cgroup_count;

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		zoo_die(path);
	close(fd);
}

static void cgroup_file(char *path, size_t size, const char *root, const char *cgroup,
			const char *file)
{
	if (snprintf(path, size, "%s/%s/%s", root, cgroup, file) >= (int)size) {
		errno = ENAMETOOLONG;
		zoo_die(cgroup);
	}
}

/* Removes only directories that this program made; a busy one is tried until its tasks are gone. */
static void remove_cgroups(void)
{
	char file[600];
	int looks = 0;

	for (int i = cgroup_count - 1; i >= 0; i--) {
		int fd;

		snprintf(file, sizeof(file), "%s/freezer.state", cgroups[i]);
		fd = open(file, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "THAWED", 6) == 6)
			close(fd);
		while (rmdir(cgroups[i]) && errno == EBUSY)
			zoo_look_again(&looks, cgroups[i]);
	}
}

/*
 * The guardian holds the reading end of a pipe whose writing end only the keeper has. It runs in a
 * session of its own and ignores what a terminal or a test runner sends, since a frozen cgroup
 * that is left behind would keep its processes for ever.
 */
static void guardian_start(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		zoo_die("pipe");
	pid = fork();
	if (pid < 0)
		zoo_die("fork");
	if (pid > 0) {
		close(ends[0]);
		guardian_pipe = ends[1];
		return;
	}
	close(ends[1]);
	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	become_actor();
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	remove_cgroups();
	_exit(0);
}

static void make_directory(const char *path)
{
	if (!mkdir(path, 0755)) {
		snprintf(cgroups[cgroup_count], sizeof(cgroups[0]), "%s", path);
		if (++cgroup_count == MAX_CGROUPS) {
			errno = E2BIG;
			zoo_die(path);
		}
	} else if (errno != EEXIST) {
		zoo_die(path);
	}
}

void zoo_cgroup_make(const char *root, const char *path)
{
	char whole[512];

	if (guardian_pipe >= 0) {
		errno = EBUSY;
		zoo_die("make all cgroups before zoo_cgroup_guard()");
	}
	cgroup_file(whole, sizeof(whole), root, path, "");
	whole[strlen(whole) - 1] = '\0';
	for (char *slash = whole + strlen(root) + 1; *slash; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		make_directory(whole);
		*slash = '/';
	}
	make_directory(whole);
}

void zoo_cgroup_guard(void)
{
	guardian_start();
}

void zoo_cgroup_write(const char *root, const char *path, const char *file, const char *text)
{
	char whole[600];

	cgroup_file(whole, sizeof(whole), root, path, file);
	write_file(whole, text);
}

void zoo_cgroup_join(const char *root, const char *path)
{
	zoo_cgroup_write(root, path, "cgroup.procs", "0");
}

bool zoo_cgroup_holds(const char *root, const char *path, const char *file, const char *needle)
{
	char whole[600];
	char text[4096];
	ssize_t got;
	int fd;

	cgroup_file(whole, sizeof(whole), root, path, file);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		zoo_die(whole);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return strstr(text, needle) != NULL;
}

/* -- starting actors -- */

void zoo_start(int argc, char **argv)
{
	const int on = 1;
	int ends[2];
	sigset_t none;

	arg_count = argc;
	args = argv;
	close_range(3, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		zoo_die("socketpair");
	keeper_end = ends[0];
	to_keeper = ends[1];
	if (setsockopt(keeper_end, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		zoo_die("SO_PASSCRED");
}

static void play_below(void (*play)(void), long levels)
{
	if (levels == 0) {
		if (zoo_fork() == 0)
			play();
		return;
	}
	if (zoo_clone(CLONE_NEWPID, SIGCHLD) == 0) {
		zoo_say_me("inits[]", NULL, -1);
		play_below(play, levels - 1);
		zoo_sleep();
	}
}

static pid_t actor_new(unsigned long flags, void (*play)(void), long levels)
{
	pid_t pid = zoo_clone(flags, SIGCHLD);

	if (pid > 0) {
		actors[actor_count++] = pid;
		return pid;
	}
	become_actor();
	if (levels == 0)
		play();
	if (flags & CLONE_NEWPID)
		zoo_say_me("inits[]", NULL, -1);
	play_below(play, levels - 1);
	zoo_sleep();
}

pid_t zoo_actor(void (*play)(void))
{
	long levels = zoo_number("--newpidns", 0);

	return actor_new(levels ? CLONE_NEWPID : 0, play, levels);
}

pid_t zoo_init_actor(void (*play)(void))
{
	return actor_new(CLONE_NEWPID, play, 0);
}

/* -- the keeper -- */

static void hear_one(void)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct message *message = &heard[heard_count];
	struct iovec iov = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr header = { .msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	struct pollfd ready = { .fd = keeper_end, .events = POLLIN };
	const struct cmsghdr *part;
	struct ucred who;

	if (poll(&ready, 1, 10000) != 1 || recvmsg(keeper_end, &header, 0) < 0)
		zoo_die("an actor did not get ready");
	part = CMSG_FIRSTHDR(&header);
	if (!part || part->cmsg_type != SCM_CREDENTIALS)
		zoo_die("no credentials");
	memcpy(&who, CMSG_DATA(part), sizeof(who));
	message->pid = who.pid;
	if (message->kind == SAY_READY)
		ready_count++;
	else if (++heard_count == MAX_MESSAGES)
		zoo_die("too many messages");
}

void zoo_await_ready(int count)
{
	while (ready_count < count)
		hear_one();
}

static ssize_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got;
}

static bool is_in_state(const struct message *speaker)
{
	char path[64];
	char text[1024];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", speaker->pid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	return end && strlen(end) > 2 && strchr(speaker->states, end[2]);
}

/* Does /proc/PID/task/TID/FILE of any thread begin with this? */
static bool a_thread_has(pid_t pid, const char *file, const char *beginning)
{
	char path[400];
	char text[256];
	struct dirent *entry;
	DIR *tasks;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return false;
	while (!found && (entry = readdir(tasks))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, entry->d_name, file);
		if (read_text(path, text, sizeof(text)) > 0)
			found = !strncmp(text, beginning, strlen(beginning));
	}
	closedir(tasks);
	return found;
}

static bool is_in_syscall(const struct message *speaker)
{
	char beginning[32];

	snprintf(beginning, sizeof(beginning), "%ld ", speaker->syscall_nr);
	return a_thread_has(speaker->pid, "syscall", beginning);
}

void zoo_await_wchan(pid_t pid, const char *function)
{
	int looks = 0;

	while (!a_thread_has(pid, "wchan", function))
		zoo_look_again(&looks, function);
}

static void await_all(void)
{
	int looks = 0;

	for (int i = 0; i < heard_count; i++) {
		const struct message *speaker = &heard[i];

		while (speaker->kind == SAY_PID && speaker->states[0] && !is_in_state(speaker))
			zoo_look_again(&looks, speaker->key);
		while (speaker->kind == SAY_PID && speaker->syscall_nr >= 0 &&
		       !is_in_syscall(speaker))
			zoo_look_again(&looks, speaker->key);
	}
}

static void print_value(const struct message *message)
{
	switch (message->kind) {
	case SAY_PID:
		printf("%d", message->pid);
		break;
	case SAY_NUMBER:
		printf("%ld", message->number);
		break;
	default:
		printf("\"%s\"", message->text);
	}
}

static void print_list(int first)
{
	const char *key = heard[first].key;

	printf(",\"%.*s\":[", (int)strlen(key) - 2, key);
	for (int i = first; i < heard_count; i++) {
		if (strcmp(heard[i].key, key))
			continue;
		if (i > first)
			putchar(',');
		print_value(&heard[i]);
	}
	putchar(']');
}

static bool is_said_before(int index)
{
	for (int i = 0; i < index; i++)
		if (!strcmp(heard[i].key, heard[index].key))
			return true;
	return false;
}

static void print_line(void)
{
	printf("{\"keeper\":%d", getpid());
	for (int i = 0; i < heard_count; i++) {
		if (is_said_before(i))
			continue;
		if (strstr(heard[i].key, "[]")) {
			print_list(i);
			continue;
		}
		printf(",\"%s\":", heard[i].key);
		print_value(&heard[i]);
	}
	puts("}");
	if (fflush(stdout))
		zoo_die("stdout");
}

/*
 * Everything the actors leave comes to the keeper, which is a subreaper only from here on: while
 * the state is held it must not be one, since the tests look at who adopts.
 */
static void end_all(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	for (int i = 0; i < actor_count; i++)
		kill(actors[i], SIGKILL); /* own children, not reaped yet */
	if (guardian_pipe >= 0)
		close(guardian_pipe);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		continue;
}

int zoo_keep(void)
{
	char byte;

	zoo_await_ready(actor_count);
	await_all();
	print_line();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	end_all();
	return 0;
}
