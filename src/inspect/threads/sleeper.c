/* SPDX-License-Identifier: MIT */
#include "inspect/threads/sleeper.h"

#include <stdio.h>

static void read_word(const struct census *c, const struct process *p, pid_t tid, const char *file,
		      char *to, size_t size)
{
	auto_free char *text = NULL;
	char name[48];
	size_t len;

	to[0] = '\0';
	snprintf(name, sizeof(name), "task/%d/%s", tid, file);
	if (details_read_file(c, p, name, &text, &len) == 0)
		snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
}

void sleeper_read(const struct census *c, const struct process *p, pid_t tid, struct sleeper *ret)
{
	read_word(c, p, tid, "comm", ret->comm, sizeof(ret->comm));
	read_word(c, p, tid, "wchan", ret->wchan, sizeof(ret->wchan));
	/* of one that is awake, or that may not be asked */
	if (streq(ret->wchan, "0"))
		ret->wchan[0] = '\0';
}
