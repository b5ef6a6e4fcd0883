/* SPDX-License-Identifier: MIT */
#include "case/heirs/namespaces.h"
#include "show/json/process.h"
#include "words/heirs/namespaces.h"
#include "words/tokens.h"

static json_t *namespace_json(const struct census *c, const struct namespace_row *row)
{
	const struct pidns *ns = row->ns;
	const struct details *d = &row->init.look.details;
	json_t *o = json_object();

	json_object_set_new(o, "inode", json_known(ns->inode, (int64_t)ns->inode));
	json_object_set_new(o, "depth", json_known(ns->depth >= 0, ns->depth));
	json_object_set_new(o, "container", row->has_init ? json_container(d) : json_null());
	json_object_set_new(o, "init", row->has_init ? json_process(c, d) : json_null());
	json_object_set_new(o, "processes", json_integer((json_int_t)ns->processes));
	json_object_set_new(o, "threads", json_integer((json_int_t)ns->threads));
	json_object_set_new(o, "zombies", json_integer((json_int_t)ns->zombies));
	json_object_set_new(o, "orphans", json_integer((json_int_t)row->orphans));
	json_object_set_new(o, "orphans_exact", json_boolean(c->kernel != NULL));
	json_object_set_new(o, "nested", json_integer((json_int_t)ns->nested));
	json_object_set_new(o, "pid_max", json_known(row->pid_max, (int64_t)row->pid_max));
	json_object_set_new(o, "dying", json_boolean(namespace_is_dying(row)));
	json_object_set_new(o, "reaps", json_string(reaps_name(namespace_reaps(row))));
	json_object_set_new(o, "why", json_string(namespace_why(row)));
	return o;
}

void namespaces_json(const struct answer *a)
{
	const struct namespaces *all = a->facts;
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list, namespace_json(all->census, &all->list[i]));
	json_answer(a, "namespaces", json_pack("{s:o}", "namespaces", list));
}
