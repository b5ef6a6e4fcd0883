/* SPDX-License-Identifier: MIT */
/* usage: iterate-open: loads iterate_open.bpf.c, runs it once, and prints how many processes there are */
#include <err.h>
#include <stdio.h>

#include "iterate_open.lskel.h"

int main(void)
{
	struct iterate_open_bpf *skeleton = iterate_open_bpf__open();
	union bpf_attr attr = { 0 };

	if (!skeleton || iterate_open_bpf__load(skeleton) < 0)
		errx(1, "the program cannot be loaded");
	attr.test.prog_fd = (__u32)skeleton->progs.walk.prog_fd;
	if (skel_sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr)) < 0)
		err(1, "BPF_PROG_TEST_RUN");
	printf("%u\n", attr.test.retval);
	return 0;
}
