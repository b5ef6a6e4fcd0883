/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "act/privilege.h"
#include "base/rights.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "render/text.h"
#include "words/remarks.h"

/* Columns of the terminal that errors are shown on; 0: it is none, and each is one line there, for programs */
static size_t error_columns(void)
{
	struct winsize size;

	return isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col :
										       0;
}

void complain(const char *fmt, ...)
{
	const size_t columns = error_columns();
	auto_free char *text = NULL, *safe = NULL, *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	/* it may name what was typed, and paths */
	safe = text_sentence(text, text_locale_is_utf8());
	line = xasprintf("coroner: %s", safe);
	if (columns && text_width(line) > columns)
		text_wrap(stderr, line, 4, columns);
	else
		fprintf(stderr, "%s\n", line);
}

static void tell(const struct remark *r)
{
	auto_free char *text = remark_words(r);

	complain("%s", text);
}

void context_print_notes(const struct context *ctx)
{
	/* both may go to one place: first what was found */
	(void)fflush(stdout); /* an error of it stays in ferror(stdout) */
	for (size_t i = 0; !ctx->options.quiet && i < ctx->sight.notes.n; i++)
		tell(&ctx->sight.notes.list[i]);
}

void context_complain_all(struct context *ctx)
{
	struct remarks *r = &ctx->sight.problems;

	for (; r->told < r->n; r->told++)
		tell(&r->list[r->told]);
	/* who looks again and again tells it again, too */
	if (ctx->sight.repeats)
		remarks_cut(r, 0);
	r->told = r->n;
}

int parse_pids(int n, char **args, pid_t *ret)
{
	for (int i = 0; i < n; i++) {
		char *end;
		long pid;

		errno = 0;
		pid = strtol(args[i], &end, 10);
		if (errno || *end || args[i][0] < '0' || args[i][0] > '9' || pid < 1 ||
		    pid > INT32_MAX) {
			complain("'%s' is no PID: a positive number is wanted", args[i]);
			return -EINVAL;
		}
		ret[i] = (pid_t)pid;
	}
	return 0;
}

int check_pids_or_all(const char *command, bool all, int n_args)
{
	if (all != (n_args > 0))
		return 0;
	complain("%s: %s", command,
		 all ? "either PIDs or --all, not both" : "PID or --all is wanted");
	return -EINVAL;
}

bool read_yes(void)
{
	char line[16] = "";

	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* Files that only their owner may open: the right to read any, else the wider one to do so */
static uint64_t rights_for_files(const struct context *ctx)
{
	return ctx->sight.rights & RIGHT(CAP_DAC_READ_SEARCH) ? 0 : RIGHT(CAP_DAC_OVERRIDE);
}

int context_limit_rights(struct context *ctx)
{
	const char *from = rights_from_file();
	int r;

	if (from) {
		complain(
			"refused: started with the rights of its file (%s); start it with the rights it shall have, by sudo or setpriv",
			from);
		return -EPERM;
	}
	/* else all of them would be called missing */
	r = rights_effective(&ctx->sight.rights);
	if (r < 0) {
		complain("cannot read the capabilities: %s", strerror(-r));
		return r;
	}
	r = privilege_keep(RIGHTS_SEE | rights_for_files(ctx) | sight_rights_for_bpf(&ctx->sight) |
			   ctx->command->capabilities);
	if (r < 0)
		complain("cannot limit the capabilities: %s", strerror(-r));
	return r;
}
