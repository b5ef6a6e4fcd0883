/* SPDX-License-Identifier: MIT */
/* What the zoo's helper files share among themselves; zoo.h is for the programs. */
#ifndef ZOO_PARTS_H
#define ZOO_PARTS_H

#include <sys/types.h>

enum kind { SAY_PID, SAY_NUMBER, SAY_TEXT, SAY_READY };

struct message {
	enum kind kind;
	char key[32];
	char states[8];
	char text[160];
	long number;
	long syscall_nr;
	pid_t pid; /* filled in by the keeper, from the sender's credentials */
};

/* Opens the keeper's socket; returns the actors' end. */
int keeper_open(void);
/* In the keeper: this actor is one of those to hear out and to end. */
void keeper_expect(pid_t actor);
/* In an actor or the guardian: no stdin, no stdout, nothing that keeps the keeper's ends open. */
void become_actor(void);
/* In the keeper and its children: the pipe that holds the guardian back; the keeper's end. */
void guardian_forget(void);

#endif
