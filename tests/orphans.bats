#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner orphans: who was adopted, by whom, and what shows it; and who was not.

load lib

orphans_of='[.orphans[] | select(.adopted_by == $by)]'

# all_of PID FILTER: from every source, this holds for the list of what PID adopted.
all_of() {
	local source
	for source in $(sources); do
		json orphans --source="$source"
		expect "$orphans_of | $2" --argjson by "$1"
	done
}

@test "living orphans of a container's init, and not the children that it started" {
	zoo init --members 2 --orphans 3
	all_of "$(zoo_get .init)" '(map(.process) | pids) == ($zoo.orphans | sort)'
	all_of "$(zoo_get .init)" 'all(.evidence == "session" and .certainty == "likely")'
}

@test "proven where the session's leader lives and is no child of the adopter" {
	zoo heir --how proven
	all_of "$(zoo_get .init)" 'length == 1 and
		(.[0] | .process.pid == $zoo.children[0] and .evidence == "session" and
			.certainty == "proven")'
}

@test "a child cloned for its grandparent is no orphan, and never proven to be one" {
	zoo heir --how clone-parent
	all_of "$(zoo_get .init)" 'all(.certainty == "likely")'
}

@test "orphans that a subreaper adopted, dead ones too" {
	zoo unfit-init --how subreaper --count 2 --own 1
	has_bpf || skip "needs BPF: /proc does not show subreapers"
	json orphans --source=bpf
	expect '[.orphans[] | select(.adopted_by == $zoo.parent) | .process.pid] - $zoo.zombies == []'
	zoo heir --how shown
	all_of "$(zoo_get .heir)" 'length == 1 and .[0].process.pid == $zoo.orphan and
		.[0].certainty == "likely"'
}

@test "dead orphans: list and orphans say the same of them" {
	local source adopted
	zoo unfit-init --count 2 --own 2
	for source in $(sources); do
		json orphans --source="$source"
		expect "$orphans_of | length == 2 and all(.process.state == \"Z\")" \
			--argjson by "$(zoo_get .parent)"
		adopted=$(jq -c --argjson by "$(zoo_get .parent)" \
			'[.orphans[] | select(.adopted_by == $by) | .process.pid] | sort' <<<"$JSON")
		json list --source="$source"
		expect 'parent | .zombies | map(select(.adopted)) | pids == $adopted' \
			--argjson adopted "$adopted"
	done
}

# shell N OPTIONS COMMANDS: starts a bash that holds N children named sleep; its PID is $shell.
shell() {
	local i
	mkfifo "$BATS_TEST_TMPDIR/in.$1"
	bash "$2" "$3 read -r _" <>"$BATS_TEST_TMPDIR/in.$1" >/dev/null 2>&1 3>&- &
	shell=$!
	cleanup end_tree "$shell"
	for ((i = 0; i < 1000; i++)); do
		[ "$(pgrep -c -P "$shell" -x sleep)" -ne "$1" ] || return 0
		sleep 0.01
	done
	return 1
}

# The children of a shell that we started, and the shell.
end_tree() {
	local child
	for child in $(pgrep -P "$1"); do
		kill -KILL "$child"
	done
	kill -KILL "$1"
	wait "$1" 2>/dev/null || true
}

@test "natural children of a shell are no orphans: jobs, pipelines, sessions of their own" {
	local with_jobs without source
	shell 3 -mc 'sleep 1000 & sleep 1000 | sleep 1000 &'
	with_jobs=$shell
	shell 2 -c 'setsid sleep 1000 & sleep 1000 &'
	without=$shell
	for source in $(sources); do
		json orphans --source="$source"
		expect "$orphans_of | length == 0" --argjson by "$with_jobs"
		expect "$orphans_of | length == 0" --argjson by "$without"
	done
}

@test "a daemon that forked twice is an orphan of whoever took it" {
	local daemon adopter
	# the test's own subreaper: nothing is left to the machine's init
	zoo init --orphans 1 --members 0
	daemon=$(zoo_get '.orphans[0]')
	adopter=$(ps -o ppid= -p "$daemon" | tr -d ' ')
	all_of "$adopter" 'length == 1 and .[0].process.pid == '"$daemon"
}

@test "--pid-ns narrows; one that does not exist is status 1" {
	zoo init --orphans 2
	json orphans --pid-ns="$(zoo_get .init)"
	expect '[.orphans[].process.pid] | sort == ($zoo.orphans | sort)'
	run coroner orphans --pid-ns=4999999999
	[ "$status" -eq 1 ]
	run coroner orphans extra
	[ "$status" -eq 2 ]
}

@test "dead orphans stand in the container of their adopter" {
	local id root
	id=$(container_id)
	needs_root
	root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo unfit-init --count 1
	mkdir -p "$root/docker/$id"
	cleanup rmdir -p --ignore-fail-on-non-empty "$root/docker/$id"
	cleanup zoo_end
	echo "$(zoo_get .parent)" >"$root/docker/$id/cgroup.procs"
	json orphans --container="$id"
	expect '[.orphans[].process.pid] == $zoo.zombies and
		.orphans[0].process.container.runtime == "docker"'
}

@test "JSON as the schema has it" {
	local source
	needs python3
	zoo unfit-init --count 2
	for source in $(sources); do
		json orphans --source="$source"
		valid orphans
	done
}

@test "text: a row each, 80 columns on a pipe, hostile names made safe" {
	zoo init --orphans 2
	coroner orphans >"$BATS_TEST_TMPDIR/out"
	no_control_bytes "$BATS_TEST_TMPDIR/out"
	grep -Eq "^ *$(zoo_get '.orphans[0]') .* session +likely" "$BATS_TEST_TMPDIR/out"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$BATS_TEST_TMPDIR/out")" -le 80 ]
}
