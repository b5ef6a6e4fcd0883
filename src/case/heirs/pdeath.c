/* SPDX-License-Identifier: MIT */
#include "case/heirs/pdeath.h"

#include <linux/capability.h>
#include <stdio.h>

#include "inspect/details.h"
#include "inspect/text/status.h"

#define OVERFLOW_UID 65534 /* who has no number in this user namespace, and many others */

struct rights {
	struct proc_status status;
	char userns[64];
};

static bool rights_read(const struct census *c, const struct process *p, struct rights *ret)
{
	auto_free char *text = NULL;
	char path[32];
	size_t len;
	ssize_t n;

	if (details_read_file(c, p, "status", &text, &len) < 0 ||
	    proc_status_parse(text, len, &ret->status) < 0 || !ret->status.has_capabilities)
		return false;
	snprintf(path, sizeof(path), "%d/ns/user", p->pid);
	n = readlinkat(c->procfd, path, ret->userns, sizeof(ret->userns) - 1);
	ret->userns[n > 0 ? n : 0] = '\0';
	return true;
}

enum tri pdeath_may_send(const struct census *c, const struct process *child)
{
	const struct process *parent = census_parent(c, child);
	struct rights by, to;
	bool kills; /* in its own user namespace */

	if (!parent || !rights_read(c, parent, &by) || !rights_read(c, child, &to))
		return TRI_UNKNOWN;
	kills = by.status.capabilities >> CAP_KILL & 1;
	if (kills && by.userns[0] && streq(by.userns, to.userns))
		return TRI_YES;
	if (by.status.uid >= OVERFLOW_UID || by.status.effective_uid >= OVERFLOW_UID)
		return kills || by.status.uid == to.status.uid ? TRI_UNKNOWN : TRI_NO;
	if (by.status.effective_uid == to.status.saved_uid ||
	    by.status.effective_uid == to.status.uid || by.status.uid == to.status.saved_uid ||
	    by.status.uid == to.status.uid)
		return TRI_YES;
	return kills ? TRI_UNKNOWN : TRI_NO;
}
