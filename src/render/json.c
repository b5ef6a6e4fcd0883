/* SPDX-License-Identifier: MIT */
#include "render/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "base/duration.h"
#include "judge/remedy.h"
#include "render/text.h"

json_t *json_raw_text(const char *raw, size_t len)
{
	auto_free char *utf8 = text_utf8(raw, len);

	return json_string(utf8);
}

json_t *json_text(const char *s)
{
	return s ? json_raw_text(s, strlen(s)) : json_null();
}

json_t *json_known(bool known, int64_t value)
{
	return known ? json_integer(value) : json_null();
}

json_t *json_tri(enum tri t)
{
	return t == TRI_UNKNOWN ? json_null() : json_boolean(t == TRI_YES);
}

json_t *json_seconds(double s)
{
	return json_real((double)(int64_t)(s * 1000 + 0.5) / 1000);
}

json_t *json_time(int64_t boottime_ns)
{
	int64_t now = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	char text[TIME_TEXT_SIZE];

	return json_string(time_format(boottime_ns + now, text));
}

json_t *json_mask(bool known, uint64_t mask)
{
	char text[17];

	if (!known)
		return json_null();
	snprintf(text, sizeof(text), "%016" PRIx64, mask);
	return json_string(text);
}

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

static json_t *ns_pids(const struct details *d)
{
	json_t *list = json_array();
	const struct proc_status *s = &d->status;

	if (!details_has(d, WANT_STATUS) || s->n_ns_pids == 0)
		json_array_append_new(list, json_integer(d->process.pid));
	else
		for (int i = 0; i < s->n_ns_pids; i++)
			json_array_append_new(list, json_integer(s->ns_pids[i]));
	return list;
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
	bool seen = p->start_ticks != 0 || p->pid == 1;
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
	json_object_set_new(o, "role", json_string(details_role(d)));
	json_object_set_new(o, "container", json_container(d));
	return o;
}

json_t *json_verdict(const struct verdict *v)
{
	static const char *const nudges[] = {
		[NUDGE_USELESS] = "useless", [NUDGE_MAY_HELP] = "may-help", [NUDGE_UNKNOWN] = "unknown"
	};
	auto_free char *remedy = remedy_of(v);
	json_t *o = json_object();

	json_object_set_new(o, "code", json_string(verdict_name(v->code)));
	json_object_set_new(o, "certainty",
			    json_string(v->certainty == CERTAINTY_PROVEN ? "proven" : "likely"));
	json_object_set_new(o, "why", json_text(v->why));
	json_object_set_new(o, "remedy", json_text(remedy));
	json_object_set_new(o, "nudge", json_string(nudges[v->nudge]));
	return o;
}

json_t *json_top(const char *command, const struct census *c, char *const *notes, size_t n_notes,
		 json_t *body)
{
	auto_free char *schema = xasprintf("coroner.%s/1", command);
	json_t *top = json_object(), *list = json_array();

	for (size_t i = 0; i < n_notes; i++)
		json_array_append_new(list, json_text(notes[i]));
	json_object_set_new(top, "schema", json_string(schema));
	json_object_set_new(top, "source", json_string(c->source == CENSUS_BPF ? "bpf" : "procfs"));
	json_object_set_new(top, "visible_processes", json_integer((json_int_t)c->n));
	json_object_set_new(top, "notes", list);
	json_object_update(top, body);
	json_decref(body);
	return top;
}

int json_print(json_t *top, FILE *out)
{
	int r = json_dumpf(top, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12));

	json_decref(top);
	return r < 0 || fputc('\n', out) == EOF ? -EIO : 0;
}
