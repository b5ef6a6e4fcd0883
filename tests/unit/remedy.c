/* SPDX-License-Identifier: MIT */
/* The remedy in the words of the container engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words/remedy.h"

static struct container in(const char *runtime, const char *pod_uid)
{
	struct container c = { .runtime = runtime };

	snprintf(c.pod_uid, sizeof(c.pod_uid), "%s", pod_uid);
	return c;
}

static void engines_have_their_own_words(void **state)
{
	static const char *const runtimes[][2] = { { "docker", "docker restart ID" },
						   { "podman", "podman restart ID" },
						   { "containerd", "nerdctl restart ID" },
						   { "lxc", "lxc-stop --reboot ID" },
						   { "systemd-nspawn", "machinectl reboot ID" } };

	(void)state;
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
		struct container c = in(runtimes[i][0], "");

		assert_string_equal(remedy_of_engine(&c, VERDICT_UNFIT_INIT).now, runtimes[i][1]);
		assert_non_null(remedy_of_engine(&c, VERDICT_UNFIT_INIT).lasting);
		assert_string_equal(remedy_of_engine(&c, VERDICT_SIGCHLD_DEFAULT).now,
				    runtimes[i][1]);
		assert_null(remedy_of_engine(&c, VERDICT_SIGCHLD_DEFAULT).lasting);
	}
}

static void a_pod_comes_before_its_engine(void **state)
{
	struct container c = in("containerd", "12345678-9abc-def0-1234-56789abcdef0");

	(void)state;
	assert_non_null(strstr(remedy_of_engine(&c, VERDICT_UNFIT_INIT).now, "kubectl delete pod"));
	assert_non_null(
		strstr(remedy_of_engine(&c, VERDICT_UNFIT_INIT).lasting, "shareProcessNamespace"));
}

static void what_is_no_fault_of_the_container(void **state)
{
	static const enum verdict_code codes[] = { VERDICT_THREADS_ALIVE,
						   VERDICT_TRACED,
						   VERDICT_NAMESPACE_DYING,
						   VERDICT_PARENT_STOPPED,
						   VERDICT_PARENT_UNINTERRUPTIBLE,
						   VERDICT_IN_FLIGHT,
						   VERDICT_UNKNOWN };
	struct container c = in("docker", "");

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_null(remedy_of_engine(&c, codes[i]).now);
		assert_null(remedy_of_engine(&c, codes[i]).lasting);
	}
	assert_string_equal(remedy_of_engine(&c, VERDICT_PARENT_FROZEN).now, "docker unpause ID");
	c = in("something else", "");
	assert_null(remedy_of_engine(&c, VERDICT_UNFIT_INIT).now);
}

static void placeholders_are_whole_words(void **state)
{
	char *s = remedy_fill("uid UID, IDs, ID.", "ID", "7");

	(void)state;
	assert_string_equal(s, "uid UID, IDs, 7.");
	free(s);
	s = remedy_fill("PARENT/wchan, PARENT", "PARENT", "12");
	assert_string_equal(s, "12/wchan, 12");
	free(s);
	s = remedy_fill("kill -CONT PARENT, or", "PARENT", "12");
	assert_string_equal(s, "kill -CONT 12, or");
	free(s);
	s = remedy_fill("", "ID", "7");
	assert_string_equal(s, "");
	free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_have_their_own_words),
		cmocka_unit_test(a_pod_comes_before_its_engine),
		cmocka_unit_test(what_is_no_fault_of_the_container),
		cmocka_unit_test(placeholders_are_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
