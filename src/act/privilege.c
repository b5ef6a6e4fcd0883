/* SPDX-License-Identifier: MIT */
#include "act/privilege.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "base/rights.h"

static cap_flag_value_t flag_of(uint64_t caps, cap_value_t cap)
{
	return caps & RIGHT(cap) ? CAP_SET : CAP_CLEAR;
}

/* The sets that capset(2) knows */
static int set_caps(uint64_t permitted)
{
	cap_t caps = cap_init();
	int r = caps ? 0 : -ENOMEM;

	for (cap_value_t cap = 0; r == 0 && cap < cap_max_bits(); cap++) {
		cap_flag_value_t value = flag_of(permitted, cap);

		if (cap_set_flag(caps, CAP_PERMITTED, 1, &cap, value) < 0 ||
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, value) < 0)
			r = -errno;
	}
	if (r == 0 && cap_set_proc(caps) < 0)
		r = -errno;
	if (caps)
		cap_free(caps);
	return r;
}

/* What is executed, act/enter/inside/, may have nothing: all of the bounding set can go; without CAP_SETPCAP none can */
static int empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_bound(cap) == 1 && cap_drop_bound(cap) < 0 && errno != EPERM)
			return -errno;
	return 0;
}

/*
 * Linux security/commoncap.c:cap_ptrace_access_check(): without CAP_SYS_PTRACE a process of one's own
 * user can be read only while all that it is permitted is effective here.
 */
static bool reads_depend_on(uint64_t permitted)
{
	return !(permitted & RIGHT(CAP_SYS_PTRACE));
}

int privilege_keep(uint64_t keep)
{
	uint64_t have;
	int r = rights_permitted(&have);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* before Linux 4.3 there is no ambient set to empty */
	if (CAP_AMBIENT_SUPPORTED() && cap_reset_ambient() < 0)
		return -errno;
	r = empty_bounding_set();
	return r < 0 ? r : set_caps(reads_depend_on(have) ? have : have & keep);
}

int privilege_drop(uint64_t caps)
{
	uint64_t have = 0;
	int r = rights_permitted(&have);

	if (r < 0 || !(have & caps) || reads_depend_on(have))
		return r;
	return set_caps(have & ~caps);
}

int privilege_end_reads(uint64_t keep)
{
	uint64_t have = 0;
	int r = rights_permitted(&have);

	if (r < 0 || !(have & ~keep) || !reads_depend_on(have))
		return r;
	return set_caps(have & keep);
}
