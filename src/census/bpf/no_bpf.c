/* SPDX-License-Identifier: MIT */
/* Stands in for bpf.c in a build without BPF (make BPF=0): the same signature, an honest answer. */
#include <errno.h>

#include "census/census.h"

#if !WITH_BPF
int census_bpf_read(struct census *c, bool users, struct bpf_failure *ret_why)
{
	(void)c;
	(void)users;
	*ret_why = (struct bpf_failure){ .cause = BPF_NOT_BUILT };
	return -EOPNOTSUPP;
}
#endif
