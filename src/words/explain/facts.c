/* SPDX-License-Identifier: MIT */
/* The facts of a case: who it is, how it died, where it comes from, whose it is. */
#include <stdio.h>
#include <sys/wait.h>

#include "base/duration.h"
#include "base/memstream.h"
#include "words/explain/explain.h"
#include "words/list_words.h"
#include "words/explain/subject.h"
#include "inspect/text/signals.h"
#include "words/verdict.h"
#include "words/plural.h"

static const char *const kind_words[] = {
	[EXPLAIN_ZOMBIE] = "A zombie",
	[EXPLAIN_PARENT] = "A parent that holds zombies",
	[EXPLAIN_REAPER] = "A reaper",
	[EXPLAIN_ORPHAN] = "An orphan that lives",
	[EXPLAIN_OTHER] = "No zombie, and it holds none",
};

void explain_who(const struct explain_case *e, struct story *s)
{
	auto_free char *line =
		subject_line(s->terminal, &e->details, e->has_owner ? &e->owner : NULL);

	story_tell(s, "who", "%s. %s.", line, kind_words[e->kind]);
}

static void tell_exit(const struct explain_case *e, struct story *s)
{
	const struct zombie_case *z = e->zombie;
	int code = z->process->exit_code;
	char name[SIGNAL_NAME_SIZE];

	if (z->evidence.held_threads) {
		story_tell(
			s, "died",
			"All of it is dead, but a tracer keeps %u thread%s of it: nobody can get its exit status before that lets go.",
			z->evidence.held_threads, plural_s(z->evidence.held_threads));
		story_evidence(s, false, "/proc/%d/task: State Z, TracerPid", z->process->pid);
		return;
	}
	if (z->process->threads > 1) {
		story_tell(
			s, "died",
			"Its main thread has ended, but %u other thread%s on: the process is not dead yet, and has no exit status.",
			z->process->threads - 1,
			z->process->threads == 2 ? " of it lives" : "s of it live");
		story_evidence(s, false, "/proc/%d/status: State Z, Threads %u", z->process->pid,
			       z->process->threads);
		return;
	}
	if (!z->exit_known) {
		story_tell(s, "died", "How it ended cannot be read.");
		story_evidence(s, false, "CAP_SYS_PTRACE would show its exit status");
		return;
	}
	if (WIFSIGNALED(code))
		story_tell(s, "died", "It was killed by %s%s.", signal_name(WTERMSIG(code), name),
			   WCOREDUMP(code) ? ", and dumped core" : "");
	else
		story_tell(s, "died", "It exited with status %d.", WEXITSTATUS(code));
	story_evidence(s, false, "exit code %d", code);
}

static void tell_moment(const struct explain_case *e, struct story *s)
{
	const struct zombie_case *z = e->zombie;
	double age = cases_age_s(e->c, z->process), dead;
	char ago[DURATION_TEXT_SIZE], lived[DURATION_TEXT_SIZE], when[TIME_TEXT_SIZE];
	double cpu = (double)z->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK);

	if (z->process->threads > 1)
		return;
	if (!z->death_known) {
		story_tell(s, "died",
			   "It was born %s ago and died some time after; it used %.2f s of CPU.",
			   duration_format(age, ago), cpu);
		story_evidence(s, false, "%s",
			       e->c->kernel ?
				       "the scheduler's last notes of it do not tell the moment" :
				       "only BPF tells the time of death");
		return;
	}
	dead = (double)(e->c->taken_ns - z->died_ns) / 1e9;
	dead = dead > 0 ? dead : 0;
	story_tell(s, "died", "That was %s ago, at %s; it had lived %s and used %.2f s of CPU.",
		   duration_format(dead, ago), time_format(z->died_ns + e->epoch_ns, when),
		   duration_format(age > dead ? age - dead : 0, lived), cpu);
	story_evidence(s, false, "the scheduler's last notes of it");
}

void explain_death(const struct explain_case *e, struct story *s)
{
	if (!e->zombie)
		return;
	tell_exit(e, s);
	tell_moment(e, s);
}

static const char *rank(const struct kin *k)
{
	switch (k->rank) {
	case HEIR_INIT:
		return k->inferred ? ", init?" : ", init";
	case HEIR_SUBREAPER:
		return k->inferred ? ", subreaper?" : ", subreaper";
	default:
		return "";
	}
}

static void put_link(FILE *out, const struct terminal *t, const struct kin *k)
{
	auto_free char *name = subject_name(t, k->process);

	name[strlen(name) - 1] = '\0';
	fprintf(out, "%s%s%s)", name, rank(k), k->process->state == 'Z' ? ", zombie" : "");
}

