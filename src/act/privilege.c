/* SPDX-License-Identifier: MIT */
#include "act/privilege.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "base/base.h"

const struct privilege_use privilege_uses[] = {
	{ CAP_SYS_PTRACE,
	  "exit statuses, system calls and PID namespaces of other users' processes" },
	{ CAP_DAC_READ_SEARCH, "system calls and signalfds of processes that another user owns" },
	{ CAP_BPF, "the kernel's own answers: subreapers, times of death, cgroups" },
	{ CAP_PERFMON, "the same, together with CAP_BPF" },
	{ CAP_KILL, "a nudge of other users' processes" },
	{ CAP_SYS_ADMIN, "a probe in another PID namespace, and its own pid_max" },
};
const size_t privilege_n_uses = ARRAY_SIZE(privilege_uses);

const char *privilege_from_file(void)
{
	if (getuid() != geteuid())
		return "set-user-ID";
	if (getgid() != getegid())
		return "set-group-ID";
	/* cap_bprm_creds_from_file(): AT_SECURE, and no change of IDs; root gains nothing by a file */
	if (getauxval(AT_SECURE) && getuid() != 0 && privilege_held())
		return "file capabilities";
	return NULL;
}

static cap_flag_value_t flag_of(uint64_t caps, cap_value_t cap)
{
	return caps & PRIVILEGE(cap) ? CAP_SET : CAP_CLEAR;
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

static int permitted(uint64_t *ret)
{
	cap_t caps = cap_get_proc();
	uint64_t set = 0;

	if (!caps)
		return -errno;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (cap_get_flag(caps, cap, CAP_PERMITTED, &value) == 0 && value == CAP_SET)
			set |= PRIVILEGE(cap);
	}
	cap_free(caps);
	*ret = set;
	return 0;
}

/* Nothing is ever executed, so all of the bounding set can go; without CAP_SETPCAP none can */
static int empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_get_bound(cap) == 1 && cap_drop_bound(cap) < 0 && errno != EPERM)
			return -errno;
	return 0;
}

int privilege_keep(uint64_t keep)
{
	uint64_t have;
	int r = permitted(&have);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* before Linux 4.3 there is no ambient set to empty */
	if (CAP_AMBIENT_SUPPORTED() && cap_reset_ambient() < 0)
		return -errno;
	r = empty_bounding_set();
	return r < 0 ? r : set_caps(have & keep);
}

int privilege_drop(uint64_t caps)
{
	uint64_t have = 0;
	int r = permitted(&have);

	if (r < 0 || !(have & caps))
		return r;
	return set_caps(have & ~caps);
}

uint64_t privilege_held(void)
{
	cap_t caps = cap_get_proc();
	uint64_t set = 0;

	if (!caps)
		return 0;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (cap_get_flag(caps, cap, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET)
			set |= PRIVILEGE(cap);
	}
	cap_free(caps);
	return set;
}

char *privilege_name(cap_value_t cap)
{
	char *found = cap_to_name(cap), *name;

	if (!found)
		return xasprintf("capability %d", cap);
	name = xstrdup(found);
	cap_free(found);
	for (char *s = name; *s; s++)
		*s = (char)toupper((unsigned char)*s);
	return name;
}
