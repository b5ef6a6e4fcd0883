/* SPDX-License-Identifier: MIT */
#include "base/harden.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void harden_drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)syscall(SYS_capset, &header, none); /* giving up is always allowed */
}

void harden_close_all_but(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (syscall(SYS_close_range, ~0U, ~0U, 0) < 0 && errno == ENOSYS) {
		/* before Linux 5.9; a coroner has few */
		for (int fd = 0; fd < 1024; fd++)
			if (fd != a && fd != b)
				close(fd);
		return;
	}
	if (a < 0 || b < 0) {
		low = high = (unsigned)(a < 0 ? b : a);
	} else if (high > low + 1) {
		(void)syscall(SYS_close_range, low + 1, high - 1, 0);
	}
	if (low > 0)
		(void)syscall(SYS_close_range, 0, low - 1, 0);
	(void)syscall(SYS_close_range, high + 1, ~0U, 0);
}
