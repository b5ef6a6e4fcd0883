/* SPDX-License-Identifier: MIT */
#include "cmd/attempt.h"

#include <stdio.h>

#include "base/duration.h"
#include "judge/remedy.h"
#include "render/json.h"
#include "render/table.h"
#include "render/text.h"

static json_t *attempt_json(const struct attempt *a)
{
	const struct nudge_result *r = &a->result;
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(a->pid));
	json_object_set_new(o, "comm",
			    a->comm[0] ? json_raw_text(a->comm, strlen(a->comm)) : json_null());
	json_object_set_new(o, "sent", json_boolean(r->sent));
	json_object_set_new(o, "would_send", json_boolean(a->wanted));
	json_object_set_new(o, "signals", json_integer(r->signals));
	json_object_set_new(o, "before", json_integer((json_int_t)r->before));
	json_object_set_new(o, "after", json_known(!a->ended, (int64_t)r->after));
	json_object_set_new(o, "reaped", json_known(!a->ended, (int64_t)(r->before - r->after)));
	json_object_set_new(o, "waited_ms", json_real(r->waited_ms));
	json_object_set_new(o, "reason", json_text(a->reason));
	json_object_set_new(o, "verdict", a->parent ? json_verdict(&a->verdict) : json_null());
	return o;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_attempt(const struct context *ctx, const struct attempt *a, bool dry_run)
{
	auto_free char *comm = text_printable(a->comm, strlen(a->comm), ctx->utf8);
	const struct nudge_result *r = &a->result;
	char took[DURATION_TEXT_SIZE];
	enum style style = STYLE_DIM;

	printf("%d%s%s: ", a->pid, *comm ? " " : "", comm);
	if (r->sent) {
		style = r->after == 0 ? STYLE_GREEN : STYLE_YELLOW;
		fputs(style_on(style, ctx->color), stdout);
		printf("SIGCHLD sent");
		if (r->signals > 1)
			printf(" %u times", r->signals);
		printf(", %zu of %zu zombie%s reaped in %s", r->before - r->after, r->before,
		       plural(r->before), duration_format(r->waited_ms / 1000, took));
	} else if (dry_run && a->wanted) {
		printf("would send SIGCHLD for %zu zombie%s", r->before, plural(r->before));
	} else {
		fputs(style_on(style, ctx->color), stdout);
		printf("%s", a->not_done ? "not possible" :
			     a->parent	 ? "not signalled" :
					   "nothing to do");
	}
	fputs(style_off(style, ctx->color), stdout);
	if (a->reason)
		printf("\n    %s", a->reason);
	putchar('\n');
	if (a->parent && r->after > 0 && a->reason) {
		auto_free char *remedy = remedy_of(&a->verdict);

		printf("    %s\n", remedy);
	}
}

void attempts_print(const struct context *ctx, const struct census *c, const struct attempts *all,
		    bool dry_run)
{
	json_t *body, *list;

	if (!ctx->options.json) {
		for (size_t i = 0; i < all->n; i++)
			print_attempt(ctx, &all->list[i], dry_run);
		if (all->n == 0)
			puts("no parent in sight holds a zombie: nothing to do");
		return;
	}
	body = json_object();
	list = json_array();
	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list, attempt_json(&all->list[i]));
	json_object_set_new(body, "dry_run", json_boolean(dry_run));
	json_object_set_new(body, "parents", list);
	(void)json_print(json_top("nudge", c, ctx->notes, ctx->n_notes, body), stdout);
}

int attempts_status(const struct attempts *all, bool dry_run)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].not_done || (all->list[i].result.after > 0 && !dry_run))
			return EXIT_NOT_DONE;
	return EXIT_DONE;
}

void attempts_done(struct attempts *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->list[i].reason);
	free(all->list);
	*all = (struct attempts){ 0 };
}
