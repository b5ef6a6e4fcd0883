/* SPDX-License-Identifier: MIT */
#include "case/tree/branches.h"
#include "show/json/process.h"
#include "words/tokens.h"

static json_t *marks_json(unsigned marks)
{
	static const char *const names[] = { "zombie", "orphan", "init", "subreaper" };
	json_t *list = json_array();

	/* one that may be it has no role either */
	if (marks & MARK_INFERRED)
		marks &= ~(unsigned)MARK_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (marks & 1u << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *branch_json(const struct branches *all, const struct branch *b)
{
	const struct process *above = b->depth ? census_parent(all->census, b->process) : NULL;
	json_t *o = json_process(all->census, b->details);

	json_object_set_new(o, "parent", json_known(above, above ? above->pid : 0));
	json_object_set_new(o, "depth", json_integer((json_int_t)b->depth));
	json_object_set_new(o, "marks", marks_json(b->marks));
	json_object_set_new(o, "zombies", json_integer(b->process->n_zombies));
	json_object_set_new(o, "reaps",
			    b->has_reaps ? json_string(reaps_name(b->reaps)) : json_null());
	json_object_set_new(o, "folded", json_integer((json_int_t)b->folded));
	return o;
}

/* A list, however deep the tree is: one in which each held its children would be indented by its depth */
void tree_json(const struct answer *a)
{
	const struct branches *all = a->facts;
	struct json_stream s;

	json_answer_begin(a, "tree", &s);
	json_stream_list(&s, "tree");
	for (size_t i = 0; i < all->n; i++)
		json_stream_value(&s, NULL, branch_json(all, &all->list[i]));
	json_stream_end(&s);
	json_stream_value(&s, "folded", json_integer((json_int_t)all->folded_apart));
	json_stream_end(&s);
}
