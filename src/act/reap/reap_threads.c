/* SPDX-License-Identifier: MIT */
#include "act/reap/reap_threads.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rights.h"
#include "census/proc_stat.h"
#include "inspect/text/status.h"
#include "inspect/text/syscall.h"
#include "inspect/threads/doing.h"

/* Linux include/linux/sched.h: threads that the kernel made for itself; nobody may trace them */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000

#define VDSO_SIZE 16384 /* of it that is searched; it has one or two pages */

/* What all threads together say */
struct looking {
	int procfd;
	const struct process *parent;
	struct reap_view *view;
	size_t cap;
	bool may_suspend; /* a seccomp filter of the thread that it holds */
	size_t n_alive, n_stopped, n_in_vfork, n_uninterruptible, n_filtered;
};

static uint64_t number_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

int reap_status_read(int procfd, pid_t pid, pid_t tid, struct reap_status *ret)
{
	auto_free char *text = NULL;
	struct proc_status s;
	char path[48];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%d/task/%d/status", pid, tid);
	r = file_slurp_at(procfd, path, &text, &len);
	if (r < 0)
		return r;
	if (proc_status_parse(text, len, &s) < 0)
		return -EBADMSG;
	*ret = (struct reap_status){
		.tgid = s.tgid,
		.tracer = s.tracer,
		.pending = s.masks.pending | s.masks.shared_pending,
		.killed = mask_has(s.masks.pending | s.masks.shared_pending, SIGKILL),
		.dead = strstr(text, "\nState:\tZ") || strstr(text, "\nState:\tX"),
		.dumping_core = number_after(text, "\nCoreDumping:") != 0,
		.seccomp = (unsigned)number_after(text, "\nSeccomp:"),
		.switches = number_after(text, "\nvoluntary_ctxt_switches:"),
	};
	return 0;
}

static void refuse(struct reap_view *v, enum reap_refusal why, int detail)
{
	if (v->refusal != REAP_ALLOWED)
		return;
	v->refusal = why;
	v->detail = detail;
}

int reap_yama_scope(int procfd)
{
	char text[16];

	return file_read_at(procfd, "sys/kernel/yama/ptrace_scope", text, sizeof(text)) > 0 ?
		       (int)strtol(text, NULL, 10) :
		       0;
}

static bool is_in_vfork(const struct looking *look, const struct process *now,
			const struct reap_thread *t)
{
	struct place at = { .dir = look->procfd };
	char wchan[32];

	snprintf(at.prefix, sizeof(at.prefix), "%d/", look->parent->pid);
	snprintf(wchan, sizeof(wchan), "task/%d/wchan", t->tid);
	return thread_waits_for_vfork(&at, wchan, now->state, syscall_name(t->call.nr));
}

