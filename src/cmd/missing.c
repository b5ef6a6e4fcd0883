/* SPDX-License-Identifier: MIT */
#include "cmd/missing.h"

#include <stdio.h>
#include <sys/capability.h>

/* Whether this process holds a capability in its effective set (cap_get_proc(3)) */
static bool is_effective(cap_value_t capability)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (!caps)
		return false;
	(void)cap_get_flag(caps, capability, CAP_EFFECTIVE, &value); /* stays CAP_CLEAR */
	cap_free(caps);
	return value == CAP_SET;
}

void missing_note_denied(struct context *ctx, unsigned denied, size_t n)
{
	static const struct {
		unsigned what;
		const char *name;
	} shown[] = {
		{ WANT_PIDNS, "PID namespace, exit status" },
		{ WANT_DOING, "system call" },
		{ WANT_SIGNALFD | WANT_SIGNALFD_IF_BLOCKED, "signalfds" },
		{ WANT_WCHAN, "wait channel" },
		{ WANT_STATUS | WANT_THREADS, "signal masks" },
	};
	char list[160] = "";
	size_t len = 0;

	if (n == 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (denied & shown[i].what)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
						len ? ", " : "", shown[i].name);
	if (is_effective(CAP_SYS_PTRACE))
		context_note(
			ctx,
			"%s of %zu process%s not shown: refused in spite of CAP_SYS_PTRACE (another user namespace, or a security module)",
			list, n, n == 1 ? "" : "es");
	else
		context_note(ctx, "%s of %zu process%s not shown: CAP_SYS_PTRACE is missing", list,
			     n, n == 1 ? "" : "es");
}

void missing_note(struct context *ctx, const struct cases *cases)
{
	unsigned denied = 0;
	size_t n = 0;

	for (size_t i = 0; i < cases->n; i++) {
		const struct parent_case *p = &cases->parents[i];

		denied |= p->details.denied;
		n += p->details.denied != 0;
		for (size_t k = 0; k < p->n_looked_at; k++) {
			unsigned refused = p->zombies[k].details.denied;

			denied |= refused;
			n += refused != 0;
		}
	}
	missing_note_denied(ctx, denied, n);
}
