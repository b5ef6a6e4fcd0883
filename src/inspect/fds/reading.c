/* SPDX-License-Identifier: MIT */
#include "inspect/fds/reading.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "base/file.h"
#include "inspect/presence.h"

#define MOST_WATCHED 1024 /* entries of a set that are looked at */

/* Where the descriptor stands among the arguments */
enum place { PLACE_FIRST, PLACE_SECOND, PLACE_POLL, PLACE_SELECT, PLACE_EPOLL };

static const struct call {
	const char *name;
	enum place place;
} calls[] = {
	{ "read", PLACE_FIRST },	 { "readv", PLACE_FIRST },
	{ "pread64", PLACE_FIRST },	 { "preadv", PLACE_FIRST },
	{ "recvfrom", PLACE_FIRST },	 { "recvmsg", PLACE_FIRST },
	{ "recvmmsg", PLACE_FIRST },	 { "recv", PLACE_FIRST },
	{ "splice", PLACE_FIRST },	 { "tee", PLACE_FIRST },
	{ "sendfile", PLACE_SECOND },	 { "copy_file_range", PLACE_FIRST },
	{ "poll", PLACE_POLL },		 { "ppoll", PLACE_POLL },
	{ "select", PLACE_SELECT },	 { "pselect6", PLACE_SELECT },
	{ "epoll_wait", PLACE_EPOLL },	 { "epoll_pwait", PLACE_EPOLL },
	{ "epoll_pwait2", PLACE_EPOLL },
};

static const struct call *call_of(const struct thread *t)
{
	const struct blocked_in *in = &t->blocked_in;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && in->known && in->name; i++)
		if (streq(calls[i].name, in->name))
			return &calls[i];
	return NULL;
}

static void add(struct reading *r, int fd)
{
	if (r->n < READING_MOST)
		r->fds[r->n++] = fd;
	else
		r->more = true;
}

/* The arguments, if it is still in that call */
static bool read_arguments(const struct census *c, const struct process *p, const struct thread *t,
			   uint64_t arg[static 3])
{
	auto_free char *text = NULL;
	unsigned long long a[3];
	char name[48];
	size_t len;
	int nr;

	snprintf(name, sizeof(name), "task/%d/syscall", t->tid);
	if (details_read_file(c, p, name, &text, &len) < 0 ||
	    sscanf(text, "%d %llx %llx %llx", &nr, &a[0], &a[1], &a[2]) != 4 ||
	    nr != t->blocked_in.nr)
		return false;
	for (int i = 0; i < 3; i++)
		arg[i] = a[i];
	return true;
}

static bool read_memory(const struct census *c, const struct process *p, uint64_t address, void *to,
			size_t size)
{
	auto_close int dir = presence_pin(c, p, NULL);
	auto_close int fd = dir < 0 ? -1 : openat(dir, "mem", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && address && pread(fd, to, size, (off_t)address) == (ssize_t)size;
}

static void polled(const struct census *c, const struct process *p, uint64_t address, uint64_t n,
		   struct reading *r)
{
	struct pollfd *set;

	r->more = n > MOST_WATCHED;
	n = n > MOST_WATCHED ? MOST_WATCHED : n;
	set = xcalloc(n, sizeof(*set));
	if (read_memory(c, p, address, set, n * sizeof(*set)))
		for (uint64_t i = 0; i < n; i++)
			if (set[i].fd >= 0 && (set[i].events & (POLLIN | POLLRDNORM)))
				add(r, set[i].fd);
	free(set);
}

static void selected(const struct census *c, const struct process *p, uint64_t n, uint64_t address,
		     struct reading *r)
{
	unsigned char set[MOST_WATCHED / 8] = { 0 };

	r->more = n > MOST_WATCHED;
	n = n > MOST_WATCHED ? MOST_WATCHED : n;
	/* the kernel reads whole longs of it */
	if (!read_memory(c, p, address, set, (n + 63) / 64 * 8))
		return;
	for (uint64_t fd = 0; fd < n; fd++)
		if (set[fd / 8] >> fd % 8 & 1)
			add(r, (int)fd);
}

static int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* proc_pid_fdinfo(5): "tfd:        5 events:       19 data: ..." for each that it watches, in any order */
static void watched(const struct census *c, const struct process *p, int epoll, struct reading *r)
{
	auto_free char *text = NULL;
	char name[48], *line, *save = NULL;
	size_t len;

	snprintf(name, sizeof(name), "fdinfo/%d", epoll);
	if (details_read_file(c, p, name, &text, &len) < 0)
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned events;
		int fd;

		if (sscanf(line, "tfd: %d events: %x", &fd, &events) == 2 && (events & EPOLLIN))
			add(r, fd);
	}
	qsort(r->fds, r->n, sizeof(r->fds[0]), compare);
}

bool reading_of(const struct census *c, const struct process *p, const struct thread *t,
		struct reading *ret)
{
	const struct call *call = call_of(t);
	uint64_t arg[3];

	*ret = (struct reading){ .tid = t->tid, .timed = t->blocked_in.limit == LIMIT_KNOWN };
	if (!call || !read_arguments(c, p, t, arg))
		return false;
	ret->syscall = call->name;
	switch (call->place) {
	case PLACE_FIRST:
	case PLACE_SECOND:
		add(ret, (int)arg[call->place == PLACE_SECOND]);
		break;
	case PLACE_POLL:
		polled(c, p, arg[0], arg[1], ret);
		break;
	case PLACE_SELECT:
		selected(c, p, arg[0], arg[1], ret);
		break;
	case PLACE_EPOLL:
		watched(c, p, (int)arg[0], ret);
		break;
	}
	return ret->n > 0;
}