/* As the calls of a 64-bit program: a 32-bit one is known by its file, and by its registers */
static int read_call(int procfd, pid_t pid, struct reap_thread *t)
{
	struct blocked_in in;
	char path[48], text[256];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/task/%d/syscall", pid, t->tid);
	n = file_read_at(procfd, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (proc_syscall_parse(text, (size_t)n, ABI_NATIVE, &in) < 0)
		return -EBADMSG;
	t->call = (struct reap_call){ .nr = in.nr, .sp = in.sp, .pc = in.pc };
	memcpy(t->call.args, in.args, sizeof(in.args));
	t->resume = resume_of(t->call.nr, t->call.args);
	return 0;
}

/* One of the program's own threads that is not about to end */
static bool is_alive(const struct looking *look, pid_t tid, struct process *ret)
{
	return proc_stat_read_thread(look->procfd, look->parent->pid, tid, ret) == 0 &&
	       ret->state != 'Z' && ret->state != 'X' &&
	       !(ret->flags & (PF_IO_WORKER | PF_USER_WORKER | PF_EXITING));
}

/* Alive and asleep or running: one that can be stopped */
static void consider(struct looking *look, const struct process *now, struct reap_thread *t)
{
	struct process again = { 0 };
	int r = read_call(look->procfd, look->parent->pid, t);

	/* one that ends has no memory, and who has none may not be looked at by some kernels */
	if (r == -EACCES && is_alive(look, t->tid, &again))
		refuse(look->view, REAP_DENIED, reap_yama_scope(look->procfd));
	if (r < 0)
		return;
	if (now->state == 'D') {
		look->n_uninterruptible++;
		look->n_in_vfork += is_in_vfork(look, now, t);
		return;
	}
	if (t->seccomp && !look->may_suspend) {
		look->n_filtered++;
		return;
	}
	ARRAY_GROW(look->view->threads, look->view->n, look->cap);
	look->view->threads[look->view->n++] = *t;
}

static void look_at_thread(struct looking *look, pid_t tid)
{
	struct reap_thread t = { .tid = tid };
	struct process now = { 0 };
	struct reap_status status;
	int r;

	if (!is_alive(look, tid, &now))
		return;
	/* before the call is read: nothing in it is older than this count */
	r = reap_status_read(look->procfd, look->parent->pid, tid, &status);
	if (r < 0)
		return;
	look->n_alive++;
	if (status.dumping_core)
		refuse(look->view, REAP_DUMPING_CORE, 0);
	if (status.killed)
		refuse(look->view, REAP_DYING, 0);
	if (status.tracer || now.state == 't')
		refuse(look->view, REAP_TRACED, status.tracer);
	if (now.state == 'T') {
		look->n_stopped++;
		return;
	}
	t.seccomp = status.seccomp;
	t.switches = status.switches;
	consider(look, &now, &t);
}

void reap_look_again(int procfd, pid_t pid, struct reap_thread *t)
{
	struct reap_status now;

	if (reap_status_read(procfd, pid, t->tid, &now) == 0 && read_call(procfd, pid, t) == 0)
		t->switches = now.switches;
}

static void look_at_threads(struct looking *look)
{
	const struct dirent *e;
	char path[24];
	auto_dir DIR *dir = NULL;

	snprintf(path, sizeof(path), "%d/task", look->parent->pid);
	dir = file_list_at(look->procfd, path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			look_at_thread(look, (pid_t)strtol(e->d_name, NULL, 10));
}

static int by_resume(const void *a, const void *b)
{
	const struct reap_thread *x = a, *y = b;

	if (x->resume != y->resume)
		return x->resume < y->resume ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* Of the first one that can be stopped: what a dead leader had is gone (Linux mm_access(), exit_mm()) */
static void thread_path(const struct looking *look, const char *file, char *ret, size_t size)
{
	snprintf(ret, size, "%d/task/%d/%s", look->parent->pid, look->view->threads[0].tid, file);
}

static bool is_32_bit(const struct looking *look)
{
	unsigned char ident[EI_NIDENT] = { 0 };
	auto_close int fd = -1;
	char path[48];

	thread_path(look, "exe", path, sizeof(path));
	fd = openat(look->procfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && read(fd, ident, sizeof(ident)) == (ssize_t)sizeof(ident) &&
	       ident[EI_CLASS] == ELFCLASS32;
}

/* The beginning and end of the vdso (vdso(7)) in /proc/PID/maps */
static bool find_vdso(const char *maps, uint64_t *ret_from, uint64_t *ret_to)
{
	const char *line = strstr(maps, "[vdso]");
	char *end;

	if (!line)
		return false;
	while (line > maps && line[-1] != '\n')
		line--;
	*ret_from = strtoull(line, &end, 16);
	*ret_to = *end == '-' ? strtoull(end + 1, NULL, 16) : 0;
	return *ret_to > *ret_from;
}

static uint64_t find_site(const struct looking *look)
{
	auto_free char *maps = NULL, *code = xmalloc(VDSO_SIZE);
	auto_close int fd = -1;
	uint64_t from, to;
	char path[48];
	size_t len;
	ssize_t n;
	int64_t at;

	thread_path(look, "maps", path, sizeof(path));
	if (file_slurp_at(look->procfd, path, &maps, &len) < 0 || !find_vdso(maps, &from, &to))
		return 0;
	thread_path(look, "mem", path, sizeof(path));
	fd = openat(look->procfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	n = fd < 0 ? -1 :
		     pread(fd, code, to - from < VDSO_SIZE ? to - from : VDSO_SIZE, (off_t)from);
	at = n < 0 ? -1 : reap_arch_find_site(code, (uint64_t)n);
	return at < 0 ? 0 : from + (uint64_t)at;
}

/* No thread is left to be stopped: what they have in common says why */
static enum reap_refusal why_none(const struct looking *look)
{
	if (look->n_alive == 0)
		return look->parent->state == 'Z' ? REAP_DYING : REAP_GONE;
	if (look->n_stopped > 0)
		return REAP_STOPPED;
	if (look->n_filtered > 0)
		return REAP_SECCOMP;
	if (look->n_in_vfork > 0)
		return REAP_IN_VFORK;
	return look->n_uninterruptible > 0 ? REAP_UNINTERRUPTIBLE : REAP_GONE;
}

/* Linux kernel/ptrace.c:check_ptrace_options(), PTRACE_O_SUSPEND_SECCOMP */
bool reap_may_suspend(int procfd, uint64_t rights)
{
	struct reap_status own;

	return rights & RIGHT(CAP_SYS_ADMIN) &&
	       reap_status_read(procfd, getpid(), getpid(), &own) == 0 && own.seccomp == 0;
}

void reap_look(int procfd, const struct process *parent, enum tri frozen, struct reap_view *ret)
{
	struct looking look = { .procfd = procfd, .parent = parent, .view = ret };

	*ret = (struct reap_view){ 0 };
	look.may_suspend = reap_may_suspend(procfd, rights_held());
	if (!reap_arch_known)
		refuse(ret, REAP_FOREIGN_MACHINE, 0);
	if (parent->flags & PF_KTHREAD)
		refuse(ret, REAP_KERNEL_THREAD, 0);
	if (frozen == TRI_YES)
		refuse(ret, REAP_FROZEN, 0);
	if (ret->refusal == REAP_ALLOWED)
		look_at_threads(&look);
	if (ret->refusal == REAP_ALLOWED && look.n_stopped > 0)
		refuse(ret, REAP_STOPPED, 0);
	if (ret->refusal == REAP_ALLOWED && ret->n == 0)
		refuse(ret, why_none(&look), 0);
	if (ret->refusal == REAP_ALLOWED && is_32_bit(&look))
		refuse(ret, REAP_FOREIGN_CODE, 0);
	if (ret->refusal != REAP_ALLOWED) {
		reap_view_done(ret);
		return;
	}
	ret->vdso_site = find_site(&look);
	qsort(ret->threads, ret->n, sizeof(*ret->threads), by_resume);
}

void reap_view_done(struct reap_view *v)
{
	free(v->threads);
	v->threads = NULL;
	v->n = 0;
}
