/* SPDX-License-Identifier: MIT */
/* Cgroup paths of every engine and driver, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "inspect/text/container.h"

#define ID "3f2a1b9c4d5e3f2a1b9c4d5e3f2a1b9c4d5e3f2a1b9c4d5e3f2a1b9c4d5e3f2a"
#define TASK "0123456789abcdef0123456789abcdef"
#define UID "0f1e2d3c-1111-2222-3333-444455556666"
#define UID_ "0f1e2d3c_1111_2222_3333_444455556666"
#define KUBE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"

static void containers(void **state)
{
	static const struct {
		const char *path, *runtime, *id, *pod;
	} cases[] = {
		{ "/docker/" ID, "docker", ID, "" },
		{ "/system.slice/docker-" ID ".scope", "docker", ID, "" },
		{ "/system.slice/docker-" ID ".scope/init.scope", "docker", ID, "" },
		{ "/kubepods/besteffort/pod" UID "/" ID, "kubernetes", ID, UID },
		{ KUBE "/cri-containerd-" ID ".scope", "containerd", ID, UID },
		{ KUBE "/crio-" ID ".scope", "cri-o", ID, UID },
		{ "/kubepods/burstable/pod" UID "/crio-" ID, "cri-o", ID, UID },
		{ "/system.slice/containerd.service/kubepods-besteffort-pod" UID_
		  ".slice:cri-containerd:" ID,
		  "containerd", ID, UID },
		{ "/../../kubepods/pod" UID "/" ID, "kubernetes", ID, UID },
		{ "/machine.slice/libpod-" ID ".scope/container", "podman", ID, "" },
		{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
		  "podman", ID, "" },
		{ "/libpod_parent/libpod-" ID, "podman", ID, "" },
		{ "/default/web", "containerd", "web", "" },
		{ "/k8s.io/" ID, "containerd", ID, "" },
		{ "/lxc/web", "lxc", "web", "" },
		{ "/lxc.payload.web/system.slice", "lxc", "web", "" },
		{ "/machine.slice/machine-my\\x2dbox.scope", "systemd-nspawn", "my-box", "" },
		{ "/machine.slice/machine-a\\x-1\\x00\\x2.scope", "systemd-nspawn",
		  "a\\x-1\\x00\\x2", "" },
		{ "/machine.slice/systemd-nspawn@box.service/payload", "systemd-nspawn", "box",
		  "" },
		{ "/ci/job-7/" ID, "oci", ID, "" },
		{ "/system.slice/web.service/libpod-payload-" ID, "podman", ID, "" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-" ID
		  "/init.scope",
		  "podman", ID, "" },
		{ "/ecs/" TASK "/" ID, "ecs", ID, "" },
		{ "/ecs/" TASK "/" TASK "-1234567890", "ecs", TASK "-1234567890", "" },
		{ "/ecs/" UID "/" ID, "ecs", ID, "" },
		{ "/ecstasks.slice/ecstasks-" TASK ".slice/docker-" ID ".scope", "docker", ID, "" },
		{ "/docker/" ID "/kubepods/pod" UID "/" ID, "kubernetes", ID, UID },
	};
	struct container c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(container_from_path(cases[i].path, &c));
		assert_string_equal(c.runtime, cases[i].runtime);
		assert_string_equal(c.id, cases[i].id);
		assert_string_equal(c.pod_uid, cases[i].pod);
	}
}

static void no_containers(void **state)
{
	static const char *const none[] = {
		"/",
		"",
		"/system.slice/sshd.service",
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/lxc.monitor.web",
		"/system.slice/docker.service",
		"/user.slice/default/x",
		"/kubepods/burstable/pod" UID,
		"/docker",
		"/crio-conmon-" ID ".scope",
		"/default/web.service",
		"/ecs/" TASK,
		"/ecs/" TASK "/other-1234567890",
		"/app/libpod-payload-short",
		"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
	};
	struct container c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(container_from_path(none[i], &c));
}

static void expect_path(const char *text, enum cgroup_hierarchy hierarchy, const char *wanted)
{
	auto_free char *path = cgroup_path_of(text, strlen(text), hierarchy);

	assert_string_equal(path, wanted);
}

static void cgroup_lines(void **state)
{
	static const char text[] = "12:cpu,cpuacct:/a\n8:misc,pids:/docker/" ID "\n0::/uni:fied\n";
	struct container c;

	(void)state;
	expect_path(text, CGROUP_V1_PIDS, "/docker/" ID);
	expect_path(text, CGROUP_V2, "/uni:fied");
	assert_null(cgroup_path_of(text, strlen(text), CGROUP_V1_FREEZER));
	assert_null(cgroup_path_of("", 0, CGROUP_V2));
	assert_null(cgroup_path_of("garbage\n:\n", 10, CGROUP_V2));
	assert_true(container_from_cgroup(text, strlen(text), &c));
	assert_string_equal(c.cgroup, "/docker/" ID);
	container_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers),
		cmocka_unit_test(no_containers),
		cmocka_unit_test(cgroup_lines),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
