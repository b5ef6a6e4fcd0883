/* SPDX-License-Identifier: MIT */
#include "base/uname.h"

#include <stdio.h>
#include <sys/utsname.h>

unsigned kernel_running(void)
{
	struct utsname name;
	unsigned major, minor;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL(major, minor);
}
