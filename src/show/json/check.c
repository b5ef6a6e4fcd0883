/* SPDX-License-Identifier: MIT */
#include "show/json/process.h"
#include "words/forks/check.h"

static json_t *metric_json(const struct check_metric *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(m->name));
	if (!m->has_value)
		json_object_set_new(o, "value", json_null());
	else if (*m->unit == 's' || *m->unit == '%' || m->value != (double)(int64_t)m->value)
		json_object_set_new(o, "value", json_seconds(m->value));
	else
		json_object_set_new(o, "value", json_integer((json_int_t)m->value));
	json_object_set_new(o, "unit", json_string(m->unit));
	json_object_set_new(o, "warning", json_text(m->warning));
	json_object_set_new(o, "critical", json_text(m->critical));
	json_object_set_new(o, "state", json_string(check_state_name(m->state)));
	return o;
}

void check_json(const struct answer *a)
{
	json_t *body = json_object(), *metrics = json_array(), *lines = json_array();
	const struct health *h = a->facts;
	struct check_words w;

	check_words_say(h, a->terminal->utf8, &w);
	for (size_t i = 0; i < h->n_metrics; i++)
		json_array_append_new(metrics, metric_json(&h->metrics[i]));
	for (size_t i = 0; i < w.n_lines; i++)
		json_array_append_new(lines, json_text(w.lines[i]));
	json_object_set_new(body, "status", json_string(check_state_name(h->status)));
	json_object_set_new(body, "metrics", metrics);
	json_object_set_new(body, "summary", json_text(w.summary));
	json_object_set_new(body, "details", lines);
	check_words_done(&w);
	json_answer(a, "check", body);
}
