/* SPDX-License-Identifier: MIT */
/* Paths of cgroups and who set their limits, and trees made of plain files in a temporary place. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/base.h"
#include "limits/cgroup.h"
#include "limits/cgroup_counts.h"
#include "limits/mountinfo.h"
#include "words/forks/cgroup_owner.h"

static void below_top(const char *root, const char *top, const char *path, const char *expected)
{
	auto_free char *got = cgroup_path_below(root, top, path);

	if (expected) {
		assert_non_null(got);
		assert_string_equal(got, expected);
	} else {
		assert_null(got);
	}
}

static void below(const char *root, const char *path, const char *expected)
{
	below_top(root, NULL, path, expected);
}

static void paths_are_taken_from_the_top_of_the_mount(void **state)
{
	(void)state;
	below("/", "/a/b", "/a/b");
	below("/", "/", "/");
	below("/docker/3f", "/docker/3f", "/");
	below("/docker/3f", "/docker/3f/x", "/x");
	below("/docker/3f", "/docker/3f2", NULL);
	below("/docker/3f", "/", NULL);
	/* cgroup_namespaces(7): what lies outside of the namespace's root */
	below("/", "/../other", NULL);
	/* no kernel ends a top like that: what it means is not known */
	below("/../", "/.././", NULL);
	below("/../", "/../x", NULL);
	below("/", "/a/..", NULL);
	below("/", "/..a/..b..", "/..a/..b..");
	below("/../..", "/../../system.slice", "/system.slice");
	below("/../..", "/../x", NULL);
	below("/../..", "/../../../x", NULL);
	/* where the namespace begins is to be known for what is in it */
	below("/../..", "/", NULL);
	below_top("/../..", "/pod/one", "/", "/pod/one");
	below_top("/../..", "/pod/one", "/a", "/pod/one/a");
	below_top("/../..", "/pod/one", "/..", "/pod");
	below_top("/../..", "/pod/one", "/../two", "/pod/two");
	below_top("/../..", "/pod/one", "/../..", "/");
	below_top("/../..", "/pod/one", "/../../x", "/x");
	below_top("/../..", "/pod/one", "/../../../x", NULL);
	below_top("/../..", "/pod/one", "/a/..", NULL);
	below_top("/../two", "/pod", "/a", NULL);
	below_top("/..", "", "/a", NULL);
	below("/", "", NULL);
}

static void ancestors_cover_what_is_below(void **state)
{
	(void)state;
	assert_true(cgroup_path_covers("/", "/a"));
	assert_true(cgroup_path_covers("/a", "/a"));
	assert_true(cgroup_path_covers("/a", "/a/b"));
	assert_false(cgroup_path_covers("/a", "/ab"));
	assert_false(cgroup_path_covers("/a/b", "/a"));
}

