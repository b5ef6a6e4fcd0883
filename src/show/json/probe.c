/* SPDX-License-Identifier: MIT */
#include "case/acts/experiment.h"
#include "show/json/process.h"
#include "words/acts/probe_words.h"
#include "words/tokens.h"

void probe_json(const struct answer *a)
{
	const struct experiment *e = a->facts;
	const struct probe_result *r = &e->result;
	json_t *body = json_object(), *adopter = json_object();
	auto_free char *reason = e->failure ? xstrdup(e->failure) :
					      probe_trouble_words(&e->trouble);
	size_t len = strlen(r->adopter_comm);

	json_object_set_new(adopter, "pid", json_known(r->adopter != 0, r->adopter));
	json_object_set_new(adopter, "ns_pid",
			    json_known(r->adopter_ns_pid != 0, r->adopter_ns_pid));
	json_object_set_new(adopter, "comm",
			    len ? json_raw_text(r->adopter_comm, len) : json_null());
	json_object_set_new(body, "pidns", json_known(r->pidns != 0, (int64_t)r->pidns));
	json_object_set_new(body, "adopter", adopter);
	json_object_set_new(body, "reaped", json_boolean(r->reaped));
	json_object_set_new(body, "reaps", json_string(reaps_name(r->reaps)));
	json_object_set_new(body, "reaped_after_ms",
			    r->reaped ? json_real(r->reaped_after_ms) : json_null());
	json_object_set_new(body, "left_behind", json_known(r->left_behind != 0, r->left_behind));
	json_object_set_new(body, "reason", json_text(reason));
	json_answer(a, "probe", body);
}
