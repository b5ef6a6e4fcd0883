/* SPDX-License-Identifier: MIT */
#include "census/proc_stat.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

/* proc_pid_stat(5) counts fields from 1; these follow the comm, which is field 2 */
enum {
	FIELD_STATE = 3,
	FIELD_PPID = 4,
	FIELD_PGRP = 5,
	FIELD_SESSION = 6,
	FIELD_FLAGS = 9,
	FIELD_CMINFLT = 11,
	FIELD_CMAJFLT = 13,
	FIELD_UTIME = 14,
	FIELD_STIME = 15,
	FIELD_CUTIME = 16,
	FIELD_CSTIME = 17,
	FIELD_NUM_THREADS = 20,
	FIELD_STARTTIME = 22,
	FIELD_EXIT_SIGNAL = 38,
	FIELD_EXIT_CODE = 52,
	FIELD_LAST = FIELD_EXIT_CODE,
};

/* A field without its sign; signed ones that matter here are read back as two's complement. */
static const char *number(const char *s, uint64_t *ret)
{
	const bool negative = *s == '-';
	const char *digits = s + negative;
	uint64_t value = 0;
	unsigned digit;

	for (s = digits; (digit = (unsigned)(*s - '0')) <= 9; s++)
		value = value * 10 + digit;
	if (s == digits || s - digits > 20)
		return NULL;
	*ret = negative ? -value : value;
	return s;
}

static int numbers(const char *s, uint64_t field[static FIELD_LAST + 1])
{
	for (int i = FIELD_PPID; i <= FIELD_LAST; i++) {
		if (*s++ != ' ')
			return -EBADMSG;
		s = number(s, &field[i]);
		if (!s)
			return -EBADMSG;
	}
	return 0;
}

int64_t proc_stat_ticks(uint64_t field)
{
	long hz;

	/* 2^40 ticks are some 300 years */
	if (field < UINT64_C(1) << 40)
		return (int64_t)field;
	hz = sysconf(_SC_CLK_TCK);
	return (int64_t)(field - (UINT64_MAX / (uint64_t)(1000000000 / hz) + 1));
}

int proc_stat_parse(const char *text, size_t len, struct process *ret)
{
	uint64_t field[FIELD_LAST + 1];
	const char *end = text + len, *open, *close, *s;
	size_t comm_len;

	/* one that lacks its end was cut; no field goes beyond it */
	if (len == 0 || end[-1] != '\n')
		return -EBADMSG;
	s = number(text, &field[1]);
	open = s ? memchr(text, '(', len) : NULL;
	close = open ? memrchr(text, ')', len) : NULL;
	if (!close || open != s + 1 || close < open || end - close < 4 || close[1] != ' ')
		return -EBADMSG;
	if (numbers(close + 3, field) < 0 || field[1] == 0 || field[1] > INT32_MAX ||
	    field[FIELD_PPID] > INT32_MAX)
		return -EBADMSG;

	comm_len = (size_t)(close - open - 1);
	if (comm_len > TASK_COMM_LEN - 1)
		comm_len = TASK_COMM_LEN - 1;
	memset(ret->comm, 0, sizeof(ret->comm));
	memcpy(ret->comm, open + 1, comm_len);
	ret->pid = (pid_t)field[1];
	ret->state = close[2];
	ret->ppid = (pid_t)field[FIELD_PPID];
	ret->pgrp = (pid_t)field[FIELD_PGRP];
	ret->sid = (pid_t)field[FIELD_SESSION];
	ret->flags = (uint32_t)field[FIELD_FLAGS];
	ret->cpu_ticks = field[FIELD_UTIME] + field[FIELD_STIME];
	ret->waited = field[FIELD_CMINFLT] + field[FIELD_CMAJFLT] + field[FIELD_CUTIME] +
		      field[FIELD_CSTIME];
	ret->threads = (uint32_t)field[FIELD_NUM_THREADS];
	ret->start_ticks = proc_stat_ticks(field[FIELD_STARTTIME]);
	ret->exit_signal = (uint8_t)field[FIELD_EXIT_SIGNAL];
	ret->exit_code = (int32_t)field[FIELD_EXIT_CODE];
	return 0;
}

int proc_stat_read(int dirfd, const char *path, struct process *ret)
{
	char text[1024];
	ssize_t n = file_read_at(dirfd, path, text, sizeof(text));

	return n < 0 ? (int)n : proc_stat_parse(text, (size_t)n, ret);
}

int proc_stat_read_pid(int procfd, pid_t pid, struct process *ret)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/stat", pid);
	return proc_stat_read(procfd, path, ret);
}

int proc_stat_read_thread(int procfd, pid_t pid, pid_t tid, struct process *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/task/%d/stat", pid, tid);
	return proc_stat_read(procfd, path, ret);
}
