/* SPDX-License-Identifier: MIT */
/* /proc/PID/cmdline: the arguments with their NULs are the text again, nothing added or lost. */
#include "fuzz.h"

#include "inspect/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = exact_copy(data, size);
	size_t n, at = 0;
	char **list = cmdline_split(text, size, &n);

	require(n <= MAX_ARGS && n <= size);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		require(len <= size - at && memcmp(text + at, list[i], len) == 0);
		at += len;
		/* only the end of the text ends an argument without a NUL */
		require(at == size ? i + 1 == n : text[at] == '\0');
		at += at < size;
		free(list[i]);
	}
	require(at == size || n == MAX_ARGS);
	free(list);
	return 0;
}
