/* SPDX-License-Identifier: MIT */
/*
 * What SIGHUP does to the children of a "victim" that ends, inside a PID namespace whose init never waits.
 * --how terminal: it leads the session of a terminal (default). In its foreground group are "foreground",
 *   "nohup" which ignores SIGHUP, "catcher" which handles it and "blocker" which blocks it; in a group that
 *   is stopped in part "stopped" and "beside"; "running" is a job in the background.
 * --how job: no terminal, and it leads no session: "stopped" is a group of its own, and "running".
 * --how own-group: the same, "stopped" being in the victim's own group.
 * --how emulator: as a terminal emulator or sshd it holds the other ends of terminals, whose sessions "foreground",
 *   "nohup", which ignores SIGHUP, and "catcher", which handles it, lead; and "kept", whose terminal the init holds too.
 * --how anchored: as job, but a sister of the victim has a child in the group of "stopped".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static void on_signal(int number)
{
	(void)number;
}

_Noreturn static void be_child(const char *name, struct zoo_gate up)
{
	prctl(PR_SET_PDEATHSIG, 0);
	if (name[0] == 'n')
		signal(SIGHUP, SIG_IGN);
	if (name[0] == 'c')
		signal(SIGHUP, on_signal);
	if (name[0] == 'b' && name[1] == 'l') {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
	}
	zoo_say_me(name, name[0] == 's' ? "T" : "S", -1);
	zoo_gate_open(up);
	if (name[0] == 's')
		raise(SIGSTOP);
	zoo_sleep();
}

/* group: 0 a new one, -1 the parent's, else that one; returns the child, once it is there */
static pid_t child_new(const char *name, pid_t group)
{
	struct zoo_gate up = zoo_gate_new();
	pid_t child = zoo_fork();

	if (child == 0) {
		if (group >= 0 && setpgid(0, group))
			zoo_die("setpgid");
		be_child(name, up);
	}
	zoo_gate_wait(up);
	return child;
}

static int master = -1;

static void make_terminal(void)
{
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master))
		zoo_die("a terminal");
}

static void take_terminal(void)
{
	if (setsid() < 0 || open(ptsname(master), O_RDWR | O_CLOEXEC) < 0)
		zoo_die("a session with it");
}

static int earlier[4], n_earlier; /* the other ends of those before: no child keeps a sister's */

/* It leads the session of a terminal of its own, whose other end its parent holds */
static void emulate(const char *name)
{
	struct zoo_gate up = zoo_gate_new();

	if (strcmp(name, "kept") != 0)
		make_terminal();
	if (zoo_fork() == 0) {
		take_terminal();
		close(master);
		for (int i = 0; i < n_earlier; i++)
			close(earlier[i]);
		be_child(name, up);
	}
	earlier[n_earlier++] = master;
	zoo_gate_wait(up);
}

_Noreturn static void be_emulator(struct zoo_gate done)
{
	prctl(PR_SET_PDEATHSIG, 0);
	zoo_say_me("victim", "S", -1);
	emulate("kept");
	emulate("foreground");
	emulate("nohup");
	emulate("catcher");
	zoo_gate_open(done);
	zoo_sleep();
}

/* The terminal's other end must outlive it, as a terminal emulator or sshd does: its shell holds it */
_Noreturn static void be_victim(struct zoo_gate up)
{
	pid_t stopped;

	prctl(PR_SET_PDEATHSIG, 0);
	if (zoo_how("") || zoo_how("terminal"))
		take_terminal();
	else if (setpgid(0, 0))
		zoo_die("setpgid");
	zoo_say_me("victim", "S", -1);
	stopped = child_new("stopped", zoo_how("own-group") ? -1 : 0);
	child_new("running", 0);
	if (zoo_how("") || zoo_how("terminal")) {
		child_new("beside", stopped);
		child_new("foreground", -1);
		child_new("nohup", -1);
		child_new("catcher", -1);
		child_new("blocker", -1);
	}
	if (write(up.fds[1], &stopped, sizeof(stopped)) != sizeof(stopped))
		zoo_die("write");
	zoo_sleep();
}

/* A shell of a kind: it leads the session, and lives on */
_Noreturn static void be_shell(struct zoo_gate done)
{
	struct zoo_gate up = zoo_gate_new();
	pid_t group = 0;

	prctl(PR_SET_PDEATHSIG, 0);
	setsid();
	make_terminal();
	if (zoo_fork() == 0)
		be_victim(up);
	if (read(up.fds[0], &group, sizeof(group)) != sizeof(group))
		zoo_die("read");
	if (zoo_how("anchored"))
		child_new("running2", group);
	zoo_gate_open(done);
	zoo_sleep();
}

static void play(void)
{
	struct zoo_gate done = zoo_gate_new();

	setsid();
	zoo_say_me("init", "S", -1);
	if (zoo_how("emulator"))
		make_terminal();
	if (zoo_fork() == 0) {
		if (zoo_how("emulator"))
			be_emulator(done);
		be_shell(done);
	}
	zoo_gate_wait(done);
	zoo_rest();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	zoo_init_actor(play);
	return zoo_keep();
}
