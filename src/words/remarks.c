/* SPDX-License-Identifier: MIT */
#include "words/remarks.h"

#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "base/memstream.h"
#include "base/rights.h"
#include "case/missing.h"
#include "inspect/details.h"
#include "render/text.h"
#include "words/acts/probe_words.h"
#include "words/source.h"
#include "words/tokens.h"
#include "words/plural.h"

/* {n} {m} {text} {more} {error} {bpf} {probe} are values of the remark; {s}, {es} and {its} follow {n}, {outside} is fixed, {list} is more */
static const char *const texts[REMARK_COUNT] = {
	[REMARK_SAID] = "{text}",
	[REMARK_ENDED_MEANWHILE] = "process {n} ended while it was looked at",
	[REMARK_HIDDEN] = "process {n} is not in sight: it is there, but proc hides it (hidepid)",
	[REMARK_HIDDEN_WITHOUT_RIGHT] =
		"process {n} is not in sight: it is there, but proc hides it (hidepid); CAP_SYS_PTRACE is missing",
	[REMARK_NOT_LOOKED_AT] = "process {n} cannot be looked at: {error}",
	[REMARK_OTHERS_UNREAD] = "{n} process{es} of other users could not be read",
	[REMARK_MALFORMED] = "{n} process{es} left out: the stat file cannot be read, or is none",
	[REMARK_HIDEPID] =
		"{text} is mounted with hidepid={more}: without CAP_SYS_PTRACE processes of other users are not seen",
	[REMARK_NO_PROC] = "no process below {text}: is proc mounted there? (--procfs=DIR)",
	[REMARK_BPF_UNUSABLE] = "--source=bpf cannot be used: {bpf}",
	[REMARK_PROC_UNREADABLE] = "cannot read the processes below {text}: {error}",
	[REMARK_FROM_PROCFS] =
		"read from procfs, which knows no subreapers and no times of death: {bpf}",
	[REMARK_TOO_FEW_FILES] =
		"not all could be read: {error}; the limit on open files (ulimit -n) is too low",
	[REMARK_NOT_ALL_READ] = "not all could be read: {error}",
	[REMARK_STATUS_UNREAD] =
		"the status of {n} parent{s} cannot be read: {its} signal masks are not known",
	[REMARK_SCOPE_PID_HIDDEN] = "--pid-ns: process {n} is not in sight: proc hides it",
	[REMARK_SCOPE_PID_GONE] = "--pid-ns: there is no process {n}",
	[REMARK_SCOPE_UNREADABLE] = "--pid-ns: the PID namespace of process {n} cannot be read",
	[REMARK_SCOPE_REFUSED] =
		"--pid-ns: the PID namespace of process {n} cannot be read: refused in spite of CAP_SYS_PTRACE",
	[REMARK_SCOPE_WITHOUT_RIGHT] =
		"--pid-ns: the PID namespace of process {n} cannot be read: CAP_SYS_PTRACE is missing",
	[REMARK_SCOPE_PIDNS_EMPTY] = "--pid-ns: no process in sight is in PID namespace {n}",
	[REMARK_SCOPE_CONTAINER_EMPTY] =
		"--container: no process in sight is in a container whose id begins '{text}'",
	[REMARK_CGROUP_MALFORMED] = "a cgroup's pids.max or pids.current holds no number",
	[REMARK_CGROUP_OUTSIDE] =
		"a cgroup lies outside of what {text} shows: its limits are hidden",
	[REMARK_CGROUP_NOT_FOUND] =
		"a cgroup is not found below {text}: only those above it are shown",
	[REMARK_CGROUPS_CUT] = "there are more cgroups than are looked at",
	[REMARK_CGROUPS_UNREAD] = "some cgroups cannot be read: they are not shown",
	[REMARK_LIMIT_UNREAD] = "{text} cannot be read: how many tasks fit by it is not known",
	[REMARK_LIMIT_USE_UNREAD] =
		"how much of {text} is in use cannot be read: how many tasks fit by it is not known",
	[REMARK_CGROUPS_ABOVE_HIDDEN] =
		"cgroups above {text} are hidden (cgroup namespace, or a part of the tree is mounted): their pids.max may be hit first",
	[REMARK_CGROUPFS_UNREADABLE] = "{text} cannot be read: limits of cgroups are not shown",
	[REMARK_NO_PIDS_CONTROLLER] =
		"no pids controller below {text}: limits of cgroups are not shown (--cgroupfs=DIR)",
	[REMARK_ZOMBIES_WITHOUT_CGROUP] = "{n} zombie{s} could not be laid to a cgroup",
	[REMARK_TASKS_OUTSIDE] =
		"tasks outside of this PID namespace are not seen: those of the same user count for nproc too",
	[REMARK_USERNS_AROUND_HIDDEN] =
		"user namespaces around this one are hidden: the RLIMIT_NPROC of who made them may be hit first",
	[REMARK_USERS_UNTOLD] =
		"the user of {n} process{es} cannot be told (CAP_SYS_PTRACE, or another user namespace): some may count for nproc too",
	[REMARK_PIDNS_AROUND_HIDDEN] =
		"PID namespaces around this one are hidden: their pid_max may be hit first",
	[REMARK_PID_MAX_DENIED] =
		"pid_max of other PID namespaces not read: CAP_SYS_ADMIN (to enter them), or CAP_BPF and CAP_PERFMON, are missing",
	[REMARK_PID_MAX_TAKES_BPF] =
		"pid_max of {n} PID namespace{s} not read: it takes BPF (CAP_BPF and CAP_PERFMON), or coroner headroom, which enters them",
	[REMARK_PIDNS_NOT_ASKED] = "PID namespace {n} was not asked from inside: {error}",
	[REMARK_SEVERAL_PIDNS_NOT_ASKED] = "{n} PID namespaces were not asked from inside: {error}",
	[REMARK_ASKER_STAYS] =
		"process {n}, sent into a PID namespace to ask it, does not end: it is frozen, a tracer holds it, or it does not get to run",
	[REMARK_NOT_ASKED_FOR_TRACER] =
		"PID namespace {n} was not asked from inside: process {m} in it holds CAP_SYS_PTRACE, and what is sent in cannot be shut off from the files of this side: {error}",
	[REMARK_NOT_ASKED_FOR_PERHAPS] =
		"PID namespace {n} was not asked from inside: process {m} in it may hold CAP_SYS_PTRACE, and what is sent in cannot be shut off from the files of this side: {error}",
	[REMARK_NOT_PROBED_FOR_TRACER] =
		"PID namespace {n} was not probed: process {m} in it holds CAP_SYS_PTRACE, and what is sent in cannot be shut off from the files of this side: {error}",
	[REMARK_NOT_PROBED_FOR_PERHAPS] =
		"PID namespace {n} was not probed: process {m} in it may hold CAP_SYS_PTRACE, and what is sent in cannot be shut off from the files of this side: {error}",
	[REMARK_ADOPTED_BY_OTHER] =
		"an orphan made where coroner stands is adopted by {n}, not by init {m}, and not reaped",
	[REMARK_REAPED_BY_OTHER] =
		"an orphan made where coroner stands is adopted by {n}, not by init {m}, and reaped",
	[REMARK_SUBREAPER_UNKNOWN] =
		"whether process {n} is a subreaper is not known: it is hidden from BPF",
	[REMARK_MASKS_REFUSED] =
		"the signal masks of process {n} cannot be read: it belongs to another user",
	[REMARK_NAMESPACE_DYING] =
		"the PID namespace of init {n} is being torn down, and waits for its last members: coroner explain {n}",
	[REMARK_STATE_NOT_OURS] =
		"--state: {text} is no file that check has written: it is left alone",
	[REMARK_STATE_NOT_KEPT] = "--state: cannot keep {text}: {error}",
	[REMARK_ORPHANS_SPARED] =
		"orphans not counted: procfs shows but some of them (--source=bpf)",
	[REMARK_FORKS_NO_MORE] = "process {n} is a zombie: it does not fork any more",
	[REMARK_IS_THREAD] = "{n} is no process, but a thread of one (or it was just born)",
	[REMARK_NO_PROCESS] = "there is no process {n}",
	[REMARK_OUT_OF_SCOPE] = "process {n} {outside}",
	[REMARK_NOT_PROBED_AGAIN] =
		"{n} was not probed again: zombie {m} of an earlier probe is still there",
	[REMARK_PROBE_LEFT] = "the probe of the PID namespace of {n} left zombie {m} behind",
	[REMARK_PROBE_THERE_STAYS] =
		"process {m} of the probe in the PID namespace of {n} does not end: it is frozen, a tracer holds it, or it does not get to run",
	[REMARK_PROBE_STAYS] =
		"process {n} of the probe does not end: it is frozen, a tracer holds it, or it does not get to run",
	[REMARK_PIDNS_NOT_PROBED] = "the PID namespace of {n} was not probed: {probe}",
	[REMARK_PROBE_FAILED] = "probe: {probe}",
	[REMARK_PROBE_FAILED_LEFT] = "probe: {probe}; zombie {n} is left behind",
	[REMARK_PROBED_HERE] =
		"{n} is in coroner's own PID namespace: the spot where coroner stands was probed",
	[REMARK_DESCENDANTS_UNKNOWN] =
		"whether {n} is a subreaper, to which its descendants' orphans go, cannot be told from /proc",
	[REMARK_PROBE_OTHER_PROC] =
		"probe: --procfs={text} may number processes otherwise than probe does; only /proc will do",
	[REMARK_NUDGE_TOO_FEW_FILES] = "nudge: the limit on open files (ulimit -n) is too low",
	[REMARK_NUDGE_NO_PIDFDS] =
		"nudge: nothing can be sent without pidfds: the kernel is older than Linux 5.3, or a seccomp filter refuses pidfd_open or pidfd_send_signal",
	[REMARK_NUDGE_OTHER_PROC] =
		"{text} numbers processes otherwise than coroner does: nothing can be sent by it",
	[REMARK_SCOPE_SEVERAL_PIDNS] =
		"its processes live in {n} PID namespaces: name one by a PID",
	[REMARK_SCOPE_INIT_UNSEEN] =
		"the init of that PID namespace is not in sight: name a process of it",
	[REMARK_THREAD_OF] = "{n} is a thread of process {m}: the answer is about that process",
	[REMARK_SUBREAPERS_UNTOLD] =
		"subreapers that hold no child which shows that it was adopted cannot be told from /proc",
	[REMARK_INITS_UNTOLD] =
		"who is the init of {n} PID namespace{s} is not known: the status of some that may be it cannot be read",
	[REMARK_NAMED_NONE] = "there is no process in sight whose name is '{text}'",
	[REMARK_NAMED_SEVERAL] = "{n} processes are called '{text}': {list}; name one by its PID",
	[REMARK_NAMED_LIVING] =
		"{n} is the one living process called '{text}'; zombies of that name: {m}",
	[REMARK_PARENTS_UNTOLD] =
		"{n} more parent{s} of zombies there: coroner list names them all",
};

