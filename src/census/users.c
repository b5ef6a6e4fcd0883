/* SPDX-License-Identifier: MIT */
#include "census/users.h"

static int compare_users(const void *a, const void *b)
{
	const struct census_user *x = a, *y = b;

	if (x->userns != y->userns)
		return x->userns < y->userns ? -1 : 1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

void census_users_sort(struct census *c)
{
	size_t kept = 0;

	if (c->n_users == 0)
		return;
	qsort(c->users, c->n_users, sizeof(*c->users), compare_users);
	for (size_t i = 1; i < c->n_users; i++)
		if (compare_users(&c->users[kept], &c->users[i]) != 0)
			c->users[++kept] = c->users[i];
	c->n_users = kept + 1;
}

const struct census_user *census_user_find(const struct census *c, uint32_t userns, uint32_t uid)
{
	const struct census_user key = { .userns = userns, .uid = uid };

	return c->n_users ? bsearch(&key, c->users, c->n_users, sizeof(key), compare_users) : NULL;
}
