/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <mntent.h>
#include <stdarg.h>
#include <sys/capability.h>

#include "act/privilege.h"
#include "base/file.h"
#include "cmd/cmd.h"

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("coroner: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void complain_lost(pid_t pid, int r)
{
	if (r == -ESRCH)
		complain("process %d ended while it was looked at", pid);
	else
		complain("process %d cannot be looked at: %s", pid, strerror(-r));
}

void context_note(struct context *ctx, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	for (size_t i = 0; i < ctx->n_notes; i++) {
		if (streq(ctx->notes[i], text)) {
			free(text);
			return;
		}
	}
	ARRAY_GROW(ctx->notes, ctx->n_notes, ctx->notes_cap);
	ctx->notes[ctx->n_notes++] = text;
}

void context_forget(struct context *ctx, size_t n)
{
	while (ctx->n_notes > n)
		free(ctx->notes[--ctx->n_notes]);
}

bool context_may_load_bpf(const struct context *ctx)
{
	return (ctx->rights & PRIVILEGE_BPF) == PRIVILEGE_BPF ||
	       (ctx->rights & UINT64_C(1) << CAP_SYS_ADMIN);
}

void context_print_notes(const struct context *ctx)
{
	/* both may go to one place: first what was found */
	(void)fflush(stdout); /* an error of it stays in ferror(stdout) */
	for (size_t i = 0; i < ctx->n_notes; i++)
		complain("%s", ctx->notes[i]);
}

/* The hidepid= of the mount of proc at that path (proc(5)), "" for none */
static void hidepid_of(const char *path, char *ret, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *m;

	*ret = '\0';
	if (!mounts)
		return;
	while ((m = getmntent(mounts))) {
		const char *option;

		if (!streq(m->mnt_type, "proc") || !streq(m->mnt_dir, path))
			continue;
		/* the last mount on that directory is the one that is seen */
		*ret = '\0';
		option = hasmntopt(m, "hidepid");
		if (option && (option = strchr(option, '=')))
			snprintf(ret, size, "%.*s", (int)strcspn(option + 1, ","), option + 1);
	}
	endmntent(mounts);
}

static void note_limits_of_view(struct context *ctx, const struct census *c)
{
	char hidepid[24];

	if (c->n_denied)
		context_note(ctx, "%zu processes could not be read: they belong to other users",
			     c->n_denied);
	if (c->n_malformed)
		context_note(ctx, "%zu processes have a stat file that is none: they are left out",
			     c->n_malformed);
	if (c->source == CENSUS_BPF)
		return;
	hidepid_of(ctx->options.procfs, hidepid, sizeof(hidepid));
	if (hidepid[0] && !streq(hidepid, "0") && !streq(hidepid, "off"))
		context_note(
			ctx,
			"%s is mounted with hidepid=%s: without CAP_SYS_PTRACE processes of other users are not seen",
			ctx->options.procfs, hidepid);
}

bool context_is_own_proc(int procfd)
{
	char self[24] = "";
	ssize_t n = readlinkat(procfd, "self", self, sizeof(self) - 1);

	return n > 0 && strtol(self, NULL, 10) == getpid();
}

int context_complete(void)
{
	int r = file_shortage();

	if (r == -EMFILE)
		complain(
			"not all could be read: %s; the limit on open files (ulimit -n) is too low",
			strerror(-r));
	else if (r < 0)
		complain("not all could be read: %s", strerror(-r));
	return r;
}

int context_census(struct context *ctx, struct census **ret)
{
	struct census_options options = { ctx->options.source, ctx->procfd, ctx->own_proc };
	auto_free char *why = NULL;
	int r = census_take(&options, ret, &why);

	if (r == -ENOENT)
		complain("no process below %s: is proc mounted there? (--procfs=DIR)",
			 ctx->options.procfs);
	else if (r < 0 && why)
		complain("--source=bpf cannot be used: %s", why);
	else if (r < 0)
		complain("cannot read the processes below %s: %s", ctx->options.procfs,
			 strerror(-r));
	if (r < 0) {
		(void)file_shortage(); /* told already */
		return r;
	}
	if ((*ret)->bpf_unusable)
		context_note(
			ctx,
			"read from procfs, which knows no subreapers and no times of death: %s",
			(*ret)->bpf_unusable);
	note_limits_of_view(ctx, *ret);
	return 0;
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

/* CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON, and is kept only where one of them is missing */
static uint64_t rights_for_bpf(const struct context *ctx)
{
	bool both = (ctx->rights & PRIVILEGE_BPF) == PRIVILEGE_BPF;

	return PRIVILEGE_BPF | (both ? 0 : UINT64_C(1) << CAP_SYS_ADMIN);
}

void context_seen_all(const struct context *ctx)
{
	/* what was not dropped is not used either */
	if (!ctx->command->repeats)
		(void)privilege_drop(rights_for_bpf(ctx) & ~ctx->command->capabilities);
}

int context_limit_rights(struct context *ctx)
{
	const char *from = privilege_from_file();
	int r;

	if (from) {
		complain(
			"refused: started with the rights of its file (%s); start it with the rights it shall have, by sudo or setpriv",
			from);
		return -EPERM;
	}
	ctx->rights = privilege_held();
	r = privilege_keep(PRIVILEGE_SEE | rights_for_bpf(ctx) | ctx->command->capabilities);
	if (r < 0)
		complain("cannot limit the capabilities: %s", strerror(-r));
	return r;
}
