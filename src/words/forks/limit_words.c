/* SPDX-License-Identifier: MIT */
#include "words/forks/limit_words.h"

#include <inttypes.h>

#include "base/base.h"
#include "base/duration.h"
#include "limits/kernel.h"
#include "render/json.h"
#include "render/text.h"
#include "words/forks/cgroup_owner.h"
#include "words/label.h"
#include "words/plural.h"

char *limit_title(enum limit_kind kind, const char *name, bool utf8)
{
	auto_free char *safe = text_printable(name, strlen(name), utf8);
	const char *word = kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(kind);

	return kind == LIMIT_THREADS_MAX ? xstrdup(word) : xasprintf("%s of %s", word, safe);
}

char *limit_words(const struct limit *l, bool utf8)
{
	return limit_title(l->kind, l->name, utf8);
}

json_t *limit_words_json(const struct limit *l)
{
	bool finite = l->has_max && l->max != LIMIT_UNLIMITED;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(limit_kind_name(l->kind)));
	json_object_set_new(o, "name", json_text(l->name));
	json_object_set_new(o, "current", json_known(l->has_current, (int64_t)l->current));
	json_object_set_new(o, "max", json_known(finite, (int64_t)l->max));
	json_object_set_new(o, "headroom", json_known(l->has_headroom, (int64_t)l->headroom));
	json_object_set_new(o, "zombies", json_known(l->has_zombies, (int64_t)l->zombies));
	return o;
}

char *limit_holder_words(const struct limit_holder *h, const char *limit, bool utf8)
{
	auto_free char *comm = text_printable(h->comm, strlen(h->comm), utf8), *where = NULL;
	auto_free char *user = h->has_uid ? xasprintf(" (uid %" PRIu32 ")", h->uid) : xstrdup("");
	auto_free char *what = NULL;

	if (h->in_container)
		where = container_label(&h->container, utf8);
	else if (h->cgroup && !streq(h->cgroup, "/") && !streq(h->cgroup, limit))
		where = text_printable(h->cgroup, strlen(h->cgroup), utf8);
	what = h->zombies && h->threads ?
		       xasprintf("%" PRIu64 " thread%s and %" PRIu64 " zombie%s", h->threads,
				 plural_s(h->threads), h->zombies, plural_s(h->zombies)) :
	       h->zombies ? xasprintf("%" PRIu64 " zombie%s", h->zombies, plural_s(h->zombies)) :
			    xasprintf("%" PRIu64 " thread%s", h->threads, plural_s(h->threads));
	return xasprintf("%s of %s%s%s%s", what, comm, user, where ? " in " : "",
			 where ? where : "");
}

static json_t *holder_json(const struct limit_holder *h)
{
	json_t *o = json_object();

	json_object_set_new(o, "container",
			    h->in_container ?
				    json_pack("{s:s, s:o}", "runtime", h->container.runtime, "id",
					      json_text(h->container.id)) :
				    json_null());
	json_object_set_new(o, "cgroup", json_text(h->cgroup));
	json_object_set_new(o, "comm", json_text(h->comm));
	json_object_set_new(o, "uid", json_known(h->has_uid, h->uid));
	json_object_set_new(o, "pid", json_integer(h->pid));
	json_object_set_new(o, "tasks",
			    json_integer((json_int_t)h->threads + (json_int_t)h->zombies));
	json_object_set_new(o, "threads", json_integer((json_int_t)h->threads));
	json_object_set_new(o, "zombies", json_integer((json_int_t)h->zombies));
	return o;
}

json_t *limit_holders_json(const struct limit_holders *h)
{
	json_t *list = json_array();

	for (size_t i = 0; h && i < h->n; i++)
		json_array_append_new(list, holder_json(&h->list[i]));
	return list;
}

char *limit_owner_words(const struct limit *l)
{
	switch (l->setter) {
	case SETTER_OF_CGROUP:
		return cgroup_owner(l->name);
	case SETTER_OF_TASK:
		return xstrdup("does not bind root, CAP_SYS_RESOURCE and CAP_SYS_ADMIN");
	case SETTER_OF_TASK_MAYBE:
		return xstrdup("whether it binds is not known: it may be the machine's root");
	case SETTER_MAKER:
		return xasprintf("the soft limit of who made user:[%" PRIu64 "], as it was then",
				 l->made_in);
	default:
		return NULL;
	}
}

/* Linux kernel/pid.c:alloc_pid() does not go back below RESERVED_PIDS */
char *limit_lost_words(const struct limit *l)
{
	uint64_t inside = l->current - l->numbers.used_high, lost;

	if (l->kind != LIMIT_PID_MAX || !l->has_headroom || !l->exact || l->exhausted || l->dead ||
	    l->max <= inside + l->headroom + 1)
		return NULL;
	lost = l->max - 1 - inside - l->headroom;
	return xasprintf("%" PRIu64 " more %s free below %d, where the kernel does not look again",
			 lost, lost == 1 ? "is" : "are", RESERVED_PIDS);
}

char *limit_refused_words(const struct limit *l)
{
	static const char *const by[] = {
		[REFUSED_BY_ANY] = "this limit or one above it",
		[REFUSED_BY_THIS] = "this limit",
		[REFUSED_BY_ABOVE] = "a limit above it",
	};
	int64_t epoch = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	char when[TIME_TEXT_SIZE];

	if (l->kind != LIMIT_CGROUP || !l->has_refused || !l->refused ||
	    (l->refused_by == REFUSED_BY_THIS && !l->has_first_refusal))
		return NULL;
	return xasprintf("forks of its tasks were refused by %s%s%s%.19s%s", by[l->refused_by],
			 l->refused_by == REFUSED_BY_ABOVE ? ", as the limits are now" : "",
			 l->has_first_refusal ? ", first at " : "",
			 l->has_first_refusal ? time_format(l->first_refusal_ns + epoch, when) : "",
			 l->has_first_refusal ? "Z (kernel log)" : "");
}

const char *limit_dead_words(void)
{
	return "its init has ended or is ending: a fork gets ENOMEM";
}

char *limit_answer_words(const struct limit_case *c)
{
	const struct limit *l = c->answer.binding >= 0 ? &c->limits[c->answer.binding] : NULL;

	if (!c->answer.has_total || !l)
		return xstrdup("no limit in sight is known");
	if (l->dead)
		return xasprintf(
			"0 more tasks fit: its children would go to %s, which is dead: ENOMEM",
			l->name);
	return xasprintf("%s%" PRIu64 " more task%s, then %s refuses the fork",
			 c->answer.unknown ? "at most " : "", c->answer.total,
			 c->answer.total == 1 ? " fits" : "s fit",
			 l->kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(l->kind));
}
