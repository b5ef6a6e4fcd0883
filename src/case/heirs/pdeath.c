/* SPDX-License-Identifier: MIT */
#include "case/heirs/pdeath.h"

#include <linux/capability.h>
#include <stdio.h>

#include "inspect/details.h"

#define OVERFLOW_UID 65534 /* who has no number in this user namespace, and many others */

struct rights {
	unsigned real, effective, saved;
	bool kills; /* CAP_KILL, in its own user namespace */
	char userns[64];
};

static bool rights_read(const struct census *c, const struct process *p, struct rights *ret)
{
	auto_free char *text = NULL;
	const char *uids, *effective;
	char path[32];
	size_t len;
	ssize_t n;

	if (details_read_file(c, p, "status", &text, &len) < 0)
		return false;
	uids = strstr(text, "\nUid:");
	effective = strstr(text, "\nCapEff:");
	if (!uids || !effective ||
	    sscanf(uids, " Uid: %u %u %u", &ret->real, &ret->effective, &ret->saved) != 3)
		return false;
	ret->kills = strtoull(effective + strlen("\nCapEff:"), NULL, 16) >> CAP_KILL & 1;
	snprintf(path, sizeof(path), "%d/ns/user", p->pid);
	n = readlinkat(c->procfd, path, ret->userns, sizeof(ret->userns) - 1);
	ret->userns[n > 0 ? n : 0] = '\0';
	return true;
}

enum tri pdeath_may_send(const struct census *c, const struct process *child)
{
	const struct process *parent = census_parent(c, child);
	struct rights by, to;

	if (!parent || !rights_read(c, parent, &by) || !rights_read(c, child, &to))
		return TRI_UNKNOWN;
	if (by.kills && by.userns[0] && streq(by.userns, to.userns))
		return TRI_YES;
	if (by.real >= OVERFLOW_UID || by.effective >= OVERFLOW_UID)
		return by.kills || by.real == to.real ? TRI_UNKNOWN : TRI_NO;
	if (by.effective == to.saved || by.effective == to.real || by.real == to.saved ||
	    by.real == to.real)
		return TRI_YES;
	return by.kills ? TRI_UNKNOWN : TRI_NO;
}
