/* SPDX-License-Identifier: MIT */
#include "inspect/text/status.h"

#include <errno.h>
#include <stdio.h>

#include "base/base.h"
#include "base/file.h"

enum {
	SEEN_STATE = 1 << 0,
	SEEN_TGID = 1 << 1,
	SEEN_UID = 1 << 2,
	SEEN_MASKS = 1 << 3,
	SEEN_NEEDED = SEEN_STATE | SEEN_TGID | SEEN_UID | SEEN_MASKS,
	SEEN_CAPABILITIES = 1 << 4,
	SEEN_ALL = SEEN_NEEDED | SEEN_CAPABILITIES,
	SEEN_RUBBISH = 1 << 5, /* a line that is no such line */
};

/* strtoull(3) takes signs, and crosses newlines and the end of the text in search of a number */
static bool next_number(const char **s, const char *eol, int base, uint64_t *ret)
{
	const char *p = *s, *digits;
	uint64_t value = 0;

	while (p < eol && (*p == ' ' || *p == '\t'))
		p++;
	for (digits = p; p < eol; p++) {
		int digit = hex_digit(*p);

		if (digit < 0 || digit >= base)
			break;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	if (p == digits || (p < eol && *p != ' ' && *p != '\t'))
		return false;
	*ret = value;
	*s = p;
	return true;
}

static void innermost(const char *s, const char *eol, pid_t *ret)
{
	uint64_t value;

	while (next_number(&s, eol, 10, &value))
		*ret = (pid_t)value;
}

static void ns_pids(const char *s, const char *eol, struct proc_status *ret)
{
	uint64_t value;

	while (ret->n_ns_pids <= MAX_PID_NS_LEVEL && next_number(&s, eol, 10, &value))
		ret->ns_pids[ret->n_ns_pids++] = (pid_t)value;
}

/* A name of one length; compared in place, for there are some 60 lines and thousands of files */
#define IS(name) (len == sizeof(name) - 1 && memcmp(key, name, sizeof(name) - 1) == 0)

static uint64_t *mask_named(const char *key, size_t len, struct signal_masks *m)
{
	return IS("SigPnd") ? &m->pending :
	       IS("ShdPnd") ? &m->shared_pending :
	       IS("SigBlk") ? &m->blocked :
	       IS("SigIgn") ? &m->ignored :
	       IS("SigCgt") ? &m->caught :
			      NULL;
}

static unsigned parse_number(const char *key, size_t len, uint64_t value, struct proc_status *ret)
{
	if (IS("Tgid")) {
		ret->tgid = (pid_t)value;
		return SEEN_TGID;
	}
	if (IS("PPid"))
		ret->ppid = (pid_t)value;
	else if (IS("TracerPid"))
		ret->tracer = (pid_t)value;
	else if (IS("Threads"))
		ret->threads = (uint32_t)value;
	else if (IS("CoreDumping"))
		ret->core_dumping = value != 0;
	return 0;
}

/* Real, effective, saved, and one of the file system */
static unsigned parse_uids(const char *s, const char *eol, struct proc_status *ret)
{
	uint32_t *const to[] = { &ret->uid, &ret->effective_uid, &ret->saved_uid };
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		if (!next_number(&s, eol, 10, &value) || value > UINT32_MAX)
			return SEEN_RUBBISH;
		*to[i] = (uint32_t)value;
	}
	return SEEN_UID;
}

static unsigned parse_line(const char *key, size_t len, const char *s, const char *eol,
			   struct proc_status *ret)
{
	uint64_t value = 0, *mask = mask_named(key, len, &ret->masks);

	if (mask) {
		if (!next_number(&s, eol, 16, mask))
			return SEEN_RUBBISH;
		return mask == &ret->masks.caught ? SEEN_MASKS : 0;
	}
	if (IS("CapEff")) {
		ret->has_capabilities = next_number(&s, eol, 16, &ret->capabilities);
		return ret->has_capabilities ? SEEN_CAPABILITIES : SEEN_RUBBISH;
	}
	if (IS("Uid"))
		return parse_uids(s, eol, ret);
	if (IS("State")) {
		while (s < eol && (*s == ' ' || *s == '\t'))
			s++;
		ret->state = s < eol ? *s : 0;
		return ret->state ? SEEN_STATE : SEEN_RUBBISH;
	}
	if (IS("NSpid"))
		ns_pids(s, eol, ret);
	else if (IS("NSpgid"))
		innermost(s, eol, &ret->ns_pgrp);
	else if (IS("NSsid"))
		innermost(s, eol, &ret->ns_sid);
	else if (strchr("CTP", key[0]) && next_number(&s, eol, 10, &value))
		return parse_number(key, len, value, ret);
	return 0;
}

#undef IS

int proc_status_parse(const char *text, size_t len, struct proc_status *ret)
{
	const char *end = text + len;
	unsigned seen = 0;

	*ret = (struct proc_status){ 0 };
	/* the capabilities come last of what is wanted here, a third of the text before its end */
	for (const char *line = text, *eol; line < end && seen != SEEN_ALL; line = eol + 1) {
		const char *colon;

		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		/* most lines are about memory */
		if (!strchr("CNPSTU", *line))
			continue;
		colon = memchr(line, ':', (size_t)(eol - line));
		if (colon)
			seen |= parse_line(line, (size_t)(colon - line), colon + 1, eol, ret);
	}
	return (seen & ~(unsigned)SEEN_CAPABILITIES) == SEEN_NEEDED ? 0 : -EBADMSG;
}

int proc_status_read(int dirfd, const char *path, struct proc_status *ret)
{
	auto_free char *text = NULL;
	size_t len;
	int r = file_slurp_at(dirfd, path, &text, &len);

	return r < 0 ? r : proc_status_parse(text, len, ret);
}

int proc_status_read_pid(int procfd, pid_t pid, struct proc_status *ret)
{
	char path[32];

	if (pid == 0)
		return proc_status_read(procfd, "self/status", ret);
	snprintf(path, sizeof(path), "%d/status", pid);
	return proc_status_read(procfd, path, ret);
}

pid_t proc_status_number(const char *text, size_t len, const char *key, int level)
{
	const char *end = text + len, *eol;
	size_t key_len = strlen(key);

	for (const char *line = text; line < end; line = eol + 1) {
		uint64_t value = 0;

		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		if ((size_t)(eol - line) < key_len || memcmp(line, key, key_len) != 0)
			continue;
		line += key_len;
		for (; level >= 0 && next_number(&line, eol, 10, &value); level--)
			;
		return level < 0 && value <= INT32_MAX ? (pid_t)value : 0;
	}
	return 0;
}
