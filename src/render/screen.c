/* SPDX-License-Identifier: MIT */
#include "render/screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

#include "base/base.h"
#include "base/memstream.h"
#include "render/text.h"

#define SEQUENCE_MS 50 /* that a key of several bytes may take */

/* The terminal is one for the whole process, and atexit(3) passes no argument */
static struct {
	bool open;
	struct termios before;
	int saved_stderr;
	int kept; /* what standard error got meanwhile */
} screen;

static void put(const char *s)
{
	size_t len = strlen(s);

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno != EINTR)
			return;
		s += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static void keep_stderr(void)
{
	screen.saved_stderr = screen.kept = -1;
	if (!isatty(STDERR_FILENO))
		return;
	screen.kept = memfd_create("coroner-stderr", MFD_CLOEXEC);
	if (screen.kept < 0)
		return;
	screen.saved_stderr = dup(STDERR_FILENO);
	if (screen.saved_stderr >= 0)
		(void)dup2(screen.kept, STDERR_FILENO); /* else it is seen between the rows */
}

static void replay_stderr(void)
{
	char text[1024];
	ssize_t n;

	if (screen.saved_stderr < 0)
		return;
	(void)dup2(screen.saved_stderr, STDERR_FILENO);
	close(screen.saved_stderr);
	for (off_t at = 0; (n = pread(screen.kept, text, sizeof(text), at)) > 0; at += n)
		if (write(STDERR_FILENO, text, (size_t)n) < 0)
			break;
	close(screen.kept);
	screen.saved_stderr = screen.kept = -1;
}

static int take(void)
{
	struct termios raw = screen.before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0)
		return -errno;
	put("\033[?1049h\033[?25l\033[?7l\033[H\033[2J");
	screen.open = true;
	return 0;
}

int screen_open(void)
{
	static bool registered;
	int r;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &screen.before) < 0)
		return -ENOTTY;
	if (!registered && atexit(screen_close) != 0)
		return -ENOMEM;
	registered = true;
	out_of_memory_first(screen_close);
	r = take();
	if (r == 0)
		keep_stderr();
	return r;
}

void screen_close(void)
{
	if (!screen.open)
		return;
	screen.open = false;
	put("\033[?7h\033[?25h\033[?1049l");
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen.before); /* nothing more can be done */
	replay_stderr();
}

struct screen_size screen_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		return (struct screen_size){ 80, 24 };
	return (struct screen_size){ size.ws_col, size.ws_row };
}

/* Length of the escape sequence at s, 0: there is none */
static size_t sequence(const char *s, size_t len)
{
	size_t n = 2;

	if (len < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (n < len && (s[n] < '@' || s[n] > '~'))
		n++;
	return n < len ? n + 1 : len;
}

/* Columns of a line, its styles apart */
static size_t width_of(const char *s, size_t len)
{
	size_t width = 0, n;

	for (; len > 0; s += n, len -= n) {
		auto_free char *run = NULL;

		n = sequence(s, len);
		if (n)
			continue;
		while (n < len && (n == 0 || s[n] != '\033'))
			n++;
		run = xstrndup(s, n);
		width += text_width(run);
	}
	return width;
}

/*
 * What fits, and a mark where that is not all. The rest of the row is emptied only where there is one: from behind
 * the last column that would take the character there.
 */
static void put_line(FILE *out, const char *s, size_t len, size_t columns, bool utf8)
{
	const size_t width = width_of(s, len);
	const bool whole = width <= columns;
	size_t room = whole || columns == 0 ? columns : columns - 1, n, fits;

	for (; len > 0; s += n, len -= n) {
		auto_free char *run = NULL;

		n = sequence(s, len);
		if (n) {
			fprintf(out, "%.*s", (int)n, s);
			continue;
		}
		while (n < len && (n == 0 || s[n] != '\033'))
			n++;
		run = xstrndup(s, n);
		fits = text_fit(run, room);
		fprintf(out, "%.*s", (int)fits, run);
		room -= text_width(run) < room ? text_width(run) : room;
		if (run[fits])
			break;
	}
	if (!whole)
		fputs(utf8 ? "…" : "+", out);
	fputs("\033[0m", out);
	if (width < columns)
		fputs("\033[K", out);
}

/* In one write(2), each line cleared to its end: nothing flickers */
void screen_draw(const char *text, bool utf8)
{
	const struct screen_size size = screen_size();
	size_t rows = size.rows, row = 0, bytes;
	auto_free char *frame = NULL;
	FILE *out = memstream_open(&frame, &bytes);

	fputs("\033[H", out);
	while (*text && row < rows) {
		size_t len = strcspn(text, "\n");

		fputs(row ? "\r\n" : "", out);
		put_line(out, text, len, size.columns, utf8);
		text += len + (text[len] == '\n');
		row++;
	}
	if (row < rows)
		fputs("\033[J", out);
	fclose(out);
	put(frame);
}

static int next_byte(void)
{
	unsigned char byte;

	return read(STDIN_FILENO, &byte, 1) == 1 ? byte : 0;
}

/* The next byte of a sequence: it was sent in one, but may come in parts from far away */
static int rest_byte(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, SEQUENCE_MS) > 0 ? next_byte() : 0;
}

static int key_of(int final, int number)
{
	static const struct {
		char final;
		int number; /* before a '~' */
		int key;
	} keys[] = {
		{ 'A', 0, KEY_UP },	   { 'B', 0, KEY_DOWN }, { 'C', 0, KEY_RIGHT },
		{ 'D', 0, KEY_LEFT },	   { 'H', 0, KEY_HOME }, { 'F', 0, KEY_END },
		{ '~', 1, KEY_HOME },	   { '~', 4, KEY_END },	 { '~', 5, KEY_PAGE_UP },
		{ '~', 6, KEY_PAGE_DOWN }, { '~', 7, KEY_HOME }, { '~', 8, KEY_END },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].final == final && (final != '~' || keys[i].number == number))
			return keys[i].key;
	return KEY_OTHER;
}

int screen_key(void)
{
	int key = next_byte(), number = 0;

	if (key == '\r')
		return KEY_ENTER;
	if (key != KEY_ESCAPE)
		return key;
	key = rest_byte();
	if (key == 0)
		return KEY_ESCAPE;
	if (key != '[' && key != 'O')
		return KEY_OTHER; /* Alt and a key */
	/* ESC [ NUMBER ; MODIFIERS FINAL */
	while ((key = rest_byte()) && (key < '@' || key > '~'))
		number = key >= '0' && key <= '9' && number < 100 ? 10 * number + key - '0' :
								    number;
	return key ? key_of(key, number) : KEY_OTHER;
}
