/* SPDX-License-Identifier: MIT */
#include "words/forks/check.h"

#include "words/forks/limit_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "render/text.h"
#include "words/label.h"
#include "words/acts/reap_words.h"
#include "words/remedy.h"
#include "words/verdict.h"
#include "words/plural.h"

#define MAX_PARENTS 10 /* that the lines speak of */

const char *check_value(const struct check_metric *m, char buf[static CHECK_VALUE_SIZE])
{
	int n;

	if (!m->has_value)
		return "U";
	n = snprintf(buf, CHECK_VALUE_SIZE, "%.3f", m->value);
	/* 12.000 is 12 */
	while (n > 0 && strchr(buf, '.') && (buf[n - 1] == '0' || buf[n - 1] == '.')) {
		bool dot = buf[n - 1] == '.';

		buf[--n] = '\0';
		if (dot)
			break;
	}
	return buf;
}

/* A bar begins the performance data, in the long output as well */
static char *without_bars(char *text)
{
	for (char *s = text; (s = strchr(s, '|'));)
		*s = '/';
	return text;
}

/* Takes ownership of the line */
static void add_line(struct check_words *r, char *line)
{
	(void)without_bars(line);
	ARRAY_GROW(r->lines, r->n_lines, r->cap_lines);
	r->lines[r->n_lines++] = line;
}

static char *limit_of(const struct limit *l, bool utf8)
{
	auto_free char *name = text_printable(l->name, strlen(l->name), utf8);

	return xasprintf("%s of %s",
			 l->kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(l->kind), name);
}

static void add_parent(const struct checkup *k, const struct parent_case *p, bool utf8,
		       struct check_words *r)
{
	const struct details *d = &p->details;
	auto_free char *comm = text_printable(d->process.comm, strlen(d->process.comm), utf8);
	auto_free char *label = d->in_container ? container_label(&d->container, utf8) : NULL;
	auto_free char *why = verdict_why(&p->verdict), *remedy = remedy_of(&p->verdict);
	char *reap = k->may_act ? reap_hint(p, false) : NULL;

	add_line(r, xasprintf("%zu zombie%s of %d %s%s%s%s: %s: %s", p->n_zombies,
			      plural_s(p->n_zombies), d->process.pid,
			      p->process ? comm : "(not in sight)", label ? " (" : "",
			      label ? label : "", label ? ")" : "", verdict_name(p->verdict.code),
			      why));
	add_line(r, xasprintf("  remedy: %s", remedy));
	if (reap)
		add_line(r, xasprintf("  %s", reap));
	free(reap);
}

static char *unseen_words(const struct unseen *u)
{
	switch (u->kind) {
	case UNSEEN_DENIED:
		return xasprintf("%zu process%s cannot be read (hidepid)", u->n, plural_es(u->n));
	case UNSEEN_MALFORMED:
		return xasprintf("the stat file of %zu process%s is unreadable", u->n,
				 plural_es(u->n));
	case UNSEEN_HIDDEN:
		return xstrdup("processes of other users are hidden (hidepid)");
	case UNSEEN_PARTS:
		return u->n == 1 ? xstrdup("a parent or zombie is hidden or cannot be read") :
				   xasprintf("%zu parents and zombies are hidden or cannot be read",
					     u->n);
	case UNSEEN_CONTAINER:
		return xstrdup("no such container in sight");
	case UNSEEN_PIDNS:
		return xstrdup("no such PID namespace in sight");
	case UNSEEN_MEMBERS:
		return xasprintf("the PID namespace of %zu process%s cannot be read", u->n,
				 plural_es(u->n));
	case UNSEEN_NOTHING:
		break;
	}
	return xstrdup("");
}

