/* SPDX-License-Identifier: MIT */
#include "limits/mountinfo.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/base.h"
#include "base/file.h"

/* id, parent, device, root */
#define FIELDS_BEFORE_ROOT 3

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "\040" becomes a blank; in place */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
		    is_octal(s[3])) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

char *mountinfo_root(const char *text, size_t len, int mount_id)
{
	auto_free char *copy = xstrndup(text, len), *id = xasprintf("%d ", mount_id);
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *root = line;

		if (!has_prefix(line, id))
			continue;
		for (int i = 0; i < FIELDS_BEFORE_ROOT; i++) {
			root = strchr(root, ' ');
			if (!root)
				return NULL;
			root++;
		}
		root = xstrndup(root, strcspn(root, " "));
		unescape(root);
		return root;
	}
	return NULL;
}

char *mount_root_of(int fd)
{
	auto_free char *fdinfo = NULL, *mounts = NULL;
	auto_free char *path = xasprintf("/proc/self/fdinfo/%d", fd);
	const char *id_line;
	size_t len;
	int id;

	if (file_slurp_at(AT_FDCWD, path, &fdinfo, &len) < 0)
		return NULL;
	id_line = strstr(fdinfo, "mnt_id:");
	if (!id_line || sscanf(id_line, "mnt_id: %d", &id) != 1)
		return NULL;
	if (file_slurp_at(AT_FDCWD, "/proc/self/mountinfo", &mounts, &len) < 0)
		return NULL;
	return mountinfo_root(mounts, len, id);
}
