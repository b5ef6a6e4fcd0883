/* SPDX-License-Identifier: MIT */
#include "words/source.h"

#include "words/tokens.h"

static const char *const causes[] = {
	[BPF_NOT_BUILT] = "this coroner was built without BPF (make BPF=0)",
	[BPF_OTHER_PROC] =
		"the proc that is read is not that of coroner's own PID namespace; BPF knows processes by the numbers of that one (nsenter --target 1 --pid, or hostPID: true)",
	[BPF_NO_SYSCALL] = "this kernel has no bpf(2), or a seccomp filter hides it",
	[BPF_LACKS_PERFMON] = "CAP_PERFMON (or CAP_SYS_ADMIN) is missing",
	[BPF_LACKS_BPF] = "CAP_BPF (or CAP_SYS_ADMIN) is missing",
	[BPF_LACKS_BOTH] = "CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) are missing",
	[BPF_IN_USERNS] = "capabilities of a user namespace do not count for BPF",
	[BPF_FORBIDDEN] = "a seccomp filter or a security module forbids bpf(2)",
	[BPF_NO_TYPES] = "this kernel carries no type information (no /sys/kernel/btf/vmlinux)",
	[BPF_LOCKED_DOWN] =
		"the kernel is locked down (confidentiality): BPF may not read its memory",
	[BPF_TOO_OLD] = "this kernel is too old: the program needs Linux 5.18 or later",
	[BPF_REFUSED] = "the kernel refuses the program",
};

char *bpf_failure_words(const struct bpf_failure *f)
{
	static const char *const steps[] = {
		[BPF_LOAD] = "cannot load the program",
		[BPF_START] = "cannot start the iterator",
		[BPF_READ] = "cannot read the iterator",
	};
	const char *cause = f->cause == BPF_ERROR ? strerror(-f->error) : causes[f->cause];

	return f->step == BPF_BEGIN ? xstrdup(cause) :
				      xasprintf("BPF: %s: %s", steps[f->step], cause);
}

char *source_taken_words(const enum census_source *source, const struct bpf_failure *failure)
{
	const char *taken = source ? source_token(*source) : "none";
	auto_free char *why = NULL;

	if (failure->cause == BPF_USABLE)
		return xstrdup(taken);
	why = bpf_failure_words(failure);
	return xasprintf("%s, for BPF cannot be used: %s", taken, why);
}

char *none_adopted_words(const struct census *c)
{
	return xasprintf("no process shows that it was adopted; %zu seen through %s", c->n,
			 source_name(c->source));
}
