/* SPDX-License-Identifier: MIT */
#include "case/itself.h"

#include <fcntl.h>

#include "base/base.h"
#include "inspect/presence.h"

static void find_source(const struct sight *sight, struct itself *ret)
{
	struct census_options options = { CENSUS_AUTO, -1, false, false };
	auto_close int procfd = open(sight->procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct census *c;

	options.procfd = procfd;
	options.own_proc = presence_is_own_proc(procfd);
	if (procfd < 0 || census_take(&options, &c, &ret->failure) < 0)
		return;
	ret->has_source = true;
	ret->source = c->source;
	ret->failure = c->bpf_failure;
	census_free(c);
}

void itself_collect(const struct sight *sight, struct itself *ret)
{
	if (!ret->verbose)
		return;
	ret->rights = sight->rights;
	find_source(sight, ret);
}
