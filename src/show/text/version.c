/* SPDX-License-Identifier: MIT */
#include "base/rights.h"
#include "case/itself.h"
#include "show/show.h"
#include "words/rights.h"
#include "words/source.h"

static void print_right(const struct rights_use *use, uint64_t held)
{
	auto_free char *name = rights_name(use->cap);

	printf("%-20s %-8s %s\n", name, held & RIGHT(use->cap) ? "held" : "missing", use->shows);
}

void version_text(const struct answer *a)
{
	const struct itself *own = a->facts;
	auto_free char *source = NULL;
	const char *kept;

	puts("coroner " CORONER_VERSION);
	if (!own->verbose)
		return;
	source = source_taken_words(own->has_source ? &own->source : NULL, &own->failure);
	printf("source: %s\n", source);
	for (size_t i = 0; i < rights_n_uses; i++)
		print_right(&rights_uses[i], own->rights);
	kept = rights_kept_words(own->rights);
	if (kept)
		puts(kept);
}
