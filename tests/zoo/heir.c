/* SPDX-License-Identifier: MIT */
/*
 * A "victim" with children, and who inherits them: "heir". All inside a PID namespace whose init is
 * "init". --children N living ones, --zombies N, --pdeath SIGNAL of the living; --catch: they end in a handler for that;
 * --drops: the victim gives up its rights to send it.
 * --how subreaper: the heir is a subreaper above the victim's parent (default);
 * --how late: it became one after the victim was forked; --how unmarked: it is none any more, so the
 *   init inherits; --how leader: its main thread has ended, another lives;
 * --how shown: it is one that shows: it holds an "orphan" of a session that never was its own;
 * --how ignores, nocldwait: a subreaper that ignores SIGCHLD, or has SA_NOCLDWAIT;
 * --how entered: the victim entered a nested namespace, whose init is the heir; its parent is a
 *   subreaper "outside" of that; --how init: the victim is the init of a nested namespace, with
 *   "members" that die with it, one of which entered.
 * --nocldwait: that init has SA_NOCLDWAIT.
 * --how proven: no victim; the init adopted the child of a process whose session leader lives
 *   elsewhere; --how clone-parent: no victim and no orphan; a child was cloned for its grandparent
 *   by one who leads a session (CLONE_PARENT).
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static struct zoo_gate all_up;	  /* to the init */
static struct zoo_gate victim_up; /* to the heir */
static pid_t nested_init;

/* Dies with the namespace alone */
static void outlive_parent(void)
{
	prctl(PR_SET_PDEATHSIG, 0);
}

static void child_new(void)
{
	struct zoo_gate up = zoo_gate_new();

	if (zoo_fork() == 0) {
		prctl(PR_SET_PDEATHSIG, zoo_number("--pdeath", 0));
		if (zoo_flag("--catch"))
			signal((int)zoo_number("--pdeath", 0), _exit);
		zoo_say_me("children[]", "S", -1);
		zoo_gate_open(up);
		zoo_sleep();
	}
	zoo_gate_wait(up);
}

_Noreturn static void victim_main(void)
{
	outlive_parent();
	zoo_say_me("victim", "S", ZOO_SYS_PAUSE);
	for (long i = 0; i < zoo_number("--children", 1); i++)
		child_new();
	zoo_zombies(zoo_number("--zombies", 0));
	if (zoo_flag("--drops") && (setgid(65533) || setuid(65533)))
		zoo_die("setuid");
	zoo_gate_open(victim_up);
	zoo_sleep();
}

static void mark(unsigned long on)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, on))
		zoo_die("PR_SET_CHILD_SUBREAPER");
}

static void reap_without_waiting(void)
{
	struct sigaction action = { .sa_flags = zoo_how("nocldwait") || zoo_flag("--nocldwait") ?
							SA_NOCLDWAIT :
							0 };

	action.sa_handler = zoo_how("ignores") ? SIG_IGN : SIG_DFL;
	sigaction(SIGCHLD, &action, NULL);
}

static void middle_main(void)
{
	outlive_parent();
	signal(SIGCHLD, SIG_DFL); /* the heir's is inherited */
	if (zoo_fork() == 0)
		victim_main();
	zoo_sleep();
}

static void orphan_main(pid_t parent, const char *name, struct zoo_gate adopted)
{
	int looks = 0;

	outlive_parent();
	zoo_say_me(name, "S", -1);
	while (getppid() == parent)
		zoo_look_again(&looks, "an adoption");
	zoo_gate_open(adopted);
	zoo_sleep();
}

