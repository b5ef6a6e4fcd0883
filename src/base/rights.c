/* SPDX-License-Identifier: MIT */
#include "base/rights.h"

#include <ctype.h>
#include <errno.h>
#include <sys/auxv.h>

#include "base/base.h"

const char *rights_from_file(void)
{
	if (getuid() != geteuid())
		return "set-user-ID";
	if (getgid() != getegid())
		return "set-group-ID";
	/* cap_bprm_creds_from_file(): AT_SECURE, and no change of IDs; root gains nothing by a file */
	if (getauxval(AT_SECURE) && getuid() != 0 && rights_held())
		return "file capabilities";
	return NULL;
}

static int read_set(cap_flag_t which, uint64_t *ret)
{
	cap_t caps = cap_get_proc();
	uint64_t set = 0;

	if (!caps)
		return -errno;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (cap_get_flag(caps, cap, which, &value) == 0 && value == CAP_SET)
			set |= RIGHT(cap);
	}
	cap_free(caps);
	*ret = set;
	return 0;
}

int rights_permitted(uint64_t *ret)
{
	return read_set(CAP_PERMITTED, ret);
}

int rights_effective(uint64_t *ret)
{
	return read_set(CAP_EFFECTIVE, ret);
}

uint64_t rights_held(void)
{
	uint64_t set = 0;

	(void)rights_effective(&set); /* none then */
	return set;
}

char *rights_name(cap_value_t cap)
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
