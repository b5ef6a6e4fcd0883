/* SPDX-License-Identifier: MIT */
/*
 * A 32-bit program for x86-64 machines, without a C library: none of that size need be installed. It makes
 * one zombie (but for "any") and then sleeps as its argument says: other: in waitpid(2) for a child that
 * lives; any: in waitpid(-1), that child its only one; pause; sleep: a million seconds in nanosleep(2); poll:
 * of nothing; futex: of a word that stays; busy: it computes, and makes a call now and then. Without an argument it
 * ends: does this kernel run it?
 */
enum {
	NR_EXIT = 1,
	NR_FORK = 2,
	NR_WAITPID = 7,
	NR_PAUSE = 29,
	NR_GETPPID = 64,
	NR_NANOSLEEP = 162,
	NR_POLL = 168,
	NR_PRCTL = 172,
	NR_FUTEX = 240,
	DEATH_SIGNAL = 1, /* PR_SET_PDEATHSIG */
	SIGNAL_KILL = 9,
};

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0L)
			 : "memory");
	return result;
}

static long child(int lives)
{
	long pid = call(NR_FORK, 0, 0, 0);

	if (pid != 0)
		return pid;
	call(NR_PRCTL, DEATH_SIGNAL, SIGNAL_KILL, 0);
	while (lives)
		call(NR_PAUSE, 0, 0, 0);
	call(NR_EXIT, 3, 0, 0);
	return 0;
}

static void compute(void)
{
	for (volatile long i = 0; i < 100000; i++)
		;
	call(NR_GETPPID, 0, 0, 0);
}

__attribute__((used)) static void run(const long *stack)
{
	const char *how = (const char *)stack[2]; /* argv[1] */
	long other, limit[2] = { 1000000, 0 };

	if (!how)
		call(NR_EXIT, 0, 0, 0);
	other = child(1);
	if (how[0] != 'a')
		child(0);
	for (;;) {
		if (how[0] == 'o')
			call(NR_WAITPID, other, 0, 0);
		else if (how[0] == 'a')
			call(NR_WAITPID, -1, 0, 0);
		else if (how[0] == 's')
			call(NR_NANOSLEEP, (long)limit, 0, 0);
		else if (how[0] == 'f')
			call(NR_FUTEX, (long)limit, 0, limit[0]);
		else if (how[0] == 'b')
			compute();
		else if (how[0] == 'p' && how[1] == 'o')
			call(NR_POLL, 0, 0, -1);
		else
			call(NR_PAUSE, 0, 0, 0);
	}
}

__asm__(".globl _start\n_start:\n\tmov %esp, %eax\n\tpush %eax\n\tcall run\n");
