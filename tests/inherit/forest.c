/* SPDX-License-Identifier: MIT */
/*
 * usage: forest CORONER [SEED [TREES [SOURCE...]]]
 *
 * Grows random trees of real processes: subreapers marked and unmarked before and after forking,
 * nested PID namespaces, processes that entered one, threads, leaders that have ended. In each, a few
 * times: asks coroner who inherits from a victim and what becomes of its children, kills the victim,
 * and compares with what the kernel then did. With BPF every answer must be right, from procfs every
 * wrong one must have been marked as inferred. Also compares the orphans that coroner names with
 * the processes whose parent is not the one that forked them.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "change.h"
#include "grow.h"
#include "predict.h"

enum { BATCH = 20, ROUNDS = 3, MAX_SOURCES = 2, MAX_ORPHANS = 8192 };

struct score {
	const char *source;
	unsigned heirs, heirs_right, wrong_but_certain;
	unsigned children, children_right;
	unsigned killed_counts, killed_right;
	unsigned fates[4]; /* that came true, as in fate_names */
	unsigned orphans, orphans_right, proven, proven_wrong, adopted_in_truth;
};

static const char *const fate_names[] = { "adopted", "re-announced", "vanishes", "killed" };

static struct score scores[MAX_SOURCES];
static int n_sources;
static const char *coroner;
static unsigned n_victims, n_trees;

/* --- judging --- */

static void complain_of(const struct score *s, const struct prediction *p, int victim,
			const char *what, pid_t who, const char *real, pid_t parent)
{
	printf("%s: victim %d (%s, heir %d, %s): %s %d: in truth %s %d\n", s->source, p->victim,
	       p->rule, p->heir, p->inferred ? "inferred" : "certain", what, who, real, parent);
	for (int i = 0; i < n_nodes; i++) {
		const struct tree_node *t = &tree_nodes[i];

		if (t->tree == tree_nodes[victim].tree)
			printf("    node %d: pid %d, born of %d, depth %d, namespace of %d%s%s%s%s\n",
			       i, grow_pid(i), t->born_of, t->depth, t->ns, t->init ? ", init" : "",
			       t->entered ? ", entered" : "",
			       t->leader_ended ? ", leader ended" : "",
			       t->has_pdeath ? ", parent-death signal" : "");
	}
}

/* What became of a child, as far as it can be told without waiting */
static const char *fate_of(int node, pid_t *ret_parent)
{
	struct seen seen;

	*ret_parent = 0;
	if (!grow_see(node, &seen) || seen.state == 'X')
		return "vanished";
	*ret_parent = seen.ppid;
	if (!grow_is_dead(node))
		return "adopted";
	return "re-announced";
}

/* Was it as foretold? What dies is given the time to. was_dead: it was a zombie before */
static bool came_true(const struct prediction *p, const struct foretold_child *c, int node,
		      bool was_dead, bool patient, pid_t *ret_parent, const char **ret_fate)
{
	int looks = 0;

	if (!strcmp(c->fate, "killed") || (!strcmp(c->fate, "vanishes") && patient)) {
		while (patient && (was_dead ? !grow_is_gone(node) : !grow_is_dead(node)))
			look_again(&looks, "a child did not die as foretold");
	}
	*ret_fate = fate_of(node, ret_parent);
	if (!strcmp(c->fate, "killed"))
		return !was_dead && grow_is_dead(node);
	if (!strcmp(c->fate, "vanishes"))
		return was_dead && !strcmp(*ret_fate, "vanished");
	return !strcmp(*ret_fate, c->fate) && was_dead == !strcmp(c->fate, "re-announced") &&
	       *ret_parent == p->heir;
}

struct victim {
	int node;
	int children[MAX_CHILDREN];
	bool was_dead[MAX_CHILDREN];
	int n_children;
	int lived[MAX_NODES]; /* in its tree, itself apart */
	int n_lived;
	struct prediction foretold[MAX_SOURCES];
};

