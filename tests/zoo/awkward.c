/* SPDX-License-Identifier: MIT */
/*
 * A parent and a zombie with an awkward name. --case NAME picks one of the table; comm and
 * argv[0] are said in hexadecimal, as "comm_hex" and "arg_hex".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "zoo.h"

static const struct awkward {
	const char *name;
	const char *comm;
	const char *arg;
} table[] = {
	{ "spaces", "a  b c ", "two  words and a tail " },
	{ "parens", ") Z 1 (", "x) Z 1 (y) Z 1 1 1" },
	{ "paren-end", "evil) Z 1 2 3)", "((()))" },
	{ "newline", "one\ntwo\r\tx", "first\nsecond\rthird\tfourth" },
	{ "escape", "\033[31mred\033]0;x\a", "\033[2J\033[1;1Howned\033]0;title\a\b\177" },
	{ "invalid", "a\xff\xfe\xc3(\xed\xa0\x80z", "bad \xff\xfe\xc3( \xed\xa0\x80 \xf5\x80 end" },
	{ "ff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" },
	{ "empty", "", "" },
	{ "bidi",
	  "a\xe2\x80\xae"
	  "cba\xe2\x81\xa6",
	  "left\xe2\x80\xaethgir\xe2\x80\xac" },
	{ "c1",
	  "x\xc2\x9b"
	  "31m\xc2\x85y",
	  "\xc2\x9b"
	  "2J\xc2\x90q\xc2\x9c" },
	{ "unicode", "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac",
	  "na\xc3\xafve \xf0\x9f\x92\x80 skull" },
	{ "cut", "12345678901234\xc3\xa9", "\xe6\x97\xa5" },
	{ "quote", "a\"b\\c'$(x)`", "\"},{\"pid\":1,\"x\":\"\\" },
	{ "invisible",
	  "a\xe3\x85\xa4"
	  "b\xe1\xa0\x8e"
	  "c\xcd\x8f",
	  "\xe1\x85\x9f\xe1\x85\xa0 \xe2\x98\xba\xef\xb8\x8f \xf3\xa0\x81\x81 \xef\xbb\xbf "
	  "\xe2\x80\xa8 \xef\xbe\xa0 \xf3\xa0\x84\x80 \xef\xb7\x90 \xe2\xa0\x80 end" },
	{ "marks", "Z\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	  "\xcc\x81over u\xcc\x88\xcc\x81 "
	  "Z\xcc\x81\xcc\xb6\xcc\x81\xcc\xb6\xcc\x81\xcc\xb6\xcc\x81\xcc\xb6 end" },
	{ "del", "x\177y", "\177\302\200\302\237\302\240\303\277" },
	{ "percent", "%s%n%d%%", "%n%n%n%s" },
};

static const struct awkward *chosen(void)
{
	const char *name = zoo_text("--case", "");

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	fprintf(stderr, "awkward: no such --case: %s\n", name);
	exit(2);
}

static void say_hex(const char *key, const char *text)
{
	char hex[128] = "";

	for (size_t i = 0; i < sizeof(hex) / 2 - 1 && text[i]; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
	zoo_say_text(key, hex);
}

static void play(void)
{
	const struct awkward *awkward = chosen();
	char comm[16];

	if (prctl(PR_SET_NAME, awkward->comm) || prctl(PR_GET_NAME, comm))
		zoo_die("PR_SET_NAME");
	zoo_say_me("parent", "S", -1);
	say_hex("comm_hex", comm);
	say_hex("arg_hex", awkward->arg);
	zoo_zombies(zoo_number("--count", 1));
	zoo_rest();
}

static void list_cases(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		puts(table[i].name);
	exit(0);
}

/* The command line is that of an exec, so this program execs itself once with the awkward one. */
static void exec_again(char **argv)
{
	static char *again[64];
	int count = 0;

	again[count++] = strdup(chosen()->arg);
	for (int i = 1; argv[i] && count < 63; i++)
		again[count++] = argv[i];
	if (setenv("ZOO_AGAIN", "1", 1))
		zoo_die("setenv");
	execv("/proc/self/exe", again);
	zoo_die("exec");
}

int main(int argc, char **argv)
{
	zoo_start(argc, argv);
	if (zoo_flag("--list"))
		list_cases();
	if (!getenv("ZOO_AGAIN"))
		exec_again(argv);
	zoo_actor(play);
	return zoo_keep();
}
