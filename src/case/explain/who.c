/* SPDX-License-Identifier: MIT */
#include "case/explain/who.h"

#include <errno.h>
#include <stdio.h>

#include "base/memstream.h"
#include "case/asked.h"
#include "inspect/cmdline.h"

static void add(struct who *w, pid_t pid)
{
	for (size_t i = 0; i < w->n_pids; i++)
		if (w->pids[i] == pid)
			return;
	ARRAY_GROW(w->pids, w->n_pids, w->cap);
	w->pids[w->n_pids++] = pid;
}

static bool is_number(const char *word)
{
	return *word && strspn(word, "0123456789") == strlen(word);
}

static bool is_called(const struct process *p, const char *name)
{
	return strncmp(p->comm, name, TASK_COMM_LEN - 1) == 0;
}

/* Those of one name, in the order of the census */
struct namesakes {
	const struct process **list; /* owned */
	size_t n, cap;
	size_t n_living;
};

/* The living first: who types the name of a program means one that runs */
static void find_namesakes(const struct census *c, const struct scope *scope, const char *name,
			   struct namesakes *ret)
{
	for (int dead = 0; dead <= 1; dead++) {
		for (size_t i = 0; i < c->n; i++) {
			const struct process *p = &c->procs[i];

			if ((p->state == 'Z') != dead || !is_called(p, name) ||
			    !scope_holds(scope, c, p))
				continue;
			ARRAY_GROW(ret->list, ret->n, ret->cap);
			ret->list[ret->n++] = p;
			ret->n_living += !dead;
		}
	}
}

/* A line for each: its number and, behind a blank, its command line without the program's path; raw */
static char *list_namesakes(const struct census *c, const struct namesakes *all, size_t n)
{
	char *text = NULL;
	size_t size;
	FILE *out = memstream_open(&text, &size);

	for (size_t i = 0; i < n && i < WHO_MOST_LISTED; i++) {
		struct details d;
		struct details *one = &d;

		details_unread(all->list[i], &d);
		details_read_cmdlines(c, &one, 1);
		fprintf(out, "%d", d.process.pid);
		for (size_t k = 0; k < d.n_args; k++) {
			const char *path_end = k == 0 ? strrchr(d.cmdline[k], '/') : NULL;

			fputc(' ', out);
			for (const char *s = path_end ? path_end + 1 : d.cmdline[k]; *s; s++)
				fputc(*s == '\n' ? ' ' : *s, out);
		}
		fputc('\n', out);
		details_done(&d);
	}
	fclose(out);
	return text;
}

static int find_named(struct who *w, struct sight *sight, const struct census *c,
		      const struct scope *scope, const char *name)
{
	struct namesakes all = { 0 };
	size_t n;

	find_namesakes(c, scope, name, &all);
	n = all.n_living ? all.n_living : all.n;
	if (n == 1) {
		add(w, all.list[0]->pid);
		if (all.n > n)
			sight_remark(sight, REMARK_NAMED_LIVING, .n = (uint64_t)all.list[0]->pid,
				     .m = all.n - n, .text = name);
	} else if (n == 0) {
		sight_problem(sight, REMARK_NAMED_NONE, .text = name);
	} else {
		auto_free char *list = list_namesakes(c, &all, n);

		sight_problem(sight, REMARK_NAMED_SEVERAL, .n = n,
			      .m = n > WHO_MOST_LISTED ? n - WHO_MOST_LISTED : 0, .text = name,
			      .more = list);
	}
	free(all.list);
	return n == 1 ? 0 : -ESRCH;
}

/* The one that was there first */
static const struct process *first_of(const struct census *c, const bool *held)
{
	const struct process *first = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (held[i] && (!first || c->procs[i].start_ticks < first->start_ticks))
			first = &c->procs[i];
	return first;
}

static const struct process *next_parent(const struct census *c, const bool *held,
					 const struct process *last)
{
	const struct process *next = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct process *p = &c->procs[i];
		bool after = !last || p->n_zombies < last->n_zombies ||
			     (p->n_zombies == last->n_zombies && p > last);

		if (held[i] && p->n_zombies && after && (!next || p->n_zombies > next->n_zombies))
			next = p;
	}
	return next;
}

/* Whether that PID namespace is in the scope, and the one around it is not */
static bool begins_in(const struct census *c, const bool *held, const struct pidns_map *map,
		      size_t i)
{
	const struct process *init = map->list[i].init;
	const struct process *around =
		map->list[i].parent < 0 ? NULL : map->list[map->list[i].parent].init;

	return init && held[init - c->procs] && !(around && held[around - c->procs]);
}

static int find_in_scope(struct who *w, struct sight *sight, const struct census *c,
			 const struct scope *scope)
{
	auto_free bool *held = xcalloc(c->n, sizeof(*held));
	const struct process *p = NULL;
	struct pidns_map map;
	size_t n = 0, left = 0;

	for (size_t i = 0; i < c->n; i++)
		held[i] = scope_holds(scope, c, &c->procs[i]);
	pidns_map(c, NULL, &map);
	for (size_t i = 0; i < map.n; i++)
		if (begins_in(c, held, &map, i))
			add(w, map.list[i].init->pid);
	pidns_map_done(&map);
	while ((p = next_parent(c, held, p))) {
		if (n++ < WHO_MOST_PARENTS)
			add(w, p->pid);
		else
			left++;
	}
	if (left)
		sight_remark(sight, REMARK_PARENTS_UNTOLD, .n = left);
	p = first_of(c, held);
	if (!p)
		return scope_complain_empty(sight, scope, false);
	if (w->n_pids == 0)
		add(w, p->pid);
	return 0;
}

/* All words are looked for, so that each that is wrong is told */
static int find(struct cases_about *about, struct sight *sight, const struct census *c,
		const struct scope *scope)
{
	struct who *w = about->arg;
	int result = w->n ? 0 : find_in_scope(w, sight, c, scope);

	for (size_t i = 0; i < w->n; i++) {
		int r = 0;

		if (is_number(w->words[i]))
			add(w, asked_process(sight, (pid_t)strtol(w->words[i], NULL, 10)));
		else
			r = find_named(w, sight, c, scope, w->words[i]);
		w->failed |= r < 0;
		result = r < 0 ? r : result;
	}
	about->pids = w->pids;
	about->n = w->n_pids;
	return w->n_pids ? 0 : result;
}

void who_prepare(char **words, size_t n, struct who *ret)
{
	*ret = (struct who){ .words = words, .n = n };
	ret->about = (struct cases_about){ .find = find, .arg = ret };
}

void who_done(struct who *w)
{
	free(w->pids);
	w->pids = NULL;
}
