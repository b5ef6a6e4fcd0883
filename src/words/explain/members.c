/* SPDX-License-Identifier: MIT */
/* A PID namespace that is being torn down: which members keep its init waiting, and what lets them end. */
#include "render/text.h"
#include "words/explain/explain.h"
#include "words/explain/subject.h"

static void tell_frozen(struct story *s, const char *name, const struct member *m)
{
	story_tell(
		s, "remedy",
		"Thaw the cgroup of %s, which is frozen: then it ends, and the PID namespace with it.",
		name);
	explain_thaw(&m->thaw, s);
}

static void tell_deep(struct story *s, const char *name, const struct member *m)
{
	const char *raw = m->sleeper.wchan;
	auto_free char *wchan = text_printable(raw, strlen(raw), s->terminal->utf8);

	story_tell(
		s, "remedy",
		"Find what %s waits for%s%s (storage, NFS: /proc/%d/task/%d/stack): it is in state D, SIGKILL is pending, and no signal is sure to end that sleep.",
		name, wchan[0] ? ", in " : "", wchan, m->process->pid, m->deep);
}

bool explain_members(const struct explain_case *e, struct story *s)
{
	const struct process *init = e->dying_init;

	if (!init)
		return false;
	for (size_t i = 0; i < e->n_members; i++) {
		const struct member *m = &e->members[i];
		auto_free char *name = subject_name(s->terminal, m->process);

		if (m->frozen)
			tell_frozen(s, name, m);
		else if (m->deep)
			tell_deep(s, name, m);
	}
	if (!e->dying && init != e->subject) {
		auto_free char *name = subject_name(s->terminal, init);

		story_tell(
			s, "state",
			"Its PID namespace is being torn down: the init, %s, is dying and waits for it.",
			name);
	}
	return e->n_members > 0;
}
