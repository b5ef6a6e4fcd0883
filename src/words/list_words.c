/* SPDX-License-Identifier: MIT */
#include "words/list_words.h"

#include <stdio.h>

#include "base/memstream.h"
#include "render/text.h"
#include "words/label.h"
#include "words/plural.h"
#include "words/tokens.h"

#define MAX_GROUPS 64

struct comm_group {
	const char *comm;
	size_t n;
};

static int compare_groups(const void *a, const void *b)
{
	const struct comm_group *x = a, *y = b;

	return (x->n < y->n) - (x->n > y->n);
}

char *list_held(const struct terminal *t, const struct parent_case *p)
{
	struct comm_group groups[MAX_GROUPS];
	size_t n = 0, others = 0, len, k;
	char *text = NULL;
	FILE *out;

	/* most parents hold one: thousands of them need no stream */
	if (p->n_zombies == 1)
		return text_printable(p->held[0]->comm, strlen(p->held[0]->comm), t->utf8);
	out = memstream_open(&text, &len);
	for (size_t i = 0; i < p->n_zombies; i++) {
		for (k = 0; k < n && !streq(groups[k].comm, p->held[i]->comm); k++)
			;
		if (k < n)
			groups[k].n++;
		else if (n < MAX_GROUPS)
			groups[n++] = (struct comm_group){ p->held[i]->comm, 1 };
		else
			others++;
	}
	qsort(groups, n, sizeof(*groups), compare_groups);
	for (k = 0; k < n; k++) {
		auto_free char *comm =
			text_printable(groups[k].comm, strlen(groups[k].comm), t->utf8);

		fprintf(out, "%s%s", k ? ", " : "", comm);
		if (groups[k].n > 1)
			fprintf(out, " %s%zu", t->utf8 ? "×" : "x", groups[k].n);
	}
	if (others)
		fprintf(out, ", %zu other%s", others, plural_s(others));
	fclose(out);
	return text;
}

char *list_where(const struct terminal *t, const struct parent_case *p)
{
	const struct container *c = &p->details.container;
	auto_free char *label = NULL;

	if (!p->details.in_container)
		return xstrdup("");
	label = container_label(c, t->utf8);
	return xasprintf(" in %s%s%s", label, c->pod_uid[0] ? ", pod " : "", c->pod_uid);
}

char *list_totals(const struct listing *l)
{
	const struct cases *cases = &l->cases;
	const size_t parents = cases->n + l->n_left_out;
	auto_free char *out = NULL;
	const struct census *c = cases->census;
	const char *source = source_name(c->source);

	if (cases->n_zombies == 0 && cases->n_dying)
		return xasprintf(
			"no zombies, but %zu PID namespace%s that cannot end; %zu process%s seen through %s",
			cases->n_dying, plural_s(cases->n_dying), c->n, plural_es(c->n), source);
	if (cases->n_zombies == 0)
		return xasprintf("no zombies; %zu process%s seen through %s", c->n, plural_es(c->n),
				 source);
	if (l->n_left_out)
		out = xasprintf(", %zu of them not shown", l->n_left_out);
	return xasprintf("%zu zombie%s under %zu parent%s%s; %zu process%s seen through %s",
			 cases->n_zombies, plural_s(cases->n_zombies), parents, plural_s(parents),
			 out ? out : "", c->n, plural_es(c->n), source);
}

const char *list_legend(bool settled)
{
	return settled ? "?: likely, not proven" :
			 "?: likely, not proven; --settle=2s tells what stays";
}
