/* SPDX-License-Identifier: MIT */
#include "act/reap/shortfall.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/base.h"

/* Where a call has what it asks for: a number of bytes, an array of struct iovec, or a struct msghdr */
static const struct counted {
	int nr;
	enum { BYTES, PARTS, MESSAGE } how;
	unsigned argument;
} counted[] = {
	{ SYS_write, BYTES, 2 },     { SYS_pwrite64, BYTES, 2 }, { SYS_sendto, BYTES, 2 },
	{ SYS_sendfile, BYTES, 3 },  { SYS_recvfrom, BYTES, 2 }, { SYS_writev, PARTS, 1 },
	{ SYS_pwritev, PARTS, 1 },   { SYS_pwritev2, PARTS, 1 }, { SYS_sendmsg, MESSAGE, 1 },
	{ SYS_recvmsg, MESSAGE, 1 },
};

static bool peek(pid_t tid, uint64_t address, void *buf, size_t size)
{
	struct iovec local = { buf, size }, remote = { (void *)(uintptr_t)address, size };

	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static bool exceed(pid_t tid, uint64_t parts, uint64_t n, uint64_t result)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n && i < IOV_MAX && sum <= result; i++) {
		struct iovec part = { 0 };

		if (!peek(tid, parts + i * sizeof(part), &part, sizeof(part)))
			return false;
		sum += part.iov_len;
	}
	return sum > result;
}

/* Without it, to receive less than there is room for is no shortfall */
static bool receives_some(const struct reap_call *call)
{
	return (call->nr == SYS_recvfrom && !(call->args[3] & MSG_WAITALL)) ||
	       (call->nr == SYS_recvmsg && !(call->args[2] & MSG_WAITALL));
}

static const struct counted *find(int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		if (counted[i].nr == nr)
			return &counted[i];
	return NULL;
}

bool call_fell_short(pid_t tid, const struct reap_call *call, int64_t result)
{
	const struct counted *c = find(call->nr);
	struct msghdr message = { 0 };

	if (!c || result < 0 || receives_some(call))
		return false;
	switch (c->how) {
	case BYTES:
		return call->args[c->argument] > (uint64_t)result;
	case PARTS:
		return exceed(tid, call->args[c->argument], call->args[c->argument + 1],
			      (uint64_t)result);
	default:
		return peek(tid, call->args[c->argument], &message, sizeof(message)) &&
		       exceed(tid, (uintptr_t)message.msg_iov, message.msg_iovlen,
			      (uint64_t)result);
	}
}
