/* SPDX-License-Identifier: MIT */
/* What a limit's series are named after in OpenMetrics. */
#ifndef CORONER_SERIES_H
#define CORONER_SERIES_H

#include "case/forks/measures.h"

/*
 * A name that is the same after a restart of what it stands for, so without the inode number of a namespace:
 * a cgroup's path; of pid_max the container or the program of the init, "machine" for the first PID namespace;
 * "machine" for threads-max; "uid 1000", "uid 1000 of a user namespace". Two limits may be named alike. Raw,
 * untrusted; owned by the caller.
 */
char *limit_series_name(const struct measured_limit *m);

#endif
