/* SPDX-License-Identifier: MIT */
#include "base/duration.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/acts/reap_words.h"
#include "words/plural.h"

#define MAX_LEFT 8 /* zombies named one by one */

static void print_name(FILE *out, const struct terminal *t, const struct reaping *r)
{
	auto_free char *comm = text_printable(r->comm, strlen(r->comm), t->utf8);

	fprintf(out, "%d%s%s: ", r->pid, *comm ? " " : "", comm);
}

static void print_plan(FILE *out, const struct terminal *t, const struct reaping *r)
{
	auto_free char *by = reap_by_whom(&r->result), *whose = reap_whose(r);

	print_name(out, t, r);
	fprintf(out, "%zu of %zu zombie%s (%s)\n    by %s\n", r->n_chosen, r->n_items,
		plural_s(r->n_items), whose, by);
}

void reap_print_plan(FILE *out, const struct terminal *terminal, const struct reapings *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (reaping_is_due(&all->list[i]))
			print_plan(out, terminal, &all->list[i]);
}

/* A rehearsal leaves these as they are, and has named them as those that would go */
static bool would_go(const struct reaping *r, const struct reap_left *left)
{
	return left->item && left->item->spared == SPARED_NOT && left->item->fate == REAP_UNTRIED &&
	       r->result.refusal == REAP_ALLOWED;
}

/* Neighbours with the same reason share a line */
static void print_left(const struct reaping *r, uint64_t held, bool dry_run)
{
	for (size_t i = 0, end; i < r->n_left; i = end) {
		auto_free char *why = reap_why_left(r, &r->left[i], held);

		end = i + 1;
		if (dry_run && would_go(r, &r->left[i]))
			continue;
		fputs("    left: ", stdout);
		for (end = i; end < r->n_left; end++) {
			auto_free char *other = reap_why_left(r, &r->left[end], held);

			if (!streq(why, other))
				break;
			if (end - i < MAX_LEFT)
				printf("%s%d", end > i ? ", " : "", r->left[end].pid);
		}
		if (end - i > MAX_LEFT)
			printf(" and %zu more", end - i - MAX_LEFT);
		printf(": %s\n", why);
	}
}

static void print_taken(const struct terminal *t, const struct reaping *r)
{
	const enum style style = reaping_is_done(r) ? STYLE_GREEN : STYLE_YELLOW;
	const char *interrupted = reap_interrupted_name(&r->result, false);
	auto_free char *by = reap_by_whom(&r->result), *still = reap_still(&r->result);

	printf("%s%zu of %zu zombie%s reaped%s", style_on(style, t->color), r->n_taken, r->n_items,
	       plural_s(r->n_items), style_off(style, t->color));
	if (r->n_taken < r->n_chosen && r->after_known && reaping_is_done(r))
		printf(", %s", reap_gone_words());
	printf("\n    by %s\n", by);
	printf("    %s; interrupted: %s\n", still, interrupted);
}

static void print_one(const struct terminal *t, uint64_t held, const struct reaping *r,
		      bool dry_run)
{
	auto_free char *reason = reap_reason(r, held);

	print_name(stdout, t, r);
	if (reaping_is_due(r) && dry_run) {
		auto_free char *by = reap_by_whom(&r->result), *due = reap_due(r);

		printf("%s\n    by %s\n", due, by);
	} else if (r->result.thread && !dry_run) {
		print_taken(t, r);
	} else {
		printf("%s%s%s\n", style_on(STYLE_DIM, t->color),
		       r->n_chosen > 0 || r->problem == REAP_NOT_IN_SIGHT ||
				       r->problem == REAP_NOT_IN_SCOPE ?
			       "not possible" :
			       "nothing to do",
		       style_off(STYLE_DIM, t->color));
	}
	if (reason)
		printf("    %s\n", reason);
	print_left(r, held, dry_run);
}

void reap_text(const struct answer *a)
{
	const struct reapings *all = a->facts;

	for (size_t i = 0; i < all->n; i++)
		print_one(a->terminal, a->sight->rights, &all->list[i], all->dry_run);
	if (all->n == 0)
		puts(reap_nobody());
}
