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

/* How large the terminal on standard output is now (TIOCGWINSZ, ioctl_tty(2)); 80 by 24 where it does not say. */
struct screen_size screen_size(void);

/*
 * Show text: lines that end in a newline, with styles (ECMA-48 SGR) and no other escape sequence; the rows below
 * the last one are emptied. A line that is wider than the screen ends in "…" ("+" without utf8); lines below the
 * last row are not shown.
 */
void screen_draw(const char *text, bool utf8);

/* Keys that are no character. */
enum screen_key_code {
	KEY_ENTER = '\n',
	KEY_ESCAPE = 0x1b,
	KEY_UP = 256,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_OTHER, /* one that is not known here */
};

/*
 * The next key that was pressed, a byte or an enum screen_key_code (the sequences of xterm and of the console:
 * console_codes(4), terminfo(5)); or 0: there is none. Waits for nothing but the rest of a sequence, shortly.
 */
int screen_key(void);

#endif
