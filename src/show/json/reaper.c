/* SPDX-License-Identifier: MIT */
#include "show/json/reaper.h"

#include "case/heirs/reaper_answers.h"
#include "inspect/text/signals.h"
#include "show/json/process.h"
#include "words/heirs/heir.h"
#include "words/heirs/reaps.h"
#include "words/tokens.h"

static json_t *heir_json(const struct heirs *h, const struct heir_case *k)
{
	json_t *o = json_object(), *process = json_null();
	auto_free char *text = heir_outcome(k), *rule = heir_why(&k->heir);

	if (k->view)
		process = json_process(h->c, &k->view->look.details);
	json_object_set_new(o, "process", process);
	json_object_set_new(o, "rule", json_string(heir_rule_name(k->heir.rule)));
	json_object_set_new(o, "certainty", json_string(kernel_token(k->heir.exact)));
	json_object_set_new(o, "evidence", json_string(rule));
	json_object_set_new(o, "reaps", json_string(reaps_name(heir_reaps(k))));
	json_object_set_new(o, "why", json_string(text));
	return o;
}

static json_t *child_json(const struct process *child, const struct fate *f)
{
	char name[SIGNAL_NAME_SIZE];
	json_t *o = json_object(), *pdeath = json_null();

	if (f->pdeath_signal >= 0)
		pdeath = json_string(f->pdeath_signal ? signal_name(f->pdeath_signal, name) :
							"none");
	json_object_set_new(o, "pid", json_integer(child->pid));
	json_object_set_new(o, "comm", json_text(child->comm));
	json_object_set_new(o, "zombie", json_boolean(child->state == 'Z'));
	json_object_set_new(o, "pdeath_signal", pdeath);
	json_object_set_new(o, "sighup", json_boolean(f->sighup));
	json_object_set_new(o, "fate", json_string(child_fate_name(f->fate)));
	json_object_set_new(o, "certainty", json_string(kernel_token(f->exact)));
	return o;
}

static void put_children(struct json_stream *s, const struct heir_case *k)
{
	json_stream_list(s, "children");
	for (size_t i = 0; i < k->n_children; i++)
		json_stream_value(s, NULL,
				  child_json(k->children[i].process, &k->children[i].fate));
	json_stream_end(s);
}

static uint64_t inode_of(const struct heirs *h, const struct process *p)
{
	return h->map.list[h->map.of[p - h->c->procs]].inode;
}

static json_t *ancestors_json(const struct heirs *h, const struct heir_case *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->n_ancestors; i++) {
		const struct process *p = k->ancestors[i];
		uint64_t inode = inode_of(h, p);
		json_t *o = json_object();

		json_object_set_new(o, "pid", json_integer(p->pid));
		json_object_set_new(o, "comm", json_text(p->comm));
		json_object_set_new(o, "subreaper", json_tri(k->evidence[i].subreaper));
		json_object_set_new(o, "pidns", json_known(inode, (int64_t)inode));
		json_array_append_new(list, o);
	}
	return list;
}

void reaper_put_case(struct json_stream *s, const char *key, const struct heirs *h,
		     const struct heir_case *k)
{
	json_stream_object(s, key);
	json_stream_value(s, "process", json_process(h->c, &k->details));
	json_stream_value(s, "heir", heir_json(h, k));
	json_stream_value(s, "killed", json_known(k->kills, (int64_t)k->n_killed));
	put_children(s, k);
	json_stream_value(s, "ancestors", ancestors_json(h, k));
	json_stream_end(s);
}

static json_t *row_json(const struct heirs *h, const struct reaper_row *row)
{
	const struct reaper_view *v = &row->view;
	json_t *o = json_object();

	json_object_set_new(o, "process", json_process(h->c, &v->look.details));
	json_object_set_new(o, "kind", json_string(heir_rule_name(row->kind)));
	json_object_set_new(o, "certainty", json_string(kernel_token(!row->inferred)));
	json_object_set_new(o, "adopted", json_integer((json_int_t)v->adopted));
	json_object_set_new(o, "zombies", json_integer((json_int_t)v->zombies));
	json_object_set_new(o, "reaps", json_string(reaps_name(v->reaps.answer)));
	json_object_set_new(o, "why", json_string(reaps_why(&v->reaps)));
	return o;
}

void reaper_json(const struct answer *a)
{
	const struct reaper_answers *answers = a->facts;
	const struct heirs *h = &answers->heirs;
	struct json_stream s;

	json_answer_begin(a, "reaper", &s);
	json_stream_list(&s, answers->asked ? "cases" : "reapers");
	for (size_t i = 0; i < answers->n_cases; i++)
		reaper_put_case(&s, NULL, h, &answers->cases[i]);
	for (size_t i = 0; i < answers->n_reapers; i++)
		json_stream_value(&s, NULL, row_json(h, &answers->reapers[i]));
	json_stream_end(&s);
	json_stream_end(&s);
}
