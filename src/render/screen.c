/* SPDX-License-Identifier: MIT */
#include "render/screen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

#include "base/base.h"

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

/* In one write(2), each line cleared to its end: nothing flickers */
void screen_draw(const char *text)
{
	size_t rows = screen_size().rows, row = 0, size;
	auto_free char *frame = NULL;
	FILE *out = open_memstream(&frame, &size);

	if (!out)
		return;
	fputs("\033[H", out);
	while (*text && row < rows) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%s%.*s\033[0m\033[K", row ? "\r\n" : "", (int)len, text);
		text += len + (text[len] == '\n');
		row++;
	}
	if (row < rows)
		fputs("\033[J", out);
	fclose(out);
	put(frame);
}

int screen_key(void)
{
	unsigned char key;

	return read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}
