/* SPDX-License-Identifier: MIT */
/* What the census does not tell of PID namespaces: asked from inside, all in one go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "act/enter/ask.h"
#include "act/pin.h"
#include "base/file.h"
#include "case/acts/entering.h"
#include "case/forks/limits.h"

/* The namespaces to ask, the deepest first, and where in the map they are. */
struct round {
	struct pidns_question *questions; /* owned, with their descriptors */
	size_t *at;			  /* owned */
	size_t n;
};

/* The namespaces that a process is in */
static void mark(const struct limits_view *v, const struct process *p, bool *wanted)
{
	int at = p ? (int)v->pidns.of[p - v->census->procs] : -1;

	for (; at >= 0 && !wanted[at]; at = v->pidns.list[at].parent)
		wanted[at] = true;
}

static void add(struct limits_view *v, size_t at, struct round *round)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/pid", v->pidns.list[at].member->pid);
	fd = openat(v->sight->procfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && file_error(errno) == -EACCES)
		limits_note_denied(v);
	if (fd < 0)
		return;
	round->at[round->n] = at;
	round->questions[round->n].depth = v->pidns.list[at].depth;
	round->questions[round->n++].nsfd = fd;
}

static void take(struct limits_view *v, const struct pidns_question *q, size_t at)
{
	struct pidns_known *known = &v->known[at];

	if (q->error == 0) {
		known->has_max = q->answer.has_max;
		known->max = q->answer.max;
		known->numbers.cursor = q->answer.cursor;
		known->has_low = q->answer.has_cursor;
		known->full = q->answer.full;
	} else if (q->error == -ENOMEM) {
		known->dead = true;
	} else if (q->error == -EACCES) {
		limits_note_denied(v);
	} else if (q->error != -EPERM) {
		sight_remark(v->sight, REMARK_PIDNS_NOT_ASKED, .n = v->pidns.list[at].inode,
			     .error = q->error);
	}
	if (q->left)
		sight_remark(v->sight, REMARK_ASKER_STAYS, .n = (uint64_t)q->left);
}

/* Those that may not be asked go to the end, and are answered so */
static size_t put_refused_last(struct limits_view *v, const struct airlock *airlock,
			       struct round *round)
{
	struct round refused = {
		.questions = xcalloc(round->n, sizeof(*refused.questions)),
		.at = xcalloc(round->n, sizeof(*refused.at)),
	};
	size_t n = 0;

	for (size_t i = 0; i < round->n; i++) {
		struct pidns_question q = round->questions[i];
		size_t at = round->at[i];

		if (entering_allowed(v->sight, airlock, v->census, &v->pidns, at,
				     ENTERING_TO_ASK) == 0) {
			round->questions[n] = q;
			round->at[n++] = at;
			continue;
		}
		q.error = -EPERM;
		refused.questions[refused.n] = q;
		refused.at[refused.n++] = at;
	}
	for (size_t i = 0; i < refused.n; i++) {
		round->questions[n + i] = refused.questions[i];
		round->at[n + i] = refused.at[i];
	}
	free(refused.questions);
	free(refused.at);
	return n;
}

static int ask(struct limits_view *v, struct round *round, bool force)
{
	int procfd = pin_check_procfs(v->sight->procfd) == 0 ? v->sight->procfd : -1;
	int r, unanswered = 0;
	struct airlock airlock;

	r = airlock_open(true, &airlock);
	if (r == 0) {
		size_t n = force ? round->n : put_refused_last(v, &airlock, round);

		pidns_ask(&airlock, procfd, round->questions, n);
		airlock_close(&airlock);
	}
	for (size_t i = 0; i < round->n; i++) {
		struct pidns_question *q = &round->questions[i];

		if (r < 0)
			q->error = r;
		take(v, q, round->at[i]);
		if (q->error == -ETIMEDOUT || q->error == -ECONNRESET)
			unanswered = q->error;
		close(q->nsfd);
	}
	return unanswered;
}

int limits_ask(struct limits_view *v, const pid_t *pids, size_t n, bool force)
{
	auto_free bool *wanted = xcalloc(v->pidns.n, sizeof(*wanted));
	struct round round = { 0 };
	int r = 0;

	for (size_t i = 0; i < n; i++)
		mark(v, census_find(v->census, pids[i]), wanted);
	round.questions = xcalloc(v->pidns.n, sizeof(*round.questions));
	round.at = xcalloc(v->pidns.n, sizeof(*round.at));
	/* the map has the outermost first */
	for (size_t i = v->pidns.n; i-- > 0;)
		if ((n == 0 || wanted[i]) && limits_must_ask(v, i))
			add(v, i, &round);
	if (round.n)
		r = ask(v, &round, force);
	free(round.questions);
	free(round.at);
	return r;
}
