/* SPDX-License-Identifier: MIT */
#include "inspect/tty.h"

#include <errno.h>
#include <stdio.h>

#include "inspect/details.h"

int tty_parse(const char *text, size_t len, struct tty *ret)
{
	const char *close = len ? memrchr(text, ')', len) : NULL;
	auto_free char *rest = close ? xstrndup(close + 1, (size_t)(text + len - close - 1)) : NULL;
	int device, foreground;

	/* state, ppid, pgrp and session come between */
	if (!rest || sscanf(rest, " %*c %*d %*d %*d %d %d ", &device, &foreground) != 2)
		return -EBADMSG;
	*ret = (struct tty){ (unsigned)device, foreground > 0 ? foreground : 0 };
	return 0;
}

int tty_read(const struct census *c, const struct process *p, struct tty *ret)
{
	auto_free char *text = NULL;
	size_t len;
	int r = details_read_file(c, p, "stat", &text, &len);

	return r < 0 ? r : tty_parse(text, len, ret);
}
