/* SPDX-License-Identifier: MIT */
/*
 * The census from a BPF task iterator: load census.bpf.c through its light skeleton (no libbpf at
 * run time), read the iterator's file, and say in words why where that does not work.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/capability.h>

#include "base/duration.h"
#include "base/file.h"
#include "base/uname.h"
#include "census/bpf_records.h"
#include "census/proc_stat.h"

#if WITH_BPF
#include "census.lskel.h"

#define NS_PER_S INT64_C(1000000000)

static void skeleton_cleanup(struct census_bpf **skeleton)
{
	census_bpf__destroy(*skeleton);
}

/* CAP_SYS_ADMIN stands for both of the others. */
static const char *missing_capability(void)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t admin = CAP_CLEAR, bpf = CAP_CLEAR, perfmon = CAP_CLEAR;

	if (!caps)
		return NULL;
	(void)cap_get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &admin);
	(void)cap_get_flag(caps, CAP_BPF, CAP_EFFECTIVE, &bpf);
	(void)cap_get_flag(caps, CAP_PERFMON, CAP_EFFECTIVE, &perfmon);
	(void)cap_free(caps);
	if (admin == CAP_SET || (bpf == CAP_SET && perfmon == CAP_SET))
		return NULL;
	if (bpf == CAP_SET)
		return "CAP_PERFMON (or CAP_SYS_ADMIN) is missing";
	if (perfmon == CAP_SET)
		return "CAP_BPF (or CAP_SYS_ADMIN) is missing";
	return "CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) are missing";
}

static bool file_holds(int dirfd, const char *path, const char *word)
{
	char buf[4096];

	return file_read_at(dirfd, path, buf, sizeof(buf)) >= 0 && strstr(buf, word);
}

/* user_namespaces(7): the initial one maps every ID to itself */
static bool in_initial_userns(int procfd)
{
	unsigned long inside, outside, count;
	char buf[4096];

	if (file_read_at(procfd, "self/uid_map", buf, sizeof(buf)) < 0)
		return true;
	return sscanf(buf, "%lu %lu %lu", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == UINT32_MAX;
}

static const char *reason_words(int procfd, int r)
{
	const char *missing = missing_capability();

	if (r == -ENOSYS)
		return "this kernel has no bpf(2), or a seccomp filter hides it";
	/* whatever the error: without CAP_PERFMON the verifier calls the program invalid */
	if (missing)
		return missing;
	if ((r == -EPERM || r == -EACCES) && !in_initial_userns(procfd))
		return "capabilities of a user namespace do not count for BPF";
	if (r == -EPERM || r == -EACCES)
		return "a seccomp filter or a security module forbids bpf(2)";
	if (access("/sys/kernel", F_OK) == 0 && access("/sys/kernel/btf/vmlinux", F_OK) < 0)
		return "this kernel carries no type information (no /sys/kernel/btf/vmlinux)";
	if (file_holds(AT_FDCWD, "/sys/kernel/security/lockdown", "[confidentiality]"))
		return "the kernel is locked down (confidentiality): BPF may not read its memory";
	if (r == -EINVAL || r == -ENOENT || r == -EBADMSG)
		return "the kernel refuses the program (it needs Linux 5.18 or later)";
	return strerror(-r);
}

/* Why the step failed, for people; r is a negative errno. The caller owns the text. */
static char *reason(int procfd, const char *step, int r)
{
	return xasprintf("BPF: %s: %s", step, reason_words(procfd, r));
}

/* Load the program and open a pass over all tasks: a file descriptor, or a negative errno. */
static int iterator_open(const char **ret_step)
{
	__attribute__((cleanup(skeleton_cleanup))) struct census_bpf *skeleton = NULL;
	auto_close int link = -1;
	union bpf_attr attr = { 0 };
	int fd, r;

	*ret_step = "cannot load the program";
	skeleton = census_bpf__open();
	if (!skeleton)
		return -ENOMEM;
	skeleton->rodata->has_cast = kernel_running() >= KERNEL(6, 2);
	r = census_bpf__load(skeleton);
	if (r < 0)
		return r;
	*ret_step = "cannot start the iterator";
	link = skel_link_create(skeleton->progs.dump_task.prog_fd, 0, BPF_TRACE_ITER);
	if (link < 0)
		return -errno;
	attr.iter_create.link_fd = (uint32_t)link;
	fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	/* the open file keeps link, program and maps alive */
	return fd < 0 ? -errno : fd;
}

/* What this process's time namespace adds to CLOCK_BOOTTIME; time_namespaces(7). */
static int64_t timens_offset(int procfd)
{
	char buf[256], *line;
	long long s, ns;

	if (file_read_at(procfd, "self/timens_offsets", buf, sizeof(buf)) <= 0)
		return 0;
	line = strstr(buf, "boottime");
	if (!line || sscanf(line, "boottime %lld %lld", &s, &ns) != 2)
		return 0;
	return s * NS_PER_S + ns;
}

/* Add a process that the iterator left out, from /proc: what only the kernel tells stays unknown. */
static void add_hidden(struct bpf_records *b, pid_t pid)
{
	struct census *c = b->census;
	auto_free char *path = xasprintf("%d/stat", (int)pid);
	char text[1024];
	struct process p = { 0 };
	ssize_t n = file_read_at(c->procfd, path, text, sizeof(text));
	size_t i = c->n;

	if (n < 0 || proc_stat_parse(text, (size_t)n, &p) < 0 || p.pid != pid)
		return;
	bpf_records_make_room(b);
	for (; i > 0 && c->procs[i - 1].pid > pid; i--)
		;
	memmove(&c->procs[i + 1], &c->procs[i], (c->n - i) * sizeof(*c->procs));
	memmove(&c->kernel[i + 1], &c->kernel[i], (c->n - i) * sizeof(*c->kernel));
	c->procs[i] = p;
	c->kernel[i] = (struct process_kernel){ .hidden = true };
	c->n++;
}

/*
 * Some kernels do not show every process to iterators (the init of some virtual machines): a
 * parent that is missing is fetched from /proc. One that is not there either was born or died
 * since, as may happen with any census.
 */
static void add_missing_parents(struct bpf_records *b)
{
	const struct census *c = b->census;
	size_t size = (c->n ? (size_t)c->procs[c->n - 1].pid : 1) + 1;
	auto_free bool *met = xcalloc(size, sizeof(*met)); /* by number */

	for (size_t i = 0; i < c->n; i++)
		met[c->procs[i].pid] = true;
	if (!met[1])
		add_hidden(b, 1);
	met[1] = true;
	for (size_t i = 0; i < c->n; i++) {
		size_t ppid = (size_t)c->procs[i].ppid;

		if (ppid == 0 || (ppid < size && met[ppid]))
			continue;
		if (ppid < size)
			met[ppid] = true;
		add_hidden(b, (pid_t)ppid);
	}
}

int census_bpf_read(struct census *c, char **ret_why)
{
	struct bpf_records b = {
		.census = c,
		.tick_ns = (uint64_t)(NS_PER_S / sysconf(_SC_CLK_TCK)),
		.timens_ns = timens_offset(c->procfd),
	};
	const char *step;
	auto_close int fd = iterator_open(&step);
	int r = fd;

	if (r >= 0) {
		step = "cannot read the iterator";
		r = bpf_records_read(&b, fd);
	}
	if (r < 0) {
		*ret_why = reason(c->procfd, step, r);
		bpf_records_drop(&b);
		return -EOPNOTSUPP;
	}
	add_missing_parents(&b);
	bpf_records_done(&b);
	c->source = CENSUS_BPF;
	return 0;
}
#endif
