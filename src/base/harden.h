/* SPDX-License-Identifier: MIT */
/* For children that others may get hold of. Both take no lock and no memory: safe after a fork. */
#ifndef CORONER_HARDEN_H
#define CORONER_HARDEN_H

/* Give up every capability and set no_new_privs. */
void harden_drop_capabilities(void);

/* Close every descriptor but a and b (-1: none). */
void harden_close_all_but(int a, int b);

#endif
