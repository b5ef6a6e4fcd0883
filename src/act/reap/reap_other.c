/* SPDX-License-Identifier: MIT */
/* Any other architecture: coroner does not know how its calls are made. */
#if !defined(__x86_64__) && !defined(__aarch64__)
#include "act/reap/reap_arch.h"

#include <errno.h>
#include <sys/syscall.h>

const bool reap_arch_known = false;
const bool reap_arch_must_block = false;
const int reap_arch_wait4 = SYS_wait4;
const uint64_t reap_arch_site_size = 0;

int reap_arch_get(pid_t tid, struct reap_regs *ret)
{
	(void)tid;
	(void)ret;
	return -ENOTSUP;
}

int reap_arch_set(pid_t tid, const struct reap_regs *regs)
{
	(void)tid;
	(void)regs;
	return -ENOTSUP;
}

enum reap_place reap_arch_place(const struct reap_regs *regs, const struct reap_call *seen,
				bool here, bool before, struct reap_call *ret)
{
	(void)regs;
	(void)seen;
	(void)here;
	(void)before;
	*ret = (struct reap_call){ .nr = -1 };
	return PLACE_UNKNOWN;
}

uint64_t reap_arch_pc(const struct reap_regs *regs)
{
	(void)regs;
	return 0;
}

void reap_arch_anew(struct reap_regs *regs, uint64_t first)
{
	(void)regs;
	(void)first;
}

void reap_arch_by_block(struct reap_regs *regs)
{
	(void)regs;
}

uint64_t reap_arch_site(const struct reap_regs *regs, enum reap_place place)
{
	(void)regs;
	(void)place;
	return 0;
}

bool reap_arch_is_site(const void *memory, uint64_t size)
{
	(void)memory;
	(void)size;
	return false;
}

bool reap_arch_is_old_gate(const void *memory, uint64_t size)
{
	(void)memory;
	(void)size;
	return false;
}

int64_t reap_arch_find_site(const void *memory, uint64_t size)
{
	(void)memory;
	(void)size;
	return -1;
}

void reap_arch_call(struct reap_regs *regs, uint64_t site, pid_t pid, int options)
{
	(void)regs;
	(void)site;
	(void)pid;
	(void)options;
}

bool reap_arch_enter(struct reap_regs *regs)
{
	(void)regs;
	return false;
}

void reap_arch_divert(struct reap_regs *regs, pid_t pid, int options)
{
	(void)regs;
	(void)pid;
	(void)options;
}

int64_t reap_arch_result(const struct reap_regs *regs)
{
	(void)regs;
	return -ENOSYS;
}

#endif
