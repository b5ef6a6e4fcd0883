/* SPDX-License-Identifier: MIT */
#include "words/label.h"

#include "base/base.h"
#include "render/text.h"

char *container_label(const struct container *c, bool utf8)
{
	auto_free char *label = NULL;
	bool hex;

	if (!c)
		return xstrdup("-");
	hex = strlen(c->id) >= 32 && strspn(c->id, "0123456789abcdef") == strlen(c->id);
	label = xasprintf("%s:%.*s", c->runtime, hex ? 12 : CONTAINER_ID_SIZE, c->id);
	return text_printable(label, strlen(label), utf8);
}
