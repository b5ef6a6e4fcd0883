/* SPDX-License-Identifier: MIT */
#include "show/json/list_json.h"

#include <sys/wait.h>

#include "inspect/text/signals.h"
#include "case/zombies/listing.h"
#include "show/json/process.h"
#include "words/tokens.h"
#include "words/verdict.h"

static json_t *sigchld_json(const struct parent_evidence *e)
{
	json_t *o = json_object();
	bool known = e->masks_known;

	json_object_set_new(o, "disposition",
			    known ? json_string(sigchld_token(e->disposition)) : json_null());
	json_object_set_new(o, "blocked", known ? json_boolean(e->blocked) : json_null());
	json_object_set_new(o, "pending", known ? json_boolean(e->pending) : json_null());
	json_object_set_new(o, "no_cldwait", json_tri(e->no_cldwait));
	json_object_set_new(o, "signalfd", json_tri(e->signalfd));
	return o;
}

static json_t *doing_json(const struct parent_case *p)
{
	json_t *o = json_object(), *waits_for = NULL;
	const struct blocked_in *in;
	size_t i = cases_telling_thread(p);

	if (!details_has(&p->details, WANT_DOING)) {
		json_object_set_new(o, "syscall", json_null());
		json_object_set_new(o, "waits_for", json_null());
		return o;
	}
	in = &p->details.threads[i].blocked_in;
	if (p->threads[i].waits == THREAD_WAITS_ANY)
		waits_for = json_string("any");
	else if (p->threads[i].waits == THREAD_WAITS_PID && p->threads[i].pid)
		waits_for = json_integer(p->threads[i].pid);
	json_object_set_new(o, "syscall", json_text(in->known ? in->name : NULL));
	json_object_set_new(o, "waits_for", waits_for ? waits_for : json_null());
	json_object_set_new(o, "thread", json_integer(p->details.threads[i].tid));
	return o;
}

json_t *list_exit_json(bool known, int code)
{
	char name[SIGNAL_NAME_SIZE];
	json_t *o;

	if (!known)
		return json_null();
	o = json_object();
	if (WIFSIGNALED(code)) {
		json_object_set_new(o, "kind", json_string("signaled"));
		json_object_set_new(o, "signal", json_string(signal_name(WTERMSIG(code), name)));
		json_object_set_new(o, "core", json_boolean(WCOREDUMP(code)));
	} else {
		json_object_set_new(o, "kind", json_string("exited"));
		json_object_set_new(o, "status", json_integer(WEXITSTATUS(code)));
	}
	return o;
}

json_t *list_zombie_json(const struct census *c, const struct parent_case *p,
			 const struct zombie_case *z)
{
	json_t *o = json_process(c, &z->details);

	/* cgroup v1 moves the dead to the root: they belong where their parent is */
	if (!z->details.in_container)
		json_object_set_new(o, "container", json_container(&p->details));
	json_object_set_new(o, "exit", list_exit_json(z->exit_known, z->process->exit_code));
	json_object_set_new(o, "dead_since", z->death_known ? json_time(z->died_ns) : json_null());
	json_object_set_new(o, "dead_s",
			    z->death_known ?
				    json_seconds((double)(c->taken_ns - z->died_ns) / 1e9) :
				    json_null());
	json_object_set_new(o, "adopted", json_tri(z->adoption.adopted));
	json_object_set_new(o, "exit_signal", json_integer(z->process->exit_signal));
	json_object_set_new(o, "blocker", json_string(blocker_token(z->blocker)));
	json_object_set_new(
		o, "cpu_s",
		json_seconds((double)z->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK)));
	json_object_set_new(o, "verdict", json_string(verdict_name(z->verdict.code)));
	return o;
}

json_t *list_parent_json(const struct census *c, const struct parent_case *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "process", json_process(c, &p->details));
	json_object_set_new(o, "sigchld", sigchld_json(&p->evidence));
	json_object_set_new(o, "masks",
			    json_masks(details_has(&p->details, WANT_STATUS),
				       &p->details.status.masks));
	json_object_set_new(o, "doing", doing_json(p));
	json_object_set_new(o, "verdict", json_verdict(&p->verdict));
	return o;
}

void list_put_zombies(struct json_stream *s, const struct census *c, const struct parent_case *p)
{
	json_stream_list(s, "zombies");
	for (size_t i = 0; i < p->n_looked_at; i++)
		json_stream_value(s, NULL, list_zombie_json(c, p, &p->zombies[i]));
	json_stream_end(s);
}

static void put_parent(struct json_stream *s, const struct census *c, const struct parent_case *p)
{
	json_stream_object(s, NULL);
	json_stream_values(s, list_parent_json(c, p));
	list_put_zombies(s, c, p);
	json_stream_end(s);
}

void list_json(const struct answer *a)
{
	const struct listing *l = a->facts;
	const struct cases *cases = &l->cases;
	struct json_stream s;

	json_answer_begin(a, "list", &s);
	json_stream_value(&s, "zombies", json_integer((json_int_t)cases->n_zombies));
	json_stream_list(&s, "parents");
	for (size_t i = 0; i < cases->n; i++)
		put_parent(&s, cases->census, &cases->parents[i]);
	json_stream_end(&s);
	json_stream_value(&s, "left_out",
			  json_pack("{s:I,s:I}", "parents", (json_int_t)l->n_left_out, "zombies",
				    (json_int_t)l->zombies_of_out));
	json_stream_end(&s);
}
