/* SPDX-License-Identifier: MIT */
#include "cmd/limit_words.h"

#include "base/base.h"
#include "render/json.h"
#include "render/text.h"

char *limit_words(const struct context *ctx, const struct limit *l)
{
	auto_free char *name = text_printable(l->name, strlen(l->name), ctx->utf8);
	const char *kind = l->kind == LIMIT_CGROUP ? "pids.max" : limit_kind_name(l->kind);

	return l->kind == LIMIT_THREADS_MAX ? xstrdup(kind) : xasprintf("%s of %s", kind, name);
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