static void add_lines(const struct checkup *k, bool utf8, struct check_words *r)
{
	for (size_t i = 0; i < k->cases.n && i < MAX_PARENTS; i++)
		add_parent(k, &k->cases.parents[i], utf8, r);
	if (k->cases.n > MAX_PARENTS)
		add_line(r, xasprintf("and %zu more parent%s", k->cases.n - MAX_PARENTS,
				      k->cases.n == MAX_PARENTS + 1 ? "" : "s"));
	if (k->fullest) {
		auto_free char *words = limit_of(k->fullest, utf8);
		auto_free char *raw = limit_owner_words(k->fullest);
		auto_free char *owner = raw ? text_printable(raw, strlen(raw), utf8) : NULL;

		add_line(r,
			 xasprintf("%.0f%% of %s in use: %s%" PRIu64 " tasks more fit%s%s%s",
				   k->fullest_percent, words,
				   k->fullest->exact && !limits_hidden(&k->view) ? "" : "at most ",
				   k->fullest->headroom, owner ? " (" : "", owner ? owner : "",
				   owner ? ")" : ""));
	}
	if (k->cases.n_dying)
		add_line(
			r,
			xasprintf(
				"%zu PID namespace%s torn down, and wait%s for members that do not end: coroner namespaces, then coroner explain INIT",
				k->cases.n_dying, k->cases.n_dying == 1 ? " is" : "s are",
				k->cases.n_dying == 1 ? "s" : ""));
	if (k->unseen.kind) {
		auto_free char *unseen = unseen_words(&k->unseen);

		add_line(r, xasprintf("not all can be seen: %s", unseen));
	}
}

/* The metrics that alert, worst first; when none does, how many zombies there are */
static char *summarise(const struct health *h)
{
	const struct checkup *k = &h->checkup;
	static const enum check_state order[] = { CHECK_CRITICAL, CHECK_WARNING, CHECK_UNKNOWN };
	char text[512] = "", value[CHECK_VALUE_SIZE];
	size_t len = 0;

	for (size_t s = 0; s < ARRAY_SIZE(order); s++) {
		for (size_t i = 0; i < N_CHECK_METRICS; i++) {
			const struct check_metric *m = &h->metrics[i];

			if (m->state != order[s])
				continue;
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s%s",
						len ? ", " : "", m->name,
						m->has_value ? check_value(m, value) : "unknown",
						m->has_value && *m->unit != 'c' ? m->unit : "");
		}
	}
	if (k->unseen.kind && h->status == CHECK_UNKNOWN) {
		auto_free char *unseen = unseen_words(&k->unseen);

		len = (size_t)snprintf(text, sizeof(text), "%s", unseen);
	}
	if (len == 0)
		snprintf(text, sizeof(text), "%zu zombie%s, fullest limit on tasks %.0f%% used",
			 k->cases.n_zombies, plural_s(k->cases.n_zombies),
			 k->fullest ? k->fullest_percent : 0);
	if (strlen(text) > CHECK_SUMMARY_WIDTH)
		memcpy(text + CHECK_SUMMARY_WIDTH - 3, "...", 4);
	return xstrdup(text);
}

/* What does not fit into the first line is said below it, whole */
static void say_failure(const char *failure, bool utf8, struct check_words *ret)
{
	char *text = without_bars(text_printable(failure, strlen(failure), utf8));
	size_t fits = text_fit(text, CHECK_SUMMARY_WIDTH);

	if (text[fits] == '\0') {
		ret->summary = text;
		return;
	}
	fits = text_fit(text, CHECK_SUMMARY_WIDTH - 3);
	ret->summary = xasprintf("%.*s...", (int)fits, text);
	add_line(ret, text);
}

void check_words_say(const struct health *h, bool utf8, struct check_words *ret)
{
	*ret = (struct check_words){ 0 };
	if (h->failure) {
		say_failure(h->failure, utf8, ret);
		return;
	}
	ret->summary = summarise(h);
	add_lines(&h->checkup, utf8, ret);
}

void check_words_done(struct check_words *w)
{
	for (size_t i = 0; i < w->n_lines; i++)
		free(w->lines[i]);
	free(w->lines);
	free(w->summary);
	*w = (struct check_words){ 0 };
}
