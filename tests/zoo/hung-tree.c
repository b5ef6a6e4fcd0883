/* SPDX-License-Identifier: MIT */
/*
 * A file system at --at that shows what is below --tree, and does not answer once the file --hang (a path below it,
 * "." for itself) is touched: FUSE, served by the process "server". Whoever hangs goes on, with an error, when it ends.
 * --op lookup, getattr, open (default), read or list: what is not answered; --how silent (default): it has read the
 * request, and no signal ends the wait; --how deaf: it reads no request any more, and SIGKILL ends it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoo.h"

enum { MAX_NODES = 65536, MAX_DATA = 65536 };

static union {
	struct fuse_in_header header;
	char bytes[FUSE_MIN_READ_BUFFER + MAX_DATA];
} request;

/* Paths below --tree, by the number of the node; the root is 1 */
static char *paths[MAX_NODES];
static uint64_t n_paths = FUSE_ROOT_ID + 1;
static int fuse, tree;

static const void *body(void)
{
	return request.bytes + sizeof(request.header);
}

static void reply(int error, const void *data, size_t size)
{
	static char bytes[sizeof(struct fuse_out_header) + MAX_DATA];
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + size),
					  .error = -error,
					  .unique = request.header.unique };

	memcpy(bytes, &header, sizeof(header));
	if (size > 0)
		memcpy(bytes + sizeof(header), data, size);
	/* ENOENT: whoever asked was killed meanwhile */
	if (write(fuse, bytes, header.len) < 0 && errno != ENOENT)
		zoo_die("write to /dev/fuse");
}

static uint64_t node_of(const char *path)
{
	uint64_t node = FUSE_ROOT_ID;

	while (node < n_paths && strcmp(paths[node], path) != 0)
		node++;
	if (node == MAX_NODES)
		zoo_die("too many files");
	if (node == n_paths)
		paths[n_paths++] = strdup(path);
	return node;
}

/* Where the name of a LOOKUP is */
static const char *named(void)
{
	static char path[4096];
	const char *above = paths[request.header.nodeid], *name = body();

	if (strlen(above) + strlen(name) + 2 > sizeof(path))
		zoo_die("a path that is too long");
	if (!strcmp(above, "."))
		stpcpy(path, name);
	else
		stpcpy(stpcpy(stpcpy(path, above), "/"), name);
	return path;
}

static struct fuse_attr attr_of(const struct stat *st, uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .size = (uint64_t)st->st_size,
				   .mode = st->st_mode,
				   .nlink = (uint32_t)st->st_nlink,
				   .uid = st->st_uid,
				   .gid = st->st_gid,
				   .blksize = 4096 };
}

static void lookup(void)
{
	const char *path = named();
	struct fuse_entry_out out = { 0 };
	struct stat st;

	if (fstatat(tree, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		reply(errno, NULL, 0);
		return;
	}
	out.nodeid = node_of(path);
	out.attr = attr_of(&st, out.nodeid);
	reply(0, &out, sizeof(out));
}

static void getattr(const char *path)
{
	struct fuse_attr_out out = { 0 };
	struct stat st;

	if (fstatat(tree, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		reply(errno, NULL, 0);
		return;
	}
	out.attr = attr_of(&st, request.header.nodeid);
	reply(0, &out, sizeof(out));
}

static void readlink_of(const char *path)
{
	char to[4096];
	ssize_t n = readlinkat(tree, path, to, sizeof(to));

	reply(n < 0 ? errno : 0, to, n < 0 ? 0 : (size_t)n);
}

static size_t asked_size(void)
{
	const struct fuse_read_in *in = body();

	return in->size < MAX_DATA ? in->size : MAX_DATA;
}

static void read_of(const char *path)
{
	static char data[MAX_DATA];
	const struct fuse_read_in *in = body();
	int fd = openat(tree, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, data, asked_size(), (off_t)in->offset);

	reply(n < 0 ? errno : 0, data, n < 0 ? 0 : (size_t)n);
	if (fd >= 0)
		close(fd);
}

static void list(const char *path)
{
	static char data[MAX_DATA];
	const struct fuse_read_in *in = body();
	DIR *dir = fdopendir(openat(tree, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *entry;
	uint64_t number = 0;
	size_t n = 0;

	if (!dir) {
		reply(errno, NULL, 0);
		return;
	}
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name),
		       size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + len);
		struct fuse_dirent out = {
			.ino = 1, .off = ++number, .namelen = (uint32_t)len, .type = entry->d_type
		};

		if (number <= in->offset)
			continue;
		if (n + size > asked_size())
			break;
		memset(data + n, 0, size);
		memcpy(data + n, &out, FUSE_NAME_OFFSET);
		memcpy(data + n + FUSE_NAME_OFFSET, entry->d_name, len);
		n += size;
	}
	reply(0, data, n);
	closedir(dir);
}

static void begin(void)
{
	const struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
					   .minor = FUSE_KERNEL_MINOR_VERSION,
					   .max_readahead = 4096,
					   .max_background = 16,
					   .max_write = 4096 };

	reply(0, &out, sizeof(out));
}