/* Leads a session that ends with it, but for the orphan */
static void orphan_new(void)
{
	struct zoo_gate adopted = zoo_gate_new();
	pid_t middle = zoo_fork();

	if (middle == 0) {
		setsid();
		middle = getpid();
		if (fork() == 0)
			orphan_main(middle, "orphan", adopted);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
	zoo_gate_wait(adopted);
}

/* A subreaper above the victim's parent */
static void heir_main(void)
{
	zoo_say_me(zoo_how("unmarked") ? "unmarked" : "heir", zoo_how("leader") ? "Z" : "S", -1);
	victim_up = zoo_gate_new();
	if (!zoo_how("late"))
		mark(1);
	if (zoo_how("leader"))
		zoo_thread(NULL);
	if (zoo_how("shown"))
		orphan_new();
	reap_without_waiting();
	if (zoo_fork() == 0)
		middle_main();
	zoo_gate_wait(victim_up);
	if (zoo_how("late"))
		mark(1);
	if (zoo_how("unmarked"))
		mark(0);
	zoo_gate_open(all_up);
	if (zoo_how("leader"))
		syscall(SYS_exit, 0);
	zoo_sleep();
}

/* As `docker exec` does: its child is born in the other namespace */
static void enter(pid_t init)
{
	int fd = (int)syscall(SYS_pidfd_open, init, 0);

	if (fd < 0 || setns(fd, CLONE_NEWPID))
		zoo_die("setns");
	close(fd);
}

static void outside_main(void)
{
	zoo_say_me("outside", "S", -1);
	mark(1);
	victim_up = zoo_gate_new();
	enter(nested_init);
	if (zoo_fork() == 0)
		victim_main();
	zoo_gate_wait(victim_up);
	zoo_gate_open(all_up);
	zoo_sleep();
}

static void member_outside_main(void)
{
	enter(nested_init);
	if (zoo_fork() == 0) {
		outlive_parent();
		zoo_say_me("members[]", "S", -1);
		zoo_gate_open(all_up);
	} else {
		/* else the dying namespace would wait for its zombie */
		signal(SIGCHLD, SIG_IGN);
	}
	zoo_sleep();
}

static void nested_main(struct zoo_gate up)
{
	outlive_parent();
	zoo_say_me(zoo_how("init") ? "victim" : "heir", "S", -1);
	if (zoo_flag("--nocldwait"))
		reap_without_waiting();
	for (int i = 0; zoo_how("init") && i < 2; i++) {
		struct zoo_gate said = zoo_gate_new();

		if (zoo_fork() == 0) {
			zoo_say_me("members[]", "S", -1);
			zoo_gate_open(said);
			zoo_sleep();
		}
		zoo_gate_wait(said);
	}
	zoo_gate_open(up);
	zoo_sleep();
}

static void nest(void)
{
	struct zoo_gate up = zoo_gate_new();

	nested_init = zoo_clone(CLONE_NEWPID, SIGCHLD);
	if (nested_init == 0)
		nested_main(up);
	zoo_gate_wait(up);
}

/* The leader of the orphan's session lives on, and is no child of the init */
static void proven_main(void)
{
	if (zoo_fork() == 0) {
		setsid();
		if (zoo_fork() == 0) {
			pid_t self = getpid();

			outlive_parent();
			if (fork() == 0)
				orphan_main(self, "children[]", all_up);
			_exit(0);
		}
	}
	zoo_sleep();
}

static void clone_parent_main(void)
{
	setsid();
	if (zoo_clone(CLONE_PARENT, SIGCHLD) == 0) {
		outlive_parent();
		zoo_say_me("children[]", "S", -1);
		zoo_gate_open(all_up);
	}
	zoo_sleep();
}

static void first_main(void)
{
	if (zoo_how("entered"))
		outside_main();
	if (zoo_how("init"))
		member_outside_main();
	if (zoo_how("proven"))
		proven_main();
	if (zoo_how("clone-parent"))
		clone_parent_main();
	heir_main();
}

static void play(void)
{
	setsid();
	zoo_say_me("init", "S", -1);
	all_up = zoo_gate_new();
	if (zoo_how("entered") || zoo_how("init"))
		nest();
	if (zoo_fork() == 0)
		first_main();
	zoo_gate_wait(all_up);
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
