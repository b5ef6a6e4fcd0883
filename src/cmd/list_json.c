/* SPDX-License-Identifier: MIT */
#include "cmd/list_json.h"

#include <sys/wait.h>

#include "inspect/signals.h"
#include "render/json.h"

static json_t *sigchld_json(const struct parent_evidence *e)
{
	static const char *const names[] = {
		[SIGCHLD_DEFAULT] = "default", [SIGCHLD_IGNORED] = "ignored", [SIGCHLD_CAUGHT] = "caught"
	};
	json_t *o = json_object();
	bool known = e->masks_known;

	json_object_set_new(o, "disposition",
			    known ? json_string(names[e->disposition]) : json_null());
	json_object_set_new(o, "blocked", known ? json_boolean(e->blocked) : json_null());
	json_object_set_new(o, "pending", known ? json_boolean(e->pending) : json_null());
	json_object_set_new(o, "no_cldwait", json_tri(e->no_cldwait));
	json_object_set_new(o, "signalfd", json_tri(e->signalfd));
	return o;
}

/* Of several threads the one that waits for children says more than the main one */
static size_t telling_thread(const struct parent_case *p)
{
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->threads[i].waits == THREAD_WAITS_ANY ||
		    p->threads[i].waits == THREAD_WAITS_PID ||
		    p->threads[i].waits == THREAD_WAITS_SIGCHLD)
			return i;
	for (size_t i = 0; i < p->details.n_threads; i++)
		if (p->details.threads[i].tid == p->details.process.pid)
			return i;
	return 0;
}

static json_t *doing_json(const struct parent_case *p)
{
	json_t *o = json_object(), *waits_for = NULL;
	const struct blocked_in *in;
	size_t i = telling_thread(p);

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
	struct verdict verdict;

	cases_judge_zombie(p, z, &verdict);
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
	json_object_set_new(o, "blocker", json_string(zombie_blocker(&z->evidence)));
	json_object_set_new(
		o, "cpu_s",
		json_seconds((double)z->process->cpu_ticks / (double)sysconf(_SC_CLK_TCK)));
	json_object_set_new(o, "verdict", json_string(verdict_name(verdict.code)));
	return o;
}

json_t *list_parent_json(const struct census *c, const struct parent_case *p)
{
	json_t *o = json_object(), *zombies = json_array();

	for (size_t i = 0; i < p->n_looked_at; i++)
		json_array_append_new(zombies, list_zombie_json(c, p, &p->zombies[i]));
	json_object_set_new(o, "process", json_process(c, &p->details));
	json_object_set_new(o, "sigchld", sigchld_json(&p->evidence));
	json_object_set_new(o, "masks",
			    json_masks(details_has(&p->details, WANT_STATUS),
				       &p->details.status.masks));
	json_object_set_new(o, "doing", doing_json(p));
	json_object_set_new(o, "verdict", json_verdict(&p->verdict));
	json_object_set_new(o, "zombies", zombies);
	return o;
}

void list_read_cmdlines(struct cases *cases)
{
	size_t n = 0, cap = 0;
	auto_free struct details **list = NULL;

	for (size_t i = 0; i < cases->n; i++) {
		struct parent_case *p = &cases->parents[i];

		for (size_t k = 0; k <= p->n_looked_at; k++) {
			if (k == p->n_looked_at && !p->process)
				continue;
			ARRAY_GROW(list, n, cap);
			list[n++] = k < p->n_looked_at ? &p->zombies[k].details : &p->details;
		}
	}
	details_read_cmdlines(cases->census, list, n);
}

void list_print_json(struct context *ctx, struct cases *cases)
{
	json_t *body = json_object(), *parents = json_array();

	list_read_cmdlines(cases);
	for (size_t i = 0; i < cases->n; i++)
		json_array_append_new(parents, list_parent_json(cases->census, &cases->parents[i]));
	json_object_set_new(body, "zombies", json_integer((json_int_t)cases->n_zombies));
	json_object_set_new(body, "parents", parents);
	(void)json_print(json_top("list", cases->census, ctx->notes, ctx->n_notes, body), stdout);
}
