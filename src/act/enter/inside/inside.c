/* SPDX-License-Identifier: MIT */
/*
 * The program inside: all of coroner that ever runs in a foreign PID namespace, where strangers may
 * stop, trace and rewrite it. No C library, no memory but this file's and its arguments.
 *
 * It begins outside, as the guide, with everything taken from it already but the way in: its next
 * fork goes into the foreign namespace. It installs its filter before that, so there is no moment at
 * which a child could do more than what is listed here. The guide itself has no number in there and
 * cannot be reached; it sweeps up when the socket's other end has gone, however that came about.
 */
#include "act/enter/inside.h"

#if INSIDE_SUPPORTED

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "act/enter/inside/calls.h"

#define SOCKET 0
#define ORPHAN_MS 1000 /* for an end of its own: an adopter may act on a stranger's status */
#define ASKED_MS 2     /* for a child that does nothing but end; then it is looked for */
#define OTHERS_MS 100  /* the same for those whose status is nobody's; what then lives is killed */
#define DEATH_MS 500   /* and after that left */
#define MS_NS 1000000L

/* struct timespec as the old system call takes it: two longs on every architecture */
struct moment {
	long s, ns;
};

static _Noreturn void leave(int status)
{
	for (;;)
		call5(SYS_exit_group, status, 0, 0, 0, 0);
}

static void say(enum inside_said said, enum inside_step step, long value)
{
	const struct inside_message m = { (int)said, (int)step, (int)value };

	/* sendto(2); whoever hears it no more needs it no more */
	call5(SYS_sendto, SOCKET, (long)&m, sizeof(m), MSG_NOSIGNAL | MSG_DONTWAIT, 0);
}

static long fork_one(void)
{
	return call5(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* What of events has come, or POLLHUP, after ms (-1: as long as it takes); 0: nothing */
static int await(int fd, short events, int ms)
{
	const struct moment time = { ms / 1000, ms % 1000 * MS_NS };
	struct pollfd polled = { .fd = fd, .events = events };

	call5(SYS_ppoll, (long)&polled, 1, ms < 0 ? 0 : (long)&time, 0, 0);
	return polled.revents;
}

static void await_for_good(short events)
{
	while (!(await(SOCKET, events, -1) & (events | POLLHUP)))
		;
}

/* -- the filter -- */

#define ARG_LOW(n) \
	(offsetof(struct seccomp_data, args) + 8 * (n)) /* all of these are little-endian */
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define DENY RETURN(SECCOMP_RET_ERRNO | 1 /* EPERM */)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
/* Allow this call; the number is loaded and stays so */
#define CALL(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), ALLOW
/* And this one if the low half of its first argument is value; the upper half means nothing to it */
#define CALL_IF(nr, value)                                                 \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 4), LOAD(ARG_LOW(0)), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), ALLOW, DENY

/* Nothing here opens, maps, runs, traces or makes anything but a plain child */
#define RULES(...)                                                                                 \
	{                                                                                          \
		LOAD(offsetof(struct seccomp_data, arch)),                                         \
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, INSIDE_AUDIT_ARCH, 1, 0),              \
			RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr)), \
			CALL(SYS_ppoll), CALL(SYS_restart_syscall), CALL(SYS_sendto),              \
			CALL(SYS_exit_group), CALL(SYS_getppid), CALL(SYS_setsid),                 \
			CALL(SYS_wait4), CALL(SYS_read), CALL(SYS_pidfd_open),                     \
			CALL_IF(SYS_clone, SIGCHLD), __VA_ARGS__, DENY                             \
	}

static struct sock_filter rules[] = RULES(DENY);
static struct sock_filter sweeping[] = RULES(CALL_IF(SYS_kill, -1U));

static long filter_install(bool sweep)
{
	const struct sock_fprog program = {
		sweep ? sizeof(sweeping) / sizeof(*sweeping) : sizeof(rules) / sizeof(*rules),
		sweep ? sweeping : rules,
	};

	return call5(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&program, 0, 0);
}

/* -- the orphan and the middle -- */

