/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <stdio.h>

#include "options.h"
#include "render/text.h"

#define MAX_COMMANDS 32

static void print_options(const char *title, const struct option_spec *o)
{
	if (!o || !o->name)
		return;
	printf("\n%s:\n", title);
	for (; o->name; o++) {
		auto_free char *name = xasprintf("%s%s%s", o->name, o->argument ? "=" : "",
						 o->argument ? o->argument : "");

		if (o->id < 256)
			printf("  -%c, --%-20s %s\n", o->id, name, o->help);
		else
			printf("      --%-20s %s\n", name, o->help);
	}
}

void help_print(const struct command *command)
{
	if (command) {
		printf("Usage: coroner [OPTIONS] %s%s%s\n\n%s.\n", command->name,
		       command->arguments ? " " : "", command->arguments ? command->arguments : "",
		       command->summary);
		if (command->effects)
			printf("%s\n", command->effects);
		print_options("Options", command->options);
		if (command->print_more)
			command->print_more(stdout);
		print_options("Global options", global_options);
		return;
	}
	puts("Usage: coroner [OPTIONS] [COMMAND] [ARGS]\n\n"
	     "Explain zombie and orphan processes: who is to blame, why they stay, what helps.\n"
	     "Start with 'coroner' (the same as 'coroner list'), then 'coroner explain PID'.\n\n"
	     "Commands:");
	for (size_t i = 0; commands[i]; i++) {
		auto_free char *usage =
			xasprintf("%s%s%s", commands[i]->name, commands[i]->arguments ? " " : "",
				  commands[i]->arguments ? commands[i]->arguments : "");

		printf("  %-22s  %s\n", usage, commands[i]->summary);
	}
	print_options("Options of list", command_list.options);
	print_options("Global options", global_options);
	puts("\n'coroner help COMMAND' tells the options of one command,\n"
	     "'coroner version' the version.");
}

/* The command that a word is likely meant for; NULL: none */
static const char *nearest(const char *word)
{
	const char *names[MAX_COMMANDS] = { "help", "version" };
	size_t n = 2;

	for (size_t i = 0; commands[i] && n < MAX_COMMANDS; i++)
		names[n++] = commands[i]->name;
	return text_nearest(word, names, n);
}

void help_no_command(const char *word)
{
	const char *meant = nearest(word);

	/* a PID alone is most likely meant for the command that takes any */
	if (*word && strspn(word, "0123456789") == strlen(word))
		complain("there is no command '%s'; did you mean 'coroner explain %s'?", word,
			 word);
	else if (*word && meant)
		complain("there is no command '%s'; did you mean '%s'?", word, meant);
	else if (*word)
		complain(
			"there is no command '%s'; of a program of that name 'coroner explain %s' tells",
			word, word);
	else
		complain("there is no command '%s'", word);
	fprintf(stderr, "Try 'coroner --help'.\n");
}
