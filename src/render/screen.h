/* SPDX-License-Identifier: MIT */
/* A full-screen view on the terminal, which is given back as it was on every way out. */
#ifndef CORONER_SCREEN_H
#define CORONER_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct screen_size {
	size_t columns, rows;
};

/*
 * Take the terminal on standard input and output over: keys come one by one and unechoed, the
 * alternate screen is shown, the cursor hidden (termios(3), console_codes(4)). What is written to
 * standard error meanwhile is kept and appears after screen_close(). exit(3) closes it too.
 * Returns 0, or a negative errno: there is no terminal.
 */
int screen_open(void);
void screen_close(void);

struct screen_size screen_size(void);

/* Show text: lines that end in a newline, the rows below the last one emptied; the rest is cut. */
void screen_draw(const char *text);

/* The next key that was pressed, or 0: does not wait. */
int screen_key(void);

#endif
