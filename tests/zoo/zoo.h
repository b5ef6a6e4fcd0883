/* SPDX-License-Identifier: MIT */
/*
 * The frame of every zoo program. A program brings real processes into one known state, waits for
 * that state by condition, prints one line of JSON and holds the state until its stdin ends.
 *
 * The process that main() runs in is the keeper: it starts actors, hears from them over a socket,
 * prints what they said and in the end kills and reaps everything. PIDs travel as SCM_CREDENTIALS,
 * so the kernel itself translates them into the keeper's PID namespace.
 *
 * Whatever an actor forks with zoo_fork() dies with its parent (PR_SET_PDEATHSIG), and a PID
 * namespace dies with its init; so nothing stays behind when a keeper is killed.
 */
#ifndef ZOO_H
#define ZOO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

/* The system calls that pause(2) and poll(2) make: newer architectures have none of these names. */
#ifdef SYS_pause
#define ZOO_SYS_PAUSE SYS_pause
#define ZOO_SYS_POLL SYS_poll
#else
#define ZOO_SYS_PAUSE SYS_ppoll
#define ZOO_SYS_POLL SYS_ppoll
#endif

/* Put first in main(): remembers the arguments, resets signals, closes inherited descriptors. */
void zoo_start(int argc, char **argv);

/* The argument after "--name", or fallback. The text is argv's own. */
const char *zoo_text(const char *name, const char *fallback);
long zoo_number(const char *name, long fallback);
bool zoo_flag(const char *name);
/* Is the value of --how (or its default) this one? */
bool zoo_how(const char *name);
/* The value of the index-th "--name", counted from 0; NULL when there are no more. */
const char *zoo_nth(const char *name, int index);

/*
 * Starts play() in a child that dies with the keeper. With "--newpidns N" it runs below N nested
 * PID namespaces, as a child of the innermost init; every init is said in "inits". The first one is put
 * where "--place" says: init, it is the init of a PID namespace; subreaper, it is one; tini, it is a child of
 * an init that reaps as tini does; container, of one that does not reap; threads, it has three more, which block SIGCHLD with "--all-block". With
 * "--groups N" all of these are in that many supplementary groups.
 */
pid_t zoo_actor(void (*play)(void));
/* What the three threads of "--place threads" do, NULL: sleep. To be set before zoo_actor(). */
extern void *(*zoo_placed_threads)(void *unused);
/* Whether that is the place. */
bool zoo_in_threads(void);
/* The same, but play() is itself the init of a new PID namespace. */
pid_t zoo_init_actor(void (*play)(void));

/* In the keeper: waits until so many actors are ready, before it starts the next one. */
void zoo_await_ready(int count);

/* Hears all actors out, prints the line, waits for EOF, ends everything. Returns main()'s status. */
int zoo_keep(void);

/*
 * What an actor says to the keeper. A key that ends in "[]" is a list in the JSON. The line is
 * printed only once each speaker of a PID is in one of the states (NULL: any) and, if syscall_nr is
 * not negative, one of its threads sleeps in that system call.
 */
void zoo_say_me(const char *key, const char *states, long syscall_nr);
void zoo_say_number(const char *key, long number);
void zoo_say_text(const char *key, const char *text);
/* Every actor says this once, as late as it can. */
void zoo_ready(void);
/* zoo_ready(), then sleep until killed. */
_Noreturn void zoo_rest(void);
/* Sleep until killed, whatever signals come. */
_Noreturn void zoo_sleep(void);

/* fork() whose child gets SIGKILL when the calling thread ends. Never fails. */
pid_t zoo_fork(void);
/* The same through clone(): flags without the exit signal, and that signal (0: none). */
pid_t zoo_clone(unsigned long flags, int exit_signal);

/* Makes one zombie child of the caller, with this status, said in "zombies"; returns its PID. */
pid_t zoo_zombie(int status);
/* Makes this many. */
void zoo_zombies(long count);
/*
 * Makes this many that the caller, an init or a subreaper, adopts: the session that they come from is
 * nobody's who lives. said: in "zombies".
 */
void zoo_orphans(long count, bool said);
/* Waits until this child of the caller is dead, and leaves it a zombie. */
void zoo_await_death(pid_t pid);
/* Waits until a thread of this process, seen in /proc by this number, sleeps in a kernel function. */
void zoo_await_wchan(pid_t pid, const char *function);
/* Waits until this process, seen in /proc by this number, shows one of these states. */
void zoo_await_state(pid_t pid, const char *states);
/* A child that lives until its parent ends. */
pid_t zoo_sleeper(void);

/* A pipe used as a gate: one side opens it, the other waits for that. */
struct zoo_gate {
	int fds[2];
};

struct zoo_gate zoo_gate_new(void);
void zoo_gate_open(struct zoo_gate gate);
void zoo_gate_wait(struct zoo_gate gate);

/* Starts a thread that never ends by itself; returns once it runs and has called setup(). */
void zoo_thread(void (*setup)(void));

/*
 * Mounts a file system at dir, in a mount namespace of the caller's own: who opens a file there waits
 * until its server, said as "disk", ends. Once that has read the request, which opens the gate, no
 * signal ends the wait.
 */
struct zoo_gate zoo_disk(const char *dir);

/* Blocks SIGCHLD in the calling thread. */
void zoo_block_sigchld(void);

/*
 * The keeper makes all the cgroup directories it needs, with their parents, then starts the
 * guardian, then the actors. The guardian removes what was made (and thaws it first) when the
 * keeper has ended, however it ended. An actor joins.
 */
void zoo_cgroup_make(const char *root, const char *path);
void zoo_cgroup_guard(void);
void zoo_cgroup_join(const char *root, const char *path);
/* An actor removes one before the guardian would: only zombies may be charged to it. */
void zoo_cgroup_remove(const char *root, const char *path);
void zoo_cgroup_write(const char *root, const char *path, const char *file, const char *text);
/* True when the file's text holds needle. */
bool zoo_cgroup_holds(const char *root, const char *path, const char *file, const char *needle);

/*
 * Runs play() as the init of a new PID namespace with its own /proc and its own pid_max (Linux 6.14),
 * and waits for its end: nothing is kept, play() prints the line itself. Returns main()'s status.
 */
int zoo_in_small_pidns(int pid_max, void (*play)(void));

/* Prints a message with errno and ends the program with status 1. */
_Noreturn void zoo_die(const char *what);

/* One millisecond between two looks at a condition; dies with this text after ten seconds of it. */
void zoo_look_again(int *looks, const char *condition);

#endif
