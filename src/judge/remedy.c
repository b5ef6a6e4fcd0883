/* SPDX-License-Identifier: MIT */
#include "judge/remedy.h"

#include <ctype.h>
#include <stdio.h>

#include "base/base.h"

struct engine {
	const char *runtime;
	const char *init; /* how to give it an init that reaps */
	const char *thaw;
	const char *restart;
};

/* docker-run(1), podman-run(1), nerdctl, kubectl, lxc-stop(1), machinectl(1) */
static const struct engine engines[] = {
	{ "docker", "docker run --init (compose: init: true), or tini as the image's entrypoint",
	  "docker unpause ID", "docker restart ID" },
	{ "podman", "podman run --init, or catatonit as the image's entrypoint",
	  "podman unpause ID", "podman restart ID" },
	{ "containerd", "nerdctl run --init, or tini as the image's entrypoint",
	  "nerdctl unpause ID (ctr tasks resume ID)", "nerdctl restart ID" },
	{ "lxc", "a real init in the container (lxc.init.cmd)", "lxc-unfreeze ID",
	  "lxc-stop --reboot ID" },
	{ "systemd-nspawn", "systemd-nspawn --as-pid2, or --boot with a real init", NULL,
	  "machinectl reboot ID" },
	{ "oci", "tini or dumb-init as the image's entrypoint", "runc resume ID", NULL },
};

/* kubelet starts all containers of a pod: what the engine below it is called does not matter */
static const struct engine pod = {
	NULL,
	"tini or dumb-init as the image's entrypoint, or shareProcessNamespace: true in the pod's spec",
	NULL,
	"kubectl delete pod POD (the pod with uid UID), for its controller to make a new one",
};

static const struct engine *find_engine(const struct container *c)
{
	if (c->pod_uid[0] || streq(c->runtime, "kubernetes") || streq(c->runtime, "cri-o"))
		return &pod;
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (streq(engines[i].runtime, c->runtime))
			return &engines[i];
	return NULL;
}

struct engine_remedy remedy_of_engine(const struct container *c, enum verdict_code code)
{
	const struct engine *e = find_engine(c);

	if (!e)
		return (struct engine_remedy){ NULL, NULL };
	switch (code) {
	case VERDICT_UNFIT_INIT:
		return (struct engine_remedy){ e->init, e->restart };
	case VERDICT_PARENT_FROZEN:
		return (struct engine_remedy){ NULL, e->thaw };
	case VERDICT_CLONE_CHILD:
	case VERDICT_WAITS_FOR_OTHER:
	case VERDICT_SIGCHLD_BLOCKED:
	case VERDICT_SIGCHLD_IGNORED:
	case VERDICT_SIGCHLD_DEFAULT:
	case VERDICT_SIGCHLD_CAUGHT:
		return (struct engine_remedy){ NULL, e->restart };
	default:
		return (struct engine_remedy){ NULL, NULL };
	}
}

static bool is_word(const char *text, const char *at, size_t len)
{
	return (at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[len]);
}

char *remedy_fill(const char *text, const char *from, const char *to)
{
	size_t len = strlen(from), size;
	const char *done = text;
	char *filled = NULL;
	FILE *out = open_memstream(&filled, &size);

	if (!out)
		return xstrdup(text);
	for (const char *at = strstr(text, from); at; at = strstr(at + len, from)) {
		if (!is_word(text, at, len))
			continue;
		fprintf(out, "%.*s%s", (int)(at - done), done, to);
		done = at + len;
	}
	fputs(done, out);
	fclose(out);
	return filled;
}

char *remedy_of(const struct verdict *v)
{
	const struct {
		const char *word;
		pid_t pid;
	} numbers[] = { { "PARENT", v->parent }, { "ZOMBIE", v->zombie }, { "OTHER", v->other } };
	char *text = xstrdup(v->remedy);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		auto_free char *before = text, *pid = xasprintf("%d", numbers[i].pid);

		text = remedy_fill(before, numbers[i].word, pid);
	}
	return text;
}