static void put_failure(FILE *out, const struct bpf_failure *f)
{
	auto_free char *why = bpf_failure_words(f);

	fputs(why, out);
}

static void put_trouble(FILE *out, const struct probe_trouble *t)
{
	auto_free char *why = probe_trouble_words(t);

	fputs(why, out);
}

#define LISTED_WIDTH 40

/* "12 (sleep 1000), 13 (sleep 5) and 7 more" out of "12 sleep 1000\n13 sleep 5\n" */
static void put_list(FILE *out, const struct remark *r)
{
	const char *between = "";

	for (const char *s = r->more; *s; s += strcspn(s, "\n") + 1) {
		size_t digits = strspn(s, "0123456789"), len = strcspn(s, "\n") - digits;
		auto_free char *args =
			text_printable(s + digits + (len > 0), len - (len > 0), false);
		size_t fits = text_fit(args, LISTED_WIDTH);

		fprintf(out, "%s%.*s", between, (int)digits, s);
		if (*args)
			fprintf(out, " (%.*s%s)", (int)fits, args, args[fits] ? "..." : "");
		between = ", ";
	}
	if (r->m)
		fprintf(out, " and %llu more", (unsigned long long)r->m);
}

static void put_value(FILE *out, const struct remark *r, const char *name, size_t len)
{
#define IS(word) (len == strlen(word) && memcmp(name, word, len) == 0)
	if (IS("n"))
		fprintf(out, "%llu", (unsigned long long)r->n);
	else if (IS("m"))
		fprintf(out, "%llu", (unsigned long long)r->m);
	else if (IS("text"))
		fputs(r->text, out);
	else if (IS("more"))
		fputs(r->more, out);
	else if (IS("list"))
		put_list(out, r);
	else if (IS("error"))
		fputs(strerror(-r->error), out);
	else if (IS("bpf"))
		put_failure(out, &r->bpf);
	else if (IS("probe"))
		put_trouble(out, &r->probe);
	else if (IS("outside"))
		fputs(out_of_scope_words(), out);
	else if (IS("s"))
		fputs(plural_s(r->n), out);
	else if (IS("es"))
		fputs(plural_es(r->n), out);
	else if (IS("its"))
		fputs(r->n == 1 ? "its" : "their", out);
#undef IS
}

