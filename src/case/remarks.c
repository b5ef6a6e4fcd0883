/* SPDX-License-Identifier: MIT */
#include "case/remarks.h"

#include "base/base.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && streq(a, b));
}

static bool same_missing(const struct missing_summary *a, const struct missing_summary *b)
{
	if (a->what != b->what || a->n_named != b->n_named || a->n != b->n || a->lack != b->lack ||
	    a->lacks != b->lacks)
		return false;
	for (size_t i = 0; i < a->n_named; i++)
		if (a->named[i] != b->named[i])
			return false;
	return true;
}

static bool same_trouble(const struct probe_trouble *a, const struct probe_trouble *b)
{
	return a->kind == b->kind && a->error == b->error && a->step == b->step &&
	       a->may_enter == b->may_enter && a->pid == b->pid && a->zombie == b->zombie;
}

static bool is_same(const struct remark *a, const struct remark *b)
{
	return a->code == b->code && a->n == b->n && a->m == b->m && a->error == b->error &&
	       same_text(a->text, b->text) && same_text(a->more, b->more) &&
	       a->bpf.cause == b->bpf.cause && a->bpf.step == b->bpf.step &&
	       a->bpf.error == b->bpf.error && same_missing(&a->missing, &b->missing) &&
	       same_trouble(&a->probe, &b->probe);
}

void remarks_add(struct remarks *r, const struct remark *remark)
{
	struct remark *added;

	for (size_t i = 0; i < r->n; i++)
		if (is_same(&r->list[i], remark))
			return;
	ARRAY_GROW(r->list, r->n, r->cap);
	added = &r->list[r->n++];
	*added = *remark;
	added->text = remark->text ? xstrdup(remark->text) : NULL;
	added->more = remark->more ? xstrdup(remark->more) : NULL;
}

void remarks_cut(struct remarks *r, size_t n)
{
	while (r->n > n) {
		const struct remark *last = &r->list[--r->n];

		free((void *)(uintptr_t)last->text);
		free((void *)(uintptr_t)last->more);
	}
}

void remarks_done(struct remarks *r)
{
	remarks_cut(r, 0);
	free(r->list);
	*r = (struct remarks){ 0 };
}