/* What was foretold of the heir comes true in the children it really gets */
static void judge_children(struct score *s, const struct victim *v, const struct prediction *p,
			   bool exact)
{
	bool heir_right = true;

	for (int i = 0; i < v->n_children; i++) {
		const struct foretold_child *c = NULL;
		const char *fate = "";
		pid_t parent = 0;
		bool right;

		for (size_t k = 0; k < p->n_children; k++)
			if (p->children[k].pid == grow_pid(v->children[i]))
				c = &p->children[k];
		right = c && came_true(p, c, v->children[i], v->was_dead[i], exact, &parent, &fate);
		s->children++;
		s->children_right += right;
		for (int k = 0; k < 4; k++)
			s->fates[k] += right && !strcmp(c->fate, fate_names[k]);
		if (!right && (exact || !p->inferred))
			complain_of(s, p, v->node, c ? c->fate : "unknown child",
				    grow_pid(v->children[i]), fate, parent);
		if (parent && parent != p->heir)
			heir_right = false;
		if (!right && !p->inferred)
			s->wrong_but_certain++;
	}
	if (p->n_children != (size_t)v->n_children) {
		complain_of(s, p, v->node, "children foretold", (pid_t)p->n_children, "there were",
			    v->n_children);
		s->wrong_but_certain++;
	}
	if (v->n_children == 0)
		return;
	s->heirs++;
	s->heirs_right += heir_right;
}

static void judge_killed(struct score *s, const struct victim *v, const struct prediction *p)
{
	long dead = 0;

	for (int i = 0; i < v->n_lived; i++)
		dead += grow_is_dead(v->lived[i]);
	if (!tree_nodes[v->node].init && p->killed < 0)
		return;
	s->killed_counts++;
	s->killed_right += p->killed == dead && !strcmp(p->rule, "none");
	if (p->killed != dead)
		complain_of(s, p, v->node, "killed with it", (pid_t)p->killed, "died", (pid_t)dead);
}

static bool is_exact(const struct score *s)
{
	return !strcmp(s->source, "bpf");
}

static void judge(const struct victim *v)
{
	for (int i = 0; i < n_sources; i++) {
		const struct prediction *p = &v->foretold[i];

		judge_children(&scores[i], v, p, is_exact(&scores[i]));
		judge_killed(&scores[i], v, p);
		if (is_exact(&scores[i]) && p->inferred) {
			complain_of(&scores[i], p, v->node, "inferred", 0, "BPF knows", 0);
			scores[i].wrong_but_certain++;
		}
	}
}

/* --- one round: choose, foretell, kill, compare --- */

static bool has_children(int node)
{
	struct seen seen;

	for (int i = 0; i < n_nodes; i++)
		if (tree_nodes[i].tree == tree_nodes[node].tree && grow_see(i, &seen) &&
		    seen.ppid == grow_pid(node))
			return true;
	return false;
}

static int choose(int tree)
{
	int list[MAX_NODES], n = living(tree, list), node = NOBODY;

	/* one with children as a rule, and not the root too often */
	for (int tries = 0; n > 0 && tries < 8; tries++) {
		node = list[chance((unsigned)n)];
		if (has_children(node) && (tree_nodes[node].depth > 0 || chance(3) == 0))
			break;
	}
	return node;
}

static void look_at(struct victim *v, int node)
{
	struct seen seen;

	v->node = node;
	v->n_children = v->n_lived = 0;
	for (int i = 0; i < n_nodes; i++) {
		if (i == node || tree_nodes[i].tree != tree_nodes[node].tree)
			continue;
		if (!grow_is_dead(i))
			v->lived[v->n_lived++] = i;
		if (!grow_see(i, &seen) || seen.ppid != grow_pid(node))
			continue;
		v->was_dead[v->n_children] = grow_is_dead(i);
		v->children[v->n_children++] = i;
	}
}

static void round_of(int first_tree, int trees)
{
	static struct victim victims[BATCH];
	static struct prediction foretold[BATCH];
	pid_t pids[BATCH];
	int n = 0;

	for (int i = 0; i < trees; i++) {
		int node = choose(first_tree + i);

		if (node == NOBODY)
			continue;
		look_at(&victims[n], node);
		pids[n++] = grow_pid(node);
	}
	for (int s = 0; s < n_sources; s++) {
		predict_heirs(coroner, scores[s].source, pids, (size_t)n, foretold);
		for (int i = 0; i < n; i++)
			victims[i].foretold[s] = foretold[i];
	}
	for (int i = 0; i < n; i++) {
		grow_fell(victims[i].node, chance(3) == 0);
		judge(&victims[i]);
	}
	n_victims += (unsigned)n;
}

