/* SPDX-License-Identifier: MIT */
#include "show/json/process.h"

#include <errno.h>

#include "words/remedy.h"
#include "words/remarks.h"
#include "words/tokens.h"
#include "words/verdict.h"

json_t *json_masks(bool known, const struct signal_masks *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "SigPnd", json_mask(known, m->pending));
	json_object_set_new(o, "ShdPnd", json_mask(known, m->shared_pending));
	json_object_set_new(o, "SigBlk", json_mask(known, m->blocked));
	json_object_set_new(o, "SigIgn", json_mask(known, m->ignored));
	json_object_set_new(o, "SigCgt", json_mask(known, m->caught));
	return o;
}

/* Of those between the reader's PID namespace and its own only the status tells */
static json_t *ns_pids(const struct details *d)
{
	const struct proc_status *s = &d->status;
	json_t *list;

	if (details_has(d, WANT_STATUS) && s->n_ns_pids > 0) {
		list = json_array();
		for (int i = 0; i < s->n_ns_pids; i++)
			json_array_append_new(list, json_integer(s->ns_pids[i]));
		return list;
	}
	if (d->has_level && d->level == 0)
		return json_pack("[i]", d->process.pid);
	return d->has_level && d->level == 1 ? json_pack("[ii]", d->process.pid, d->ns_pid) :
					       json_null();
}

static json_t *cmdline(const struct details *d)
{
	json_t *list;

	if (!d->has_cmdline)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < d->n_args; i++)
		json_array_append_new(list, json_text(d->cmdline[i]));
	return list;
}

json_t *json_container(const struct details *d)
{
	const struct container *c = &d->container;
	json_t *o;

	if (!d->in_container)
		return json_null();
	o = json_object();
	json_object_set_new(o, "runtime", json_string(c->runtime));
	json_object_set_new(o, "id", json_text(c->id));
	json_object_set_new(o, "pod_uid", c->pod_uid[0] ? json_string(c->pod_uid) : json_null());
	json_object_set_new(o, "cgroup", json_text(c->cgroup));
	return o;
}

json_t *json_process(const struct census *c, const struct details *d)
{
	const struct process *p = &d->process;
	int64_t start = (int64_t)((double)p->start_ticks * 1e9 / (double)sysconf(_SC_CLK_TCK));
	bool seen = p->state != '?' || p->start_ticks != 0; /* families.c: a parent out of sight */
	double age = (double)(c->taken_ns - start) / 1e9;
	char state[2] = { p->state, '\0' };
	json_t *o = json_object();

	json_object_set_new(o, "pid", json_integer(p->pid));
	json_object_set_new(o, "ns_pids", ns_pids(d));
	json_object_set_new(o, "ppid", json_known(seen, p->ppid));
	json_object_set_new(o, "comm", seen ? json_text(p->comm) : json_null());
	json_object_set_new(o, "cmdline", cmdline(d));
	json_object_set_new(o, "state", seen ? json_text(state) : json_null());
	json_object_set_new(o, "uid", json_known(details_has(d, WANT_STATUS), d->status.uid));
	json_object_set_new(o, "threads", json_known(seen, p->threads));
	json_object_set_new(o, "start_time", seen ? json_time(start) : json_null());
	json_object_set_new(o, "age_s", seen ? json_seconds(age > 0 ? age : 0) : json_null());
	json_object_set_new(o, "pidns", json_known(details_has(d, WANT_PIDNS), (int64_t)d->pidns));
	json_object_set_new(o, "role", json_text(details_role(d)));
	json_object_set_new(o, "container", json_container(d));
	return o;
}

json_t *json_verdict(const struct verdict *v)
{
	auto_free char *why = verdict_why(v), *remedy = remedy_of(v);
	json_t *o = json_object();

	json_object_set_new(o, "code", json_string(verdict_name(v->code)));
	json_object_set_new(o, "certainty", json_string(certainty_name(v->certainty)));
	json_object_set_new(o, "why", json_text(why));
	json_object_set_new(o, "remedy", json_text(remedy));
	json_object_set_new(o, "nudge", json_string(nudge_name(v->nudge)));
	return o;
}

static void append_remarks(json_t *list, const struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->n; i++) {
		auto_free char *text = remark_words(&remarks->list[i]);

		json_array_append_new(list, json_text(text));
	}
}

json_t *json_top(const char *command, const struct census *c, const struct remarks *notes,
		 json_t *body)
{
	auto_free char *schema = xasprintf("coroner.%s/1", command);
	json_t *top = json_object(), *list = json_array();

	append_remarks(list, notes);
	json_object_set_new(top, "schema", json_string(schema));
	json_object_set_new(top, "source", json_string(source_token(c->source)));
	json_object_set_new(top, "visible_processes", json_integer((json_int_t)c->n));
	json_object_set_new(top, "notes", list);
	json_object_update(top, body);
	json_decref(body);
	return top;
}

/* The top whose notes hold the problems too; body is stolen and merged */
static json_t *answer_top(const struct answer *a, const char *command, json_t *body)
{
	static const struct census none = { 0 };
	const struct remarks *problems = &a->sight->problems;
	const struct census *c = a->sight->census;
	json_t *top = json_top(command, c ? c : &none, &a->sight->notes, body);

	if (!c)
		json_object_set_new(top, "source", json_null());
	append_remarks(json_object_get(top, "notes"), problems);
	return top;
}

void json_answer(const struct answer *a, const char *command, json_t *body)
{
	(void)json_print(answer_top(a, command, body), a->out); /* ferror() tells */
}

void json_answer_begin(const struct answer *a, const char *command, struct json_stream *ret)
{
	*ret = (struct json_stream){ .out = a->out };
	json_stream_object(ret, NULL);
	json_stream_values(ret, answer_top(a, command, json_object()));
}

void json_failure(const struct answer *a, const char *command)
{
	json_answer(a, command, json_object());
}
