/* SPDX-License-Identifier: MIT */
#include "limits/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/base.h"
#include "base/file.h"

#define RECORD_SIZE \
	8192 /* no record is longer: Linux include/linux/printk.h:PRINTK_MESSAGE_MAX and more */
#define LOG_LEVELS 7 /* of facility 0, the kernel's: syslog(2) */
#define REFUSAL "cgroup: fork rejected by pids controller in "

bool kmsg_is_refusal(const char *record, const char *path, int64_t *ret_ns)
{
	const char *text = strchr(record, ';');
	unsigned long long us;
	unsigned priority;
	size_t len;

	if (!text || !has_prefix(text + 1, REFUSAL) ||
	    sscanf(record, "%u,%*u,%llu,", &priority, &us) != 2 || us > INT64_MAX / 1000)
		return false;
	/* whoever writes to /dev/kmsg has another facility (Linux kernel/printk/printk.c:devkmsg_write()) */
	if (priority > LOG_LEVELS)
		return false;
	text += 1 + strlen(REFUSAL);
	len = strcspn(text, "\n");
	if (len != strlen(path) || strncmp(text, path, len) != 0)
		return false;
	*ret_ns = (int64_t)us * 1000;
	return true;
}

int kmsg_first_refusal(const char *path, int64_t *ret_ns)
{
	auto_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_SIZE + 1];
	int r = -ENODATA;
	ssize_t n;

	if (fd < 0)
		return file_error(errno);
	/* one record a read; EPIPE: some were overwritten before they could be read */
	while ((n = read(fd, record, RECORD_SIZE)) > 0 ||
	       (n < 0 && (errno == EPIPE || errno == EINTR))) {
		record[n > 0 ? n : 0] = '\0';
		/* each cgroup logs one: the last is of the one that bears the name now */
		if (n > 0 && kmsg_is_refusal(record, path, ret_ns))
			r = 0;
	}
	return r;
}
