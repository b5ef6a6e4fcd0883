/* SPDX-License-Identifier: MIT */
#include "words/acts/probe_words.h"

#include <errno.h>
#include <inttypes.h>

#include "base/base.h"
#include "base/duration.h"

static char *failure_words(const struct probe_trouble *t)
{
	switch (t->error) {
	case -ESRCH:
		return xstrdup("the process ended meanwhile");
	case -ENOENT:
		return xstrdup("the process is not in sight: proc hides it (hidepid)");
	case -EPERM:
		return xstrdup("refused; coroner probe --force PID does it all the same");
	case -EACCES:
		return xstrdup(
			t->may_enter ?
				"its PID namespace may not be entered, in spite of CAP_SYS_ADMIN" :
				"its PID namespace may not be entered: CAP_SYS_ADMIN and CAP_SYS_PTRACE are wanted");
	case -EOPNOTSUPP:
		return xstrdup(
			"it needs pidfds (Linux 5.3) and a /proc that numbers processes as coroner does");
	case -EINVAL:
		return xstrdup("its PID namespace is not below coroner's own");
	case -ETIMEDOUT:
		return xstrdup("nothing was heard of the orphan in time; it was killed");
	case -ECONNRESET:
		return xstrdup("the orphan was ended by somebody else");
	default:
		break;
	}
	if (t->step == INSIDE_STEP_FORK && t->error == -ENOMEM)
		return xstrdup("the PID namespace is dying: it takes no process any more");
	if (t->step == INSIDE_STEP_FORK || t->error == -EAGAIN)
		return xasprintf("no process can be made: %s", strerror(-t->error));
	return xstrdup(strerror(-t->error));
}

char *probe_trouble_words(const struct probe_trouble *t)
{
	switch (t->kind) {
	case PROBE_FAILED:
		return failure_words(t);
	case PROBE_OF_SUBREAPER:
	case PROBE_OF_SUBREAPER_MAYBE:
		return xasprintf(
			"%d is a subreaper%s: only what is started below it can ask who adopts there, and coroner was not",
			t->pid, t->kind == PROBE_OF_SUBREAPER_MAYBE ? ", as it seems" : "");
	case PROBE_LEFTOVER:
		return xasprintf(
			"%d, which would adopt, does not reap: zombie %d of an earlier probe is still there; --force leaves one more",
			t->pid, t->zombie);
	case PROBE_ADOPTER_ENDED:
		return xstrdup("the adopter ended meanwhile");
	case PROBE_ADOPTER_THERE_ENDED:
		return xstrdup("who adopted there ended meanwhile");
	case PROBE_NO_TROUBLE:
		break;
	}
	return NULL;
}

char *probe_adopter_words(const struct probe_result *r, const char *comm)
{
	auto_free char *where = r->pidns ? xasprintf("PID namespace %" PRIu64 ": ", r->pidns) :
					   xstrdup("");
	auto_free char *adopter = r->adopter ? xasprintf("process %d", r->adopter) :
					       xstrdup("a process out of sight");
	auto_free char *name = *comm ? xasprintf(" (%s)", comm) : xstrdup("");
	auto_free char *inside = r->adopter_ns_pid && r->adopter_ns_pid != r->adopter ?
					 xasprintf(", PID %d inside", r->adopter_ns_pid) :
					 xstrdup("");

	return xasprintf("%san orphan made %s is adopted by %s%s%s", where,
			 r->elsewhere ? "there" : "here", adopter, name, inside);
}

char *probe_fate_words(const struct probe_result *r, uint64_t timeout_ms)
{
	char took[DURATION_TEXT_SIZE];

	if (r->reaps == TRI_UNKNOWN)
		return xstrdup("ended meanwhile: whether it reaps is not known");
	if (r->reaps == TRI_NO)
		return xasprintf("does not reap it within %s",
				 duration_format((double)timeout_ms / 1000, took));
	if (r->reaped_after_ms < 1)
		return xstrdup("reaps it at once");
	return xasprintf("reaps it after %s", duration_format(r->reaped_after_ms / 1000, took));
}

char *probe_left_words(pid_t zombie)
{
	return xasprintf("zombie %d is left behind, until its parent waits for it or ends", zombie);
}
