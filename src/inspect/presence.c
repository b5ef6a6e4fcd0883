/* SPDX-License-Identifier: MIT */
#include "inspect/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/file.h"
#include "census/proc_stat.h"
#include "inspect/text/status.h"

/* A number may be given anew between two looks: who is not found is looked for again */
#define LOOKS 3

static bool is_proc(int procfd)
{
	struct statfs fs;

	return fstatfs(procfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int presence_check_proc(int procfd)
{
	struct proc_status status;
	int r;

	if (!is_proc(procfd))
		return -EOPNOTSUPP;
	r = proc_status_read_pid(procfd, 0, &status);
	if (r < 0)
		return r == -ESRCH || r == -EACCES || r == -EBADMSG ? -EOPNOTSUPP : r;
	/* before Linux 4.1 there is no NSpid, and the number has to do */
	return status.tgid == getpid() && status.n_ns_pids <= 1 ? 0 : -EOPNOTSUPP;
}

bool presence_is_own_proc(int procfd)
{
	return presence_check_proc(procfd) == 0;
}

/* ESRCH of any call that looks a number up, as of signal 0: there is neither process nor zombie */
static bool is_number_taken(pid_t pid)
{
	return getpgid(pid) >= 0 || errno != ESRCH;
}

bool presence_is_number_free(const struct census *c, pid_t pid)
{
	return c->own_proc && !is_number_taken(pid);
}

bool presence_is_hidden(const struct census *c, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/stat", pid);
	return c->own_proc && is_number_taken(pid) && faccessat(c->procfd, path, F_OK, 0) < 0 &&
	       is_number_taken(pid);
}

/* Whether proc may hide a process that it has shown before: one whose user changed since */
static bool may_hide(int procfd)
{
	auto_free char *mounts = NULL, *id = NULL;
	char *save = NULL;
	struct statx st;
	size_t len;

	if (!is_proc(procfd) || statx(procfd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_mask & STATX_MNT_ID) ||
	    file_slurp_at(AT_FDCWD, "/proc/self/mountinfo", &mounts, &len) < 0)
		return true;
	id = xasprintf("%llu ", (unsigned long long)st.stx_mnt_id);
	for (char *line = strtok_r(mounts, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (has_prefix(line, id))
			return strstr(line, "hidepid=") != NULL;
	return true;
}

/* No such directory, or no such file in it: -ESRCH where that proves that the process is gone */
static int gone_or_hidden(const struct census *c, pid_t pid)
{
	if (c->own_proc)
		return is_number_taken(pid) ? -ENOENT : -ESRCH;
	return may_hide(c->procfd) ? -ENOENT : -ESRCH;
}

/* As proc_stat_read(), but ENOENT stays apart from ESRCH, which a pinned directory says of the gone */
static int read_stat(int dir, const char *path, struct process *fresh)
{
	int r;

	errno = 0;
	r = proc_stat_read(dir, path, fresh);
	return r == -ESRCH && errno == ENOENT ? -ENOENT : r;
}

/* What one look at a file says is asked of the number too, where it is ours to ask: see gone_or_hidden() */
static int unproven(const struct census *c, int r)
{
	return r == -ESRCH && c->own_proc ? -ENOENT : r;
}

static int pin_once(const struct census *c, const struct process *p, struct process *fresh)
{
	auto_close int fd = -1;
	char path[16];
	int r;

	snprintf(path, sizeof(path), "%d", p->pid);
	fd = openat(c->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : unproven(c, file_error(errno));
	*fresh = *p;
	r = read_stat(fd, "stat", fresh);
	if (r < 0)
		return unproven(c, r);
	return process_is_same(p, fresh) ? take_fd(&fd) : -ESRCH;
}

int presence_pin(const struct census *c, const struct process *p, struct process *ret_fresh)
{
	struct process fresh;
	int fd = -ENOENT;

	for (int looks = 0; fd == -ENOENT && looks < LOOKS; looks++) {
		fd = pin_once(c, p, &fresh);
		if (fd == -ENOENT && gone_or_hidden(c, p->pid) == -ESRCH)
			return -ESRCH;
	}
	if (fd >= 0 && ret_fresh)
		*ret_fresh = fresh;
	return fd;
}

int presence_of_zombie(const struct census *c, const struct process *zombie)
{
	struct process fresh = *zombie;
	int r = -ENOENT;
	char path[32];

	snprintf(path, sizeof(path), "%d/stat", zombie->pid);
	for (int looks = 0; r == -ENOENT && looks < LOOKS; looks++) {
		r = unproven(c, read_stat(c->procfd, path, &fresh));
		if (r == -ENOENT && gone_or_hidden(c, zombie->pid) == -ESRCH)
			return -ESRCH;
	}
	if (r < 0)
		return r;
	return process_is_same(zombie, &fresh) && fresh.state == 'Z' && fresh.ppid == zombie->ppid ?
		       0 :
		       -ESRCH;
}
