/* SPDX-License-Identifier: MIT */
#include "words/heirs/heir.h"

#include <stdio.h>

#include "words/explain/subject.h"
#include "words/heirs/reaps.h"
#include "words/remedy.h"
#include "words/tokens.h"
#include "words/plural.h"

char *heir_why(const struct heir *heir)
{
	switch (heir->reason) {
	case HEIR_KERNEL_PANICS:
		return xstrdup(
			"it is the init of the whole machine: the kernel panics when it ends");
	case HEIR_NAMESPACE_DIES:
		return xstrdup(
			"it is the init of its PID namespace: the kernel kills all that is left in there");
	case HEIR_ENDED:
		return xstrdup("it is dead already: what children it had were handed on then");
	case HEIR_IS_MARKED:
	case HEIR_IS_MARKED_OUTSIDE:
		return xasprintf(
			"the kernel has process %d marked as a subreaper, the nearest one above%s",
			heir->pid,
			heir->reason == HEIR_IS_MARKED ?
				"" :
				"; before Linux 4.11 one outside the PID namespace counts too");
	case HEIR_IT_ADOPTED:
		return xasprintf(
			"process %d holds process %d, which it did not start (%s): only a subreaper adopts",
			heir->pid, heir->other, adoption_sign_token(heir->sign));
	case HEIR_WAY_IS_CUT:
		return xasprintf(
			"process %d above it cannot be seen from here: a subreaper there or further up would inherit",
			heir->other);
	case HEIR_ENTERED:
		return xstrdup(
			"its parent is outside its PID namespace: it entered from there, and subreapers outside do not count");
	case HEIR_NOBODY_BETWEEN:
		return xstrdup("nobody stands between it and the init of its PID namespace");
	case HEIR_NO_SUBREAPER:
		return xasprintf("no live subreaper among the ancestors in between (%zu)",
				 heir->n_between);
	case HEIR_NO_SUBREAPER_SEEN:
		break;
	}
	return xasprintf(
		"no ancestor in between (%zu) shows an adopted child; a subreaper that holds none cannot be told from /proc",
		heir->n_between);
}

char *heir_headline(const struct terminal *t, const struct heir_case *k)
{
	auto_free char *name = subject_name(t, k->process);
	auto_free char *heir = k->heir_process ? subject_name(t, k->heir_process) : NULL;

	if (k->heir.rule == HEIR_NONE)
		return xasprintf("Nobody inherits from %s", name);
	return xasprintf("If %s ends, %s inherits%s", name,
			 heir		? heir :
			 k->init_untold ? "the init of its PID namespace, whoever that is," :
					  "the init of its PID namespace, out of sight,",
			 k->heir.exact ? "" : " (inferred)");
}

char *heir_outcome(const struct heir_case *k)
{
	if (k->view)
		return remedy_probe(reaps_why(&k->view->reaps), k->view->process->pid);
	if (k->kills && k->n_killed == 0)
		return xstrdup("nothing else lives in it; its zombies are reaped");
	if (k->kills)
		return xasprintf("%zu other%s die%s with it, and its zombies are reaped",
				 k->n_killed, plural_s(k->n_killed), k->n_killed == 1 ? "s" : "");
	return xstrdup(k->heir.rule == HEIR_NONE ? "nothing is left to inherit" :
		       k->heir_process		 ? "the heir has just ended" :
		       k->init_untold		 ? "who the heir is cannot be read" :
						   "the heir is not in sight");
}

enum tri heir_reaps(const struct heir_case *k)
{
	return k->view ? k->view->reaps.answer : TRI_UNKNOWN;
}

char *heir_fates(const struct heir_case *k)
{
	static const char *const words[] = {
		[FATE_ADOPTED] = "adopted",
		[FATE_REANNOUNCED] = "dead already, announced anew to the heir",
		[FATE_VANISHES] = "dead already, gone at once",
		[FATE_KILLED] = "killed",
		[FATE_HUNG_UP] = "ended by SIGHUP",
	};
	size_t count[ARRAY_SIZE(words)] = { 0 }, len = 0;
	char text[256] = "";

	for (size_t i = 0; i < k->n_children; i++)
		count[k->children[i].fate.fate]++;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (count[i])
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%zu %s",
						len ? ", " : ": ", count[i], words[i]);
	return xasprintf("Children: %zu%s", k->n_children, text);
}

char *heir_more_words(size_t n)
{
	return xasprintf("... and %zu more; --json lists them all", n);
}
