#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The manifests as kustomize puts them together, held against the API's schemas; and what the plugin asks of a
# kubectl that only writes it down.

load lib

setup() {
	PLUGIN=$TOP/deploy/kubernetes/kubectl-coroner
	LOG=$BATS_TEST_TMPDIR/kubectl.log
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	# A call a line, each argument in brackets; standard input by its size.
	cat >"$BATS_TEST_TMPDIR/bin/kubectl" <<-'END'
		#!/bin/sh
		printf '[%s] ' "$@" >>"$KUBECTL_LOG"
		case " $* " in
		*" -i "*sh*) printf '<%s ' "$(wc -c)" >>"$KUBECTL_LOG" ;;
		*" get pod "*) echo "$KUBECTL_CONTAINERS" ;;
		esac
		for word; do
			case $word in --custom=*) printf '%s ' "$(cat "${word#*=}")" >>"$KUBECTL_LOG" ;; esac
		done
		echo >>"$KUBECTL_LOG"
		case " $* " in *" /tmp/coroner."*" check "*) exit 2 ;; esac
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/kubectl"
	export KUBECTL_LOG=$LOG KUBECTL_CONTAINERS=" first"
}

# The plugin as kubectl finds it, by a shell that has nothing of bash.
plugin() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run dash "$PLUGIN" "$@"
	echo "$output"
	[[ ! -e $LOG ]] || cat "$LOG"
}

asked() { # LINE...: exactly these
	diff <(sed 's/ $//' "$LOG") <(printf '%s\n' "$@")
}

@test "every overlay holds against the schemas of Kubernetes, whose checker finds faults" {
	local dir=$BATS_TEST_TMPDIR overlay options=(--noEmit --strict --skipLibCheck --module nodenext)
	ln -s "$BUILD/npm/node_modules" "$dir/node_modules"
	echo '{}' >"$dir/package.json"
	for overlay in base overlays/unprivileged overlays/podmonitor; do
		kubectl kustomize "$TOP/deploy/kubernetes/$overlay" |
			"$TOP/tests/delivery/manifests-to-ts" >"$dir/$(basename "$overlay").ts"
	done
	cd "$dir"
	node_modules/.bin/tsc "${options[@]}" base.ts unprivileged.ts podmonitor.ts
	sed 's/"hostPID"/"hostPid"/' base.ts >faulty.ts
	run node_modules/.bin/tsc "${options[@]}" faulty.ts
	[ "$status" -ne 0 ]
	[[ $output == *hostPid* ]]
}

