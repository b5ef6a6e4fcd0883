/* SPDX-License-Identifier: MIT */
#include "case/heirs/orphans.h"
#include "show/json/process.h"
#include "words/tokens.h"

static json_t *orphan_json(const struct census *c, const struct orphan *orphan)
{
	json_t *o = json_object();

	json_object_set_new(o, "process", json_process(c, &orphan->details));
	json_object_set_new(o, "adopted_by", json_integer(orphan->adopter->pid));
	json_object_set_new(o, "evidence",
			    json_string(adoption_sign_token(orphan->adoption->sign)));
	json_object_set_new(o, "certainty", json_string(adoption_certainty(orphan->adoption)));
	json_object_set_new(o, "sid", json_integer(orphan->process->sid));
	json_object_set_new(o, "pgrp", json_integer(orphan->process->pgrp));
	return o;
}

void orphans_json(const struct answer *a)
{
	const struct orphans *orphans = a->facts;
	struct json_stream s;

	json_answer_begin(a, "orphans", &s);
	json_stream_list(&s, "orphans");
	for (size_t i = 0; i < orphans->n; i++)
		json_stream_value(&s, NULL, orphan_json(orphans->census, &orphans->list[i]));
	json_stream_end(&s);
	json_stream_end(&s);
}
