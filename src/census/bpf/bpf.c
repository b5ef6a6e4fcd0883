/* SPDX-License-Identifier: MIT */
/*
 * The census from a BPF task iterator: load census.bpf.c through its light skeleton (no libbpf at
 * run time), read the iterator's file, and say in words why where that does not work.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/stat.h>

#include "base/duration.h"
#include "base/file.h"
#include "base/uname.h"
#include "census/bpf/bpf_records.h"
#include "census/index.h"
#include "census/proc_stat.h"

#if WITH_BPF
#include "census.lskel.h"
#include "census_users.lskel.h"

/* CAP_SYS_ADMIN stands for both of the others. */
static enum bpf_cause missing_capability(void)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t admin = CAP_CLEAR, bpf = CAP_CLEAR, perfmon = CAP_CLEAR;

	if (!caps)
		return BPF_USABLE;
	(void)cap_get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &admin);
	(void)cap_get_flag(caps, CAP_BPF, CAP_EFFECTIVE, &bpf);
	(void)cap_get_flag(caps, CAP_PERFMON, CAP_EFFECTIVE, &perfmon);
	(void)cap_free(caps);
	if (admin == CAP_SET || (bpf == CAP_SET && perfmon == CAP_SET))
		return BPF_USABLE;
	if (bpf == CAP_SET)
		return BPF_LACKS_PERFMON;
	if (perfmon == CAP_SET)
		return BPF_LACKS_BPF;
	return BPF_LACKS_BOTH;
}

static bool file_holds(int dirfd, const char *path, const char *word)
{
	char buf[4096];

	return file_read_at(dirfd, path, buf, sizeof(buf)) >= 0 && strstr(buf, word);
}

/* Linux include/linux/proc_ns.h: PROC_USER_INIT_INO. A uid_map tells nothing: any may map each ID to itself */
#define USERNS_INIT_INODE 0xEFFFFFFDU

static bool in_initial_userns(int procfd)
{
	struct stat st;

	/* without user namespaces there is no such file, and no other to be in */
	return fstatat(procfd, "self/ns/user", &st, 0) < 0 || st.st_ino == USERNS_INIT_INODE;
}

/* Why a step failed; r is a negative errno */
static enum bpf_cause cause_of(int procfd, int r)
{
	enum bpf_cause missing = missing_capability();

	if (r == -ENOSYS)
		return BPF_NO_SYSCALL;
	/* whatever the error: without CAP_PERFMON the verifier calls the program invalid */
	if (missing != BPF_USABLE)
		return missing;
	if ((r == -EPERM || r == -EACCES) && !in_initial_userns(procfd))
		return BPF_IN_USERNS;
	if (r == -EPERM || r == -EACCES)
		return BPF_FORBIDDEN;
	/* one that has a distribution's backports does not come here */
	if (kernel_running() && kernel_running() < KERNEL(5, 18))
		return BPF_TOO_OLD;
	if (access("/sys/kernel", F_OK) == 0 && access("/sys/kernel/btf/vmlinux", F_OK) < 0)
		return BPF_NO_TYPES;
	if (file_holds(AT_FDCWD, "/sys/kernel/security/lockdown", "[confidentiality]"))
		return BPF_LOCKED_DOWN;
	if (r == -EINVAL || r == -ENOENT || r == -EBADMSG)
		return BPF_REFUSED;
	return BPF_ERROR;
}

/* Start a pass over all tasks with a loaded program: a file descriptor, or a negative errno. */
static int iterator_start(int program)
{
	auto_close int link = skel_link_create(program, 0, BPF_TRACE_ITER);
	union bpf_attr attr = { 0 };
	int fd;

	if (link < 0)
		return -errno;
	attr.iter_create.link_fd = (uint32_t)link;
	fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	/* the open file keeps link, program and maps alive */
	return fd < 0 ? -errno : fd;
}

/* Of each build of the program: load it and open a pass. A file descriptor, or a negative errno. */
#define DEFINE_ITERATOR_OPEN(build)                                            \
	static int build##_open(enum bpf_step *ret_step)                       \
	{                                                                      \
		struct build##_bpf *skeleton = build##_bpf__open();            \
		int r;                                                         \
                                                                               \
		*ret_step = BPF_LOAD;                                          \
		if (!skeleton)                                                 \
			return -ENOMEM;                                        \
		skeleton->rodata->has_cast = kernel_running() >= KERNEL(6, 2); \
		r = build##_bpf__load(skeleton);                               \
		if (r >= 0) {                                                  \
			*ret_step = BPF_START;                                 \
			r = iterator_start(skeleton->progs.dump_task.prog_fd); \
		}                                                              \
		build##_bpf__destroy(skeleton);                                \
		return r;                                                      \
	}

DEFINE_ITERATOR_OPEN(census)
DEFINE_ITERATOR_OPEN(census_users)

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
	struct process p = { 0 };
	size_t i = c->n;

	if (proc_stat_read_pid(c->procfd, pid, &p) < 0 || p.pid != pid)
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

static int compare_numbers(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The parents, and init, that are not in the census: 0 for none that could be added */
static size_t add_missing(struct bpf_records *b)
{
	struct census *c = b->census;
	size_t before = c->n, n = 0, cap = 0;
	auto_free pid_t *missing = NULL;
	pid_t ppid = 0;

	if (!census_find(c, 1)) {
		ARRAY_GROW(missing, n, cap);
		missing[n++] = 1;
	}
	for (size_t i = 0; i < c->n; i++) {
		/* neighbours mostly have one parent */
		if (c->procs[i].ppid == ppid)
			continue;
		ppid = c->procs[i].ppid;
		if (ppid == 0 || census_find(c, ppid))
			continue;
		ARRAY_GROW(missing, n, cap);
		missing[n++] = ppid;
	}
	if (n > 0)
		qsort(missing, n, sizeof(*missing), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || missing[i] != missing[i - 1])
			add_hidden(b, missing[i]);
	return c->n - before;
}

/*
 * Some kernels do not show every process to iterators (the init of some virtual machines): a
 * parent that is missing is fetched from /proc. One that is not there either was born or died
 * since, as may happen with any census. What this takes goes by how many there are: where many are
 * born the numbers run to millions.
 */
static void add_missing_parents(struct bpf_records *b)
{
	census_index(b->census);
	while (add_missing(b) > 0)
		census_index(b->census);
}

int census_bpf_read(struct census *c, bool users, struct bpf_failure *ret_why)
{
	struct bpf_records b = {
		.census = c,
		.tick_ns = (uint64_t)(NS_PER_S / sysconf(_SC_CLK_TCK)),
		.timens_ns = timens_offset(c->procfd),
	};
	enum bpf_step step;
	auto_close int fd = users ? census_users_open(&step) : census_open(&step);
	int r = fd;

	if (r >= 0) {
		step = BPF_READ;
		r = bpf_records_read(&b, fd);
	}
	if (r < 0) {
		*ret_why = (struct bpf_failure){ cause_of(c->procfd, r), step, r };
		bpf_records_drop(&b);
		return -EOPNOTSUPP;
	}
	add_missing_parents(&b);
	bpf_records_done(&b);
	c->source = CENSUS_BPF;
	return 0;
}
#endif
