/* SPDX-License-Identifier: MIT */
#include "base/rights.h"
#include "case/itself.h"
#include "render/json.h"
#include "show/show.h"
#include "words/rights.h"
#include "words/source.h"
#include "words/tokens.h"

static json_t *right_json(const struct rights_use *use, uint64_t held)
{
	auto_free char *name = rights_name(use->cap);
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(name));
	json_object_set_new(o, "held", json_boolean(held & RIGHT(use->cap)));
	json_object_set_new(o, "shows", json_string(use->shows));
	return o;
}

void version_json(const struct answer *a)
{
	const struct itself *own = a->facts;
	json_t *o = json_object(), *list = json_array();
	auto_free char *why = own->failure.cause != BPF_USABLE ? bpf_failure_words(&own->failure) :
								 NULL;

	for (size_t i = 0; i < rights_n_uses; i++)
		json_array_append_new(list, right_json(&rights_uses[i], own->rights));
	json_object_set_new(o, "schema", json_string("coroner.version/1"));
	json_object_set_new(o, "version", json_string(CORONER_VERSION));
	json_object_set_new(o, "source",
			    own->has_source ? json_string(source_token(own->source)) : json_null());
	json_object_set_new(o, "bpf_unusable", why ? json_string(why) : json_null());
	json_object_set_new(o, "capabilities", list);
	(void)json_write(o, stdout, JSON_INDENT(2)); /* an output error shows in ferror(stdout) */
	putchar('\n');
	json_decref(o);
}