static void judge_orphans(struct score *s)
{
	static struct foretold_orphan found[MAX_ORPHANS];
	size_t n = predict_orphans(coroner, s->source, found, MAX_ORPHANS);

	for (size_t i = 0; i < n && i < MAX_ORPHANS; i++) {
		int node = grow_find(found[i].pid);
		pid_t born_of;

		if (node == NOBODY)
			continue;
		born_of = tree_nodes[node].born_of == NOBODY ? getpid() :
							       grow_pid(tree_nodes[node].born_of);
		s->orphans++;
		s->proven += found[i].proven;
		s->orphans_right += found[i].adopter != born_of;
		s->proven_wrong += found[i].proven && found[i].adopter == born_of;
		if (found[i].adopter == born_of)
			printf("%s: %d is no orphan: %d forked it (%s, %s)\n", s->source,
			       found[i].pid, born_of, found[i].evidence,
			       found[i].proven ? "proven" : "likely");
	}
	for (int i = 0; i < n_nodes; i++) {
		struct seen seen;
		int by = tree_nodes[i].born_of;

		s->adopted_in_truth += by != NOBODY && grow_see(i, &seen) &&
				       seen.ppid != grow_pid(by);
	}
}

static void grow_batch(int first_tree, int trees)
{
	for (int i = 0; i < trees; i++) {
		unsigned changes = 8 + chance(16);

		grow_root(first_tree + i, chance(3) == 0);
		while (changes-- > 0)
			change(first_tree + i);
	}
	for (int r = 0; r < ROUNDS; r++) {
		round_of(first_tree, trees);
		for (int i = 0; i < trees && r + 1 < ROUNDS; i++)
			for (unsigned changes = chance(6); changes > 0; changes--)
				change(first_tree + i);
	}
	for (int s = 0; s < n_sources; s++)
		judge_orphans(&scores[s]);
	grow_clear();
	n_trees += (unsigned)trees;
}

static double percent(unsigned part, unsigned all)
{
	return all ? 100.0 * part / all : 100.0;
}

static bool print_score(const struct score *s)
{
	bool good = s->heirs > 0 && s->wrong_but_certain == 0 && s->proven_wrong == 0 &&
		    s->killed_counts == s->killed_right && s->orphans_right == s->orphans;

	if (is_exact(s))
		good = good && s->heirs == s->heirs_right && s->children == s->children_right;
	printf("%s: heirs %u of %u right (%.1f %%), children %u of %u; wrong and not marked inferred: %u\n",
	       s->source, s->heirs_right, s->heirs, percent(s->heirs_right, s->heirs),
	       s->children_right, s->children, s->wrong_but_certain);
	printf("%s: fates that came true:", s->source);
	for (int k = 0; k < 4; k++) {
		printf(" %s %u", fate_names[k], s->fates[k]);
		/* so many trees hold everything, else they prove too little */
		good = good && (s->fates[k] > 0 || n_trees < 500);
	}
	putchar('\n');
	printf("%s: deaths with a namespace counted right: %u of %u; orphans %u of %u right (%u proven, %u of those wrong), of %u adopted ones\n",
	       s->source, s->killed_right, s->killed_counts, s->orphans_right, s->orphans,
	       s->proven, s->proven_wrong, s->adopted_in_truth);
	return good;
}

int main(int argc, char **argv)
{
	unsigned trees = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 500;
	uint64_t seed;
	bool good = true;

	if (argc == 3 && !strcmp(argv[1], "--node")) {
		nodes_map();
		node_run((int)strtol(argv[2], NULL, 10));
	}
	if (argc < 2) {
		fprintf(stderr, "usage: forest CORONER [SEED [TREES [SOURCE...]]]\n");
		return 2;
	}
	coroner = argv[1];
	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	scores[n_sources++].source = argc > 4 ? argv[4] : "procfs";
	if (argc > 5)
		scores[n_sources++].source = argv[5];
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %llu\n", (unsigned long long)seed);
	change_seed(seed);
	grow_start();
	while (n_trees < trees)
		grow_batch((int)n_trees, trees - n_trees < BATCH ? (int)(trees - n_trees) : BATCH);
	printf("%u trees, %u victims\n", n_trees, n_victims);
	for (int i = 0; i < n_sources; i++)
		good &= print_score(&scores[i]);
	return good ? 0 : 1;
}
