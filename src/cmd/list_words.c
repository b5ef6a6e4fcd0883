/* SPDX-License-Identifier: MIT */
#include "cmd/list_words.h"

#include <stdio.h>

#include "render/label.h"
#include "render/text.h"

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

char *list_held(const struct context *ctx, const struct parent_case *p)
{
	struct comm_group groups[MAX_GROUPS];
	size_t n = 0, others = 0, len, k;
	char *text = NULL;
	FILE *out;

	/* most parents hold one: thousands of them need no stream */
	if (p->n_zombies == 1)
		return text_printable(p->held[0]->comm, strlen(p->held[0]->comm), ctx->utf8);
	out = open_memstream(&text, &len);
	if (!out)
		return xstrdup("?");
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
			text_printable(groups[k].comm, strlen(groups[k].comm), ctx->utf8);

		fprintf(out, "%s%s", k ? ", " : "", comm);
		if (groups[k].n > 1)
			fprintf(out, " %s%zu", ctx->utf8 ? "×" : "x", groups[k].n);
	}
	if (others)
		fprintf(out, ", %zu others", others);
	fclose(out);
	return text;
}

char *list_where(const struct context *ctx, const struct parent_case *p)
{
	const struct container *c = &p->details.container;
	auto_free char *label = NULL;

	if (!p->details.in_container)
		return xstrdup("");
	label = container_label(c, ctx->utf8);
	return xasprintf(" in %s%s%s", label, c->pod_uid[0] ? ", pod " : "", c->pod_uid);
}
