/* SPDX-License-Identifier: MIT */
#include "words/tokens.h"

const char *source_token(enum census_source source)
{
	return source == CENSUS_BPF ? "bpf" : "procfs";
}

const char *source_name(enum census_source source)
{
	return source == CENSUS_BPF ? "BPF" : "procfs";
}

const char *proven_token(bool proven)
{
	return proven ? "proven" : "likely";
}

const char *kernel_token(bool by_kernel)
{
	return by_kernel ? "kernel" : "inferred";
}

const char *sigchld_token(enum sigchld_disposition disposition)
{
	static const char *const tokens[] = {
		[SIGCHLD_DEFAULT] = "default",
		[SIGCHLD_IGNORED] = "ignored",
		[SIGCHLD_CAUGHT] = "caught",
	};

	return tokens[disposition];
}

const char *adoption_sign_token(enum adoption_sign sign)
{
	static const char *const tokens[] = {
		[SIGN_UNASKED] = NULL,
		[SIGN_NONE] = "none",
		[SIGN_SESSION] = "session",
		[SIGN_PROCESS_GROUP] = "process-group",
		[SIGN_EXEC_ID] = "exec-id",
		[SIGN_CHILD_ORDER] = "child-order",
		[SIGN_PARENT_SLEPT] = "parent-slept",
		[SIGN_CLONE_PARENT] = "clone-parent",
		[SIGN_EXIT_SIGNAL] = "exit-signal",
		[SIGN_NO_ADOPTER] = "no-adopter",
	};

	return tokens[sign];
}

const char *reaps_name(enum tri answer)
{
	return answer == TRI_YES ? "yes" : answer == TRI_NO ? "no" : "unknown";
}

const char *heir_rule_name(enum heir_rule rule)
{
	return rule == HEIR_SUBREAPER ? "subreaper" : rule == HEIR_INIT ? "init" : "none";
}

const char *child_fate_name(enum child_fate fate)
{
	static const char *const names[] = {
		[FATE_ADOPTED] = "adopted",   [FATE_REANNOUNCED] = "re-announced",
		[FATE_VANISHES] = "vanishes", [FATE_KILLED] = "killed",
		[FATE_HUNG_UP] = "hung-up",
	};

	return names[fate];
}

const char *blocker_token(enum zombie_blocker blocker)
{
	static const char *const tokens[] = { [BLOCKER_NONE] = "none",
					      [BLOCKER_THREADS_ALIVE] = "threads-alive",
					      [BLOCKER_TRACED] = "traced" };

	return tokens[blocker];
}

const char *out_of_scope_words(void)
{
	return "is not in that PID namespace or container";
}
