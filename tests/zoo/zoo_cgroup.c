/* SPDX-License-Identifier: MIT */
/* Cgroups for an actor to join, and the guardian that removes them whatever happens. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoo.h"
#include "zoo_parts.h"

enum { MAX_CGROUPS = 16 };

static char cgroups[MAX_CGROUPS][512];
static int cgroup_count;
static int guardian_pipe = -1;

void guardian_forget(void)
{
	if (guardian_pipe >= 0)
		close(guardian_pipe);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		zoo_die(path);
	close(fd);
}

static void cgroup_file(char *path, size_t size, const char *root, const char *cgroup,
			const char *file)
{
	if (snprintf(path, size, "%s/%s/%s", root, cgroup, file) >= (int)size) {
		errno = ENAMETOOLONG;
		zoo_die(cgroup);
	}
}

/* Whether others have made cgroups in one of ours meanwhile (each adds a link): it is theirs too, then */
static bool is_shared(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_nlink > 2;
}

/*
 * Removes only directories that this program made; a busy one is tried until its tasks are gone, one
 * that holds cgroups of others is left.
 */
static void remove_cgroups(void)
{
	char file[600];
	int looks = 0;

	for (int i = cgroup_count - 1; i >= 0; i--) {
		int fd;

		snprintf(file, sizeof(file), "%s/freezer.state", cgroups[i]);
		fd = open(file, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "THAWED", 6) == 6)
			close(fd);
		while (rmdir(cgroups[i]) && errno == EBUSY && !is_shared(cgroups[i]))
			zoo_look_again(&looks, cgroups[i]);
	}
}

/*
 * The guardian holds the reading end of a pipe whose writing end only the keeper has. It runs in a
 * session of its own and ignores what a terminal or a test runner sends, since a frozen cgroup
 * that is left behind would keep its processes for ever.
 */
static void guardian_start(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		zoo_die("pipe");
	pid = fork();
	if (pid < 0)
		zoo_die("fork");
	if (pid > 0) {
		close(ends[0]);
		guardian_pipe = ends[1];
		return;
	}
	close(ends[1]);
	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	become_actor();
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	remove_cgroups();
	_exit(0);
}

static void make_directory(const char *path)
{
	if (!mkdir(path, 0755)) {
		snprintf(cgroups[cgroup_count], sizeof(cgroups[0]), "%s", path);
		if (++cgroup_count == MAX_CGROUPS) {
			errno = E2BIG;
			zoo_die(path);
		}
	} else if (errno != EEXIST) {
		zoo_die(path);
	}
}

void zoo_cgroup_make(const char *root, const char *path)
{
	char whole[512];

	if (guardian_pipe >= 0) {
		errno = EBUSY;
		zoo_die("make all cgroups before zoo_cgroup_guard()");
	}
	cgroup_file(whole, sizeof(whole), root, path, "");
	whole[strlen(whole) - 1] = '\0';
	for (char *slash = whole + strlen(root) + 1; *slash; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		make_directory(whole);
		*slash = '/';
	}
	make_directory(whole);
}

void zoo_cgroup_guard(void)
{
	guardian_start();
}

void zoo_cgroup_write(const char *root, const char *path, const char *file, const char *text)
{
	char whole[600];

	cgroup_file(whole, sizeof(whole), root, path, file);
	write_file(whole, text);
}

void zoo_cgroup_join(const char *root, const char *path)
{
	zoo_cgroup_write(root, path, "cgroup.procs", "0");
}

void zoo_cgroup_remove(const char *root, const char *path)
{
	char whole[600];

	cgroup_file(whole, sizeof(whole), root, path, "");
	if (rmdir(whole))
		zoo_die(whole);
}

bool zoo_cgroup_holds(const char *root, const char *path, const char *file, const char *needle)
{
	char whole[600];
	char text[4096];
	ssize_t got;
	int fd;

	cgroup_file(whole, sizeof(whole), root, path, file);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		zoo_die(whole);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return strstr(text, needle) != NULL;
}
