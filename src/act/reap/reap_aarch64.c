/* SPDX-License-Identifier: MIT */
/*
 * arm64. Before it looks at signals the kernel winds an interrupted call back, pc on the instruction and
 * x0 as it was, and forgets which call it was (Linux v6.18 arch/arm64/kernel/signal.c:do_signal()); what
 * it then decides (EINTR for the sake of a handler, restart_syscall(2)) it decides by what it noted in
 * that one pass. So the call is made again under the tracer's eyes, signals blocked until it has
 * entered; and calls are injected in the vdso alone, for on the wound-back instruction the kernel may put
 * the number of restart_syscall(2) into x8.
 */
#ifdef __aarch64__
#include "act/reap/reap_arch.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* Places in struct user_pt_regs (Linux arch/arm64/include/uapi/asm/ptrace.h) */
enum { X0 = 0, X8 = 8, SP = 31, PC = 32, N = 34 };

static const unsigned char instruction[] = { 0x01, 0x00, 0x00, 0xd4 }; /* svc #0 */

const bool reap_arch_known = true;
const bool reap_arch_must_block = true;
const int reap_arch_wait4 = SYS_wait4;
const uint64_t reap_arch_site_size = sizeof(instruction);

int reap_arch_get(pid_t tid, struct reap_regs *ret)
{
	struct iovec iov = { ret->word, sizeof(ret->word) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0)
		return -errno;
	return iov.iov_len == N * sizeof(uint64_t) ? 0 : -ENOTSUP;
}

int reap_arch_set(pid_t tid, const struct reap_regs *regs)
{
	struct reap_regs copy = *regs;
	struct iovec iov = { copy.word, N * sizeof(uint64_t) };

	return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0 ? -errno : 0;
}

/*
 * Is it still the call that was seen? All may be made by one instruction: it may be in another one that was
 * interrupted before it came to sleep. x0 alone cannot be compared.
 */
static bool is_that_call(const uint64_t *w, const struct reap_call *seen)
{
	return seen && w[SP] == seen->sp && (int)w[X8] == seen->nr &&
	       memcmp(&w[1], &seen->args[1], 5 * sizeof(w[0])) == 0;
}

enum reap_place reap_arch_place(const struct reap_regs *regs, const struct reap_call *seen,
				bool here, bool before, struct reap_call *ret)
{
	const uint64_t *w = regs->word;
	bool eintr = (int64_t)w[X0] == -EINTR;

	*ret = seen ? *seen : (struct reap_call){ .nr = -1 };
	if (is_that_call(w, seen) && w[PC] == seen->pc - sizeof(instruction))
		return PLACE_AGAIN;
	if (is_that_call(w, seen) && w[PC] == seen->pc)
		return eintr ? PLACE_EINTR : PLACE_DONE;
	ret->nr = -1;
	/* wound back, or on its way to a call of its own: only the former may go on by restart_syscall */
	if (here)
		return PLACE_UNKNOWN;
	/* whether it was a call does not matter, unless it was interrupted */
	if (!before || !eintr || (int)w[X8] < 0)
		return PLACE_CODE;
	*ret = (struct reap_call){ .nr = (int)w[X8], .sp = w[SP], .pc = w[PC] };
	memcpy(&ret->args[1], &w[1], 5 * sizeof(w[0])); /* x0 is its result */
	return PLACE_UNSEEN;
}

uint64_t reap_arch_pc(const struct reap_regs *regs)
{
	return regs->word[PC];
}

void reap_arch_anew(struct reap_regs *regs, uint64_t first)
{
	regs->word[X0] = first;
	regs->word[PC] -= sizeof(instruction);
}

void reap_arch_by_block(struct reap_regs *regs)
{
	regs->word[X8] = SYS_restart_syscall;
}

uint64_t reap_arch_site(const struct reap_regs *regs, enum reap_place place)
{
	(void)regs;
	(void)place;
	return 0;
}

bool reap_arch_is_site(const void *memory, uint64_t size)
{
	return size >= sizeof(instruction) && memcmp(memory, instruction, sizeof(instruction)) == 0;
}

bool reap_arch_is_old_gate(const void *memory, uint64_t size)
{
	(void)memory;
	(void)size;
	return false;
}

int64_t reap_arch_find_site(const void *memory, uint64_t size)
{
	for (uint64_t at = 0; at + sizeof(instruction) <= size; at += sizeof(instruction))
		if (reap_arch_is_site((const char *)memory + at, size - at))
			return (int64_t)at;
	return -1;
}

void reap_arch_call(struct reap_regs *regs, uint64_t site, pid_t pid, int options)
{
	uint64_t *w = regs->word;

	w[X8] = SYS_wait4;
	w[PC] = site;
	w[0] = (uint64_t)pid;
	w[1] = 0;
	w[2] = (uint64_t)(unsigned)options;
	w[3] = 0;
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
	return (int64_t)regs->word[X0];
}

#endif
