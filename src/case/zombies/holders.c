/* SPDX-License-Identifier: MIT */
#include "case/zombies/holders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "inspect/threads/waits.h"

#define MOST_FDS 60000 /* some 0.1 s of readlink(2) */
#define MOST_MATCHES 32

/* The search for the other ends of what one thread reads */
struct search {
	const struct census *c;
	const struct process *parent, *oldest;
	struct holders *ret;
	struct fd_link others[READING_MOST]; /* what the other end looks like from there */
	size_t n_fds;
};

/* The oldest zombie of the parent: what one of them left behind is not older */
static const struct process *oldest_zombie(const struct census *c, const struct process *parent)
{
	const struct process *child = census_first_child(c, parent), *oldest = NULL;

	for (; child; child = census_next_child(c, child))
		if (child->state == 'Z' && (!oldest || child->start_ticks < oldest->start_ticks))
			oldest = child;
	return oldest;
}

/*
 * An end without a name is had from who made it, by a fork as a rule; one that is younger than a zombie got
 * it from that, or from the parent after it.
 */
static bool is_related(const struct search *s, const struct process *p)
{
	return s->oldest && p->start_ticks >= s->oldest->start_ticks;
}

static void note(struct search *s, const struct process *p, bool related)
{
	struct fd_match found[MOST_MATCHES];
	int n = fds_match(s->c, p, s->others, s->ret->n, found, MOST_MATCHES, &s->n_fds);

	if (n == -EACCES)
		s->ret->complete = false;
	for (int i = 0; i < n && i < MOST_MATCHES; i++) {
		struct held_end *end = &s->ret->ends[found[i].which];

		/* of a pipe those that read keep nobody waiting */
		if (end->link.kind == FD_PIPE && !found[i].writes)
			continue;
		if (p == s->parent) {
			end->own = true;
			continue;
		}
		/* one that shares many descriptors is one holder */
		if (end->n && end->n <= HOLDERS_MOST && end->list[end->n - 1].process == p)
			continue;
		if (end->n < HOLDERS_MOST)
			end->list[end->n] = (struct holder){ p, found[i].fd, related };
		end->n++;
	}
}

static void look(struct search *s, bool related)
{
	for (size_t i = 0; i < s->c->n; i++) {
		const struct process *p = &s->c->procs[i];

		if (p->state == 'Z' || (p->flags & PF_KTHREAD) || is_related(s, p) != related)
			continue;
		if (s->n_fds > MOST_FDS) {
			s->ret->complete = false;
			return;
		}
		note(s, p, related);
	}
}

/* What the other end of fd is called; false: there is none that could be found */
static bool other_end(const struct census *c, const struct process *p, int fd, struct held_end *end,
		      struct fd_link *ret)
{
	uint64_t peer = 0;

	*end = (struct held_end){ .fd = fd };
	if (fd_link_read(c, p, fd, &end->link) < 0 || end->link.kind == FD_OTHER)
		return false;
	*ret = end->link;
	if (end->link.kind != FD_SOCKET)
		return true;
	if (unix_peer(end->link.inode, &peer) < 0)
		return false;
	snprintf(ret->text, sizeof(ret->text), "socket:[%" PRIu64 "]", peer);
	ret->inode = peer;
	return true;
}

/* Whether the reader itself may write to what it reads: by a handler, or by another thread of it */
static bool may_wake_itself(const struct details *d)
{
	return !details_has(d, WANT_STATUS) || d->n_threads != 1 ||
	       waits_called_by(d->status.masks.caught) != 0;
}

/*
 * A pipe of its own to wake it up, in a poll of many or by itself, or one that others open by its name, as they do a
 * terminal; or an end that nobody in sight holds
 */
static bool keeps_waiting(const struct holders *h, const struct held_end *end,
			  const struct details *d)
{
	const bool named = end->link.kind == FD_MASTER ||
			   (end->link.kind == FD_PIPE && !has_prefix(end->link.text, "pipe:"));

	return end->n > 0 ||
	       (end->own && h->reading.n == 1 && h->complete && !named && !may_wake_itself(d));
}

static void keep_ends(struct holders *h, const struct details *d)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if (keeps_waiting(h, &h->ends[i], d))
			h->ends[n++] = h->ends[i];
	h->all = n == h->reading.n && !h->reading.more;
	h->n = n;
}

static bool of_thread(const struct census *c, const struct process *parent, const struct details *d,
		      const struct thread *t, struct holders *ret)
{
	struct search s = {
		.c = c, .parent = parent, .oldest = oldest_zombie(c, parent), .ret = ret
	};

	*ret = (struct holders){ .complete = true };
	if (!reading_of(c, parent, t, &ret->reading))
		return false;
	ret->ends = xcalloc(ret->reading.n, sizeof(*ret->ends));
	for (size_t i = 0; i < ret->reading.n; i++)
		ret->n += other_end(c, parent, ret->reading.fds[i], &ret->ends[ret->n],
				    &s.others[ret->n]);
	if (ret->n) {
		note(&s, parent, false);
		look(&s, true);
		look(&s, false);
		keep_ends(ret, d);
	}
	return ret->n > 0;
}

bool holders_find(const struct census *c, const struct process *parent, const struct details *d,
		  struct holders *ret)
{
	*ret = (struct holders){ 0 };
	for (size_t i = 0; i < d->n_threads; i++) {
		if (of_thread(c, parent, d, &d->threads[i], ret))
			return true;
		holders_done(ret);
	}
	return false;
}

bool holders_reads(const struct census *c, const struct process *parent, const struct details *d)
{
	struct reading r;

	if (d->n_threads != 1 || !reading_of(c, parent, &d->threads[0], &r) ||
	    has_prefix(r.syscall, "epoll"))
		return false;
	for (size_t i = 0; i < r.n; i++) {
		struct fd_link link;

		if (fd_link_read(c, parent, r.fds[i], &link) < 0 || link.kind == FD_OTHER ||
		    (link.kind == FD_SOCKET && r.n > 1))
			return false;
	}
	return true;
}

void holders_done(struct holders *h)
{
	free(h->ends);
	*h = (struct holders){ 0 };
}

bool holders_kept(const struct holders *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->ends[i].own && h->ends[i].n > 0)
			return true;
	return false;
}

const struct holder *holders_first(const struct holders *h)
{
	const struct holder *first = NULL;

	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->ends[i].n && k < HOLDERS_MOST; k++) {
			if (h->ends[i].list[k].related)
				return &h->ends[i].list[k];
			first = first ? first : &h->ends[i].list[k];
		}
	return first;
}
