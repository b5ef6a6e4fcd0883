/* SPDX-License-Identifier: MIT */
#include "inspect/trace/access.h"

#include <errno.h>

#include "base/base.h"
#include "base/file.h"
#include "base/rights.h"

void access_reader(int procfd, struct access_reader *ret)
{
	uint64_t scope = 0;

	/* absent without Yama; who has a proc of another machine's reads that one's */
	(void)file_read_u64_at(procfd, "sys/kernel/yama/ptrace_scope", &scope);
	*ret = (struct access_reader){ .uid = geteuid(),
				       .gid = getegid(),
				       .effective = rights_held(),
				       .yama = (unsigned)scope };
}

/* What stands behind "KEY:" at the beginning of a line, NULL for no such line */
static const char *value_of(const char *status, size_t len, const char *key)
{
	const char *at = memmem(status, len, key, strlen(key));

	return at ? at + strlen(key) : NULL;
}

/* Real, effective, saved: all three must be the reader's */
static bool are_all(const char *ids, uint32_t wanted)
{
	for (int i = 0; ids && i < 3; i++) {
		char *end;

		if (strtoul(ids, &end, 10) != wanted || end == ids)
			return false;
		ids = end;
	}
	return ids != NULL;
}

enum access_refusal access_why(const struct access_reader *r, const char *status, size_t len,
			       uint64_t *ret_lacks)
{
	const char *permitted = value_of(status, len, "\nCapPrm:");

	*ret_lacks = 0;
	if (!are_all(value_of(status, len, "\nUid:"), r->uid) ||
	    !are_all(value_of(status, len, "\nGid:"), r->gid))
		return ACCESS_OTHER_USER;
	if (permitted)
		*ret_lacks = strtoull(permitted, NULL, 16) & ~r->effective;
	if (*ret_lacks)
		return ACCESS_CAPABLE;
	return r->yama ? ACCESS_YAMA : ACCESS_UNCLEAR;
}
