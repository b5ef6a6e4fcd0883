/* SPDX-License-Identifier: MIT */
#include "words/acts/reap_words.h"

#include <stdio.h>

#include "base/memstream.h"
#include "base/rights.h"
#include "case/scope.h"
#include "inspect/text/syscall.h"
#include "words/tokens.h"
#include "words/plural.h"

static const char *const refusals[] = {
	[REAP_GONE] = "it ended meanwhile: its zombies are another's now",
	[REAP_KERNEL_THREAD] = "it is a kernel thread",
	[REAP_DYING] = "it is dying: its zombies go to another when it is gone",
	[REAP_DUMPING_CORE] = "it is writing its core: it will end, and its zombies go to another",
	[REAP_STOPPED] = "it is stopped by a signal: a stopped thread makes no call (kill -CONT)",
	[REAP_FROZEN] = "its cgroup is frozen: thaw it first (coroner explain says how)",
	[REAP_IN_VFORK] =
		"it is in vfork, until the child that it forked runs a program or ends: it cannot be stopped there",
	[REAP_UNINTERRUPTIBLE] =
		"every thread of it is in uninterruptible sleep (state D): it cannot be stopped there",
	[REAP_FOREIGN_CODE] =
		"it is a 32-bit program, or makes its calls as one: coroner does not know how to make them",
	[REAP_FOREIGN_MACHINE] = "coroner can do this on x86-64 and arm64 alone",
	[REAP_NO_INSTRUCTION] =
		"no system call instruction was found in it that could be used (it has no vdso)",
	[REAP_USER_DISPATCH] =
		"it has its own system calls sent to itself (PR_SET_SYSCALL_USER_DISPATCH): it would take the call for one of its own",
	[REAP_BUSY] =
		"signals or its own work came in between each time: try again when it has less to do",
	[REAP_KILLED] =
		"the process by which coroner does this was killed before it was done; the parent has lost no call by that",
};

static char *why_denied(int yama, uint64_t held)
{
	bool has = held & RIGHT(CAP_SYS_PTRACE);

	if (yama >= 3)
		return xstrdup(
			"kernel.yama.ptrace_scope is 3: nobody may trace a process before the next boot");
	if (!has && yama)
		return xasprintf(
			"kernel.yama.ptrace_scope is %d: tracing it takes CAP_SYS_PTRACE, which is missing",
			yama);
	if (!has)
		return xstrdup(
			"CAP_SYS_PTRACE is missing: without it a process can be traced only by its own user, with no more rights than that user's");
	return xstrdup(
		"tracing it is forbidden in spite of CAP_SYS_PTRACE: it lives in another user namespace, or a security module says so");
}

static char *why_filtered(uint64_t held)
{
	return xasprintf(
		"it is under a seccomp filter, which may kill it for a call that it does not expect, and the filter cannot be suspended: %s",
		held & RIGHT(CAP_SYS_ADMIN) ? "coroner is under one itself, or the kernel cannot" :
					      "CAP_SYS_ADMIN is missing");
}

char *reap_refusal_words(const struct reap_result *r, uint64_t held)
{
	switch (r->refusal) {
	case REAP_TRACED:
		return r->detail ? xasprintf("it is traced by process %d", r->detail) :
				   xstrdup("it is traced by a process out of sight");
	case REAP_SECCOMP:
		return why_filtered(held);
	case REAP_DENIED:
		return why_denied(r->detail, held);
	case REAP_LOST:
		return xasprintf(
			"the process that held thread %d was killed: that thread may have lost the call that it was in, or go on elsewhere in its program",
			r->thread);
	case REAP_FAILED:
		return xasprintf("it did not work: %s", strerror(-r->detail));
	default:
		return xstrdup(refusals[r->refusal]);
	}
}

static const char *spared_because(enum reap_spared spared)
{
	switch (spared) {
	case SPARED_OWN:
		return "its parent's own child, which it may still wait for (--own takes those too)";
	case SPARED_UNKNOWN_WHOSE:
		return "whether its parent started it is not known (--own takes those too)";
	case SPARED_YOUNG:
		return "its parent's own child, dead for too short a time (--min-age)";
	case SPARED_UNKNOWN_AGE:
		return "its parent's own child, and when it died is not known (--min-age=0 takes it all the same)";
	case SPARED_THREADS_ALIVE:
		return "threads of it live on: no wait can take it yet";
	case SPARED_TRACED:
		return "a tracer holds it: no wait of its parent can take it";
	case SPARED_NO_NUMBER:
		return "its number in the PID namespace of its parent cannot be read";
	case SPARED_NEWBORN:
		return "it was born within the last hundredth of a second: its number could be another's before it is taken; try again";
	case SPARED_NOT_ASKED:
		return "it was not named";
	default:
		return NULL;
	}
}

char *reap_why_left(const struct reaping *r, const struct reap_left *left, uint64_t held)
{
	const struct reap_item *item = left->item;

	if (!item)
		return xstrdup("it died meanwhile, or was not seen before");
	if (item->spared != SPARED_NOT)
		return xstrdup(spared_because(item->spared));
	switch (item->fate) {
	case REAP_HELD:
		return xstrdup(
			"the kernel does not give it out yet: a thread of it lives, or a tracer holds it");
	case REAP_NO_CHILD:
		return xstrdup("the kernel says that it is no child of this parent");
	case REAP_UNTRIED:
		return r->result.refusal != REAP_ALLOWED ? reap_refusal_words(&r->result, held) :
							   xstrdup("it was not tried");
	default:
		return xstrdup("it is still there, though it was taken");
	}
}

