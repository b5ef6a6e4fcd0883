/* SPDX-License-Identifier: MIT */
/* System calls without a C library: syscall(2) says which registers. */
#ifndef CORONER_INSIDE_CALLS_H
#define CORONER_INSIDE_CALLS_H

#include <linux/audit.h>
#include <sys/syscall.h>

#include "act/enter/inside.h"

#if defined(__x86_64__)
#define INSIDE_AUDIT_ARCH AUDIT_ARCH_X86_64
#define INSIDE_START "mov %rsp, %rdi\n and $-16, %rsp\n xor %ebp, %ebp\n call inside_main\n"

static long call5(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined(__i386__)
#define INSIDE_AUDIT_ARCH AUDIT_ARCH_I386
#define INSIDE_START \
	"mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call inside_main\n"

static long call5(long nr, long a, long b, long c, long d, long e)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return r;
}
#elif defined(__aarch64__)
#define INSIDE_AUDIT_ARCH AUDIT_ARCH_AARCH64
#define INSIDE_START "mov x0, sp\n bl inside_main\n"

static long call5(long nr, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}
#elif defined(__ARM_EABI__)
#define INSIDE_AUDIT_ARCH AUDIT_ARCH_ARM
#define INSIDE_START "mov r0, sp\n bic sp, sp, #7\n bl inside_main\n"

/* r7 may be the frame pointer */
static long call5(long nr, long a, long b, long c, long d, long e)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r6 __asm__("r6") = nr;

	__asm__ volatile("push {r7}\n mov r7, r6\n svc #0\n pop {r7}\n"
			 : "+r"(r0)
			 : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r6)
			 : "memory");
	return r0;
}
#elif defined(__riscv)
#define INSIDE_AUDIT_ARCH AUDIT_ARCH_RISCV64
#define INSIDE_START "mv a0, sp\n call inside_main\n"

static long call5(long nr, long a, long b, long c, long d, long e)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4)
			 : "memory");
	return a0;
}
#endif

#endif
