/* SPDX-License-Identifier: MIT */
/* A case told in sentences, each with what it concerns and the evidence beside it. */
#ifndef CORONER_STORY_H
#define CORONER_STORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "render/terminal.h"

struct fact {
	const char *about; /* static: "died", "why", "remedy" */
	char *text;	   /* owned; safe to print */
	char *evidence;	   /* owned; where it is from, or NULL; safe to print */
	bool inferred;	   /* concluded, not read */
};

struct story {
	const struct terminal *terminal; /* borrowed: whether it shows UTF-8 */
	struct fact *facts;		 /* owned */
	size_t n, cap;
};

/* Add a sentence. Foreign text in it must have gone through text_printable(). */
void story_tell(struct story *s, const char *about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Say where the last sentence is from, and that it is inferred. */
void story_evidence(struct story *s, bool inferred, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Print it for its terminal: the subject in a column on the left, the sentences beside it. */
void story_print(const struct story *s, FILE *out);

/* [{"about", "text", "evidence", "inferred"}]; a new reference. */
json_t *story_json(const struct story *s);

/* Free its sentences. */
void story_done(struct story *s);

#endif
