/* SPDX-License-Identifier: MIT */
/* A file system that does not answer: FUSE, served by a process of the zoo. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoo.h"

/* fuse(4): one request read, one answer written; the root directory is all there is */
static void answer(int fuse, const struct fuse_in_header *request)
{
	struct {
		struct fuse_out_header header;
		union {
			struct fuse_init_out init;
			struct fuse_attr_out attr;
		};
	} reply;
	size_t size = sizeof(reply.header);

	memset(&reply, 0, sizeof(reply));
	switch (request->opcode) {
	case FUSE_INIT:
		reply.init.major = FUSE_KERNEL_VERSION;
		reply.init.minor = FUSE_KERNEL_MINOR_VERSION;
		reply.init.max_write = 4096;
		size += sizeof(reply.init);
		break;
	case FUSE_GETATTR:
		reply.attr.attr.ino = FUSE_ROOT_ID;
		reply.attr.attr.mode = S_IFDIR | 0777;
		reply.attr.attr.nlink = 2;
		reply.attr.attr_valid = 3600;
		size += sizeof(reply.attr);
		break;
	default:
		reply.header.error = -ENOSYS;
	}
	reply.header.unique = request->unique;
	reply.header.len = (uint32_t)size;
	if (write(fuse, &reply, size) != (ssize_t)size)
		zoo_die("write to /dev/fuse");
}

_Noreturn static void be_disk(int fuse, struct zoo_gate asked)
{
	static union {
		struct fuse_in_header header;
		char bytes[FUSE_MIN_READ_BUFFER + 4096];
	} request;

	zoo_say_me("disk", "S", -1);
	while (read(fuse, &request, sizeof(request)) > 0)
		/* a name looked up or made */
		if (request.header.opcode != FUSE_LOOKUP && request.header.opcode != FUSE_CREATE)
			answer(fuse, &request.header);
		else
			(void)!write(asked.fds[1], "x", 1);
	_exit(0);
}

struct zoo_gate zoo_disk(const char *dir)
{
	struct zoo_gate asked = zoo_gate_new();
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[80];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40777,user_id=0,group_id=0", fuse);
	if (fuse < 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("zoo", dir, "fuse", 0, options))
		zoo_die("mount fuse");
	if (zoo_fork() == 0)
		be_disk(fuse, asked);
	close(fuse);
	return asked;
}
