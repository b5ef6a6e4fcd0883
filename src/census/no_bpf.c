/* SPDX-License-Identifier: MIT */
/* Stands in for bpf.c in a build without BPF (make BPF=0): the same signature, an honest answer. */
#include <errno.h>

#include "census/census.h"

#if !WITH_BPF
int census_bpf_read(struct census *c, char **ret_why)
{
	(void)c;
	*ret_why = xstrdup("this coroner was built without BPF (make BPF=0)");
	return -EOPNOTSUPP;
}
#endif
