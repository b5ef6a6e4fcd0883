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

/* Namespaces that were not asked for one reason. */
struct unasked {
	int error;
	size_t n;
	size_t last; /* where in the map the last of them is */
};

/* The namespaces to ask, the deepest first, by where in the map they are. */
struct round {
	size_t *at; /* owned */
	size_t n;
	struct unasked *unasked; /* owned */
	size_t n_unasked, cap_unasked;
	int unanswered; /* -ETIMEDOUT or -ECONNRESET: of one at least */
};

/* The namespaces that a process is in */
static void mark(const struct limits_view *v, const struct process *p, bool *wanted)
{
	int at = p ? (int)v->pidns.of[p - v->census->procs] : -1;

	for (; at >= 0 && !wanted[at]; at = v->pidns.list[at].parent)
		wanted[at] = true;
}

static void add_unasked(struct round *round, int error, size_t at)
{
	struct unasked *u = round->unasked;

	while (u < round->unasked + round->n_unasked && u->error != error)
		u++;
	if (u == round->unasked + round->n_unasked) {
		ARRAY_GROW(round->unasked, round->n_unasked, round->cap_unasked);
		u = &round->unasked[round->n_unasked++];
		*u = (struct unasked){ .error = error };
	}
	u->n++;
	u->last = at;
}

/* Why one was not asked; of many for one reason there is one note */
static void take_error(struct limits_view *v, struct round *round, int error, size_t at)
{
	if (error == -ETIMEDOUT || error == -ECONNRESET)
		round->unanswered = error;
	if (error == -EACCES)
		limits_note_denied(v);
	else
		add_unasked(round, error == -ETIMEDOUT ? -ETIME : error, at);
}

static void note_unasked(const struct limits_view *v, const struct round *round)
{
	for (size_t i = 0; i < round->n_unasked; i++) {
		const struct unasked *u = &round->unasked[i];

		if (u->n == 1)
			sight_remark(v->sight, REMARK_PIDNS_NOT_ASKED,
				     .n = v->pidns.list[u->last].inode, .error = u->error);
		else
			sight_remark(v->sight, REMARK_SEVERAL_PIDNS_NOT_ASKED, .n = u->n,
				     .error = u->error);
	}
}

static void take(struct limits_view *v, struct round *round, const struct pidns_question *q,
		 size_t at)
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
	} else {
		take_error(v, round, q->error, at);
	}
	if (q->left)
		sight_remark(v->sight, REMARK_ASKER_STAYS, .n = (uint64_t)q->left);
}

/* Its descriptor; -ESRCH: it went with its processes; or another negative errno */
static int open_pidns(const struct limits_view *v, size_t at)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/pid", v->pidns.list[at].member->pid);
	fd = openat(v->sight->procfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? file_error(errno) : fd;
}

/* Of the n at these places, PIDNS_ASKED_AT_ONCE at most, those that may be asked */
static void ask_some(struct limits_view *v, const struct airlock *airlock, int procfd,
		     struct round *round, const size_t *at, size_t n, bool force)
{
	struct pidns_question questions[PIDNS_ASKED_AT_ONCE] = { 0 };
	size_t of[PIDNS_ASKED_AT_ONCE], asked = 0;

	for (size_t i = 0; i < n; i++) {
		int fd;

		if (!force && entering_allowed(v->sight, airlock, v->census, &v->pidns, at[i],
					       ENTERING_TO_ASK) < 0)
			continue;
		fd = open_pidns(v, at[i]);
		if (fd >= 0) {
			questions[asked].nsfd = fd;
			questions[asked].depth = v->pidns.list[at[i]].depth;
			of[asked++] = at[i];
		} else if (fd != -ENOENT && fd != -ESRCH) {
			take_error(v, round, fd, at[i]);
		}
	}
	/* those that do not answer are waited for once, not in each handful */
	pidns_ask(airlock, procfd, questions, asked, pidns_ask_deadline(asked, !round->unanswered));
	for (size_t i = 0; i < asked; i++) {
		take(v, round, &questions[i], of[i]);
		close(questions[i].nsfd);
	}
}

static void ask(struct limits_view *v, struct round *round, bool force)
{
	int procfd = pin_check_procfs(v->sight->procfd) == 0 ? v->sight->procfd : -1;
	struct airlock airlock;
	int r;

	r = airlock_open(true, &airlock);
	for (size_t i = 0; i < round->n; i += PIDNS_ASKED_AT_ONCE) {
		size_t n = round->n - i < PIDNS_ASKED_AT_ONCE ? round->n - i : PIDNS_ASKED_AT_ONCE;

		for (size_t k = 0; r < 0 && k < n; k++)
			take_error(v, round, r, round->at[i + k]);
		if (r == 0)
			ask_some(v, &airlock, procfd, round, &round->at[i], n, force);
	}
	airlock_close(&airlock);
	note_unasked(v, round);
}

int limits_ask(struct limits_view *v, const pid_t *pids, size_t n, bool force)
{
	auto_free bool *wanted = xcalloc(v->pidns.n, sizeof(*wanted));
	struct round round = { 0 };

	for (size_t i = 0; i < n; i++)
		mark(v, census_find(v->census, pids[i]), wanted);
	round.at = xcalloc(v->pidns.n, sizeof(*round.at));
	/* the map has the outermost first */
	for (size_t i = v->pidns.n; i-- > 0;)
		if ((n == 0 || wanted[i]) && limits_must_ask(v, i))
			round.at[round.n++] = i;
	if (round.n)
		ask(v, &round, force);
	free(round.at);
	free(round.unasked);
	return round.unanswered;
}
