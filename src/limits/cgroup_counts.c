/* SPDX-License-Identifier: MIT */
#include "limits/cgroup_counts.h"

#include "base/base.h"
#include "limits/cgroup_mount.h"

/* Those side by side are mostly of one cgroup */
void cgroup_counts_add(struct cgroup_counts *c, const char *path, uint64_t n)
{
	if (c->n > 0 && streq(c->v[c->n - 1].path, path)) {
		c->v[c->n - 1].n += n;
		return;
	}
	ARRAY_GROW(c->v, c->n, c->cap);
	c->v[c->n++] = (struct cgroup_count){ xstrdup(path), n };
}

static int compare(const void *a, const void *b)
{
	const struct cgroup_count *x = a, *y = b;

	return cgroup_path_compare(x->path, y->path);
}

void cgroup_counts_sort(struct cgroup_counts *c)
{
	size_t kept = 0;

	if (c->n == 0)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 1; i < c->n; i++) {
		if (!streq(c->v[kept].path, c->v[i].path)) {
			c->v[++kept] = c->v[i];
			continue;
		}
		c->v[kept].n += c->v[i].n;
		free(c->v[i].path);
	}
	c->n = kept + 1;
}

/* The first that is not before path */
static size_t find(const struct cgroup_counts *c, const char *path)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cgroup_path_compare(c->v[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t cgroup_counts_below(const struct cgroup_counts *c, const char *path)
{
	uint64_t n = 0;

	for (size_t i = find(c, path); i < c->n && cgroup_path_covers(path, c->v[i].path); i++)
		n += c->v[i].n;
	return n;
}

bool cgroup_counts_has(const struct cgroup_counts *c, const char *path)
{
	size_t i = find(c, path);

	return i < c->n && streq(c->v[i].path, path);
}

bool cgroup_counts_has_below(const struct cgroup_counts *c, const char *path)
{
	size_t i = find(c, path);

	return i < c->n && cgroup_path_covers(path, c->v[i].path);
}

void cgroup_counts_done(struct cgroup_counts *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct cgroup_counts){ 0 };
}
