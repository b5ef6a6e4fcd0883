/* SPDX-License-Identifier: MIT */
/* usage: iterate-seq: loads iterate_seq.bpf.c, reads all that it says, and prints how many tasks there are */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "iterate_seq.lskel.h"

int main(void)
{
	struct iterate_seq_bpf *skeleton = iterate_seq_bpf__open();
	static char buffer[1 << 16];
	union bpf_attr attr = { 0 };
	size_t all = 0;
	ssize_t n;
	int fd;

	if (!skeleton || iterate_seq_bpf__load(skeleton) < 0)
		errx(1, "the program cannot be loaded");
	attr.iter_create.link_fd =
		(__u32)skel_link_create(skeleton->progs.walk.prog_fd, 0, BPF_TRACE_ITER);
	fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "BPF_ITER_CREATE");
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		all += (size_t)n;
	if (n < 0)
		err(1, "read");
	printf("%zu\n", all / sizeof(__u64));
	return 0;
}