static void put_filled(FILE *out, const struct remark *r)
{
	const char *from = texts[r->code], *brace;

	while ((brace = strchr(from, '{'))) {
		size_t len = strcspn(brace + 1, "}");

		fwrite(from, 1, (size_t)(brace - from), out);
		put_value(out, r, brace + 1, len);
		from = brace + 1 + len + 1;
	}
	fputs(from, out);
}

static void put_what(FILE *out, unsigned what)
{
	static const struct {
		unsigned what;
		const char *name;
	} shown[] = {
		{ WANT_PIDNS, "PID namespace" },
		{ MISSING_EXIT, "exit status" },
		{ WANT_DOING, "system call" },
		{ WANT_SIGNALFD | WANT_SIGNALFD_IF_BLOCKED, "signalfds" },
		{ WANT_WCHAN, "wait channel" },
		{ WANT_STATUS | WANT_THREADS, "signal masks" },
		{ WANT_CGROUP, "container" },
	};
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		if (!(what & shown[i].what))
			continue;
		fprintf(out, "%s%s", between, shown[i].name);
		between = ", ";
	}
}

static void put_whose(FILE *out, const struct missing_summary *m)
{
	fputs(m->n == 1 ? " of process " : " of processes ", out);
	for (size_t i = 0; i < m->n_named; i++)
		fprintf(out, "%s%d", i == 0 ? "" : i + 1 == m->n ? " and " : ", ", m->named[i]);
	if (m->n_named < m->n)
		fprintf(out, " and %zu more", m->n - m->n_named);
}