static void counts_are_of_subtrees(void **state)
{
	static const char *const paths[] = { "/a/b", "/a-b", "/a/b",   "/",
					     "/ab",  "/a",   "/a/b/c", "/a\001" };
	struct cgroup_counts counts = { 0 };

	(void)state;
	cgroup_counts_sort(&counts);
	assert_int_equal(cgroup_counts_below(&counts, "/"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		cgroup_counts_add(&counts, paths[i], i + 1);
	cgroup_counts_sort(&counts);
	assert_int_equal(counts.n, ARRAY_SIZE(paths) - 1);
	assert_int_equal(cgroup_counts_below(&counts, "/"), 36);
	assert_int_equal(cgroup_counts_below(&counts, "/a"), 1 + 3 + 6 + 7);
	assert_int_equal(cgroup_counts_below(&counts, "/a/b"), 1 + 3 + 7);
	assert_int_equal(cgroup_counts_below(&counts, "/a-b"), 2);
	assert_int_equal(cgroup_counts_below(&counts, "/a/c"), 0);
	assert_true(cgroup_counts_has(&counts, "/a/b"));
	assert_false(cgroup_counts_has(&counts, "/a/"));
	assert_true(cgroup_counts_has_below(&counts, "/a/b/c"));
	assert_false(cgroup_counts_has_below(&counts, "/a/b/c/d"));
	cgroup_counts_done(&counts);
}

static void root_of(int id, const char *expected)
{
	static const char text[] =
		"24 1 0:22 / /sys rw,nosuid - sysfs sysfs rw\n"
		"3 24 0:27 /other /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
		"31 24 0:28 /machine.slice/machine-a\\134x2db.scope\\040\\011c /sys/fs/cgroup/pids rw "
		"- cgroup cgroup rw,pids\n"
		"32 24 0:28 /\\8\\40 / rw\n"
		"33 24 0:29";
	auto_free char *got = mountinfo_root(text, strlen(text), id);

	if (expected) {
		assert_non_null(got);
		assert_string_equal(got, expected);
	} else {
		assert_null(got);
	}
}

static void roots_of_mounts_read_as_cgroup_paths_do(void **state)
{
	(void)state;
	root_of(24, "/");
	root_of(3, "/other");
	root_of(31, "/machine.slice/machine-a\\x2db.scope \tc");
	/* no escapes of the kernel's */
	root_of(32, "/\\8\\40");
	root_of(33, NULL);
	root_of(1, NULL);
}

#define ID "3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d3f2a9c0d"
#define POD "pod01234567-89ab-cdef-0123-456789abcdef"

static void owner(const char *path, const char *expected)
{
	auto_free char *got = cgroup_owner(path);

	if (expected) {
		assert_non_null(got);
		assert_string_equal(got, expected);
	} else {
		assert_null(got);
	}
}

static void owners_are_told_from_names(void **state)
{
	(void)state;
	owner("/system.slice/nginx.service", "systemd: TasksMax of nginx.service");
	owner("/user.slice/user-1000.slice", "systemd: TasksMax of user-1000.slice");
	owner("/docker/" ID, "docker: --pids-limit of container 3f2a9c0d3f2a");
	owner("/system.slice/docker-" ID ".scope",
	      "docker: --pids-limit of container 3f2a9c0d3f2a");
	owner("/docker/" ID "/worker", "set inside container 3f2a9c0d3f2a");
	owner("/docker/" ID "/system.slice/x.service",
	      "systemd in container 3f2a9c0d3f2a: TasksMax of x.service");
	owner("/kubepods/burstable/" POD, "Kubernetes: podPidsLimit of the kubelet");
	owner("/kubepods.slice/kubepods-burstable.slice/"
	      "kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice",
	      "Kubernetes: podPidsLimit of the kubelet");
	owner("/kubepods/burstable/" POD "/" ID,
	      "Kubernetes: container 3f2a9c0d3f2a of pod 01234567-89ab-cdef-0123-456789abcdef");
	owner("/kubepods.slice", "Kubernetes: the node's allocatable pids");
	owner("/lxc.payload.web", "LXC: pids.max of container web");
	owner("/machine.slice/machine-web.scope", "systemd: TasksMax of machine-web.scope");
	owner("/", NULL);
	owner("/batch/job7", NULL);
}

static void put(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void make(int dir, const char *path)
{
	assert_true(mkdirat(dir, path, 0755) == 0 || errno == EEXIST);
}

struct tree {
	char path[64];
	int fd;
};

/* pids/{a{b{c}},link}; the top is a root when it has a release_agent */
static struct tree v1_tree(bool root)
{
	struct tree t = { .path = "/tmp/coroner-unit.XXXXXX" };

	assert_non_null(mkdtemp(t.path));
	t.fd = open(t.path, O_RDONLY | O_DIRECTORY);
	make(t.fd, "pids");
	put(t.fd, "pids/cgroup.procs", "");
	if (root)
		put(t.fd, "pids/release_agent", "");
	make(t.fd, "pids/a");
	put(t.fd, "pids/a/pids.max", "50\n");
	put(t.fd, "pids/a/pids.current", "12\n");
	put(t.fd, "pids/a/pids.events", "max 3\n");
	make(t.fd, "pids/a/b");
	put(t.fd, "pids/a/b/pids.max", "max\n");
	put(t.fd, "pids/a/b/pids.current", "11\n");
	put(t.fd, "pids/a/b/pids.events", "max 9\n");
	put(t.fd, "pids/a/b/pids.events.local", "max 2\n");
	make(t.fd, "pids/a/b/c");
	put(t.fd, "pids/a/b/c/cgroup.procs", "");
	assert_int_equal(symlinkat("a", t.fd, "pids/link"), 0);
	return t;
}

static void remove_tree(struct tree *t)
{
	static const char *const files[] = {
		"pids/a/b/c/cgroup.procs",
		"pids/a/b/pids.events.local",
		"pids/a/b/pids.events",
		"pids/a/b/pids.current",
		"pids/a/b/pids.max",
		"pids/a/pids.events",
		"pids/a/pids.current",
		"pids/a/pids.max",
		"pids/link",
		"pids/cgroup.procs",
		"pids/release_agent",
	};
	static const char *const dirs[] = { "pids/a/b/c", "pids/a/b", "pids/a", "pids" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlinkat(t->fd, files[i], 0);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		unlinkat(t->fd, dirs[i], AT_REMOVEDIR);
	close(t->fd);
	assert_int_equal(rmdir(t->path), 0);
}

static void levels_go_from_the_own_one_up(void **state)
{
	struct tree t = v1_tree(true);
	struct cgroup_tree tree;
	struct cgroup_levels l;

	(void)state;
	assert_int_equal(cgroup_tree_open(t.fd, &tree), 0);
	assert_false(tree.v2);
	assert_true(tree.whole);
	assert_int_equal(cgroup_levels_read(&tree, "/a/b/c", &l), 0);
	/* c has no files of the controller */
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].path, "/a/b");
	assert_true(l.v[0].max == CGROUP_UNLIMITED);
	assert_int_equal(l.v[0].current, 11);
	assert_int_equal(l.v[0].refused, 2);
	assert_string_equal(l.v[1].path, "/a");
	assert_int_equal(l.v[1].max, 50);
	assert_int_equal(l.v[1].refused, 3);
	assert_false(l.hidden);
	assert_false(l.missing);
	cgroup_levels_done(&l);
	/* what is no count is not known */
	put(t.fd, "pids/a/pids.events", "max -3\n");
	assert_int_equal(cgroup_levels_read(&tree, "/a", &l), 0);
	assert_int_equal(l.n, 1);
	assert_false(l.v[0].has_refused);
	cgroup_levels_done(&l);
	assert_int_equal(cgroup_levels_read(&tree, "/a/gone", &l), 0);
	assert_int_equal(l.n, 1);
	assert_true(l.missing);
	cgroup_levels_done(&l);
	assert_int_equal(cgroup_levels_read(&tree, NULL, &l), 0);
	assert_int_equal(l.n, 0);
	assert_true(l.hidden);
	cgroup_levels_done(&l);
	cgroup_tree_close(&tree);
	remove_tree(&t);
}

static void a_subtree_hides_what_is_above(void **state)
{
	struct tree t = v1_tree(false);
	struct cgroup_tree tree;
	struct cgroup_levels l;

	(void)state;
	assert_int_equal(cgroup_tree_open(t.fd, &tree), 0);
	assert_false(tree.whole);
	assert_int_equal(cgroup_levels_read(&tree, "/a", &l), 0);
	assert_true(l.hidden);
	cgroup_levels_done(&l);
	cgroup_tree_close(&tree);
	remove_tree(&t);
}

static void a_walk_finds_the_limited_ones_once(void **state)
{
	struct tree t = v1_tree(true);
	struct cgroup_tree tree;
	struct cgroup_levels l;

	(void)state;
	assert_int_equal(cgroup_tree_open(t.fd, &tree), 0);
	assert_int_equal(cgroup_walk(&tree, true, &l), 0);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].path, "/a");
	assert_false(l.cut);
	cgroup_levels_done(&l);
	assert_int_equal(cgroup_walk(&tree, false, &l), 0);
	assert_int_equal(l.n, 2);
	cgroup_levels_done(&l);
	/* what is no number is an error, not a limit of zero */
	put(t.fd, "pids/a/pids.max", "many\n");
	assert_int_equal(cgroup_levels_read(&tree, "/a", &l), -EBADMSG);
	cgroup_tree_close(&tree);
	remove_tree(&t);
}

static void a_tree_without_the_controller_is_none(void **state)
{
	struct cgroup_tree tree;
	int fd = open("/proc", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_int_equal(cgroup_tree_open(fd, &tree), -ENODATA);
	assert_int_equal(cgroup_tree_open(-1, &tree), -ENODATA);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_taken_from_the_top_of_the_mount),
		cmocka_unit_test(ancestors_cover_what_is_below),
		cmocka_unit_test(counts_are_of_subtrees),
		cmocka_unit_test(roots_of_mounts_read_as_cgroup_paths_do),
		cmocka_unit_test(owners_are_told_from_names),
		cmocka_unit_test(levels_go_from_the_own_one_up),
		cmocka_unit_test(a_subtree_hides_what_is_above),
		cmocka_unit_test(a_walk_finds_the_limited_ones_once),
		cmocka_unit_test(a_tree_without_the_controller_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
