#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# deploy/examples, run as they stand by the shells that those systems run them with. (The HEALTHCHECK and the exec
# probe are run by engines: tests/containers.)

load lib

setup() {
	EXAMPLES=$TOP/deploy/examples
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -s "$CORONER_STATIC" "$BATS_TEST_TMPDIR/bin/coroner"
	# what the project itself would do
	printf '#!/bin/sh\ntouch made\n' >"$BATS_TEST_TMPDIR/bin/make"
	chmod +x "$BATS_TEST_TMPDIR/bin/make"
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
	cd "$BATS_TEST_TMPDIR" || return
}

# beside COUNT COMMAND...: as all that lives in a PID namespace, but for so many zombies of one parent.
beside() {
	run unshare --pid --fork --kill-child --mount-proc bash -c '
		zoo=$1 count=$2
		shift 2
		if ((count > 0)); then
			coproc "$zoo" --count "$count"
			read -r -u "${COPROC[0]}" || exit 99
		fi
		# no exec: it would let go of the zoo
		"$@"
		exit' bash "$ZOO/sigchld-default" "$@" 3>&-
	echo "$output"
}

# yaml FILTER FILE: through jq
yaml() {
	python3 -c 'import json, sys, yaml; print(json.dumps({str(k): v for k, v in yaml.safe_load(open(sys.argv[1])).items()}))' \
		"$2" | jq -r "$1"
}

@test "GitHub: the step fails with a zombie and passes without, and its summary has the list" {
	yaml '.jobs.test.steps[] | select(.name).run' "$EXAMPLES/github.yml" >step
	[ "$(yaml '.jobs.test.steps[] | select(.name).if' "$EXAMPLES/github.yml")" = "always()" ]
	# https://docs.github.com/actions: shell: bash
	beside 0 bash --noprofile --norc -eo pipefail step
	[ "$status" -eq 0 ]
	beside 2 bash --noprofile --norc -eo pipefail step
	[ "$status" -eq 1 ]
	[[ $output == *"CRITICAL"*"zombies"* ]]
	grep -q 'sigchld-default' summary
}

@test "GitLab: passed, passed with a warning, failed" {
	yaml '.test.script[]' "$EXAMPLES/gitlab-ci.yml" >step
	[ "$(yaml '.test.allow_failure.exit_codes' "$EXAMPLES/gitlab-ci.yml")" = 1 ]
	beside 0 bash -eo pipefail step
	[ "$status" -eq 0 ]
	[ -e made ]
	beside 2 bash -eo pipefail step
	[ "$status" -eq 1 ]
	beside 11 bash -eo pipefail step
	[ "$status" -eq 2 ]
	python3 -c 'import sys, xml.etree.ElementTree as e
assert e.parse(sys.argv[1]).getroot().find(".//failure") is not None' \
		"$(yaml '.test.artifacts.reports.junit' "$EXAMPLES/gitlab-ci.yml")"
}

@test "Jenkins: stable, unstable, failed" {
	# a Groovy text: a backslash stands for itself twice
	sed -n "/script: '''/,/'''\$/p" "$EXAMPLES/Jenkinsfile" | sed '1d; $d; s/\\\\/\\/' >step
	beside 0 sh -xe step
	[ "$status" -eq 0 ]
	beside 2 sh -xe step
	[ "$status" -eq 1 ]
	beside 11 sh -xe step
	[ "$status" -eq 2 ]
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse("coroner.xml")'
	grep -q "junit 'coroner.xml'" "$EXAMPLES/Jenkinsfile"
}

@test "the pod with the exec probe holds against the schemas of Kubernetes" {
	ln -s "$BUILD/npm/node_modules" node_modules
	echo '{}' >package.json
	"$TOP/tests/delivery/manifests-to-ts" <"$EXAMPLES/pod.yaml" >pod.ts
	node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module nodenext pod.ts
}
