/* SPDX-License-Identifier: MIT */
/*
 * A subreaper with adopted zombies that sits in one system call, and tells how that call came back.
 * --how CALL: see the tables of zoo_sits.c and zoo_sits_more.c; busy: it computes; rseq: it computes in restartable
 * sequences (rseq(2)); vsyscall: it makes calls that the kernel emulates there; old-gate: it is a 64-bit program that
 * sleeps in a call made by int $0x80, as 32-bit ones do; signals, signals-restart: a queued signal comes all
 * the time, each with the next number, to a handler without and with SA_RESTART; --count N adopted zombies, --own N of its own;
 * --wake FILE: once that file is there, what the call waits for comes;
 * --report FILE: gets {"result", "broken" registers, "ms"} when the call has come back;
 * --threads N: so many threads, the others sleep; --leader-exits: another thread sits, the first ends;
 * --in-handler: it sits in a handler; --altstack: on a stack of the handler's own (sigaltstack(2));
 * --pending: a blocked signal waits for it meanwhile;
 * --limit-ms N: of the calls that end by their own time limit (2500);
 * --seccomp allow|errno|kill: what becomes of wait4 from then on; --meanwhile: only once its first
 * thread is made to call it, for another thread gives the filter to all;
 * --uid N: it gives up its user first; --group: it leads a process group.
 */
#include "zoo.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo_guarded.h"
#include "zoo_sits.h"

static const struct sit *sit;

static void await_file(void)
{
	const struct timespec moment = { .tv_nsec = 5000000 };

	while (!sits_woken())
		nanosleep(&moment, NULL);
}

/* Until the file is there; then how many, and one last that ends the wait */
static void send_signals(void)
{
	const struct timespec moment = { .tv_nsec = 300000 };
	int n = 0;

	while (!sits_woken()) {
		/* a full queue: again */
		n += sigqueue(getppid(), SIGRTMIN, (union sigval){ .sival_int = n }) == 0;
		nanosleep(&moment, NULL);
	}
	at.word[1] = (uint32_t)n;
	at.word[0] = 1;
	sigqueue(getppid(), SIGRTMIN, (union sigval){ .sival_int = n });
}

static void report(const struct guarded *g, long ms)
{
	const char *file = zoo_text("--report", "");
	char part[512];
	FILE *out;

	if (!*file)
		return;
	snprintf(part, sizeof(part), "%s.part", file);
	out = fopen(part, "w");
	if (!out)
		zoo_die(part);
	fprintf(out, "{\"result\":%lld,\"broken\":%d,\"ms\":%ld}\n", (long long)g->result,
		guarded_broken(g), ms);
	if (fclose(out) || rename(part, file))
		zoo_die(file);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sit_in_vfork(void)
{
	if (vfork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		await_file();
		_exit(3);
	}
}

/* result: how often the sum was wrong */
static void compute(struct guarded *g)
{
	const uint64_t wanted = guarded_sum(7, 20000);

	while (!sits_woken())
		g->result += guarded_sum(7, 20000) != wanted;
}

/* result: the signals that did not come, or came out of turn; a call that did not end by one is broken */
static void take_signals(struct guarded *g, const uint64_t args[static 6])
{
	int broken = 0;

	while (!at.word[0] || received <= (long)at.word[1]) {
		guarded_call(g, sit->nr, args);
		broken += guarded_broken(g) +
			  (zoo_how("signals") ? g->result != -EINTR : g->result != 1);
		if (zoo_how("signals-restart"))
			break;
	}
	memset(g, 0, sizeof(*g));
	g->after[1] = (uint64_t)broken;
	g->result = (long)at.word[1] + 1 - received + disorder;
}

static void sit_there(void)
{
	static struct guarded g;
	uint64_t args[6];
	long since = now_ms();

	for (int i = 0; i < 6; i++)
		args[i] = sit_argument(sit, i);
	if (sit->nr == VFORK)
		sit_in_vfork();
	else if (sit->nr == BUSY)
		compute(&g);
	else if (sit->nr < 0)
		g.result = awake(sit->nr);
	else if (sends_signals())
		take_signals(&g, args);
	else
		guarded_call(&g, sit->nr, args);
	report(&g, now_ms() - since);
}

static void sit_in_handler(int signal_number)
{
	(void)signal_number;
	sit_there();
}

static void filter(void)
{
	const uint32_t verdict =
		zoo_how("")				    ? 0 :
		!strcmp(zoo_text("--seccomp", ""), "kill")  ? SECCOMP_RET_KILL_PROCESS :
		!strcmp(zoo_text("--seccomp", ""), "errno") ? SECCOMP_RET_ERRNO | EPERM :
							      SECCOMP_RET_ALLOW;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_wait4, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program))
		zoo_die("seccomp");
}

