/* SPDX-License-Identifier: MIT */
/* coroner --version, and with -v what it may do here: for a report, or to see what is missing. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>

#include "act/privilege.h"
#include "base/duration.h"
#include "cmd/cmd.h"

/* Which source a run with --source=auto takes; why not BPF is in *ret_why, owned by the caller */
static const char *find_source(const struct context *ctx, char **ret_why)
{
	struct census_options options = { CENSUS_AUTO, -1, false };
	auto_close int procfd = open(ctx->options.procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct census *c;
	const char *source;

	*ret_why = NULL;
	options.procfd = procfd;
	options.own_proc = context_is_own_proc(procfd);
	if (procfd < 0 || census_take(&options, &c, ret_why) < 0)
		return NULL;
	source = c->source == CENSUS_BPF ? "bpf" : "procfs";
	if (c->bpf_unusable)
		*ret_why = xstrdup(c->bpf_unusable);
	census_free(c);
	return source;
}

static void print_text(uint64_t held, const char *source, const char *why)
{
	puts("coroner " CORONER_VERSION);
	printf("source: %s%s%s\n", source ? source : "none",
	       why ? ", for BPF cannot be used: " : "", why ? why : "");
	for (size_t i = 0; i < privilege_n_uses; i++) {
		const struct privilege_use *use = &privilege_uses[i];
		auto_free char *name = privilege_name(use->cap);

		printf("%-20s %-8s %s\n", name, held & PRIVILEGE(use->cap) ? "held" : "missing",
		       use->shows);
	}
	if (geteuid() == 0)
		puts("all other capabilities are given up at start, and what a command has no use for");
}

static void print_json(uint64_t held, const char *source, const char *why)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < privilege_n_uses; i++) {
		const struct privilege_use *use = &privilege_uses[i];
		auto_free char *name = privilege_name(use->cap);
		json_t *entry = json_object();

		json_object_set_new(entry, "name", json_string(name));
		json_object_set_new(entry, "held", json_boolean(held & PRIVILEGE(use->cap)));
		json_object_set_new(entry, "shows", json_string(use->shows));
		json_array_append_new(list, entry);
	}
	json_object_set_new(o, "schema", json_string("coroner.version/1"));
	json_object_set_new(o, "version", json_string(CORONER_VERSION));
	json_object_set_new(o, "source", source ? json_string(source) : json_null());
	json_object_set_new(o, "bpf_unusable", why ? json_string(why) : json_null());
	json_object_set_new(o, "capabilities", list);
	(void)json_dumpf(o, stdout, JSON_INDENT(2)); /* an output error shows in ferror(stdout) */
	putchar('\n');
	json_decref(o);
}

void version_print(struct context *ctx)
{
	auto_free char *why = NULL;
	const char *source;
	uint64_t held;

	if (!ctx->options.verbose) {
		puts("coroner " CORONER_VERSION);
		return;
	}
	held = ctx->rights;
	source = find_source(ctx, &why);
	if (ctx->options.json)
		print_json(held, source, why);
	else
		print_text(held, source, why);
}
