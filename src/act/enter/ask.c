/* SPDX-License-Identifier: MIT */
#include "act/enter/ask.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "act/enter/enter.h"
#include "base/base.h"
#include "base/duration.h"
#include "base/file.h"
#include "inspect/text/status.h"

#define PATIENCE_MS 2000 /* once, for those that do not answer, */
#define EACH_MS 50 /* and for each: as long as it takes on a slow machine that has other work */
#define BELIEVED \
	2 /* times that a fork into a namespace must fail: once it may be for want of memory, or full */
#define END_MS 1000 /* for the ends of those that are asked at a time */
#define MS_NS INT64_C(1000000)

/* Linux 6.11 include/uapi/linux/nsfs.h */
#ifndef NS_GET_TGID_IN_PIDNS
#define NS_GET_TGID_IN_PIDNS _IOR(0xb7, 0x9, int)
#endif

struct asking {
	struct pidns_question *question;
	struct entered entered;
	pid_t child;
};

/* A refused fork says nothing of the namespace if forks at home are refused as well */
static bool can_fork_here(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return false;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return true;
}

/* The child's number in there, from the kernel; 0: not known. It is not reaped yet, alive or dead */
static pid_t number_inside(int nsfd, int procfd, pid_t child)
{
	struct proc_status status;
	char path[32], text[8192];
	int number = ioctl(nsfd, NS_GET_TGID_IN_PIDNS, child);
	ssize_t n;

	if (number > 0)
		return number;
	snprintf(path, sizeof(path), "%d/status", child);
	n = procfd < 0 ? -ENODATA : file_read_at(procfd, path, text, sizeof(text));
	if (n < 0 || proc_status_parse(text, (size_t)n, &status) < 0 || status.n_ns_pids < 2)
		return 0;
	return status.ns_pids[status.n_ns_pids - 1];
}

/* A want of memory on this side says nothing of the namespace */
static int not_dead(int error)
{
	return error == -ENOMEM ? -EAGAIN : error;
}

static int take_failure(const struct inside_message *m, struct pidns_allocator *answer)
{
	if (m->step == INSIDE_STEP_FORK && m->value == EAGAIN && can_fork_here()) {
		*answer = (struct pidns_allocator){ .full = true };
		return 0;
	}
	return m->step == INSIDE_STEP_FORK ? -m->value : not_dead(file_error(m->value));
}

/* Only the guide's words count: a stranger can have its child's socket */
static int hear_guide(struct asking *asking, int procfd, int64_t deadline)
{
	struct pidns_allocator *answer = &asking->question->answer;
	struct entered_word word;
	pid_t number;

	for (;;) {
		int r = entered_hear(&asking->entered, deadline, &word);

		if (r < 0)
			return r;
		if (word.sender != asking->entered.guide)
			continue;
		switch (word.message.said) {
		case INSIDE_PID_MAX:
			answer->has_max = word.message.value > 0;
			answer->max = answer->has_max ? (uint64_t)word.message.value : 0;
			break;
		case INSIDE_MADE:
			asking->child = word.message.value;
			number = number_inside(asking->question->nsfd, procfd, asking->child);
			answer->has_cursor = number > 0;
			answer->cursor = answer->has_cursor ? (uint64_t)number + 1 : 0;
			return 0;
		default:
			return take_failure(&word.message, answer);
		}
	}
}

static void end(struct asking *asking, int64_t deadline)
{
	if (entered_end(&asking->entered, deadline) < 0)
		asking->question->left = asking->child;
}

/* Those before n that have not ended: they end side by side */
static void end_all(struct asking *list, size_t *ended, size_t n)
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + END_MS * MS_NS;

	while (*ended < n)
		end(&list[(*ended)++], deadline);
}

static void ask(const struct airlock *a, int procfd, struct asking *asking, int64_t deadline)
{
	struct pidns_question *q = asking->question;

	for (int times = 0; times < BELIEVED; times++) {
		if (times > 0)
			end(asking, clock_ns(CLOCK_MONOTONIC) + END_MS * MS_NS);
		q->answer = (struct pidns_allocator){ 0 };
		q->error = clock_ns(CLOCK_MONOTONIC) >= deadline ?
				   -ETIMEDOUT :
				   not_dead(enter_start(a, q->nsfd, ENTER_ASK, &asking->entered));
		if (q->error == 0)
			q->error = hear_guide(asking, procfd, deadline);
		if (!q->answer.full && q->error != -ENOMEM)
			break;
	}
	/* the children end side by side, however long some of them take */
	entered_hang_up(&asking->entered);
}

int64_t pidns_ask_deadline(size_t n, bool patience)
{
	return clock_ns(CLOCK_MONOTONIC) +
	       ((patience ? PATIENCE_MS : 0) + EACH_MS * (int64_t)n) * MS_NS;
}

void pidns_ask(const struct airlock *a, int procfd, struct pidns_question *questions, size_t n,
	       int64_t deadline)
{
	auto_free struct asking *list = xcalloc(n, sizeof(*list));
	size_t ended = 0;

	for (size_t i = 0; i < n; i++) {
		list[i] = (struct asking){ .question = &questions[i],
					   .entered = { .guide_fd = -1, .socket = -1 } };
		if (i > 0 && questions[i].depth != questions[i - 1].depth)
			end_all(list, &ended, i);
		ask(a, procfd, &list[i], deadline);
	}
	end_all(list, &ended, n);
}
