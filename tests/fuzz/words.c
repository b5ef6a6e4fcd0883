/* SPDX-License-Identifier: MIT */
/*
 * Sentences, from whatever evidence: no control byte, no gap in them, no number of a process that is none; and
 * what is proven is told without a doubt. Input: the evidence, as it lies in memory.
 */
#include "fuzz.h"

#include "case/missing.h"
#include "case/remarks.h"
#include "words/remarks.h"
#include "words/remedy.h"
#include "words/verdict.h"

enum { MOST_ZOMBIES = 4, MOST_THREADS = 3, PID_MAX = 4194304 };

struct input {
	const uint8_t *data;
	size_t left;
};

static unsigned take(struct input *in, unsigned below)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++ % below;
}

static bool yes(struct input *in)
{
	return take(in, 2);
}

static enum tri any_tri(struct input *in)
{
	return (enum tri)take(in, 3);
}

/* A process there must be; 0 where there may be none */
static pid_t any_pid(struct input *in)
{
	return (pid_t)(1 + take(in, 256) * 16448 % PID_MAX);
}

static pid_t perhaps_pid(struct input *in)
{
	return yes(in) ? any_pid(in) : 0;
}

static char any_state(struct input *in)
{
	return "RSDTtZXI"[take(in, 8)];
}

static void any_thread(struct input *in, struct thread_evidence *t)
{
	*t = (struct thread_evidence){
		.tid = any_pid(in),
		.waits = (enum thread_waits)take(in, THREAD_WAITS_UNKNOWN + 1),
		.running = yes(in),
		.pid = perhaps_pid(in),
		.options = take(in, 256) << 24 | take(in, 16),
		.state = any_state(in),
		.same = any_tri(in),
		.in_vfork = yes(in),
		.in_do_wait = any_tri(in),
	};
}

static void any_parent(struct input *in, struct parent_evidence *p, struct thread_evidence *threads)
{
	*p = (struct parent_evidence){
		.seen = take(in, 8) != 0,
		.pid = any_pid(in),
		.state = any_state(in),
		.frozen = any_tri(in),
		.frozen_all = any_tri(in),
		.settled = any_tri(in),
		.settled_long = yes(in),
		.ran_between = any_tri(in),
		.rested = any_tri(in),
		.sleeps_long = any_tri(in),
		.waited = any_tri(in),
		.waits_now = yes(in),
		.core_dumping = take(in, 8) == 1,
		.ending = any_tri(in),
		.init = any_tri(in),
		.is_machine_init = take(in, 8) == 1,
		.subreaper = any_tri(in),
		.masks_known = take(in, 8) != 0,
		.disposition = (enum sigchld_disposition)take(in, 3),
		.blocked = yes(in),
		.call_mask = yes(in),
		.pending = yes(in),
		.no_cldwait = any_tri(in),
		.signalfd = any_tri(in),
		.reads = yes(in),
		.tracer = perhaps_pid(in),
		.vfork_child = perhaps_pid(in),
		.threads = threads,
		.n_threads = 1 + take(in, MOST_THREADS),
	};
	p->single = p->n_threads == 1;
	p->is_machine_init &= p->init == TRI_YES;
	for (size_t i = 0; i < p->n_threads; i++)
		any_thread(in, &threads[i]);
}

static void any_zombie(struct input *in, struct zombie_evidence *z)
{
	*z = (struct zombie_evidence){
		.pid = any_pid(in),
		.threads = 1 + (take(in, 4) == 1 ? take(in, 256) : 0),
		.traced = any_tri(in),
		.tracer = perhaps_pid(in),
		.exit_signal = (uint8_t)(take(in, 4) ? 17 : take(in, 65)),
		.adopted = any_tri(in),
		.adopted_proven = yes(in),
		.replaced = any_tri(in),
		.ran_since = any_tri(in),
		.lasting = any_tri(in),
		.overdue = any_tri(in),
		.parent_thread = perhaps_pid(in),
		.ns_dying = any_tri(in),
		.dying_init = any_pid(in),
	};
}

static void require_sentence(const char *text)
{
	static const char *const nouns[] = { "zombie",	"parent", "process", "thread",
					     "tracer",	"init",	  "explain", "nudge",
					     "signals", "reap",	  "kill",    "-CONT" };
	static const char *const plurals[] = { " 1 zombies",	" 1 processes",	    " 1 threads",
					       " 1 tasks",	" 1 children",	    " 1 parents",
					       " 1 namespaces", " 1 PID namespaces" };

	require(*text && *text != ' ' && text[strlen(text) - 1] != ' ');
	for (const char *s = text; *s; s++)
		require(*s >= ' ' && *s <= '~');
	require(!strstr(text, "(null)") && !strstr(text, "  ") && !strpbrk(text, "{}"));
	for (size_t i = 0; i < ARRAY_SIZE(nouns); i++) {
		auto_free char *none = xasprintf("%s 0", nouns[i]);

		require(!strstr(text, none));
	}
	/* nobody says this of one */
	for (size_t i = 0; i < ARRAY_SIZE(plurals); i++)
		require(!strstr(text, plurals[i]) && !has_prefix(text, plurals[i] + 1));
}

