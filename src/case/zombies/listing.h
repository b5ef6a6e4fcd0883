/* SPDX-License-Identifier: MIT */
/* What `list` is about: the cases, and the rows and columns that were asked for. */
#ifndef CORONER_LISTING_H
#define CORONER_LISTING_H

#include "case/zombies/cases.h"

enum {
	LISTING_MAX_COLUMNS = 32,
	LISTING_MOST_NAMED = 4, /* parents that are named of one remedy */
};

/* What columns show that no case holds. */
enum listing_needs {
	LISTING_NEEDS_ARGS = 1 << 0,
	LISTING_NEEDS_USERS = 1 << 1,
};

/* Who has that number. */
struct listing_user {
	uint32_t uid;
	char name[64]; /* raw, untrusted */
};

struct listing {
	struct cases cases;    /* of the parents that were not left out; n_zombies counts all */
	size_t top;	       /* only so many parents, those with the most zombies; 0: all */
	unsigned verdicts;     /* bits of 1 << enum verdict_code: only those; 0: all */
	size_t n_left_out;     /* parents, for top or verdicts */
	size_t zombies_of_out; /* the zombies that they hold */
	unsigned needs;	       /* enum listing_needs */
	struct listing_user
		*users; /* owned; who is behind the uids that are shown, where that is known */
	size_t n_users, users_cap;
	bool by_zombie;			     /* a row for each zombie, else for each parent */
	bool rows_alone;		     /* no headings, remedies and totals */
	bool own_columns;		     /* they were named, not taken by default */
	size_t columns[LISTING_MAX_COLUMNS]; /* places in list_columns() of the text form */
	size_t n_columns;
	/* the first parents whose zombies coroner reap would take; none where nobody can be acted on */
	pid_t reapable[LISTING_MOST_NAMED];
	size_t n_reapable; /* how many there are */
};

/*
 * Collect the cases for ret, zeroed but for what was asked for: in full where more than a line a parent is shown.
 * Free with listing_done(), also after an error. Returns 0; or a negative errno, and why is among the problems.
 */
int listing_collect(struct sight *sight, struct listing *ret);
void listing_done(struct listing *l);

/* The name of that user, borrowed; NULL: it is not known here. */
const char *listing_user(const struct listing *l, uint32_t uid);

/* Whether --verdict leaves that zombie of a parent that is shown. */
bool listing_shows(const struct listing *l, const struct zombie_case *z);

/* Read the command lines of all parents and zombies of full cases. */
void listing_read_cmdlines(struct cases *cases);

#endif
