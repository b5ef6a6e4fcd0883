/* SPDX-License-Identifier: MIT */
#include "words/remedy.h"

#include <ctype.h>
#include <stdio.h>

#include "base/base.h"
#include "base/memstream.h"
#include "words/verdict.h"

struct engine {
	const char *runtime;
	const char *init; /* how to give it an init that reaps */
	const char *thaw;
	const char *restart;
};

/* docker-run(1), podman-run(1), nerdctl, kubectl, lxc-stop(1), machinectl(1) */
static const struct engine engines[] = {
	{ "docker", "docker run --init (compose: init: true), or tini as the image's entrypoint",
	  "docker unpause ID", "docker restart ID" },
	{ "podman", "podman run --init, or catatonit as the image's entrypoint",
	  "podman unpause ID", "podman restart ID" },
	{ "containerd", "nerdctl run --init, or tini as the image's entrypoint",
	  "nerdctl unpause ID (ctr tasks resume ID)", "nerdctl restart ID" },
	{ "lxc", "a real init in the container (lxc.init.cmd)", "lxc-unfreeze ID",
	  "lxc-stop --reboot ID" },
	{ "systemd-nspawn", "systemd-nspawn --as-pid2, or --boot with a real init", NULL,
	  "machinectl reboot ID" },
	{ "ecs", "initProcessEnabled: true in the task definition's linuxParameters", NULL, NULL },
	{ "oci", "tini or dumb-init as the image's entrypoint", "runc resume ID", NULL },
};

/* kubelet starts all containers of a pod: what the engine below it is called does not matter */
static const struct engine pod = {
	NULL,
	"tini or dumb-init as the image's entrypoint, or shareProcessNamespace: true in the pod's spec",
	NULL,
	"kubectl delete pod POD (the pod with uid UID), for its controller to make a new one",
};

static const struct engine *find_engine(const struct container *c)
{
	if (c->pod_uid[0] || streq(c->runtime, "kubernetes") || streq(c->runtime, "cri-o"))
		return &pod;
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (streq(engines[i].runtime, c->runtime))
			return &engines[i];
	return NULL;
}

struct engine_remedy remedy_of_engine(const struct container *c, enum verdict_code code)
{
	const struct engine *e = find_engine(c);

	if (!e)
		return (struct engine_remedy){ NULL, NULL };
	return (struct engine_remedy){
		.lasting = verdict_traits(code)->init_helps ? e->init : NULL,
		.now = code == VERDICT_PARENT_FROZEN	   ? e->thaw :
		       verdict_traits(code)->restart_helps ? e->restart :
							     NULL,
	};
}

static bool is_word(const char *text, const char *at, size_t len)
{
	return (at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[len]);
}

char *remedy_fill(const char *text, const char *from, const char *to)
{
	size_t len = strlen(from), size;
	const char *done = text;
	char *filled = NULL;
	FILE *out = memstream_open(&filled, &size);

	for (const char *at = strstr(text, from); at; at = strstr(at + len, from)) {
		if (!is_word(text, at, len))
			continue;
		fprintf(out, "%.*s%s", (int)(at - done), done, to);
		done = at + len;
	}
	fputs(done, out);
	fclose(out);
	return filled;
}

char *remedy_probe(const char *why, pid_t reaper)
{
	auto_free char *command = xasprintf("probe %d", reaper);

	return remedy_fill(why, "probe", command);
}

#define REAL_INIT \
	"run a real init there (docker run --init, tini, dumb-init, catatonit; in a pod shareProcessNamespace) and restart the container: ending PARENT clears its zombies, and ends all that lives in its PID namespace"

static const char real_init_if_it_stays[] =
	"look again with --settle=2s; if it does not reap, " REAL_INIT;
static const char real_init_once_it_ran[] =
	"look again later, for it may look for them every now and then; if it does not reap, " REAL_INIT;