/* In the midst of wait4(2), which it never makes by itself */
static bool first_waits(void)
{
	char path[64], text[32] = "";
	FILE *in;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", getpid());
	in = fopen(path, "re");
	if (in && !fgets(text, sizeof(text), in))
		*text = '\0';
	if (in)
		fclose(in);
	return strtol(text, NULL, 10) == SYS_wait4;
}

static void *filter_meanwhile(void *unused)
{
	(void)unused;
	while (!first_waits())
		;
	filter();
	zoo_sleep();
}

static void start_waker(void)
{
	at.child = zoo_fork();
	if (at.child == 0) {
		if (sends_signals())
			send_signals();
		await_file();
		sit->wake();
		zoo_sleep();
	}
}

static void *other_thread(void *unused)
{
	(void)unused;
	start_waker();
	zoo_ready();
	sit_there();
	zoo_sleep();
}

_Noreturn static void begin_sitting(void)
{
	const char *uid = zoo_nth("--uid", 0);
	pthread_t thread;
	sigset_t set;

	if (zoo_flag("--pending")) {
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGUSR2);
	}
	for (long i = 1; i < zoo_number("--threads", 1); i++)
		zoo_thread(sits_nothing);
	if (uid && setresuid((uid_t)atoi(uid), (uid_t)atoi(uid), (uid_t)atoi(uid)))
		zoo_die("setresuid");
	/* after that, for its parent's end to end it too; and by the thread that stays */
	if (sit->nr >= 0 && !zoo_flag("--leader-exits"))
		start_waker();
	if (zoo_flag("--meanwhile") && pthread_create(&thread, NULL, filter_meanwhile, NULL))
		zoo_die("pthread_create");
	if (*zoo_text("--seccomp", "") && !zoo_flag("--meanwhile"))
		filter();
	if (zoo_flag("--leader-exits")) {
		if (pthread_create(&thread, NULL, other_thread, NULL))
			zoo_die("pthread_create");
		syscall(SYS_exit, 0);
	}
	zoo_ready();
	if (zoo_flag("--in-handler")) {
		static char other_stack[1 << 16];
		const stack_t other = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
		struct sigaction action = { .sa_handler = sit_in_handler };

		if (zoo_flag("--altstack"))
			action.sa_flags = SA_ONSTACK;
		if (sigaltstack(&other, NULL) || sigaction(SIGUSR2, &action, NULL))
			zoo_die("sigaltstack");
		raise(SIGUSR2);
	} else {
		sit_there();
	}
	zoo_sleep();
}

static const char *states(void)
{
	if (zoo_flag("--leader-exits"))
		return "Z";
	return sit->nr == VFORK ? "D" : sit->nr < 0 || sends_signals() ? "RS" : "S";
}

static void play(void)
{
	const char *name = zoo_text("--how", "");

	sit = sit_find(name);
	if (!sit)
		zoo_die(name);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		zoo_die("PR_SET_CHILD_SUBREAPER");
	setsid();
	zoo_say_me("parent", states(),
		   zoo_flag("--leader-exits") || sends_signals() ? -1 : sit->nr);
	zoo_orphans(zoo_number("--count", 1), zoo_number("--count", 1) <= 64);
	zoo_zombies(zoo_number("--own", 0));
	at.limit = (struct timespec){ .tv_sec = 600 };
	sit->make();
	begin_sitting();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_actor(play);
	return zoo_keep();
}
