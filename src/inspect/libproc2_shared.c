/* SPDX-License-Identifier: MIT */
#include "inspect/libproc2.h"

#include <dlfcn.h>

#include "base/base.h"

#define SONAME "libproc2.so.0" /* procps-ng 4, whose types the header describes */

/* POSIX has this form for functions: dlsym(3) */
#define FIND(library, ret, name) ((*(void **)(ret) = dlsym((library), (name))) != NULL)

const struct libproc2 *libproc2_get(void)
{
	static struct libproc2 found;
	static enum tri known;
	void *library;

	if (known != TRI_UNKNOWN)
		return known == TRI_YES ? &found : NULL;
	/* never closed: what was found must stay */
	library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	known = tri_of(library && FIND(library, &found.pids_new, "procps_pids_new") &&
		       FIND(library, &found.pids_select, "procps_pids_select") &&
		       FIND(library, &found.pids_unref, "procps_pids_unref"));
	return known == TRI_YES ? &found : NULL;
}