/* ENDING in them is what the end of the parent would come to: ending_words() */
static const char *const remedy_texts[REMEDY_COUNT] = {
	[REMEDY_END_THREADS] =
		"it is not dead yet: wait for its other threads, or see what holds them and end them (coroner explain ZOMBIE); then look whether the parent reaps it",
	[REMEDY_DETACH] =
		"detach or end its tracer OTHER (strace, gdb, a crash handler); then look whether the parent reaps it",
	[REMEDY_DETACH_OUTSIDE] =
		"detach or end its tracer, which is outside this PID namespace (strace, gdb, a crash handler); then look whether the parent reaps it",
	[REMEDY_LAST_MEMBERS] =
		"see what is left in there (coroner explain PARENT): a member that cannot die yet (frozen, or in state D), or one whose parent outside must wait for it",
	[REMEDY_FREE_DYING] = "make PARENT wait for ZOMBIE; then the PID namespace goes; ENDING",
	[REMEDY_CONTINUE] =
		"let it run: kill -CONT PARENT, unless its terminal stopped it (coroner explain PARENT); then look whether it reaps",
	[REMEDY_DETACH_PARENT] =
		"detach or end OTHER, the tracer of the parent (strace, gdb); then look whether the parent reaps",
	[REMEDY_DETACH_PARENT_UNSEEN] =
		"detach or end the tracer of the parent (strace, gdb); then look whether the parent reaps",
	[REMEDY_DETACH_ENDING] =
		"detach or end OTHER, the tracer of the parent (strace, gdb): then the parent ends, as it has begun to; ENDING",
	[REMEDY_DETACH_ENDING_UNSEEN] =
		"detach or end the tracer of the parent (strace, gdb): then the parent ends, as it has begun to; ENDING",
	[REMEDY_THAW] =
		"thaw its cgroup (docker unpause, systemctl thaw; coroner explain PARENT says which); then look whether it reaps",
	[REMEDY_WCHAN] =
		"find what it waits for (storage, NFS): /proc/PARENT/wchan, /proc/PARENT/stack",
	[REMEDY_VFORK_CHILD] =
		"see why child OTHER neither runs a program nor ends (coroner explain OTHER); then look whether the parent reaps",
	[REMEDY_VFORK_CHILD_UNSEEN] =
		"see why its youngest child neither runs a program nor ends; then look whether the parent reaps",
	[REMEDY_WAIT_WALL] = "fix the parent: wait with __WALL, or clone with SIGCHLD; ENDING",
	[REMEDY_LOOK_AGAIN] = "nothing: look again",
	[REMEDY_SEE_WAIT] =
		"look again; if it is still there, see what holds that wait: /proc/PARENT/task/*/wchan, and who answers for its seccomp filter or traces it",
	[REMEDY_REAL_INIT] = REAL_INIT,
	[REMEDY_REAL_INIT_IF_IT_STAYS] = real_init_if_it_stays,
	[REMEDY_REAL_INIT_ONCE_IT_RAN] = real_init_once_it_ran,
	[REMEDY_MACHINE_INIT] =
		"PARENT is the init of the whole machine: see with coroner probe PARENT whether it reaps at all; if not, the machine needs an init that does",
	[REMEDY_FIX_SUBREAPER] =
		"fix that subreaper: it must wait for any child, or not be one (PR_SET_CHILD_SUBREAPER); ENDING",
	[REMEDY_ORPHAN_BEFORE_EXEC] =
		"start what is to run beside PARENT from an init or a supervisor, or, where its heir reaps (coroner reaper PARENT), let it be orphaned before the exec ((helper &) instead of helper &); an init in front of PARENT alone does not help; ENDING",
	[REMEDY_REAL_INIT_AND_ORPHAN] =
		"start what is to run beside PARENT from an init or a supervisor in its place; or do both: run a real init there (docker run --init, tini) and let it be orphaned before the exec ((helper &) instead of helper &) where it is not yet, for neither helps without the other; ENDING",
	[REMEDY_SEE_OTHER] =
		"see why OTHER does not end (coroner explain OTHER), for the parent waits for that one; for good, it must wait for every child that it starts; ENDING",
	[REMEDY_WAIT_FOR_EVERY] =
		"fix the parent: it must wait for every child that it starts; ENDING",
	[REMEDY_UNBLOCK] =
		"fix the parent: unblock SIGCHLD and handle it, or take it by signalfd or sigwait and then wait until no child is left; ENDING",
	[REMEDY_LOOP_AFTER_SIGWAIT] =
		"fix the parent: after each SIGCHLD that it takes it must call waitpid(-1, ..., WNOHANG) until no child is left; ENDING",
	[REMEDY_WAIT_ONCE] =
		"the parent must wait once for each of them; new zombies will not come, but the exit statuses of its children are lost to it; ENDING",
	[REMEDY_FIX_PARENT] = "fix the parent: it must wait for every child that it starts; ENDING",
	[REMEDY_SEE_READ] =
		"see who holds the other end of what it reads (coroner explain PARENT), for it may come to its wait only after that; else fix the parent: it must wait for every child that it starts; ENDING",
	[REMEDY_END_HOLDER] =
		"wait until OTHER ends, or end it (kill OTHER): it holds the other end of what the parent reads before it comes to its wait; then look whether the parent reaps",
	[REMEDY_REAL_INIT_IF_ADOPTED] =
		"run a real init there if it did not start them itself (docker run --init, tini, dumb-init), else fix it: it must wait for every child that it starts; ENDING",
	[REMEDY_FIX_OR_SUBREAPER] =
		"fix the parent: it must wait for every child that it starts and, as a subreaper, for every one that it adopts; ENDING",
	[REMEDY_FIX_HANDLER] =
		"fix the handler: loop over waitpid(-1, ..., WNOHANG); coroner nudge PARENT may clear some now; ENDING",
	[REMEDY_FIX_DEAF_HANDLER] = "fix the handler: loop over waitpid(-1, ..., WNOHANG); ENDING",
	[REMEDY_WAIT_FOR_LOOP] =
		"see what PARENT is doing (coroner explain PARENT), and look again; if it stays, its handler should loop over waitpid(-1, ..., WNOHANG)",
	[REMEDY_END_DUMP] =
		"wait until the core is written, or kill -KILL PARENT, for nothing else reaches it; see why it crashed, and what holds the writing of its core; ENDING",
	[REMEDY_LOOK_WITH_RIGHTS] =
		"run coroner where it may read the masks of PARENT: as root or with CAP_SYS_PTRACE, and where no security module refuses it",
	[REMEDY_LOOK_UNHIDDEN] =
		"run coroner again, as root or with CAP_SYS_PTRACE where proc hides PARENT (hidepid)",
	[REMEDY_LOOK_FROM_OUTSIDE] =
		"run coroner where the parent is visible: on the host, or in the parent's PID namespace",
};

