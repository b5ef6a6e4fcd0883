/* SPDX-License-Identifier: MIT */
#include "case/sight.h"

#include <errno.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/capability.h>

#include "act/privilege.h"
#include "base/file.h"
#include "base/rights.h"

static __attribute__((format(printf, 2, 0))) void remember(struct remarks *r, const char *fmt,
							   va_list ap)
{
	auto_free char *text = xvasprintf(fmt, ap);

	remarks_add(r, &(struct remark){ .code = REMARK_SAID, .text = text });
}

void sight_note(struct sight *sight, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remember(&sight->notes, fmt, ap);
	va_end(ap);
}

void sight_fail(struct sight *sight, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remember(&sight->problems, fmt, ap);
	va_end(ap);
}

void sight_fail_lost(struct sight *sight, pid_t pid, int r)
{
	if (r == -ESRCH)
		sight_problem(sight, REMARK_ENDED_MEANWHILE, .n = (uint64_t)pid);
	else if (r == -ENOENT || r == -EACCES)
		sight_problem(sight,
			      rights_held() & RIGHT(CAP_SYS_PTRACE) ? REMARK_HIDDEN :
								      REMARK_HIDDEN_WITHOUT_RIGHT,
			      .n = (uint64_t)pid);
	else
		sight_problem(sight, REMARK_NOT_LOOKED_AT, .n = (uint64_t)pid, .error = r);
}

void sight_forget(struct sight *sight, size_t n)
{
	remarks_cut(&sight->notes, n);
}

void sight_done(struct sight *sight)
{
	remarks_done(&sight->notes);
	remarks_done(&sight->problems);
}

bool sight_may_load_bpf(const struct sight *sight)
{
	return (sight->rights & RIGHTS_BPF) == RIGHTS_BPF || (sight->rights & RIGHT(CAP_SYS_ADMIN));
}

/* CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON, and is kept only where one of them is missing */
uint64_t sight_rights_for_bpf(const struct sight *sight)
{
	bool both = (sight->rights & RIGHTS_BPF) == RIGHTS_BPF;

	return RIGHTS_BPF | (both ? 0 : RIGHT(CAP_SYS_ADMIN));
}

/* The hidepid= of the mount of proc at that path (proc(5)), "" for none */
static void hidepid_of(const char *path, char *ret, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *m;

	*ret = '\0';
	if (!mounts)
		return;
	while ((m = getmntent(mounts))) {
		const char *option;

		if (!streq(m->mnt_type, "proc") || !streq(m->mnt_dir, path))
			continue;
		/* the last mount on that directory is the one that is seen */
		*ret = '\0';
		option = hasmntopt(m, "hidepid");
		if (option && (option = strchr(option, '=')))
			snprintf(ret, size, "%.*s", (int)strcspn(option + 1, ","), option + 1);
	}
	endmntent(mounts);
}

/* Is the last mount on that directory, which is the one that is seen, of one of these types? */
static bool is_mount_of(const char *path, const char *const types[])
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *m;
	size_t len = strlen(path);
	bool is = false;

	if (!mounts)
		return false;
	while (len > 1 && path[len - 1] == '/')
		len--;
	while ((m = getmntent(mounts))) {
		if (strlen(m->mnt_dir) != len || strncmp(m->mnt_dir, path, len) != 0)
			continue;
		is = false;
		for (const char *const *type = types; *type && !is; type++)
			is = streq(m->mnt_type, *type);
	}
	endmntent(mounts);
	return is;
}

bool sight_may_hang(const struct sight *sight)
{
	/* a hierarchy of version 1 or systemd's hybrid is a tmpfs with mounts in it */
	static const char *const proc[] = { "proc", NULL }, *const cgroup[] = { "cgroup2", "cgroup",
										"tmpfs", NULL };

	return (!streq(sight->procfs, "/proc") && !is_mount_of(sight->procfs, proc)) ||
	       (!streq(sight->cgroupfs, DEFAULT_CGROUPFS) && !is_mount_of(sight->cgroupfs, cgroup));
}

static void note_limits_of_view(struct sight *sight, const struct census *c)
{
	char hidepid[24];

	if (c->n_denied)
		sight_remark(sight, REMARK_OTHERS_UNREAD, .n = c->n_denied);
	if (c->n_malformed)
		sight_remark(sight, REMARK_MALFORMED, .n = c->n_malformed);
	if (c->source == CENSUS_BPF)
		return;
	hidepid_of(sight->procfs, hidepid, sizeof(hidepid));
	if (hidepid[0] && !streq(hidepid, "0") && !streq(hidepid, "off"))
		sight_remark(sight, REMARK_HIDEPID, .text = sight->procfs, .more = hidepid);
}

int sight_census(struct sight *sight, struct census **ret)
{
	struct census_options options = { sight->source, sight->procfd, sight->own_proc,
					  sight->counts_users };
	struct bpf_failure why;
	int r = census_take(&options, ret, &why);

	if (r == -ENOENT)
		sight_problem(sight, REMARK_NO_PROC, .text = sight->procfs);
	else if (r < 0 && why.cause != BPF_USABLE)
		sight_problem(sight, REMARK_BPF_UNUSABLE, .bpf = why);
	else if (r < 0)
		sight_problem(sight, REMARK_PROC_UNREADABLE, .text = sight->procfs, .error = r);
	if (r < 0) {
		(void)file_shortage(); /* told already */
		return r;
	}
	if ((*ret)->bpf_unusable)
		sight_remark(sight, REMARK_FROM_PROCFS, .bpf = (*ret)->bpf_failure);
	note_limits_of_view(sight, *ret);
	sight->census = *ret;
	return 0;
}

int sight_complete(struct sight *sight)
{
	int r = file_shortage();

	if (r == -EMFILE)
		sight_problem(sight, REMARK_TOO_FEW_FILES, .error = r);
	else if (r < 0)
		sight_problem(sight, REMARK_NOT_ALL_READ, .error = r);
	return r;
}

void sight_seen_all(const struct sight *sight)
{
	/* what was not dropped is not used either */
	if (!sight->repeats)
		(void)privilege_drop(sight_rights_for_bpf(sight) & ~sight->rights_kept);
}

void sight_read_all(const struct sight *sight)
{
	if (!sight->repeats)
		(void)privilege_end_reads(0); /* what was not dropped is not used either */
}
