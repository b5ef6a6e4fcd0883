/* SPDX-License-Identifier: MIT */
#include "words/rights.h"

#include "base/base.h"
#include "base/rights.h"

const struct rights_use rights_uses[] = {
	{ CAP_SYS_PTRACE,
	  "exit statuses, system calls and PID namespaces of other users' processes" },
	{ CAP_DAC_READ_SEARCH, "system calls and signalfds of processes that another user owns" },
	{ CAP_BPF, "the kernel's own answers: subreapers, times of death, cgroups" },
	{ CAP_PERFMON, "the same, together with CAP_BPF" },
	{ CAP_KILL, "a nudge of other users' processes" },
	{ CAP_SYS_ADMIN, "a probe in another PID namespace, and its own pid_max" },
	{ CAP_SYSLOG, "when a cgroup refused a fork first, where kernel.dmesg_restrict is set" },
};
const size_t rights_n_uses = ARRAY_SIZE(rights_uses);

const char *rights_kept_words(uint64_t held)
{
	if (held & RIGHT(CAP_SYS_PTRACE))
		return "all other capabilities are given up at start, and what a command has no use for";
	return held ? "without CAP_SYS_PTRACE all capabilities are kept until the last process has been read" :
		      NULL;
}
