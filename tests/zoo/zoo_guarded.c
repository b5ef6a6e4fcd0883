/* SPDX-License-Identifier: MIT */
#include "zoo_guarded.h"

#include <string.h>
#include <sys/syscall.h>

/* Takes struct guarded: before[], after[], vectors_before[], vectors_after[], result */
void guarded_enter(struct guarded *g);

#ifdef __x86_64__

/* Numbers of before[] and after[]; rcx and r11 are the kernel's to change */
enum { RAX, RBX, RDX, RSI, RDI, RBP, R8, R9, R10, R12, R13, R14, R15, USED };

static const int first_six[] = { RDI, RSI, RDX, R10, R8, R9 };
enum { CALL_NUMBER = RAX };

/* 31 words are 248 bytes: after[] is at 248, the vectors at 496 and 752, the result at 1008 */
__asm__(".text\n.globl guarded_enter\n.type guarded_enter, @function\nguarded_enter:\n"
	"push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\npush %rdi\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"movdqu 496+16*\\n(%rdi), %xmm\\n\n"
	".endr\n"
	"mov (%rdi), %rax\nmov 8(%rdi), %rbx\nmov 16(%rdi), %rdx\nmov 24(%rdi), %rsi\n"
	"mov 40(%rdi), %rbp\nmov 48(%rdi), %r8\nmov 56(%rdi), %r9\nmov 64(%rdi), %r10\n"
	"mov 72(%rdi), %r12\nmov 80(%rdi), %r13\nmov 88(%rdi), %r14\nmov 96(%rdi), %r15\n"
	"mov 32(%rdi), %rdi\n"
	"syscall\n"
	"mov (%rsp), %rcx\n"
	"mov %rax, 1008(%rcx)\n"
	"mov %rbx, 256(%rcx)\nmov %rdx, 264(%rcx)\nmov %rsi, 272(%rcx)\nmov %rdi, 280(%rcx)\n"
	"mov %rbp, 288(%rcx)\nmov %r8, 296(%rcx)\nmov %r9, 304(%rcx)\nmov %r10, 312(%rcx)\n"
	"mov %r12, 320(%rcx)\nmov %r13, 328(%rcx)\nmov %r14, 336(%rcx)\nmov %r15, 344(%rcx)\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"movdqu %xmm\\n, 752+16*\\n(%rcx)\n"
	".endr\n"
	"pop %rdi\npop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"
	".size guarded_enter, .-guarded_enter\n");

#elif defined(__aarch64__)

enum { X0 = 0, X8 = 8, USED = 31 };

static const int first_six[] = { 0, 1, 2, 3, 4, 5 };
enum { CALL_NUMBER = X8 };

/* x18 belongs to the platform: it is compared, but not filled */
__asm__(".text\n.globl guarded_enter\n.type guarded_enter, %function\nguarded_enter:\n"
	"stp x29, x30, [sp, #-112]!\nstp x19, x20, [sp, #16]\nstp x21, x22, [sp, #32]\n"
	"stp x23, x24, [sp, #48]\nstp x25, x26, [sp, #64]\nstp x27, x28, [sp, #80]\n"
	"str x0, [sp, #96]\nstr x18, [x0, #144]\n"
	"add x1, x0, #496\n"
	".irp n,0,1,2,3,4,5,6,7\nldr q\\n, [x1, #16*\\n]\n.endr\n"
	".irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"ldr x\\n, [x0, #8*\\n]\n.endr\n"
	"ldr x0, [x0]\n"
	"svc #0\n"
	"str x0, [sp, #104]\nldr x0, [sp, #96]\n"
	".irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"str x\\n, [x0, #248+8*\\n]\n.endr\n"
	"add x1, x0, #752\n"
	".irp n,0,1,2,3,4,5,6,7\nstr q\\n, [x1, #16*\\n]\n.endr\n"
	"ldr x1, [sp, #104]\nstr x1, [x0, #1008]\n"
	"ldp x19, x20, [sp, #16]\nldp x21, x22, [sp, #32]\nldp x23, x24, [sp, #48]\n"
	"ldp x25, x26, [sp, #64]\nldp x27, x28, [sp, #80]\nldp x29, x30, [sp], #112\nret\n"
	".size guarded_enter, .-guarded_enter\n");

#else
#error "the zoo's guarded calls are written for x86-64 and arm64"
#endif

#ifdef __x86_64__
enum { VECTORS = 16 };
#else
enum { VECTORS = 8 }; /* those that a function need not save */
#endif

_Static_assert(__builtin_offsetof(struct guarded, after) == 248, "as in the assembly");
_Static_assert(__builtin_offsetof(struct guarded, vectors_before) == 496, "as in the assembly");
_Static_assert(__builtin_offsetof(struct guarded, vectors_after) == 752, "as in the assembly");
_Static_assert(__builtin_offsetof(struct guarded, result) == 1008, "as in the assembly");

void guarded_call(struct guarded *g, long nr, const uint64_t args[static 6])
{
	memset(g, 0, sizeof(*g));
	for (int i = 0; i < USED; i++)
		g->before[i] = 0x5a0ddead00000000U + (uint64_t)i * 0x1000193U;
	for (int i = 0; i < VECTORS; i++)
		for (int k = 0; k < 2; k++)
			g->vectors_before[i][k] = 0xfeed0000beefU * (uint64_t)(2 * i + k + 1);
	for (int i = 0; i < 6; i++)
		g->before[first_six[i]] = args[i];
	g->before[CALL_NUMBER] = (uint64_t)nr;
	guarded_enter(g);
}

int guarded_broken(const struct guarded *g)
{
	int broken = 0;

	/* number 0 is the result's on both; x8 the kernel itself changes, for restart_syscall */
	for (int i = 1; i < USED; i++)
		broken += i != CALL_NUMBER && g->before[i] != g->after[i];
	return broken +
	       (memcmp(g->vectors_before, g->vectors_after, sizeof(g->vectors_before)) != 0);
}

uint64_t guarded_sum(uint64_t seed, uint64_t steps)
{
	uint64_t lane[12];
	double real = (double)(seed & 0xffff);

	for (int i = 0; i < 12; i++)
		lane[i] = seed + (uint64_t)i * 0x9e3779b97f4a7c15U;
	for (uint64_t n = 0; n < steps; n++) {
		for (int i = 0; i < 12; i++)
			lane[i] = (lane[i] ^ lane[i] >> 29) * 0xbf58476d1ce4e5b9U +
				  lane[(i + 5) % 12];
		real = real * 0.999 + (double)(lane[3] & 0xff);
	}
	for (int i = 1; i < 12; i++)
		lane[0] ^= lane[i] + (uint64_t)i;
	return lane[0] ^ (uint64_t)(real * 1024);
}