/* From the outermost ancestor in sight down to the subject; returns whether it crosses into PID namespaces */
static bool put_links(FILE *out, const struct explain_case *e, const struct terminal *t)
{
	const char *arrow = t->utf8 ? " → " : " -> ", *into = t->utf8 ? " ⇒ " : " => ";
	bool crosses = false;

	if (e->n_above)
		fprintf(out, "(%zu more above)%s", e->n_above, arrow);
	else if (e->kin[e->n_kin - 1].process->ppid)
		fprintf(out, "%d (not in sight)%s", e->kin[e->n_kin - 1].process->ppid, arrow);
	for (size_t i = e->n_kin; i-- > 0;) {
		if (i + 1 < e->n_kin)
			fputs(e->kin[i].enters ? into : arrow, out);
		crosses |= e->kin[i].enters;
		put_link(out, t, &e->kin[i]);
	}
	return crosses;
}

void explain_lineage(const struct explain_case *e, struct story *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);
	bool crosses;

	crosses = put_links(out, e, s->terminal);
	fclose(out);
	story_tell(s, "lineage", "%s", text);
	if (crosses || !e->c->kernel)
		story_evidence(s, !e->c->kernel, "%s%s%s",
			       e->c->kernel ? "" : "only BPF knows subreapers that adopted nobody",
			       !crosses	    ? "" :
			       e->c->kernel ? "" :
					      "; ",
			       !crosses		 ? "" :
			       s->terminal->utf8 ? "⇒ enters a PID namespace" :
						   "=> enters a PID namespace");
	free(text);
}

static const char *adoption_words(enum adoption_sign sign)
{
	static const char *const words[] = {
		[SIGN_SESSION] = "its session is one that this parent never had",
		[SIGN_PROCESS_GROUP] =
			"its process group is none that this parent makes for its children",
		[SIGN_EXEC_ID] = "it was born of another program than its parent runs or ran",
		[SIGN_PARENT_SLEPT] = "no thread of its parent has run since before it was born",
		[SIGN_CLONE_PARENT] =
			"its parent adopts nobody, and no thread of it has run since before it was born",
		[SIGN_CHILD_ORDER] = "its parent got it after a child that was born later",
		[SIGN_NO_ADOPTER] =
			"its parent is neither an init nor a subreaper, so it adopts nobody",
		[SIGN_EXIT_SIGNAL] =
			"its exit signal is not SIGCHLD, to which an adoption would have reset it",
		[SIGN_NONE] = "neither its session nor its process group tells",
	};

	return words[sign];
}

void explain_adoption(const struct explain_case *e, struct story *s)
{
	const struct adoption *a = e->adoption;
	const struct process *parent = e->born_of;
	auto_free char *name = parent ? subject_name(s->terminal, parent) : NULL;

	if (!parent && e->subject->ppid == 0 && e->subject->pid != 1)
		story_tell(
			s, "parent",
			"Its parent is outside this PID namespace (PPID 0): it was started from there, as docker exec or kubectl exec do.");
	else if (!parent)
		story_tell(s, "parent", "Its parent is not in sight (PPID %d).", e->subject->ppid);
	else if (e->subject->flags & PF_KTHREAD)
		story_tell(s, "parent", "Its parent %s makes all threads of the kernel.", name);
	else if (a->adopted == TRI_YES)
		story_tell(s, "parent",
			   "Its parent %s adopted it: the one that started it has ended.", name);
	else if (a->sign == SIGN_CLONE_PARENT)
		story_tell(s, "parent",
			   "Its parent is %s; another child of that one started it (CLONE_PARENT).",
			   name);
	else if (e->replaced)
		story_tell(s, "parent",
			   "Its parent %s started it when it still ran another program (exec).",
			   name);
	else if (a->adopted == TRI_NO)
		story_tell(s, "parent", "Its parent %s started it itself.", name);
	else
		story_tell(s, "parent",
			   "Its parent is %s; whether by birth or by adoption cannot be told.",
			   name);
	if (parent && a->sign != SIGN_UNASKED)
		story_evidence(s, a->adopted != TRI_UNKNOWN && !a->proven, "%s",
			       adoption_words(a->sign));
}

void explain_parent(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = e->parent;
	auto_free char *line = NULL, *held = NULL;
	char oldest[DURATION_TEXT_SIZE];

	if (!p || p->n_zombies == 0)
		return;
	held = list_held(s->terminal, p);
	if (e->zombie && p->process) {
		line = subject_line(s->terminal, &p->details,
				    e->has_parent_owner ? &e->parent_owner : NULL);
		story_tell(s, "parent", "%s.", line);
	}
	story_tell(s, e->zombie ? "parent" : "holds", "%s %zu zombie%s (%s), the oldest for %s%s.",
		   p->process ? "It holds" : "Out of sight it holds at least", p->n_zombies,
		   plural_s(p->n_zombies), held, p->oldest_exact ? "" : "at most ",
		   duration_format(p->oldest_s, oldest));
}

void explain_own_zombies(const struct explain_case *e, struct story *s)
{
	const struct parent_case *p = e->held;
	auto_free char *why = NULL;

	if (!p)
		return;
	why = verdict_why(&p->verdict);
	story_tell(s, "holds", "Through threads that live on it holds %zu zombie%s itself: %s.",
		   p->n_zombies, plural_s(p->n_zombies), why);
	story_evidence(s, p->verdict.certainty != CERTAINTY_PROVEN, "verdict on them: %s",
		       verdict_name(p->verdict.code));
}
