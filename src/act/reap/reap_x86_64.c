/* SPDX-License-Identifier: MIT */
/*
 * x86-64. A stop inside the kernel's signal handling leaves an interrupted call as rax = -ERESTART...,
 * orig_rax = its number, rip behind the instruction; whatever was done in between, the kernel acts on
 * those three when the thread is let go (Linux v6.18 arch/x86/kernel/signal.c:
 * arch_do_signal_or_restart()), so that putting them back is all that the call needs.
 */
#ifdef __x86_64__
#include "act/reap/reap_arch.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* Places in struct user_regs_struct (sys/user.h) */
enum {
	R10 = 7,
	RAX = 10,
	RDX = 12,
	RSI = 13,
	RDI = 14,
	ORIG_RAX = 15,
	RIP = 16,
	RSP = 19,
	R8 = 9,
	R9 = 8,
	N = 27
};

/* Linux include/linux/errno.h: never seen by programs */
enum {
	ERESTARTSYS = 512,
	ERESTARTNOINTR = 513,
	ERESTARTNOHAND = 514,
	ERESTART_RESTARTBLOCK = 516,
};

#define X32_BIT 0x40000000U /* Linux arch/x86/include/uapi/asm/unistd.h */

static const unsigned char instruction[] = { 0x0f, 0x05 };

const bool reap_arch_known = true;
const bool reap_arch_must_block = false;
const int reap_arch_wait4 = SYS_wait4;
const uint64_t reap_arch_site_size = sizeof(instruction);

int reap_arch_get(pid_t tid, struct reap_regs *ret)
{
	struct iovec iov = { ret->word, sizeof(ret->word) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0)
		return -errno;
	/* a thread in 32-bit code shows the registers of i386 */
	if (iov.iov_len != N * sizeof(uint64_t))
		return -ENOTSUP;
	return ret->word[ORIG_RAX] != UINT64_MAX && ret->word[ORIG_RAX] & X32_BIT ? -ENOTSUP : 0;
}

int reap_arch_set(pid_t tid, const struct reap_regs *regs)
{
	struct reap_regs copy = *regs;
	struct iovec iov = { copy.word, N * sizeof(uint64_t) };

	return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0 ? -errno : 0;
}

enum reap_place reap_arch_place(const struct reap_regs *regs, const struct reap_call *seen,
				bool here, bool before, struct reap_call *ret)
{
	const uint64_t *w = regs->word;

	(void)seen;
	(void)here;
	*ret = (struct reap_call){ .nr = -1 };
	/* no system call: an interrupt or a fault has brought it into the kernel */
	if ((int64_t)w[ORIG_RAX] < 0)
		return PLACE_CODE;
	/* int 0x80, the way of 32-bit programs, whose numbers are others */
	if (!before)
		return PLACE_UNKNOWN;
	*ret = (struct reap_call){
		.nr = (int)w[ORIG_RAX],
		.args = { w[RDI], w[RSI], w[RDX], w[R10], w[R8], w[R9] },
		.sp = w[RSP],
		.pc = w[RIP],
	};
	switch (-(int64_t)w[RAX]) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return PLACE_AGAIN;
	case EINTR:
		return PLACE_EINTR;
	default:
		return PLACE_DONE;
	}
}

uint64_t reap_arch_pc(const struct reap_regs *regs)
{
	return regs->word[RIP];
}

void reap_arch_anew(struct reap_regs *regs, uint64_t first)
{
	(void)first;
	/* the one code that means "again" without a handler and EINTR with one, whatever its SA_RESTART */
	regs->word[RAX] = (uint64_t) - (int64_t)ERESTARTNOHAND;
}

void reap_arch_by_block(struct reap_regs *regs)
{
	(void)regs; /* the kernel sees to it */
}

uint64_t reap_arch_site(const struct reap_regs *regs, enum reap_place place)
{
	return place == PLACE_CODE ? 0 : regs->word[RIP] - sizeof(instruction);
}

bool reap_arch_is_site(const void *memory, uint64_t size)
{
	return size >= sizeof(instruction) && memcmp(memory, instruction, sizeof(instruction)) == 0;
}

bool reap_arch_is_old_gate(const void *memory, uint64_t size)
{
	static const unsigned char int_0x80[] = { 0xcd, 0x80 };

	return size >= sizeof(int_0x80) && memcmp(memory, int_0x80, sizeof(int_0x80)) == 0;
}

int64_t reap_arch_find_site(const void *memory, uint64_t size)
{
	const unsigned char *at = memmem(memory, size, instruction, sizeof(instruction));

	return at ? at - (const unsigned char *)memory : -1;
}

void reap_arch_call(struct reap_regs *regs, uint64_t site, pid_t pid, int options)
{
	uint64_t *w = regs->word;

	w[RAX] = SYS_wait4;
	w[ORIG_RAX] = UINT64_MAX; /* nothing to make again */
	w[RIP] = site;
	w[RDI] = (uint64_t)pid;
	w[RSI] = 0;
	w[RDX] = (uint64_t)(unsigned)options;
	w[R10] = 0;
}

bool reap_arch_enter(struct reap_regs *regs)
{
	uint64_t *w = regs->word;

	switch (-(int64_t)w[RAX]) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
		w[RAX] = w[ORIG_RAX];
		break;
	case ERESTART_RESTARTBLOCK:
		w[RAX] = SYS_restart_syscall;
		break;
	default:
		return false;
	}
	w[ORIG_RAX] = UINT64_MAX;
	w[RIP] -= sizeof(instruction);
	return true;
}

/* The kernel takes the number anew from orig_rax (Linux v6.18 kernel/entry/common.c:syscall_trace_enter()) */
void reap_arch_divert(struct reap_regs *regs, pid_t pid, int options)
{
	uint64_t *w = regs->word;

	w[ORIG_RAX] = SYS_wait4;
	w[RDI] = (uint64_t)pid;
	w[RSI] = 0;
	w[RDX] = (uint64_t)(unsigned)options;
	w[R10] = 0;
}

int64_t reap_arch_result(const struct reap_regs *regs)
{
	return (int64_t)regs->word[RAX];
}

#endif