const char *remedy_text(enum verdict_remedy remedy)
{
	return remedy_texts[remedy];
}

/* What the end of the parent would come to, as far as its role tells; NULL: it is not to be ended */
static const char *ending_words(enum verdict_role role)
{
	switch (role) {
	case ROLE_INIT:
		return "ending PARENT clears its zombies, and ends all that lives in its PID namespace";
	case ROLE_MACHINE_INIT:
		return NULL;
	case ROLE_PROCESS:
		return "ending PARENT helps only if its heir reaps (coroner reaper PARENT)";
	default:
		return "ending PARENT helps only if its heir reaps, and ends a whole PID namespace if it is the init of one (coroner reaper PARENT)";
	}
}

/* Where the parent may have adopted them, to fix it is not all that helps */
static bool has_alternative(const struct verdict *v)
{
	return v->may_have_adopted && v->role == ROLE_INIT &&
	       (v->remedy == REMEDY_SEE_OTHER || v->remedy == REMEDY_WAIT_FOR_EVERY ||
		v->remedy == REMEDY_UNBLOCK || v->remedy == REMEDY_LOOP_AFTER_SIGWAIT ||
		v->remedy == REMEDY_WAIT_ONCE || v->remedy == REMEDY_FIX_HANDLER ||
		v->remedy == REMEDY_FIX_DEAF_HANDLER);
}

/* A parent that may yet come to it is not to be changed at one look */
static const char *first_words(const struct verdict *v)
{
	if (v->certainty == CERTAINTY_PROVEN || v->remedy == REMEDY_SEE_READ ||
	    v->remedy == REMEDY_END_HOLDER || v->remedy == REMEDY_END_DUMP ||
	    !verdict_traits(v->code)->look_again)
		return "";
	if (v->late || v->not_run || v->reads || v->recent || v->unsteady)
		return "look again later; if it stays, ";
	return v->young ? "look again with --settle=2s; if it stays, " : "";
}

char *remedy_template(const struct verdict *v, const char *ending)
{
	const char *first = first_words(v);
	const char *text = remedy_text(v->remedy), *end = strstr(text, "; ENDING");
	const char *init =
		has_alternative(v) ?
			"; if it adopted them, run a real init there instead (docker run --init, tini, dumb-init)" :
			"";

	if (!end)
		return xasprintf("%s%s%s", first, text, init);
	if (!ending)
		ending = ending_words(v->role);
	return xasprintf("%s%.*s%s%s%s", first, (int)(end - text), text, init, ending ? "; " : "",
			 ending ? ending : "");
}

char *remedy_with(const struct verdict *v, const char *ending)
{
	const struct {
		const char *word;
		pid_t pid;
	} numbers[] = { { "PARENT", v->parent }, { "ZOMBIE", v->zombie }, { "OTHER", v->other } };
	char *text = remedy_template(v, ending);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		auto_free char *before = text, *pid = xasprintf("%d", numbers[i].pid);

		text = remedy_fill(before, numbers[i].word, pid);
	}
	return text;
}

char *remedy_of(const struct verdict *v)
{
	return remedy_with(v, NULL);
}
