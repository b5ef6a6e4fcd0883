/* SPDX-License-Identifier: MIT */
/* usage: without CALL ERRNO COMMAND [ARG...]: runs it where that system call fails with that error. */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned int number;
} calls[] = {
	{ "bpf", SYS_bpf },
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
};

int main(int argc, char **argv)
{
	size_t i = 0, n = sizeof(calls) / sizeof(calls[0]);

	while (argc >= 4 && i < n && strcmp(argv[1], calls[i].name) != 0)
		i++;
	if (argc < 4 || i == n)
		errx(2, "usage: without CALL ERRNO COMMAND [ARG...]");

	unsigned int error = (unsigned int)strtoul(argv[2], NULL, 10);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		err(1, "seccomp");
	execvp(argv[3], argv + 3);
	err(1, "%s", argv[3]);
}
