/* SPDX-License-Identifier: MIT */
#include "act/enter/airlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "act/enter/inside.h"
#include "act/pin.h"
#include "base/base.h"
#include "base/file.h"
#include "base/harden.h"
#include "base/uname.h"
#include "inside_image.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 include/uapi/linux/memfd.h */
#endif

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* -- the program -- */

static int image_new(void)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	auto_close int fd = memfd_create("coroner", flags | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("coroner", flags); /* before Linux 6.3 all may be run */
	if (fd < 0)
		return -errno;
	if (write(fd, inside_image, sizeof(inside_image)) != (ssize_t)sizeof(inside_image))
		return -EIO;
	/* what its user may not read is never dumpable: Linux fs/exec.c:would_dump() */
	if (fchmod(fd, 0111) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return take_fd(&fd);
}

/* -- the namespaces -- */

#define READ_ONLY (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)

/*
 * TOMOYO looks up the path that execveat(2) makes of a descriptor, and refuses the program where there is
 * none, until Linux 6.14: security/tomoyo/domain.c:tomoyo_find_next_domain(). An empty file will do. No
 * capability overrides the modes of files any more.
 */
static int path_of_image_new(int root)
{
	auto_close int file = -1;

	if (kernel_running() >= KERNEL(6, 14))
		return 0;
	if (mkdirat(root, "dev", 0755) < 0 || mkdirat(root, "dev/fd", 0755) < 0)
		return -errno;
	file = openat(root, AIRLOCK_IMAGE_PATH, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0);
	return file < 0 ? -errno : 0;
}

/* An empty file system but for that path, mounted nowhere yet */
static int nothing_new(void)
{
	auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), fd = -1;
	int r;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", "4096", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fd < 0)
		return -errno;
	r = path_of_image_new(fd);
	return r < 0 ? r : take_fd(&fd);
}

static bool is_mount_root(void)
{
	struct statx st;

	return statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Make "/" that file system; it can be written to still */
static int change_root(void)
{
	auto_close int nothing = -1;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	nothing = nothing_new();
	if (nothing < 0)
		return nothing;
	if (!is_mount_root())
		return -EINVAL; /* a chroot: pivot_root(2) cannot, and ".." of a cover leads outside */
	if (move_mount(nothing, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    fchdir(nothing) < 0)
		return -errno;
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		return umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ? -errno : 0;
	/*
	 * The first file system of all, an initramfs, cannot be pivoted away (pivot_root(2)). Covered at
	 * its root it cannot be reached by a path either: ".." at a root leads nowhere.
	 */
	return errno != EINVAL || chroot(".") < 0 || chdir("/") < 0 ? -errno : 0;
}

static int leave_all_files(void)
{
	int r = change_root();

	if (r < 0)
		return r;
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | READ_ONLY, NULL) < 0 ? -errno : 0;
}

static _Noreturn void keep(int socket)
{
	int error = unshare(NAMESPACES) < 0 ? -errno : leave_all_files();
	char byte;

	harden_drop_capabilities();
	if (send(socket, &error, sizeof(error), MSG_NOSIGNAL) == (ssize_t)sizeof(error))
		while (read(socket, &byte, 1) < 0 && errno == EINTR)
			;
	_exit(0);
}

/* Returns 0, or what the keeper said: a negative errno */
static int keeper_new(struct airlock *a)
{
	int pair[2], error = -EIO;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	a->pid = fork();
	if (a->pid == 0) {
		(void)setsid(); /* out of reach of the terminal's keys */
		harden_close_all_but(pair[1], -1);
		keep(pair[1]);
	}
	a->socket = pair[0];
	close(pair[1]);
	if (a->pid < 0)
		return -errno;
	if (recv(a->socket, &error, sizeof(error), 0) != (ssize_t)sizeof(error))
		return -EIO;
	if (error == 0)
		error = a->keeper = pin_open_child(a->pid);
	return error < 0 ? error : 0;
}

int airlock_open(bool seal, struct airlock *ret)
{
	*ret = (struct airlock){ .image = -1, .socket = -1, .keeper = -1, .unsealed = -EPERM };
	if (!INSIDE_SUPPORTED)
		return -EOPNOTSUPP;
	ret->image = image_new();
	if (ret->image < 0)
		return ret->image == -ENOSYS ? -EOPNOTSUPP : file_error(-ret->image);
	if (seal)
		ret->unsealed = keeper_new(ret);
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void airlock_close(struct airlock *a)
{
	close_fd(&a->image);
	close_fd(&a->socket);
	/* that it hears nobody any more is enough where it may not be ended */
	if (a->pid > 0 && a->keeper >= 0)
		(void)pin_signal(a->keeper, SIGKILL);
	if (a->pid > 0)
		while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
			;
	close_fd(&a->keeper);
	a->pid = 0;
}

int airlock_enter(const struct airlock *a)
{
	if (a->unsealed)
		return 0;
	return setns(a->keeper, NAMESPACES) < 0 ? -errno : 0;
}
