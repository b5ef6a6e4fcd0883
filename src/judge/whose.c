/* SPDX-License-Identifier: MIT */
#include "judge/whose.h"

enum whose whose_judge(const struct whose_evidence *e, bool *ret_proven)
{
	*ret_proven = e->adopted_proven;
	if (e->adopted == TRI_YES)
		return WHOSE_ADOPTED;
	if (e->replaced == TRI_YES) {
		*ret_proven = true;
		return WHOSE_EARLIER;
	}
	return e->adopted == TRI_NO ? WHOSE_OWN : WHOSE_UNKNOWN;
}