static _Noreturn void be_orphan(void)
{
	long middle = call5(SYS_getppid, 0, 0, 0, 0, 0), parent;

	say(INSIDE_HELLO, INSIDE_STEP_NONE, 0);
	await_for_good(POLLRDHUP);
	/* told, the middle ends: its parent changes before anybody can see it dead */
	while ((parent = call5(SYS_getppid, 0, 0, 0, 0, 0)) == middle &&
	       !(await(SOCKET, 0, 1) & POLLHUP))
		;
	say(INSIDE_ADOPTED, INSIDE_STEP_NONE, parent);
	await_for_good(0);
	leave(0); /* an adopter may act on a stranger's status */
}

static _Noreturn void be_middle(void)
{
	long orphan;

	/* a session with a number in here, led by no child of the adopter: what is left is known as adopted */
	call5(SYS_setsid, 0, 0, 0, 0, 0);
	orphan = fork_one();
	if (orphan == 0)
		be_orphan();
	if (orphan < 0)
		say(INSIDE_FAILED, INSIDE_STEP_FORK, -orphan);
	await_for_good(POLLRDHUP);
	leave(0);
}

/* -- the guide -- */

/* A child that a tracer holds is hidden from wait(2): never wait without an end */
static bool reap(long child, int ms)
{
	/* -ECHILD: it is reaped already */
	for (; call5(SYS_wait4, child, 0, WNOHANG, 0, 0) == 0; ms--) {
		if (ms <= 0)
			return false;
		await(-1, 0, 1);
	}
	return true;
}

/* The orphan's PID comes as a message. Until the other end is gone; a pidfd of the orphan, or -1 */
static int await_end(void)
{
	int orphan = -1, got;
	int pid = 0;

	while (!((got = await(SOCKET, POLLIN, -1)) & POLLHUP)) {
		if (!(got & POLLIN) || call5(SYS_read, SOCKET, (long)&pid, sizeof(pid), 0, 0) == 0)
			await(SOCKET, 0, -1); /* the middle's time: no more is said to this side */
		else
			orphan = (int)call5(SYS_pidfd_open, pid, 0, 0, 0, 0);
	}
	return orphan;
}

/* It was never told who the orphan is: until nobody else of its user is left, or for a little while */
static void await_others(void)
{
	for (int ms = OTHERS_MS; ms > 0 && call5(SYS_kill, -1, 0, 0, 0, 0) == 0; ms--)
		await(-1, 0, 1);
}

static _Noreturn void be_guide(long child, bool orphans, bool sweep)
{
	int orphan = await_end();

	/*
	 * It could not fork: its user may have two processes, and who could raise that (CAP_SYS_RESOURCE) could
	 * make some without it. To look for more takes time for each process there is.
	 */
	if (!orphans && reap(child, ASKED_MS))
		leave(0);
	if (orphans) {
		if (orphan >= 0)
			await(orphan, POLLIN, ORPHAN_MS);
		(void)reap(child, OTHERS_MS);
	}
	if (orphans && orphan < 0 && sweep)
		await_others();
	if (sweep)
		call5(SYS_kill, -1, SIGKILL, 0, 0, 0);
	leave(reap(child, DEATH_MS) ? 0 : 1);
}

static bool has(const char *letters, char letter)
{
	for (; *letters; letters++)
		if (*letters == letter)
			return true;
	return false;
}

_Noreturn void inside_main(const long *stack);

_Noreturn void inside_main(const long *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);
	const char *how = argv[1];
	long r;

	call5(SYS_prctl, PR_SET_NAME, (long)argv[0], 0, 0, 0);
	call5(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = filter_install(has(how, INSIDE_SWEEP));
	if (r < 0 && !has(how, INSIDE_BARE)) {
		say(INSIDE_FAILED, INSIDE_STEP_START, -r);
		leave(1);
	}
	r = fork_one();
	if (r == 0 && has(how, INSIDE_ORPHAN))
		be_middle();
	if (r == 0)
		leave(0);
	if (r < 0) {
		say(INSIDE_FAILED, INSIDE_STEP_FORK, -r);
		await_for_good(0); /* whoever asks may want to try a fork beside it */
		leave(0);
	}
	say(INSIDE_MADE, INSIDE_STEP_NONE, r);
	be_guide(r, has(how, INSIDE_ORPHAN), has(how, INSIDE_SWEEP));
}

__asm__(".globl _start\n_start:\n" INSIDE_START);

#else

/* Never run: act/enter/enter.h refuses */
int inside_unsupported(void);
int inside_unsupported(void)
{
	return INSIDE_SUPPORTED;
}
__asm__(".globl _start\n_start:\n");

#endif