char *reap_reason(const struct reaping *r, uint64_t held)
{
	switch (r->problem) {
	case REAP_NOT_IN_SIGHT:
		return xstrdup("no such process is in sight");
	case REAP_NOT_IN_SCOPE:
		return xasprintf("it %s", out_of_scope_words());
	case REAP_HOLDS_NONE:
		return xstrdup("it holds no zombie");
	case REAP_PARENT_OUT_OF_SIGHT:
		return xstrdup("it is a zombie whose parent is not in sight");
	default:
		break;
	}
	if (r->n_chosen > 0)
		return r->result.refusal == REAP_ALLOWED ? NULL :
							   reap_refusal_words(&r->result, held);
	return xstrdup(
		r->n_items > 0 ?
			"none of its zombies may be taken: see why for each; coroner reap --help says whose are" :
			"it holds no zombie");
}

static const char *call_name(int nr)
{
	const char *name = nr < 0 ? NULL : syscall_name(nr);

	return name ? name : "a system call";
}

char *reap_by_whom(const struct reap_result *r)
{
	const char *name = call_name(r->nr);

	if (r->refusal == REAP_LOST)
		return xasprintf("thread %d", r->thread);
	switch (r->resume) {
	case RESUME_ITSELF:
		return xasprintf("thread %d in %s, which goes on by itself", r->thread, name);
	case RESUME_ANEW:
		return xasprintf("thread %d in %s, which is made to wait anew", r->thread, name);
	case RESUME_RUNNING:
		return xasprintf("thread %d, which is computing", r->thread);
	case RESUME_LIMITED:
		return xasprintf("thread %d in %s, which may come back early (EINTR)", r->thread,
				 name);
	default:
		return xasprintf("thread %d in %s, which may come back with EINTR", r->thread,
				 name);
	}
}

const char *reap_resume_name(enum resume resume)
{
	static const char *const names[] = {
		[RESUME_ITSELF] = "by-itself",
		[RESUME_ANEW] = "anew",
		[RESUME_RUNNING] = "running",
		[RESUME_LIMITED] = "may-be-interrupted",
		[RESUME_UNKNOWN] = "may-be-interrupted",
	};

	return names[resume];
}

const char *reap_interrupted_name(const struct reap_result *r, bool rehearsed)
{
	if (r->interrupted >= 0)
		return call_name(r->interrupted);
	if (r->refusal == REAP_LOST)
		return "unknown";
	if (rehearsed && r->thread && (r->resume == RESUME_LIMITED || r->resume == RESUME_UNKNOWN))
		return call_name(r->nr);
	return "none";
}

char *reap_hint(const struct parent_case *p, bool nudged)
{
	return reaping_would_help(p, nudged) ? reap_hint_for(&p->process->pid, 1, 1) : NULL;
}

char *reap_hint_for(const pid_t *pids, size_t n_named, size_t n)
{
	size_t size;
	char *text = NULL;
	FILE *out = memstream_open(&text, &size);

	fputs("coroner reap", out);
	for (size_t i = 0; i < n_named; i++)
		fprintf(out, " %d", pids[i]);
	if (n > n_named)
		fprintf(out, " (and %zu more: --all)", n - n_named);
	fprintf(out, " has %s collect now what %s never heard of; the cause stays",
		n == 1 ? "it" : "them", n == 1 ? "its program" : "their programs");
	fclose(out);
	return text;
}

char *reap_whose(const struct reaping *r)
{
	size_t of[WHOSE_OWN + 1] = { 0 }, kinds = 0, likely = 0, size;
	char *text = NULL;
	FILE *out = memstream_open(&text, &size);
	static const char *const names[] = {
		[WHOSE_UNKNOWN] = "perhaps its own",
		[WHOSE_ADOPTED] = "adopted",
		[WHOSE_EARLIER] = "of a program that it ran before",
		[WHOSE_OWN] = "its own",
	};

	for (size_t i = 0; i < r->n_items; i++) {
		const struct reap_item *item = &r->items[i];

		of[item->whose] += item->spared == SPARED_NOT;
		likely += item->spared == SPARED_NOT && item->whose == WHOSE_ADOPTED &&
			  !item->whose_proven;
	}
	for (size_t i = 0; i < ARRAY_SIZE(of); i++)
		kinds += of[i] > 0;
	for (size_t i = 0, k = 0; i < ARRAY_SIZE(of); i++) {
		if (of[i] == 0)
			continue;
		if (kinds > 1)
			fprintf(out, "%s%zu %s", k ? ", " : "", of[i], names[i]);
		else
			fputs(names[i], out);
		if (i == WHOSE_ADOPTED && likely > 0)
			fputs(likely == of[i] ? ", as far as can be seen" :
						", some as far as can be seen",
			      out);
		k++;
	}
	fclose(out);
	return text;
}

char *reap_still(const struct reap_result *r)
{
	double longest = (double)r->longest_ns / 1e6, total = (double)r->total_ns / 1e6;

	if (r->stops > 1)
		return xasprintf("it stood still for %.1f ms at most, %u times, %.1f ms in all",
				 longest, r->stops, total);
	return xasprintf("it stood still for %.1f ms", longest);
}

char *reap_due(const struct reaping *r)
{
	auto_free char *whose = reap_whose(r);

	return xasprintf("would have it reap %zu of %zu zombie%s (%s)", r->n_chosen, r->n_items,
			 plural_s(r->n_items), whose);
}

const char *reap_gone_words(void)
{
	return "the others were gone before";
}

const char *reap_nobody(void)
{
	return "no parent in sight holds a zombie that may be taken: nothing to do";
}
