/* SPDX-License-Identifier: MIT */
#ifndef CORONER_SIGNALS_H
#define CORONER_SIGNALS_H

#define SIGNAL_NAME_SIZE 16

/*
 * The name of a signal, 1 to 64 as signal(7) writes it: "SIGKILL", "SIGRTMIN+3" counted from the
 * kernel's first real-time signal 32 as the C library counts it (34; 32 and 33 are its own). An
 * unheard-of number gives "SIG99". buf holds the result and is returned.
 */
const char *signal_name(int signal, char buf[static SIGNAL_NAME_SIZE]);

#endif
