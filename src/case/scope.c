/* SPDX-License-Identifier: MIT */
#include "case/scope.h"

#include <errno.h>
#include <stdio.h>
#include <sys/capability.h>

#include "base/rights.h"
#include "case/zombies/cases.h"
#include "case/look.h"
#include "inspect/pidns.h"
#include "inspect/presence.h"

/* By BPF, its own link, or what others of the same namespace show */
static int pidns_of(const struct census *c, const struct process *p, uint64_t *ret_inode)
{
	const struct process_kernel *kernel = census_kernel(c, p);
	struct pidns_map map;
	char path[32];
	int r;

	if (kernel) {
		*ret_inode = kernel->pidns;
		return 0;
	}
	snprintf(path, sizeof(path), "%d/ns/pid", p->pid);
	r = pidns_read(c->procfd, path, ret_inode);
	if (r != -EACCES)
		return r;
	pidns_map(c, NULL, &map);
	if (map.list[map.of[p - c->procs]].inode) {
		*ret_inode = map.list[map.of[p - c->procs]].inode;
		r = 0;
	}
	pidns_map_done(&map);
	return r;
}

int scope_resolve(struct sight *sight, const struct census *c, struct scope *ret)
{
	const struct sight *o = sight;
	unsigned long long number;
	int r;

	*ret = (struct scope){ .container = o->container };
	if (!o->pid_ns)
		return 0;
	number = strtoull(o->pid_ns, NULL, 10);
	ret->by_pidns = true;
	ret->pidns = number;
	if (number > PID_MAX_LIMIT)
		return 0;
	if (!census_find(c, (pid_t)number)) {
		sight_problem(sight,
			      presence_is_hidden(c, (pid_t)number) ? REMARK_SCOPE_PID_HIDDEN :
								     REMARK_SCOPE_PID_GONE,
			      .n = number);
		return -ESRCH;
	}
	r = pidns_of(c, census_find(c, (pid_t)number), &ret->pidns);
	if (r < 0)
		sight_problem(sight,
			      r != -EACCES			    ? REMARK_SCOPE_UNREADABLE :
			      sight->rights & RIGHT(CAP_SYS_PTRACE) ? REMARK_SCOPE_REFUSED :
								      REMARK_SCOPE_WITHOUT_RIGHT,
			      .n = number);
	return r;
}

bool scope_has_process(const struct scope *s, const struct census *c, const struct process *p,
		       const struct details *d)
{
	const struct process_kernel *kernel = census_kernel(c, p);

	if (!s->by_pidns)
		return true;
	if (kernel)
		return kernel->pidns == s->pidns;
	return details_has(d, WANT_PIDNS) && d->pidns == s->pidns;
}

/* "ab12", "docker:ab12", and what a table has cut: "docker:ab12cd34ef56…" */
bool scope_names(const struct scope *s, const struct container *c)
{
	const char *id = s->container, *colon = strchr(id, ':');
	size_t len;

	if (colon && strlen(c->runtime) == (size_t)(colon - id) &&
	    strncmp(c->runtime, id, (size_t)(colon - id)) == 0)
		id = colon + 1;
	len = strlen(id);
	if (len >= 3 && (streq(id + len - 3, "\xe2\x80\xa6") || streq(id + len - 3, "...")))
		len -= 3;
	return strncmp(c->id, id, len) == 0;
}

bool scope_has_container(const struct scope *s, const struct details *d)
{
	if (!s->container)
		return true;
	return d->in_container && scope_names(s, &d->container);
}

bool scope_holds(const struct scope *s, const struct census *c, const struct process *p)
{
	const unsigned want = (s->by_pidns ? WANT_PIDNS : 0) | (s->container ? WANT_CGROUP : 0);
	const struct process *charged = p;
	struct details d;
	bool in;

	if (!want)
		return true;
	if (s->container && p->state == 'Z' && census_parent(c, p))
		charged = census_parent(c, p);
	if (details_read(c, p, want & WANT_PIDNS, &d) < 0)
		return false;
	in = scope_has_process(s, c, p, &d);
	details_done(&d);
	if (!in || !s->container)
		return in;
	if (details_read(c, charged, WANT_CGROUP, &d) < 0)
		return false;
	in = scope_has_container(s, &d);
	details_done(&d);
	return in;
}

void scope_mark_pidns(const struct scope *s, const struct census *c, const struct pidns_map *map,
		      bool *ret)
{
	for (size_t i = 0; i < c->n; i++)
		if (!ret[map->of[i]])
			ret[map->of[i]] = scope_holds(s, c, &c->procs[i]);
}

bool scope_exists(const struct scope *s, const struct census *c)
{
	unsigned want = (s->by_pidns ? WANT_PIDNS : 0) | (s->container ? WANT_CGROUP : 0);

	for (size_t i = 0; i < c->n; i++) {
		struct details d;
		bool hit;

		if (details_read(c, &c->procs[i], want, &d) < 0)
			continue;
		hit = scope_has_process(s, c, &c->procs[i], &d) && scope_has_container(s, &d);
		details_done(&d);
		if (hit)
			return true;
	}
	return !s->by_pidns && !s->container;
}

int scope_census(struct sight *sight, struct census **ret, struct scope *ret_scope)
{
	struct census *c;
	int r = look_census(sight, &c);

	if (r < 0)
		return r;
	r = scope_resolve(sight, c, ret_scope);
	if (r < 0) {
		census_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

int scope_complain_empty(struct sight *sight, const struct scope *s, bool exists)
{
	if (exists || (!s->by_pidns && !s->container))
		return 0;
	if (s->by_pidns)
		sight_problem(sight, REMARK_SCOPE_PIDNS_EMPTY, .n = s->pidns);
	if (s->container)
		sight_problem(sight, REMARK_SCOPE_CONTAINER_EMPTY, .text = s->container);
	return -ESRCH;
}
