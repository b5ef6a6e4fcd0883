/* SPDX-License-Identifier: MIT */
/* The facts of a case: who it is, how it died, where it comes from, whose it is. */
#include <stdio.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "cmd/explain.h"
#include "cmd/list_words.h"
#include "cmd/subject.h"
#include "inspect/signals.h"

static const char *const kind_words[] = {
	[EXPLAIN_ZOMBIE] = "A zombie",
	[EXPLAIN_PARENT] = "A parent that holds zombies",
	[EXPLAIN_REAPER] = "A reaper",
	[EXPLAIN_ORPHAN] = "An orphan that lives",
	[EXPLAIN_OTHER] = "No zombie, and it holds none",
};

void explain_who(struct explain_case *e)
{
	auto_free char *line = subject_line(e->ctx, &e->details);

	story_tell(&e->story, "who", "%s. %s.", line, kind_words[e->kind]);
}

static void tell_exit(struct explain_case *e)
{
	const struct zombie_case *z = e->zombie;
	int code = z->process->exit_code;
	char name[SIGNAL_NAME_SIZE];

	if (z->process->threads > 1) {
		story_tell(
			&e->story, "died",
			"Its main thread has ended, but %u other thread%s on: the process is not dead yet, and has no exit status.",
			z->process->threads - 1,
			z->process->threads == 2 ? " of it lives" : "s of it live");
		story_evidence(&e->story, false, "/proc/%d/status: State Z, Threads %u",
			       z->process->pid, z->process->threads);
		return;
	}
	if (!z->exit_known) {
		story_tell(&e->story, "died", "How it ended cannot be read.");
		story_evidence(&e->story, false, "CAP_SYS_PTRACE would show its exit status");
		return;
	}
	if (WIFSIGNALED(code))
		story_tell(&e->story, "died", "It was killed by %s%s.",
			   signal_name(WTERMSIG(code), name),
			   WCOREDUMP(code) ? ", and dumped core" : "");
	else
		story_tell(&e->story, "died", "It exited with status %d.", WEXITSTATUS(code));
	story_evidence(&e->story, false, "exit code %d", code);
}

static void tell_moment(struct explain_case *e)
{
	const struct zombie_case *z = e->zombie;
	double age = cases_age_s(e->c, z->process), dead;
	int64_t epoch = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	char ago[DURATION_TEXT_SIZE], lived[DURATION_TEXT_SIZE], when[TIME_TEXT_SIZE];
	double cpu = (double)z->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK);

	if (z->process->threads > 1)
		return;
	if (!z->death_known) {
		story_tell(&e->story, "died",
			   "It was born %s ago and died some time after; it used %.2f s of CPU.",
			   duration_format(age, ago), cpu);
		story_evidence(&e->story, false, "%s",
			       e->c->kernel ? "its last run was too long to tell the moment" :
					      "only BPF tells the time of death");
		return;
	}
	dead = (double)(e->c->taken_ns - z->died_ns) / 1e9;
	dead = dead > 0 ? dead : 0;
	story_tell(&e->story, "died",
		   "That was %s ago, at %s; it had lived %s and used %.2f s of CPU.",
		   duration_format(dead, ago), time_format(z->died_ns + epoch, when),
		   duration_format(age > dead ? age - dead : 0, lived), cpu);
	story_evidence(&e->story, false, "the scheduler's last notes of it");
}

void explain_death(struct explain_case *e)
{
	if (!e->zombie)
		return;
	tell_exit(e);
	tell_moment(e);
}

static const char *rank(const struct explain_case *e, const struct process *p)
{
	const struct process_kernel *kernel = census_kernel(e->c, p);
	bool inferred;

	switch (heirs_kind(e->heirs, p, &inferred)) {
	case HEIR_INIT:
		return ", init";
	case HEIR_SUBREAPER:
		return inferred ? ", subreaper?" : ", subreaper";
	default:
		return kernel && kernel->subreaper ? ", subreaper" : "";
	}
}

static void put_link(FILE *out, const struct explain_case *e, const struct process *p)
{
	auto_free char *name = subject_name(e->ctx, p);

	name[strlen(name) - 1] = '\0';
	fprintf(out, "%s%s%s)", name, rank(e, p), p->state == 'Z' ? ", zombie" : "");
}

