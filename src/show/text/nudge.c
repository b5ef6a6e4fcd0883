/* SPDX-License-Identifier: MIT */
#include "case/acts/attempt.h"
#include "render/table.h"
#include "render/text.h"
#include "show/show.h"
#include "words/acts/nudge_words.h"
#include "words/acts/reap_words.h"
#include "words/remedy.h"
#include "words/plural.h"

void nudge_print_plan(FILE *out, const struct terminal *terminal, const struct attempts *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct attempt *a = &all->list[i];
		auto_free char *comm = text_printable(a->comm, strlen(a->comm), terminal->utf8);

		if (a->wanted)
			fprintf(out, "  %d %s: %zu zombie%s\n", a->pid, comm, a->result.before,
				plural_s(a->result.before));
	}
}

/* What was sent and what that changed, or why not */
static void print_result(const struct terminal *t, const struct attempt *a, bool dry_run)
{
	const struct nudge_result *r = &a->result;
	enum style style = STYLE_DIM;
	auto_free char *sent = NULL;

	if (r->sent) {
		style = r->after == 0 ? STYLE_GREEN : STYLE_YELLOW;
		fputs(style_on(style, t->color), stdout);
		sent = nudge_sent_words(r);
		fputs(sent, stdout);
	} else if (dry_run && a->wanted) {
		sent = nudge_due_words(r);
		fputs(sent, stdout);
	} else {
		fputs(style_on(style, t->color), stdout);
		printf("%s", a->not_done ? "not possible" :
			     a->parent	 ? "not signalled" :
					   "nothing to do");
	}
	fputs(style_off(style, t->color), stdout);
}

/* For people it is wrapped; who reads a pipe has it on one line */
static void print_below(const struct terminal *t, const char *text)
{
	fputs("    ", stdout);
	text_hang(stdout, text, 4, 4, t->width);
}

static void print_attempt(const struct terminal *t, const struct attempt *a, bool dry_run)
{
	auto_free char *comm = text_printable(a->comm, strlen(a->comm), t->utf8);
	auto_free char *reason = nudge_reason(a);

	printf("%d%s%s: ", a->pid, *comm ? " " : "", comm);
	print_result(t, a, dry_run);
	putchar('\n');
	if (reason)
		print_below(t, reason);
	if (a->parent && a->result.after > 0 && reason) {
		auto_free char *remedy = remedy_of(&a->verdict);
		auto_free char *next = nudge_next(a);
		auto_free char *hint = reap_hint(a->parent, a->result.sent);

		print_below(t, remedy);
		if (hint)
			print_below(t, hint);
		print_below(t, next);
	}
}

/* Those that are not there are no result, but something that went wrong */
void nudge_text(const struct answer *a)
{
	const struct attempts *all = a->facts;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].reason != ATTEMPT_ABSENT)
			print_attempt(a->terminal, &all->list[i], all->choice.dry_run);
	if (all->n == 0)
		puts(nudge_nobody());
}