@test "the DaemonSet has three rights, no more; its unprivileged variant has none" {
	local of='select(.kind == "DaemonSet") | .spec.template.spec'
	manifests() {
		kubectl kustomize "$TOP/deploy/kubernetes/$1" |
			python3 -c 'import json, sys, yaml; [print(json.dumps(d)) for d in yaml.safe_load_all(sys.stdin)]'
	}
	manifests base | jq -es "any(.[]; $of | .hostPID and (.containers[0].securityContext |
		.capabilities == {drop: [\"ALL\"], add: [\"SYS_PTRACE\", \"BPF\", \"PERFMON\"]}
		and .allowPrivilegeEscalation == false and .readOnlyRootFilesystem and .seccompProfile.type == \"RuntimeDefault\"))"
	manifests overlays/unprivileged | jq -es "any(.[]; $of | .hostPID and (.containers[0] |
		(.args | index(\"--source=procfs\")) and (.securityContext |
		.capabilities == {drop: [\"ALL\"]} and .runAsUser == 65534 and .runAsNonRoot)))"
	manifests overlays/podmonitor | jq -es 'any(.[]; .kind == "PodMonitor"
		and .spec.selector.matchLabels == {"app.kubernetes.io/name": "coroner"})'
	# the tag is that of this version
	[ "$("$CORONER" --version)" = "coroner $(manifests base | jq -r "$of | .containers[0].image" | sed 's/.*://')" ]
}

@test "kubectl coroner POD: a debug container beside the default container" {
	plugin web-0 -- explain 1
	[ "$status" -eq 0 ]
	asked '[get] [pod] [web-0] [-o] [jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/default-container} {.spec.containers[0].name}]' \
		'[debug] [web-0] [--image=coroner:1.0.0] [--target=first] [--profile=general] [-i] [--] [/coroner] [explain] [1]'
	rm "$LOG"
	KUBECTL_CONTAINERS='annotated first' plugin pod/web-0
	[ "$(tail -n 1 "$LOG")" = '[debug] [web-0] [--image=coroner:1.0.0] [--target=annotated] [--profile=general] [-i] [--] [/coroner] ' ]
}

@test "-c, -n, --context, --image and --root, in each form" {
	plugin -n apps --context=prod --image=reg/coroner:2 -cmain --root web-0 -- list -z
	[ "$status" -eq 0 ]
	asked '[--context=prod] [--namespace=apps] [debug] [web-0] [--image=reg/coroner:2] [--target=main] [--profile=general] '"$(
		)[--custom=$(grep -o '/[^]]*rights.json' "$LOG")] [-i] [--] [/coroner] [list] [-z] $(
		)"'{"securityContext":{"runAsUser":0,"runAsNonRoot":false,"capabilities":{"add":["SYS_PTRACE"]}}}'
	[ ! -e "$(grep -o '/[^]]*rights.json' "$LOG")" ]
	rm "$LOG"
	CORONER_IMAGE=mine plugin --container main --namespace=apps web-0
	asked '[--namespace=apps] [debug] [web-0] [--image=mine] [--target=main] [--profile=general] [-i] [--] [/coroner]'
}

@test "kubectl coroner node/NAME: privileged, with the node's cgroups" {
	plugin node/n1 -- headroom
	[ "$status" -eq 0 ]
	asked "[debug] [node/n1] [--image=coroner:1.0.0] [--profile=sysadmin] [--custom=$(grep -o '/[^]]*rights.json' "$LOG")] $(
		)[-i] [--] [/coroner] [--cgroupfs=/host/sys/fs/cgroup] [headroom] $(
		)"'{"securityContext":{"runAsUser":0,"privileged":true}}'
	plugin node/n1 -c main
	[ "$status" -eq 2 ]
	[[ $output == *"a node has no container"* ]]
}

@test "--copy: the static file through the container's shell; its exit status comes back" {
	local size to
	size=$(stat -c %s "$CORONER_STATIC")
	plugin --copy="$CORONER_STATIC" -c main web-0 -- check
	[ "$status" -eq 2 ]
	to=$(grep -o -m 1 '/tmp/coroner\.[0-9]*' "$LOG" | head -n 1)
	asked "[exec] [-i] [web-0] [-c] [main] [--] [sh] [-c] [cat >$to && chmod 700 $to] <$size" \
		"[exec] [web-0] [-c] [main] [--] [$to] [check]" \
		"[exec] [web-0] [-c] [main] [--] [rm] [-f] [$to]"
	plugin --copy=/nowhere/coroner -c main web-0
	[ "$status" -eq 2 ]
	[[ $output == "kubectl coroner: /nowhere/coroner cannot be read"* ]]
}

@test "--dry-run prints what a shell can run, and runs nothing" {
	local line
	plugin --dry-run -c main --root web-0 -- explain 'a b' "it's"
	[ "$status" -eq 0 ]
	[ ! -e "$LOG" ]
	line=${output%%$'\n['*}
	cd "$BATS_TEST_TMPDIR"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH sh -euc "$line"
	asked "[debug] [web-0] [--image=coroner:1.0.0] [--target=main] [--profile=general] [--custom=coroner-rights.json] [-i] [--] $(
		)[/coroner] [explain] [a b] [it's] {\"securityContext\":{\"runAsUser\":0,\"runAsNonRoot\":false,\"capabilities\":{\"add\":[\"SYS_PTRACE\"]}}}"
}

@test "bad usage is told: exit status 2" {
	local words
	for words in '' 'a b' '--bad a' '-n' '--copy=/x node/n'; do
		# shellcheck disable=SC2086 # words
		plugin $words
		[ "$status" -eq 2 ]
		[[ $output == "kubectl coroner: "* ]]
	done
	plugin $'--\e[31mred'
	[ "$status" -eq 2 ]
	[[ $output == "kubectl coroner: "*"--?[31mred"* ]]
	plugin --help
	[ "$status" -eq 0 ]
	[[ $output == "Usage: kubectl coroner "* ]]
}
