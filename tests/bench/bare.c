/* SPDX-License-Identifier: MIT */
/*
 * usage: bare [THREADS]
 *
 * The least that any reader of /proc must do: list it, and open, read and close each stat file.
 * The PIDs are shared out among the threads. Prints how many were read.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

struct share {
	size_t first, step, read;
};

static int proc;
static int *pids;
static size_t count;

static void list_pids(void)
{
	static char buffer[1 << 16] __attribute__((aligned(16)));
	size_t room = 0;
	long got;

	while ((got = syscall(SYS_getdents64, proc, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < got;) {
			const struct entry *entry = (const void *)(buffer + at);

			at += entry->length;
			if (!isdigit((unsigned char)entry->name[0]))
				continue;
			if (count == room) {
				room = room ? 2 * room : 4096;
				pids = realloc(pids, room * sizeof(*pids));
				if (!pids)
					err(1, "realloc");
			}
			pids[count++] = (int)strtol(entry->name, NULL, 10);
		}
	}
}

static void *read_share(void *arg)
{
	struct share *share = arg;
	char text[1024];
	char path[32];

	for (size_t i = share->first; i < count; i += share->step) {
		int fd;

		snprintf(path, sizeof(path), "%d/stat", pids[i]);
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		share->read += read(fd, text, sizeof(text)) > 0;
		close(fd);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const size_t threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	struct share *shares = calloc(threads ? threads : 1, sizeof(*shares));
	pthread_t *ids = calloc(threads, sizeof(*ids));
	size_t total = 0;

	if (threads == 0)
		errx(2, "usage: bare [THREADS]");
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || !shares || !ids)
		err(1, "/proc");
	list_pids();
	for (size_t i = 0; i < threads; i++) {
		shares[i].first = i;
		shares[i].step = threads;
		if (i > 0 && pthread_create(&ids[i], NULL, read_share, &shares[i]))
			errx(1, "pthread_create");
	}
	read_share(&shares[0]);
	for (size_t i = 0; i < threads; i++) {
		if (i > 0)
			pthread_join(ids[i], NULL);
		total += shares[i].read;
	}
	printf("%zu\n", total);
	return 0;
}
