/* SPDX-License-Identifier: MIT */
/*
 * usage: iterate-census: loads coroner's own program (census.bpf.c), keeps all that it says in memory, and prints how
 * many bytes that is. Nothing is parsed, linked or judged: what a census by that program takes at least.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "census.lskel.h"

enum { READ_SIZE = 1 << 16 };

int main(void)
{
	struct census_bpf *skeleton = census_bpf__open();
	union bpf_attr attr = { 0 };
	size_t all = 0, size = 0;
	char *kept = NULL;
	ssize_t n;
	int fd;

	if (!skeleton)
		errx(1, "the program cannot be loaded");
	/* it asks for what Linux 6.2 has; older ones refuse it here */
	skeleton->rodata->has_cast = true;
	if (census_bpf__load(skeleton) < 0)
		errx(1, "the program cannot be loaded");
	attr.iter_create.link_fd =
		(__u32)skel_link_create(skeleton->progs.dump_task.prog_fd, 0, BPF_TRACE_ITER);
	fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "BPF_ITER_CREATE");
	do {
		if (size - all < READ_SIZE) {
			size = size ? size * 2 : READ_SIZE * 2;
			kept = realloc(kept, size);
			if (!kept)
				err(1, "realloc");
		}
		n = read(fd, kept + all, READ_SIZE);
		all += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	if (n < 0)
		err(1, "read");
	printf("%zu\n", all);
	free(kept);
	return 0;
}
