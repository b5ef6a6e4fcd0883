/* SPDX-License-Identifier: MIT */
/*
 * The registers of a stopped thread, and how one architecture makes a system call with them:
 * reap_x86_64.c, reap_aarch64.c; reap_other.c says that it is none of these. Numbers are the kernel's,
 * errors negative.
 */
#ifndef CORONER_REAP_ARCH_H
#define CORONER_REAP_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What PTRACE_GETREGSET gives for NT_PRSTATUS (ptrace(2)): 27 words on x86-64, 34 on arm64. */
struct reap_regs {
	uint64_t word[34];
};

/* Where a stopped thread stands. */
enum reap_place {
	PLACE_UNKNOWN, /* in code of its own, or about to make a call again: it cannot be told */
	PLACE_CODE,    /* in code of its own */
	PLACE_AGAIN,   /* the kernel is about to make its call again */
	PLACE_EINTR,   /* its call is about to come back with EINTR */
	PLACE_UNSEEN, /* so is its call, whose first argument is not known: it cannot be made anew */
	PLACE_DONE, /* its call is about to come back with what it was made for, or another error */
};

/* The call that a stop has interrupted. */
struct reap_call {
	int nr; /* -1: none */
	uint64_t args[6];
	uint64_t sp, pc; /* pc: behind the instruction */
};

/* Whether coroner was built for an architecture that it knows how to drive. */
extern const bool reap_arch_known;

/*
 * Whether what the kernel decides about an interrupted call (to make it again, or EINTR for the sake of
 * a handler) is lost once another call was made, so that signals must wait until that is behind it.
 */
extern const bool reap_arch_must_block;

/* The number of wait4(2), for the injected call. */
extern const int reap_arch_wait4;

/* Read them. Returns 0; -ESRCH it is not stopped, or gone; -ENOTSUP it runs 32-bit code. */
int reap_arch_get(pid_t tid, struct reap_regs *ret);

/* Write them all. Returns 0 or -ESRCH. */
int reap_arch_set(pid_t tid, const struct reap_regs *regs);

/*
 * Where it stands. seen: the call that /proc told of, if it has not slept elsewhere since, else NULL;
 * here, before: whether a system call instruction is at its program counter, and right before that.
 * *ret is the call, nr -1 with PLACE_UNKNOWN and PLACE_CODE, args[0] unset with PLACE_UNSEEN. Pure.
 */
enum reap_place reap_arch_place(const struct reap_regs *regs, const struct reap_call *seen,
				bool here, bool before, struct reap_call *ret);

/* The program counter. Pure. */
uint64_t reap_arch_pc(const struct reap_regs *regs);

/* Bytes of a system call instruction. */
extern const uint64_t reap_arch_site_size;

/*
 * Make of the registers ones of which the call that came back with EINTR goes on, unless a handler of a
 * signal runs first. first is the call's first argument. Pure.
 */
void reap_arch_anew(struct reap_regs *regs, uint64_t first);

/* Make of the registers ones of which restart_syscall(2) goes on, where the kernel does not see to it. */
void reap_arch_by_block(struct reap_regs *regs);

/* The address of the instruction that it stands behind, if that may be used again; else 0. Pure. */
uint64_t reap_arch_site(const struct reap_regs *regs, enum reap_place place);

/* Whether the memory at some address begins with such an instruction. Pure. */
bool reap_arch_is_site(const void *memory, uint64_t size);

/* Whether it begins with the instruction by which 32-bit programs make calls. Pure. */
bool reap_arch_is_old_gate(const void *memory, uint64_t size);

/* Offset of the first such instruction in memory, -1 for none. Pure. */
int64_t reap_arch_find_site(const void *memory, uint64_t size);

/* Make of the registers ones that call wait4(pid, NULL, options, NULL) at site. Pure. */
void reap_arch_call(struct reap_regs *regs, uint64_t site, pid_t pid, int options);

/*
 * Of the registers with which the kernel would make a call again: those with which the thread makes it by
 * itself. Returns false, *regs as they were, where they say no such thing or this architecture cannot. Pure.
 */
bool reap_arch_enter(struct reap_regs *regs);

/* Where it has entered that call: make of it wait4(pid, NULL, options, NULL). Pure. */
void reap_arch_divert(struct reap_regs *regs, pid_t pid, int options);

/* What the call has come back with. Pure. */
int64_t reap_arch_result(const struct reap_regs *regs);

#endif
