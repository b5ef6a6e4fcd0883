/* SPDX-License-Identifier: MIT */
#include "inspect/libproc2.h"

#include <dlfcn.h>
#include <stdalign.h>
#include <stdint.h>

#include "base/base.h"

#define SONAME "libproc2.so.0" /* procps-ng 4, whose types the header describes */

/*
 * What packagers' tools look for, since no NEEDED entry tells of it: the ELF note of the UAPI Group's
 * specification "dlopen() metadata for ELF files".
 */
#define NOTE_OWNER "FDO"
#define NOTE_TYPE 0x407c0c0aU
#define NOTE_TEXT \
	"[{\"feature\":\"owners\",\"priority\":\"recommended\",\"soname\":[\"" SONAME "\"]}]"

static const struct {
	uint32_t name_size, text_size, type; /* Elf64_Nhdr */
	char name[sizeof(NOTE_OWNER)];
	alignas(4) char text[sizeof(NOTE_TEXT)];
} note __attribute__((used, section(".note.dlopen"), aligned(4))) = {
	sizeof(NOTE_OWNER), sizeof(NOTE_TEXT), NOTE_TYPE, NOTE_OWNER, NOTE_TEXT,
};

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
