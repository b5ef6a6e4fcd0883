/* SPDX-License-Identifier: MIT */
#include "inspect/status.h"

#include <errno.h>

#include "base/base.h"

enum {
	SEEN_STATE = 1 << 0,
	SEEN_TGID = 1 << 1,
	SEEN_UID = 1 << 2,
	SEEN_MASKS = 1 << 3,
	SEEN_ALL = SEEN_STATE | SEEN_TGID | SEEN_UID | SEEN_MASKS,
	SEEN_RUBBISH = 1 << 4, /* a line that is no such line */
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

static unsigned parse_line(const char *key, const char *s, const char *eol, struct proc_status *ret)
{
	const struct {
		const char *key;
		uint64_t *mask;
	} masks[] = {
		{ "SigPnd:", &ret->masks.pending }, { "ShdPnd:", &ret->masks.shared_pending },
		{ "SigBlk:", &ret->masks.blocked }, { "SigIgn:", &ret->masks.ignored },
		{ "SigCgt:", &ret->masks.caught },
	};
	uint64_t value = 0;

	/* most lines are about memory */
	if (!strchr("NPSTU", key[0]))
		return 0;
	if (has_prefix(key, "State:")) {
		while (s < eol && (*s == ' ' || *s == '\t'))
			s++;
		ret->state = s < eol ? *s : 0;
		return ret->state ? SEEN_STATE : SEEN_RUBBISH;
	}
	if (has_prefix(key, "NSpid:"))
		ns_pids(s, eol, ret);
	else if (has_prefix(key, "NSpgid:"))
		innermost(s, eol, &ret->ns_pgrp);
	else if (has_prefix(key, "NSsid:"))
		innermost(s, eol, &ret->ns_sid);
	if (has_prefix(key, "Sig") || has_prefix(key, "Shd")) {
		for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
			if (!has_prefix(key, masks[i].key))
				continue;
			if (!next_number(&s, eol, 16, masks[i].mask))
				return SEEN_RUBBISH;
			return i + 1 == ARRAY_SIZE(masks) ? SEEN_MASKS : 0;
		}
		return 0;
	}
	if (has_prefix(key, "Tgid:") && next_number(&s, eol, 10, &value)) {
		ret->tgid = (pid_t)value;
		return SEEN_TGID;
	}
	if (has_prefix(key, "Uid:") && next_number(&s, eol, 10, &value)) {
		if (value > UINT32_MAX)
			return SEEN_RUBBISH;
		ret->uid = (uint32_t)value;
		return SEEN_UID;
	}
	if (has_prefix(key, "PPid:") && next_number(&s, eol, 10, &value))
		ret->ppid = (pid_t)value;
	else if (has_prefix(key, "TracerPid:") && next_number(&s, eol, 10, &value))
		ret->tracer = (pid_t)value;
	else if (has_prefix(key, "Threads:") && next_number(&s, eol, 10, &value))
		ret->threads = (uint32_t)value;
	return 0;
}

int proc_status_parse(const char *text, size_t len, struct proc_status *ret)
{
	const char *end = text + len;
	unsigned seen = 0;

	*ret = (struct proc_status){ 0 };
	for (const char *line = text, *eol; line < end; line = eol + 1) {
		const char *colon;

		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		colon = memchr(line, ':', (size_t)(eol - line));
		if (colon)
			seen |= parse_line(line, colon + 1, eol, ret);
	}
	return seen == SEEN_ALL ? 0 : -EBADMSG;
}