/* From the outermost ancestor in sight down to the subject, crossing into PID namespaces */
void explain_lineage(struct explain_case *e)
{
	const struct process *up[64], *p = e->subject;
	const char *arrow = e->ctx->utf8 ? " → " : " -> ";
	const char *into = e->ctx->utf8 ? " ⇒ " : " => ";
	char *text = NULL;
	size_t size, n = 0;
	FILE *out = open_memstream(&text, &size);
	bool crosses = false;

	if (!out)
		return;
	for (; p && n < ARRAY_SIZE(up); p = census_parent(e->c, p))
		up[n++] = p;
	if (!p && n > 0 && up[n - 1]->ppid)
		fprintf(out, "%d (not in sight)%s", up[n - 1]->ppid, arrow);
	for (size_t i = n; i-- > 0;) {
		uint32_t ns = e->heirs->map.of[up[i] - e->c->procs];

		bool border = i + 1 < n && e->heirs->map.of[up[i + 1] - e->c->procs] != ns;

		if (i + 1 < n)
			fputs(border ? into : arrow, out);
		crosses |= border;
		put_link(out, e, up[i]);
	}
	fclose(out);
	story_tell(&e->story, "lineage", "%s", text);
	if (crosses || !e->c->kernel)
		story_evidence(&e->story, !e->c->kernel, "%s%s%s",
			       e->c->kernel ? "" : "only BPF knows subreapers that adopted nobody",
			       !crosses	    ? "" :
			       e->c->kernel ? "" :
					      "; ",
			       !crosses	    ? "" :
			       e->ctx->utf8 ? "⇒ enters a PID namespace" :
					      "=> enters a PID namespace");
	free(text);
}

static const char *adoption_words(const char *evidence)
{
	if (streq(evidence, "session"))
		return "its session is one that this parent never had";
	if (streq(evidence, "process-group"))
		return "its process group is none that this parent makes for its children";
	if (streq(evidence, "exec-id"))
		return "it was born of another program than its parent runs or ran";
	if (streq(evidence, "child-order"))
		return "its parent got it after a child that was born later";
	if (streq(evidence, "no-adopter"))
		return "its parent is neither an init nor a subreaper, so it adopts nobody";
	if (streq(evidence, "exit-signal"))
		return "its exit signal is not SIGCHLD, to which an adoption would have reset it";
	return "neither its session nor its process group tells";
}

void explain_adoption(struct explain_case *e)
{
	const struct adoption *a = adoption_of(&e->heirs->adoptions, e->c, e->subject);
	const struct process *parent = census_parent(e->c, e->subject);
	auto_free char *name = parent ? subject_name(e->ctx, parent) : NULL;

	if (!parent)
		story_tell(&e->story, "parent", "Its parent is not in sight (PPID %d).",
			   e->subject->ppid);
	else if (e->subject->flags & PF_KTHREAD)
		story_tell(&e->story, "parent", "Its parent %s makes all threads of the kernel.",
			   name);
	else if (a->adopted == TRI_YES)
		story_tell(&e->story, "parent",
			   "Its parent %s adopted it: the one that started it has ended.", name);
	else if (a->adopted == TRI_NO)
		story_tell(&e->story, "parent", "Its parent %s started it itself.", name);
	else
		story_tell(&e->story, "parent",
			   "Its parent is %s; whether by birth or by adoption cannot be told.",
			   name);
	if (parent && a->evidence)
		story_evidence(&e->story, a->adopted != TRI_UNKNOWN && !a->proven, "%s",
			       adoption_words(a->evidence));
}

void explain_parent(struct explain_case *e)
{
	const struct parent_case *p = e->parent;
	auto_free char *line = NULL, *held = NULL;
	char oldest[DURATION_TEXT_SIZE];

	if (!p || p->n_zombies == 0)
		return;
	held = list_held(e->ctx, p);
	if (e->zombie && p->process) {
		line = subject_line(e->ctx, &p->details);
		story_tell(&e->story, "parent", "%s.", line);
	}
	story_tell(&e->story, e->zombie ? "parent" : "holds",
		   "%s %zu zombie%s (%s), the oldest for %s%s.",
		   p->process ? "It holds" : "Out of sight it holds at least", p->n_zombies,
		   p->n_zombies == 1 ? "" : "s", held, p->oldest_exact ? "" : "at most ",
		   duration_format(p->oldest_s, oldest));
}

void explain_own_zombies(struct explain_case *e)
{
	for (size_t i = 0; e->zombie && i < e->cases->n; i++) {
		const struct parent_case *p = &e->cases->parents[i];

		if (p->process != e->subject || p->n_zombies == 0)
			continue;
		story_tell(&e->story, "holds",
			   "Through threads that live on it holds %zu zombie%s itself: %s.",
			   p->n_zombies, p->n_zombies == 1 ? "" : "s", p->verdict.why);
		story_evidence(&e->story, p->verdict.certainty != CERTAINTY_PROVEN,
			       "verdict on them: %s", verdict_name(p->verdict.code));
	}
}
