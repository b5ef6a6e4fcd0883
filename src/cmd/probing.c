/* SPDX-License-Identifier: MIT */
#include "cmd/probing.h"

#include <errno.h>
#include <inttypes.h>

#include "act/privilege.h"

char *probing_failure(int error, enum orphan_step step, uint64_t had)
{
	switch (error) {
	case -ESRCH:
		return xstrdup("the process ended meanwhile");
	case -EACCES:
		if ((had & PRIVILEGE_ENTER) == PRIVILEGE_ENTER)
			return xstrdup(
				"its PID namespace may not be entered, in spite of CAP_SYS_ADMIN");
		return xstrdup(
			"its PID namespace may not be entered: CAP_SYS_ADMIN and CAP_SYS_PTRACE are wanted");
	case -EOPNOTSUPP:
		return xstrdup(
			"it needs pidfds (Linux 5.3) and a /proc that numbers processes as coroner does");
	case -EINVAL:
		return xstrdup("its PID namespace is not below coroner's own");
	case -ETIMEDOUT:
		return xstrdup("nothing was heard of the orphan in time; it was killed");
	case -ECONNRESET:
		return xstrdup("the orphan was ended by somebody else");
	default:
		break;
	}
	if (step == ORPHAN_STEP_FORK && error == -ENOMEM)
		return xstrdup("the PID namespace is dying: it takes no process any more");
	if (step == ORPHAN_STEP_FORK || error == -EAGAIN)
		return xasprintf("no process can be made: %s", strerror(-error));
	return xstrdup(strerror(-error));
}

void probing_run(struct context *ctx, struct probing *list, size_t n)
{
	auto_free struct probe **probes = xcalloc(n, sizeof(struct probe *));
	uint64_t had = privilege_held();

	for (size_t i = 0; i < n; i++)
		list[i].error = probe_start(ctx->procfd, list[i].in, PROBE_TIMEOUT_MS, &probes[i]);
	(void)privilege_drop(PRIVILEGE(CAP_SYS_ADMIN));
	for (size_t i = 0; i < n; i++)
		if (probes[i])
			probe_let_die(probes[i]);
	for (size_t i = 0; i < n; i++) {
		auto_free char *why = NULL;

		if (probes[i])
			list[i].error = probe_finish(probes[i], &list[i].result);
		if (list[i].result.left_behind)
			context_note(ctx,
				     "the probe of PID namespace %" PRIu64 " left zombie %d behind",
				     list[i].result.pidns, list[i].result.left_behind);
		if (list[i].error == 0)
			continue;
		why = probing_failure(list[i].error, list[i].result.step, had);
		context_note(ctx, "the PID namespace of %d was not probed: %s",
			     list[i].in ? list[i].in->pid : getpid(), why);
	}
}

struct probed_reaper *probing_reapers(struct context *ctx, const struct pidns_map *map,
				      const bool *wanted, size_t *ret_n)
{
	auto_free struct probing *list = xcalloc(map->n, sizeof(*list));
	struct probed_reaper *probed = xcalloc(map->n, sizeof(*probed));
	size_t n = 0, n_probed = 0;

	for (size_t i = 0; i < map->n; i++)
		if (wanted[i] && map->list[i].init)
			list[n++].in = map->list[i].init;
	probing_run(ctx, list, n);
	for (size_t i = 0; i < n; i++)
		if (list[i].error == 0 && list[i].result.adopter)
			probed[n_probed++] =
				(struct probed_reaper){ list[i].result.adopter,
							tri_of(list[i].result.reaped) };
	*ret_n = n_probed;
	return probed;
}
