/* SPDX-License-Identifier: MIT */
/* A parent that reads first and waits later: who holds the other end, and what helps. */
#include <stdio.h>

#include "base/memstream.h"
#include "words/explain/explain.h"
#include "words/explain/subject.h"
#include "words/plural.h"

static bool is_named(const struct held_end *end)
{
	return end->n > 0;
}

/* The processes that hold the other ends, each once; returns how many more there are */
static size_t list_holders(const struct holders *h, const struct process *ret[static HOLDERS_MOST],
			   size_t *ret_n)
{
	size_t more = 0;

	*ret_n = 0;
	for (size_t i = 0; i < h->n; i++) {
		for (size_t k = 0; k < h->ends[i].n && k < HOLDERS_MOST; k++) {
			bool known = false;

			for (size_t j = 0; j < *ret_n; j++)
				known |= ret[j] == h->ends[i].list[k].process;
			if (!known && *ret_n < HOLDERS_MOST)
				ret[(*ret_n)++] = h->ends[i].list[k].process;
			else
				more += !known;
		}
		if (h->ends[i].n > HOLDERS_MOST && h->ends[i].n - HOLDERS_MOST > more)
			more = h->ends[i].n - HOLDERS_MOST;
	}
	return more;
}

/* "4711 (sleep)", "4711 (sleep), 4712 (cat) and 3 more"; or the numbers alone, as kill(1) wants them */
static char *holder_names(const struct explain_case *e, const struct story *s, bool numbers)
{
	const struct process *list[HOLDERS_MOST];
	size_t n, more = list_holders(&e->holders, list, &n), size;
	char *text = NULL;
	FILE *out = memstream_open(&text, &size);

	for (size_t i = 0; i < n; i++) {
		auto_free char *name = subject_name(s->terminal, list[i]);

		if (numbers)
			fprintf(out, "%s%d", i ? " " : "", list[i]->pid);
		else
			fprintf(out, "%s%s", !i ? "" : i + 1 < n || more ? ", " : " and ", name);
	}
	if (more && !numbers)
		fprintf(out, " and %zu more", more);
	fclose(out);
	return text;
}

/* "fd 3 (a pipe)", "fd 3 and fd 5 (pipes and sockets)"; owned by the caller */
static char *end_names(const struct holders *h)
{
	static const char *const one[] = {
		[FD_PIPE] = "a pipe", [FD_SOCKET] = "a socket", [FD_MASTER] = "the master of a terminal"
	};
	static const char *const several[] = {
		[FD_PIPE] = "pipes", [FD_SOCKET] = "sockets", [FD_MASTER] = "masters of terminals"
	};
	size_t size, n[FD_KINDS] = { 0 };
	char *text = NULL;
	FILE *out = memstream_open(&text, &size);
	const char *between = " (";

	for (size_t i = 0; i < h->n; i++) {
		fprintf(out, "%sfd %d", !i ? "" : i + 1 < h->n ? ", " : " and ", h->ends[i].fd);
		n[h->ends[i].link.kind]++;
	}
	for (size_t kind = 0; kind < FD_KINDS; kind++) {
		if (n[kind] == 0)
			continue;
		fprintf(out, "%s%s", between, h->n == 1 ? one[kind] : several[kind]);
		between = " and ";
	}
	fputc(')', out);
	fclose(out);
	return text;
}

/* "4711 (sleep) holds the other end", "4711 (sleep) and 4712 (cat) hold the other ends"; owned by the caller */
static char *holding(const struct explain_case *e, const struct story *s)
{
	const struct process *list[HOLDERS_MOST];
	auto_free char *names = holder_names(e, s, false);
	size_t n, more = list_holders(&e->holders, list, &n);

	return xasprintf("%s hold%s the other end%s", names, n + more == 1 ? "s" : "",
			 plural_s(e->holders.n));
}

static bool is_own(const struct holders *h)
{
	return h->n == 1 && !is_named(&h->ends[0]);
}

static void tell_own(const struct explain_case *e, const char *ends, struct story *s)
{
	const struct holders *h = &e->holders;

	story_tell(
		s, "doing",
		"%s sleeps in %s on %s, whose other end it holds itself, and nobody else in sight: %s.",
		explain_it(e), h->reading.syscall, ends,
		h->reading.timed ? "that ends with the time limit of that call alone" :
				   "as far as can be seen, that never ends");
	story_evidence(s, false, "/proc/%d/fd/%d: %s", explain_focus(e)->details.process.pid,
		       h->ends[0].fd, h->ends[0].link.kind == FD_PIPE ? "pipe" : "socket");
}

void explain_pipe(const struct explain_case *e, struct story *s)
{
	const struct holders *h = &e->holders;
	const struct holder *first = e->has_holders ? holders_first(h) : NULL;
	auto_free char *ends = NULL, *hold = NULL;

	if (!e->has_holders)
		return;
	ends = end_names(h);
	if (is_own(h)) {
		tell_own(e, ends, s);
		return;
	}
	hold = holding(e, s);
	if (!h->all)
		story_tell(
			s, "doing",
			"%s sleeps in %s on %s, among others; %s. What else it waits for may have it go on before that.",
			explain_it(e), h->reading.syscall, ends, hold);
	else
		story_tell(
			s, "doing",
			"%s sleeps in %s on %s; %s%s: before something comes from there, or all of it is closed, it does not go on%s.",
			explain_it(e), h->reading.syscall, ends, hold,
			holders_kept(h) ? ", and who reads it has a copy, too" : "",
			h->reading.timed ? ", unless the time limit of that call ends first" : "");
	story_evidence(s, false, "/proc/%d/fd/%d, /proc/%d/fd/%d",
		       explain_focus(e)->details.process.pid, h->ends[0].fd,
		       first ? first->process->pid : 0, first ? first->fd : 0);
}

/* Who is to end, and what the parent is to close */
static void tell_end(const struct explain_case *e, const char *ends, struct story *s)
{
	const struct process *list[HOLDERS_MOST];
	size_t n, more = list_holders(&e->holders, list, &n);
	auto_free char *names = holder_names(e, s, false), *numbers = holder_names(e, s, true);

	if (holders_kept(&e->holders))
		story_tell(
			s, "remedy",
			"To end %s alone may not do: the parent has a copy of the other end of %s itself, and what it reads ends only when every copy is closed. Fix the parent: after the fork it must close its own, unless it means to write there.",
			names, ends);
	else
		story_tell(
			s, "remedy",
			"Wait until %s end%s, or end %s (kill %s): the parent reads %s first, and may come to its wait after that. Then look whether it reaps; nothing shows that its waiting is wrong.",
			names, n + more == 1 ? "s" : "", n + more == 1 ? "it" : "them", numbers,
			ends);
}

bool explain_pipe_remedy(const struct explain_case *e, struct story *s)
{
	const struct holders *h = &e->holders;
	const struct holder *first = e->has_holders ? holders_first(h) : NULL;
	auto_free char *ends = NULL;

	/* one that polls with a time limit goes on by itself, or it may by what else it waits for */
	if (!e->has_holders || !h->all || (is_own(h) && h->reading.timed))
		return false;
	/* who is older than every zombie is no leftover of one */
	if (!is_own(h) && (!first || !first->related))
		return false;
	ends = end_names(h);
	if (is_own(h))
		story_tell(
			s, "remedy",
			"Fix the parent: after the fork it must close its own copy of the other end of %s, for what it reads ends only when every copy is closed; it would come to its wait then.",
			ends);
	else
		tell_end(e, ends, s);
	return true;
}
