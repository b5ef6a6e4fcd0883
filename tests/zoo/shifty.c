/* SPDX-License-Identifier: MIT */
/*
 * A parent with a zombie that renames itself all the time, comm and command line, to escape
 * sequences, broken UTF-8, newlines and parentheses, also in the middle of being read.
 */
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static char *room;
static size_t room_size;

static const char *const names[] = {
	"\033[31mred\033[0m\a",
	"a\nb\tc\r",
	") Z 1 2 3 (",
	"\xff\xfe\xc3(\xed\xa0\x80",
	"",
	"\xe2\x80\xae"
	"cba",
	"\033]0;title\033\\",
	"\302\233"
	"2J",
	"plain",
};

static void *rename_forever(void)
{
	for (unsigned turn = 0;; turn++) {
		const char *name = names[turn % (sizeof(names) / sizeof(names[0]))];
		size_t len = strlen(name);

		prctl(PR_SET_NAME, name);
		for (size_t i = 0; i < room_size; i++)
			room[i] = len ? name[(i + turn) % len] : '\0';
		/* often, but not all of a core */
		usleep(50);
	}
	return NULL;
}

static void play(void)
{
	zoo_zombies(1);
	zoo_say_me("parent", NULL, -1);
	zoo_ready();
	rename_forever();
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	/* the arguments lie behind each other; what /proc/PID/cmdline shows */
	room = argv[0];
	room_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - argv[0]);
	zoo_actor(play);
	return zoo_keep();
}
