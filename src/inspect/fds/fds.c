/* SPDX-License-Identifier: MIT */
#include "inspect/fds/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "inspect/fds/masters.h"

static int read_link(int dir, const char *name, struct fd_link *ret)
{
	ssize_t n = readlinkat(dir, name, ret->text, sizeof(ret->text) - 1);
	unsigned long long inode = 0;

	if (n < 0)
		return file_error(errno);
	ret->text[n] = '\0';
	ret->kind = sscanf(ret->text, "pipe:[%llu]", &inode) == 1   ? FD_PIPE :
		    sscanf(ret->text, "socket:[%llu]", &inode) == 1 ? FD_SOCKET :
								      FD_OTHER;
	ret->inode = inode;
	return 0;
}

int fd_link_read(const struct census *c, const struct process *p, int fd, struct fd_link *ret)
{
	struct stat st;
	char name[32];
	int r;

	*ret = (struct fd_link){ 0 };
	snprintf(name, sizeof(name), "%d/fd/%d", p->pid, fd);
	r = read_link(c->procfd, name, ret);
	if (r < 0 || ret->kind != FD_OTHER || fstatat(c->procfd, name, &st, 0))
		return r;
	if (S_ISFIFO(st.st_mode)) { /* mkfifo(1) */
		ret->kind = FD_PIPE;
		ret->inode = st.st_ino;
	} else if (master_of(c, p, fd, &st, &ret->terminal, &ret->devpts)) {
		ret->kind = FD_MASTER;
	}
	return 0;
}

/*
 * The text is another wherever devpts is mounted, and a number is its last part everywhere; so it is of other files,
 * which may lie where nobody answers: nothing is asked for anew (statx(2)).
 */
static bool is_terminal_of(int dir, const char *name, const char *text,
			   const struct fd_link *master)
{
	const char *last = strrchr(text, '/');
	struct statx st;

	if (master->kind != FD_MASTER || !last || !last[1] ||
	    last[1 + strspn(last + 1, "0123456789")])
		return false;
	return statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 && S_ISCHR(st.stx_mode) &&
	       makedev(st.stx_rdev_major, st.stx_rdev_minor) == master->terminal &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == master->devpts;
}

/* proc_pid_fdinfo(5): "flags:" in octal; a socket is always open for both */
static bool is_writable(const struct census *c, pid_t pid, int fd)
{
	char path[64], text[512];
	const char *line;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", pid, fd);
	if (file_read_at(c->procfd, path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "flags:");
	return line && (strtoul(line + strlen("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
}

int fds_match(const struct census *c, const struct process *p, const struct fd_link *links,
	      size_t n_links, struct fd_match *ret, size_t size, size_t *ret_n_fds)
{
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;
	char path[24];
	size_t n = 0;

	snprintf(path, sizeof(path), "%d/fd", p->pid);
	dir = file_list_at(c->procfd, path);
	if (!dir)
		return file_error(errno);
	while ((entry = readdir(dir))) {
		struct fd_link link;
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] == '.' || read_link(dirfd(dir), entry->d_name, &link) < 0)
			continue;
		if (ret_n_fds)
			++*ret_n_fds;
		for (size_t i = 0; i < n_links; i++) {
			if (links[i].kind == FD_MASTER ? !is_terminal_of(dirfd(dir), entry->d_name,
									 link.text, &links[i]) :
							 !streq(link.text, links[i].text))
				continue;
			if (n < size)
				ret[n] = (struct fd_match){ fd, i, is_writable(c, p->pid, fd) };
			n++;
		}
	}
	return (int)n;
}

static int parse_peer(const char *answer, size_t len, uint64_t *ret_peer)
{
	const size_t align = sizeof(uint32_t);
	size_t at = NLMSG_LENGTH(sizeof(struct unix_diag_msg));
	struct nlmsghdr head;

	memcpy(&head, answer, sizeof(head));
	if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -ENOENT;
	len = head.nlmsg_len < len ? head.nlmsg_len : len;
	while (at + sizeof(struct rtattr) <= len) {
		struct rtattr attribute;
		uint32_t peer;

		memcpy(&attribute, answer + at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute))
			break;
		if (attribute.rta_type == UNIX_DIAG_PEER &&
		    attribute.rta_len >= sizeof(attribute) + sizeof(peer) &&
		    at + sizeof(attribute) + sizeof(peer) <= len) {
			memcpy(&peer, answer + at + sizeof(attribute), sizeof(peer));
			*ret_peer = peer;
			return 0;
		}
		at += (attribute.rta_len + align - 1) & ~(align - 1);
	}
	return -ENOENT;
}

int unix_peer(uint64_t inode, uint64_t *ret_peer)
{
	struct {
		struct nlmsghdr head;
		struct unix_diag_req request;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST },
		.request = { .sdiag_family = AF_UNIX,
			     .udiag_states = ~0U,
			     .udiag_ino = (uint32_t)inode,
			     .udiag_show = UDIAG_SHOW_PEER,
			     .udiag_cookie = { ~0U, ~0U } },
	};
	char answer[1024];
	auto_close int s = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n;

	if (s < 0 || send(s, &ask, sizeof(ask), 0) != (ssize_t)sizeof(ask))
		return -errno;
	n = recv(s, answer, sizeof(answer), MSG_DONTWAIT);
	if (n < (ssize_t)sizeof(struct nlmsghdr))
		return n < 0 ? -errno : -ENOENT;
	return parse_peer(answer, (size_t)n, ret_peer);
}
