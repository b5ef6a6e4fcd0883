/* SPDX-License-Identifier: MIT */
/* What the BPF source says and /proc cannot, on processes made for it. Skipped without the rights. */
#include "live.h"

static void what_proc_cannot_say(void **state)
{
	pid_t plain = spawn_ready(hold), handler = spawn_ready(run_handler),
	      ignore = spawn_ready(run_ignore), no_cldwait = spawn_ready(run_no_cldwait),
	      leader = spawn_ready(run_leader_exits), thread = spawn_ready(run_thread_with_pdeath);
	struct census *c;

	(void)state;
	await_state(leader, 'Z');
	c = take(CENSUS_BPF);
	assert_int_equal(kernel_of(c, plain)->sigchld, SIGCHLD_DEFAULT);
	assert_int_equal(kernel_of(c, handler)->sigchld, SIGCHLD_CAUGHT);
	assert_int_equal(kernel_of(c, ignore)->sigchld, SIGCHLD_IGNORED);
	assert_int_equal(kernel_of(c, no_cldwait)->sigchld, SIGCHLD_DEFAULT);
	assert_true(kernel_of(c, no_cldwait)->no_cldwait);
	assert_false(kernel_of(c, plain)->no_cldwait);
	assert_true(kernel_of(c, handler)->subreaper);
	assert_false(kernel_of(c, plain)->subreaper);
	assert_int_equal(kernel_of(c, plain)->pdeath_signal, SIGKILL);
	assert_int_equal(kernel_of(c, ignore)->pdeath_signal, SIGRTMIN + 3);
	assert_int_equal(kernel_of(c, thread)->pdeath_signal, SIGTERM);
	assert_int_equal(find(c, leader)->threads, 2);
	assert_int_equal(kernel_of(c, leader)->live_threads, 1);
	assert_int_equal(kernel_of(c, leader)->died_ns, 0);
	assert_int_equal(kernel_of(c, plain)->live_threads, 1);
	/* born of this process, which did not exec since */
	assert_int_equal(kernel_of(c, plain)->parent_exec_id, kernel_of(c, getpid())->self_exec_id);
	assert_int_equal(kernel_of(c, plain)->uid, getuid());
	census_free(c);
}

static void tracers_are_named(void **state)
{
	pid_t traced = spawn(run_exit_7), seized = spawn_ready(hold);
	struct census *c;

	(void)state;
	await_death(traced);
	assert_int_equal(ptrace(PTRACE_SEIZE, seized, NULL, NULL), 0);
	c = take(CENSUS_BPF);
	assert_int_equal(kernel_of(c, seized)->tracer, getpid());
	assert_int_equal(kernel_of(c, traced)->tracer, 0);
	census_free(c);
}

static uint32_t own_pidns(void)
{
	struct stat st;

	assert_int_equal(fstatat(procfd, "self/ns/pid", &st, 0), 0);
	return (uint32_t)st.st_ino;
}

static void run_new_pidns(void)
{
	if (unshare(CLONE_NEWPID) < 0)
		_exit(1);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold();
	}
	pause();
}

static void namespaces_are_numbered_from_inside(void **state)
{
	pid_t outer = spawn_ready(run_new_pidns);
	struct census *c = take(CENSUS_BPF);
	const struct process *init = census_first_child(c, find(c, outer));
	const struct process_kernel *k;
	const struct census_pidns *ns;
	uint64_t pid_max;

	(void)state;
	assert_non_null(init);
	k = kernel_of(c, init->pid);
	assert_int_equal(k->ns_pid, 1);
	assert_int_equal(k->level, 1);
	assert_true(k->is_init);
	assert_int_equal(kernel_of(c, outer)->level, 0);
	assert_int_equal(kernel_of(c, outer)->pidns, own_pidns());
	assert_int_not_equal(k->pidns, own_pidns());

	assert_true(c->n_pidns >= 2);
	assert_int_equal(c->pidns[0].inode, own_pidns());
	for (ns = c->pidns; ns->inode != k->pidns; ns++)
		assert_true(ns < c->pidns + c->n_pidns - 1);
	assert_int_equal(ns->parent, own_pidns());
	assert_int_equal(ns->init, init->pid);
	assert_int_equal(ns->pid_allocated, 1);
	assert_int_equal(ns->cursor, 2);
	assert_int_equal(file_read_u64_at(procfd, "sys/kernel/pid_max", &pid_max), 0);
	if (c->pidns[0].pid_max)
		assert_int_equal(c->pidns[0].pid_max, pid_max);
	census_free(c);
}

static int up[2], down[2]; /* between the adopter and its own: one byte is one word */

static void tell(const int pipe_fds[2])
{
	if (write(pipe_fds[1], "", 1) != 1)
		_exit(1);
}

static void await_word(const int pipe_fds[2])
{
	char c;

	if (read(pipe_fds[0], &c, 1) != 1)
		_exit(1);
}

static void fork_sleeper(void)
{
	if (fork() != 0)
		return;
	tell(up);
	for (;;)
		pause();
}

/* A subreaper that gets a child of its own between the birth of an orphan and its adoption. */
static void run_adopter(void)
{
	const struct timespec later = { .tv_nsec = 100000000 };
	siginfo_t info;
	pid_t father;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	father = fork();
	if (father == 0) {
		fork_sleeper();
		await_word(down);
		_exit(0);
	}
	await_word(up);
	nanosleep(&later, NULL); /* more than what CLONE_PARENT could explain */
	fork_sleeper();
	await_word(up);
	tell(down);
	waitid(P_PID, (id_t)father, &info, WEXITED | WNOWAIT);
	hold();
}

static void the_order_of_children_shows_adoption(void **state)
{
	bool late[3];
	pid_t adopter;
	struct census *c;
	size_t n = 0;

	(void)state;
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	assert_int_equal(pipe2(down, O_CLOEXEC), 0);
	adopter = spawn_ready(run_adopter);
	c = take(CENSUS_BPF);
	for (const struct process *p = census_first_child(c, find(c, adopter)); p && n < 3;
	     p = census_next_child(c, p)) {
		/* not children of this process, but ended with them */
		children[n_children++] = p->pid;
		late[n++] = kernel_of(c, p->pid)->attached_late;
	}
	/* in the order of birth: the father, the orphan, the adopter's own */
	assert_int_equal(n, 3);
	assert_false(late[0]);
	assert_true(late[1]);
	assert_false(late[2]);
	census_free(c);
	for (int i = 0; i < 2; i++) {
		close(up[i]);
		close(down[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_proc_cannot_say, end_children),
		cmocka_unit_test_teardown(tracers_are_named, end_children),
		cmocka_unit_test_teardown(namespaces_are_numbered_from_inside, end_children),
		cmocka_unit_test_teardown(the_order_of_children_shows_adoption, end_children),
	};

	return cmocka_run_group_tests_name("census_kernel", tests, prepare, NULL);
}
