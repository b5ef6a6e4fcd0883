/* SPDX-License-Identifier: MIT */
/* Parents of sits.c that compute in a way of their own. */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_sits.h"

bool sits_woken(void)
{
	const char *file = zoo_text("--wake", "");
	struct stat status;

	return *file && stat(file, &status) == 0;
}

#if defined(__x86_64__) && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>

static struct rseq *registered(void)
{
	if (__rseq_size == 0)
		zoo_die("the C library has registered no rseq");
	return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

/*
 * A restartable sequence: counts steps down and adds 1 to *sum with its last instruction. Returns 0; 1: it was
 * aborted, as it must be when something comes in between; 2: the kernel has forgotten that it is in one.
 */
static int sequence(struct rseq *area, uint64_t steps, uint64_t *sum)
{
	__asm__ goto(".pushsection __rseq_cs, \"aw\"\n.balign 32\n"
		     "3: .long 0, 0\n.quad 1f, 2f - 1f, 4f\n.popsection\n"
		     "leaq 3b(%%rip), %%rax\n"
		     "movq %[steps], %%rcx\n"
		     "movq %%rax, 8(%[area])\n"
		     "1:\n"
		     "5: decq %%rcx\njnz 5b\n"
		     "cmpq $0, 8(%[area])\n"
		     "je %l[forgotten]\n"
		     "addq $1, (%[sum])\n"
		     "2:\n"
		     "jmp %l[done]\n"
		     ".byte 0x0f, 0xb9, 0x3d\n.long 0x53053053\n" /* RSEQ_SIG */
		     "4: jmp %l[aborted]\n"
		     :
		     : [area] "r"(area), [sum] "r"(sum), [steps] "r"(steps)
		     : "rax", "rcx", "cc", "memory"
		     : done, aborted, forgotten);
done:
	return 0;
aborted:
	return 1;
forgotten:
	return 2;
}

static long awake_in_sequences(void)
{
	struct rseq *area = registered();
	uint64_t sum = 0, done = 0, forgotten = 0;

	while (!sits_woken())
		for (int i = 0; i < 100; i++) {
			int how = sequence(area, 50000, &sum);

			done += how == 0;
			forgotten += how == 2;
		}
	return (long)(forgotten + (sum != done) + (done == 0));
}
#else
static long awake_in_sequences(void)
{
	zoo_die("rseq: not written for this machine");
}
#endif

#ifdef __x86_64__
/* time(2) in the page that the kernel emulates (Linux arch/x86/entry/vsyscall/vsyscall_64.c) */
static long awake_in_vsyscalls(void)
{
	time_t (*volatile now)(time_t *) = (time_t(*)(time_t *))0xffffffffff600400;
	time_t before = 0;
	long wrong = 0;

	while (!sits_woken())
		for (int i = 0; i < 1000; i++) {
			time_t t = now(NULL);

			wrong += t < before || t > before + 60;
			wrong -= before == 0;
			before = t;
		}
	return wrong;
}

/* nanosleep(2) by its number of 32-bit programs, in pieces */
static long asleep_behind_the_old_gate(void)
{
	int32_t *piece = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result = 0;

	if (piece == MAP_FAILED)
		zoo_die("mmap");
	piece[1] = 50000000;
	while (!sits_woken() && result == 0)
		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "a"(162L), "b"(piece), "c"(0L)
				 : "memory", "r8", "r9", "r10", "r11");
	return result;
}
#endif

long awake(long how)
{
#ifdef __x86_64__
	if (how == VSYSCALL)
		return awake_in_vsyscalls();
	if (how == OLD_GATE)
		return asleep_behind_the_old_gate();
#endif
	(void)how;
	return awake_in_sequences();
}
