/* SPDX-License-Identifier: MIT */
#include "case/zombies/remaining.h"

#include <errno.h>

#include "inspect/presence.h"

#define SAMPLE 32 /* zombies of one parent that a brief case looks at, */
#define CLOSELY 8 /* one in so many by its file, the others by their number */

size_t remaining_sample(const struct parent_case *p, bool all)
{
	return all || p->n_zombies < SAMPLE ? p->n_zombies : SAMPLE;
}

const struct process *remaining_nth(const struct parent_case *p, size_t k, size_t n)
{
	return p->held[k * p->n_zombies / n];
}

static bool is_gone(const struct census *c, struct parent_case *p, const struct process *zombie)
{
	int r = presence_of_zombie(c, zombie);

	p->confirmed |= r == 0;
	return r == -ESRCH;
}

/* The k-th of a sample: of many zombies that are taken, some leave free numbers for a moment at least */
static bool is_sample_gone(const struct census *c, struct parent_case *p, size_t k, size_t n)
{
	const struct process *zombie = remaining_nth(p, k, n);

	if (n < p->n_zombies && k % CLOSELY != 0 && c->own_proc)
		return presence_is_number_free(c, zombie->pid);
	return is_gone(c, p, zombie);
}

void remaining_zombies(const struct census *c, struct parent_case *p, bool all)
{
	size_t n = remaining_sample(p, all), kept = 0;
	bool reaps = false;

	for (size_t k = 0; k < n && !reaps; k++)
		reaps = is_sample_gone(c, p, k, n);
	if (!reaps)
		return;
	for (size_t i = 0; i < p->n_zombies; i++)
		if (!is_gone(c, p, p->held[i]))
			p->held[kept++] = p->held[i];
	p->n_zombies = kept;
}

void remaining_parent(const struct census *c, struct parent_case *p)
{
	auto_close int dir = presence_pin(c, p->process, NULL);

	if (dir == -ESRCH)
		p->n_zombies = 0;
}

void remaining_oldest(const struct census *c, struct parent_case *p)
{
	p->oldest_exact = c->kernel != NULL;
	for (size_t i = 0; i < p->n_zombies; i++) {
		const struct process_kernel *kernel = census_kernel(c, p->held[i]);
		bool exact = kernel && kernel->died_ns;
		double s = exact ? (double)(c->taken_ns - kernel->died_ns) / 1e9 :
				   cases_age_s(c, p->held[i]);

		p->oldest_exact &= exact;
		p->oldest_s = s > p->oldest_s ? s : p->oldest_s;
	}
}
