/* SPDX-License-Identifier: MIT */
#include "words/heirs/namespaces.h"
#include "words/heirs/reaps.h"

const char *namespace_why(const struct namespace_row *row)
{
	if (namespace_is_dying(row))
		return row->ns->processes > 1 ?
			       "its init is dying and waits until all others in it are reaped" :
			       "its init is dying";
	if (row->has_init)
		return reaps_why(&row->init.reaps);
	return row->ns->untold ? "who its init is cannot be read" : "its init is not in sight";
}
