/* SPDX-License-Identifier: MIT */
/* Whose a zombie is: whether the program that its parent runs has ever heard of it. */
#ifndef CORONER_WHOSE_H
#define CORONER_WHOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

enum whose {
	WHOSE_UNKNOWN, /* nothing speaks for or against */
	WHOSE_ADOPTED, /* an orphan that came to the parent */
	WHOSE_EARLIER, /* of a program that the parent ran before an exec: the one that it runs never forked it */
	WHOSE_OWN,
};

struct whose_evidence {
	enum tri adopted;
	bool adopted_proven;
	enum tri replaced; /* it is older than the program that its parent runs now (exec) */
};

/*
 * Judge one zombie; *ret_proven tells whether it is certain: what is older than the program that the parent
 * runs was not forked by it, whether it was adopted or not. Pure.
 */
enum whose whose_judge(const struct whose_evidence *e, bool *ret_proven);

#endif
