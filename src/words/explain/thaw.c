/* SPDX-License-Identifier: MIT */
/* What thaws a frozen cgroup, as a line for a shell where its name allows. */
#include <string.h>

#include "render/text.h"
#include "words/explain/explain.h"

/* A command to be pasted: only if no byte of a foreign path means anything to a shell */
static bool is_plain(const char *path)
{
	return path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "/._:@-")] == '\0';
}

void explain_thaw(const struct thaw *t, struct story *s)
{
	auto_free char *shown =
		t->path ? text_printable(t->path, strlen(t->path), s->terminal->utf8) : NULL;

	if (!t->path)
		return;
	if (is_plain(t->path) && is_plain(t->cgroupfs))
		story_tell(s, "remedy", "Here: echo %s > %s/%s", t->off, t->cgroupfs, t->path);
	else
		story_tell(s, "remedy", "Here: write %s to %s, below %s.", t->off, shown,
			   t->cgroupfs);
}