static void require_no_placeholder(const char *text)
{
	static const char *const words[] = { "PARENT", "ZOMBIE", "OTHER", "ENDING" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		require(!strstr(text, words[i]));
}

static void require_told(const struct verdict *v)
{
	static const char *const doubts[] = { "may only be", "seen once", "is likely",
					      "nothing shows", "could not be read" };
	auto_free char *why = verdict_why(v), *remedy = remedy_of(v);

	require_sentence(why);
	require_sentence(remedy);
	require_no_placeholder(remedy);
	for (size_t i = 0; v->certainty == CERTAINTY_PROVEN && i < ARRAY_SIZE(doubts); i++)
		require(!strstr(why, doubts[i]));
}

static void any_verdicts(struct input *in)
{
	struct zombie_evidence zombies[MOST_ZOMBIES];
	struct thread_evidence threads[MOST_THREADS];
	struct parent_evidence parent;
	struct verdict verdicts[MOST_ZOMBIES], whole;
	const struct verdict *each[MOST_ZOMBIES];
	size_t n = 1 + take(in, MOST_ZOMBIES);

	any_parent(in, &parent, threads);
	for (size_t i = 0; i < n; i++) {
		any_zombie(in, &zombies[i]);
		verdict_of_zombie(&parent, &zombies[i], &verdicts[i]);
		require_told(&verdicts[i]);
		each[i] = &verdicts[i];
	}
	verdict_of_parent(each, n, &whole);
	require_told(&whole);
}

/* What may be refused: stat, which WANT_FRESH reads again, is everybody's */
static unsigned any_refused(struct input *in)
{
	static const unsigned each[] = {
		WANT_STATUS,  WANT_PIDNS,    WANT_CGROUP,
		WANT_THREADS, WANT_SIGNALFD, WANT_SIGNALFD_IF_BLOCKED,
		WANT_WCHAN,   WANT_DOING,    MISSING_EXIT,
	};
	unsigned what = each[take(in, ARRAY_SIZE(each))];

	return yes(in) ? what | each[take(in, ARRAY_SIZE(each))] : what;
}

/* Said of several only: of one there is another sentence, or it would be the answer */
static bool says_several(enum remark_code code)
{
	return code == REMARK_NAMED_SEVERAL || code == REMARK_SCOPE_SEVERAL_PIDNS ||
	       code == REMARK_SEVERAL_PIDNS_NOT_ASKED;
}

static void any_remark(struct input *in)
{
	struct remark remark = {
		.code = (enum remark_code)take(in, REMARK_COUNT),
		.n = (uint64_t)any_pid(in),
		.m = (uint64_t)any_pid(in),
		.error = -1 - (int)take(in, 40),
		.text = "/a/path",
		.more = "more",
		.bpf = { .cause = (enum bpf_cause)(1 + take(in, BPF_ERROR)),
			 .step = (enum bpf_step)take(in, BPF_READ + 1),
			 .error = -1 - (int)take(in, 40) },
		.missing = { .what = any_refused(in),
			     .lack = (enum missing_lack)take(in, LACKS_TO_TRACE_OWN_USERS + 1),
			     .lacks = 1 + take(in, 255),
			     .n_named = 1 + take(in, MISSING_NAMED) },
		.probe = { .pid = any_pid(in), .zombie = any_pid(in) },
	};
	auto_free char *text = NULL;

	if (remark.code == REMARK_NAMED_SEVERAL)
		remark.more = "12 sleep 1000\n13 sleep 5\n";
	if (says_several(remark.code))
		remark.n = remark.n < 2 ? 2 : remark.n;
	remark.probe.kind = PROBE_OF_SUBREAPER + take(in, PROBE_ADOPTER_THERE_ENDED - 1);
	remark.missing.n = remark.missing.n_named + (take(in, 2) ? take(in, 256) : 0);
	for (size_t i = 0; i < remark.missing.n_named; i++)
		remark.missing.named[i] = any_pid(in);
	text = remark_words(&remark);
	require_sentence(text);
}

/* Each remark, of one and of two: none waits for chance to find its code */
static void each_remark(void)
{
	for (unsigned code = 0; code < REMARK_COUNT; code++) {
		for (unsigned n = 0; n < 2; n++) {
			uint8_t bytes[] = { (uint8_t)code, (uint8_t)n, (uint8_t)n };
			struct input in = { bytes, sizeof(bytes) };

			any_remark(&in);
		}
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	each_remark();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	any_remark(&in);
	any_verdicts(&in);
	return 0;
}