static void answer(const char *path)
{
	const struct fuse_open_out opened = { .open_flags = FOPEN_DIRECT_IO };
	const struct fuse_statfs_out statfs = { .st = { .bsize = 4096, .namelen = 255 } };

	switch (request.header.opcode) {
	case FUSE_INIT:
		return begin();
	case FUSE_LOOKUP:
		return lookup();
	case FUSE_GETATTR:
		return getattr(path);
	case FUSE_READLINK:
		return readlink_of(path);
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return reply(0, &opened, sizeof(opened));
	case FUSE_READ:
		return read_of(path);
	case FUSE_READDIR:
		return list(path);
	case FUSE_STATFS:
		return reply(0, &statfs, sizeof(statfs));
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		return reply(0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return; /* nobody waits for an answer */
	default:
		return reply(ENOSYS, NULL, 0);
	}
}

static uint32_t hanging_op(void)
{
	static const struct {
		const char *name;
		uint32_t opcode;
	} ops[] = { { "lookup", FUSE_LOOKUP },
		    { "getattr", FUSE_GETATTR },
		    { "open", FUSE_OPEN },
		    { "read", FUSE_READ },
		    { "list", FUSE_READDIR } };

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (!strcmp(zoo_text("--op", "open"), ops[i].name))
			return ops[i].opcode;
	errno = EINVAL;
	zoo_die("--op");
}

_Noreturn static void serve(void)
{
	const char *hang = zoo_text("--hang", "");
	uint32_t op = hanging_op();
	bool deaf = zoo_how("deaf");

	while (read(fuse, &request, sizeof(request)) > 0) {
		uint64_t node = request.header.nodeid;
		const char *path = request.header.opcode == FUSE_LOOKUP ? named() :
				   node > 0 && node < n_paths		? paths[node] :
									  "";
		bool here = !strcmp(path, hang);

		if (here && !deaf && request.header.opcode == op)
			continue;
		answer(path);
		/* the next one is what it would not hear */
		if (here && deaf && request.header.opcode == FUSE_LOOKUP)
			zoo_sleep();
	}
	_exit(0);
}

static void play(void)
{
	const char *at = zoo_text("--at", "");
	struct stat st;
	char options[80];

	tree = open(zoo_text("--tree", ""), O_PATH | O_CLOEXEC);
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (tree < 0 || fuse < 0 || fstat(tree, &st) < 0)
		zoo_die("--tree, /dev/fuse");
	paths[0] = paths[FUSE_ROOT_ID] = strdup(".");
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other",
		 fuse, st.st_mode);
	if (mount("hung-tree", at, "fuse", 0, options) < 0)
		zoo_die("mount fuse");
	zoo_say_me("server", NULL, -1);
	zoo_ready();
	serve();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
