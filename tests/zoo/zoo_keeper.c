/* SPDX-License-Identifier: MIT */
/* The keeper: hears the actors out, waits until it is as they said, prints it, ends them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_parts.h"

enum { MAX_MESSAGES = 4096, MAX_ACTORS = 16 };

static struct message heard[MAX_MESSAGES];
static int heard_count;
static int ready_count;
static pid_t actors[MAX_ACTORS];
static int actor_count;
static int keeper_end = -1;

int keeper_open(void)
{
	const int on = 1;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		zoo_die("socketpair");
	keeper_end = ends[0];
	if (setsockopt(keeper_end, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		zoo_die("SO_PASSCRED");
	return ends[1];
}

void keeper_expect(pid_t actor)
{
	if (actor_count == MAX_ACTORS) {
		errno = E2BIG;
		zoo_die("actors");
	}
	actors[actor_count++] = actor;
}

void become_actor(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		zoo_die("/dev/null");
	close(null);
	close(keeper_end);
	guardian_forget();
}

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

	if (poll(&ready, 1, 60000) != 1 || recvmsg(keeper_end, &header, 0) < 0)
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

static bool is_in_state(pid_t pid, const char *states)
{
	char path[64];
	char text[1024];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	return end && strlen(end) > 2 && strchr(states, end[2]);
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

void zoo_await_state(pid_t pid, const char *states)
{
	int looks = 0;

	while (!is_in_state(pid, states))
		zoo_look_again(&looks, states);
}

static void await_all(void)
{
	int looks = 0;

	for (int i = 0; i < heard_count; i++) {
		const struct message *speaker = &heard[i];

		while (speaker->kind == SAY_PID && speaker->states[0] &&
		       !is_in_state(speaker->pid, speaker->states))
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
	guardian_forget();
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
