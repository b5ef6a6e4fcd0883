/* SPDX-License-Identifier: MIT */
#include "cmd/scope.h"

#include <errno.h>
#include <stdio.h>
#include <sys/capability.h>

#include "cmd/cases.h"
#include "cmd/look.h"
#include "inspect/pidns.h"

#define PID_MAX_LIMIT 4194304

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

int scope_resolve(struct context *ctx, const struct census *c, struct scope *ret)
{
	const struct global_options *o = &ctx->options;
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
		complain("--pid-ns: there is no process %llu", number);
		return -ESRCH;
	}
	r = pidns_of(c, census_find(c, (pid_t)number), &ret->pidns);
	if (r < 0)
		complain("--pid-ns: the PID namespace of process %llu cannot be read%s", number,
			 r != -EACCES ? "" :
			 ctx->rights & UINT64_C(1) << CAP_SYS_PTRACE ?
					": refused in spite of CAP_SYS_PTRACE" :
					": CAP_SYS_PTRACE is missing");
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

bool scope_has_container(const struct scope *s, const struct details *d)
{
	if (!s->container)
		return true;
	return d->in_container && has_prefix(d->container.id, s->container);
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

int scope_census(struct context *ctx, struct census **ret, struct scope *ret_scope)
{
	struct census *c;
	int r = look_census(ctx, &c);

	if (r < 0)
		return r;
	r = scope_resolve(ctx, c, ret_scope);
	if (r < 0) {
		census_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

int scope_complain_empty(const struct scope *s, bool exists)
{
	if (exists || (!s->by_pidns && !s->container))
		return 0;
	if (s->by_pidns)
		complain("--pid-ns: no process in sight is in PID namespace %llu",
			 (unsigned long long)s->pidns);
	if (s->container)
		complain("--container: no process in sight is in a container whose id begins '%s'",
			 s->container);
	return -ESRCH;
}
