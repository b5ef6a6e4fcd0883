/* SPDX-License-Identifier: MIT */
/* What brings the zombies, where it can be seen. */
#include "base/duration.h"
#include "words/explain/explain.h"
#include "words/explain/subject.h"

void explain_source(const struct explain_case *e, struct story *s)
{
	const struct source *from = &e->source;
	auto_free char *leader = e->source_leader ? subject_name(s->terminal, e->source_leader) :
						    NULL;
	char every[DURATION_TEXT_SIZE];

	switch (from->kind) {
	case SOURCE_UNKNOWN:
		return;
	case SOURCE_ONE_LEADER:
		story_tell(
			s, "left",
			"What brings them: %zu of them were left behind in the session of %s, which lives: by what that one runs.",
			from->n, leader ? leader : "a process");
		break;
	case SOURCE_ONE_SESSION:
		story_tell(
			s, "left",
			"What brings them: %zu of them are of one session, whose leader has ended: leftovers of one shell, login or command.",
			from->n);
		break;
	case SOURCE_SESSIONS:
		story_tell(
			s, "left",
			"What brings them: %zu of them are of %zu sessions, whose leaders have ended: leftovers of as many commands, as those of docker exec, kubectl exec, probes and logins are.",
			from->n, from->sessions);
		break;
	case SOURCE_REGULAR:
		story_tell(
			s, "left",
			"What brings them: %zu of them are of %zu sessions, whose leaders have ended, and begin every %s as a rule: leftovers of a command that is run again and again, as exec probes, health checks and timers do.",
			from->n, from->sessions,
			duration_format((double)from->every_ms / 1000, every));
		break;
	}
	story_evidence(s, true, "their sessions and times of birth");
}
