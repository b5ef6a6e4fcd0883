/* SPDX-License-Identifier: MIT */
/* Which container a cgroup path belongs to. */
#ifndef CORONER_CONTAINER_H
#define CORONER_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#define CONTAINER_ID_SIZE 129
#define POD_UID_SIZE 37

struct container {
	const char *runtime; /* static: "docker" "containerd" "cri-o" "podman" "lxc" "systemd-nspawn"
				"kubernetes" (a pod's container of a runtime that its path does not name)
				"oci" (an OCI container id below a parent of somebody's own) */
	char id[CONTAINER_ID_SIZE]; /* full hexadecimal id, or a name; raw bytes, untrusted */
	char pod_uid[POD_UID_SIZE]; /* "" when in no pod */
	char *cgroup;		    /* owned: the path below the cgroup root that told so */
};

/*
 * Recognise a container in one cgroup path ("/docker/3f2a…"), of v1 or v2, of the cgroupfs or the
 * systemd driver. The innermost match wins, for containers in containers. Monitors of a container
 * (conmon, lxc.monitor) are not in it.
 * Conventions: runc libcontainer/cgroups (docker-ID.scope), kubelet pkg/kubelet/cm (kubepods),
 * podman libpod (libpod-ID.scope), lxc.payload.NAME, systemd-machined (machine-NAME.scope).
 * Returns true and fills *ret (cgroup NULL), or false.
 */
bool container_from_path(const char *path, struct container *ret);

/*
 * The same from the text of /proc/PID/cgroup (cgroups(7)), any hierarchy: the first line that names
 * a container decides. On true ret->cgroup is owned by *ret: container_done().
 */
bool container_from_cgroup(const char *text, size_t len, struct container *ret);

/* Free its cgroup. */
void container_done(struct container *c);

/* The path of one hierarchy out of the text of /proc/PID/cgroup. */
enum cgroup_hierarchy {
	CGROUP_V2,
	CGROUP_V1_PIDS,
	CGROUP_V1_FREEZER,
};

/*
 * Find the path of a hierarchy: the line "0::PATH" for v2, else the line whose controllers name
 * it. Returns a string that the caller owns, or NULL where there is no such line.
 */
char *cgroup_path_of(const char *text, size_t len, enum cgroup_hierarchy hierarchy);

#endif