/* "CAP_CHOWN, CAP_KILL and CAP_SETUID" */
static void put_rights(FILE *out, uint64_t set)
{
	const char *between = "";

	for (cap_value_t cap = 0; set; cap++, set >>= 1) {
		auto_free char *name = NULL;

		if (!(set & 1))
			continue;
		name = rights_name(cap);
		fprintf(out, "%s%s", !*between ? "" : set == 1 ? " and " : between, name);
		between = ", ";
	}
}

static void put_lack(FILE *out, const struct missing_summary *m)
{
	static const char *const lacks[] = {
		[LACKS_TO_READ_FILES] = "CAP_DAC_READ_SEARCH is missing",
		[LACKS_NOTHING] =
			"refused in spite of CAP_SYS_PTRACE (another user namespace, or a security module)",
		[LACKS_TO_TRACE] = "CAP_SYS_PTRACE is missing",
		[LACKS_TO_TRACE_OR_EQUAL] = "CAP_SYS_PTRACE is missing or, to equal what ",
		[LACKS_TO_TRACE_BY_YAMA] =
			"CAP_SYS_PTRACE is missing, as kernel.yama.ptrace_scope wants it",
		[LACKS_TO_TRACE_OWN_USERS] = "CAP_SYS_PTRACE is missing: of the same user, but ",
	};

	fputs(lacks[m->lack], out);
	if (m->lack == LACKS_TO_TRACE_OR_EQUAL) {
		fprintf(out, "%s may do, ", m->n == 1 ? "it" : "they");
		put_rights(out, m->lacks);
	} else if (m->lack == LACKS_TO_TRACE_OWN_USERS) {
		fprintf(out,
			"%s closed to it (not dumpable, another user namespace, or a security module)",
			m->n == 1 ? "it is" : "they are");
	}
}

static void put_missing(FILE *out, const struct missing_summary *m)
{
	put_what(out, m->what);
	put_whose(out, m);
	fputs(" not shown: ", out);
	put_lack(out, m);
}

char *remark_words(const struct remark *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);

	if (r->code == REMARK_MISSING)
		put_missing(out, &r->missing);
	else
		put_filled(out, r);
	fclose(out);
	return text;
}
