#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# No zombie falls out of an answer: whatever a parent's files look like, and whatever of them is hidden.

# run sets lines.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load lib

many_groups() {
	seq -s, 4000000000 4000000899
}

# -- a status longer than any guess --

@test "a parent in hundreds of groups: its zombies are listed and judged" {
	needs_root
	local n source
	for n in 900 65536; do
		zoo sigchld-default --count 2 --groups $n
		for source in $(sources); do
			json list --source="$source"
			expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
			expect 'parent | .verdict.code == "sigchld-default"'
			expect 'parent | .masks.SigCgt | is_hex'
			run -0 coroner list --source="$source"
			[[ $output == *"sigchld-default"*"2 zombies under 1 parent"* ]]
			run -1 coroner check --source="$source" -w zombies=1
			[[ ${lines[0]} == "CORONER WARNING: zombies 2"* ]]
			run -0 coroner metrics --source="$source"
			[[ $output == *"coroner_zombies 2"* && $output == *"coroner_complete 1"* ]]
			json explain --source="$source" "$(zoo_get .parent)"
			expect '.cases[0] | .kind == "parent" and .parent.n_zombies == 2'
			json signals --source="$source" "$(zoo_get .parent)"
			expect '.cases[0].masks.SigBlk | is_hex'
		done
		zoo_end
	done
}

@test "threads of a parent in hundreds of groups are all looked at" {
	needs_root
	local source
	zoo waits --how waitpid --thread --groups 900
	for source in $(sources); do
		json list --source="$source"
		expect 'parent | .verdict.code == "waits-for-other" and .doing.waits_for == $zoo.other'
	done
}

@test "users and namespaces of processes in hundreds of groups are counted" {
	needs_root
	local source here
	zoo sigchld-default --count 6 --newpidns 1 --groups 900
	for source in $(sources); do
		json headroom --source="$source" "$(zoo_get .parent)"
		# an init, the parent, six zombies
		expect '.cases[0] | [.limits[] | select(.kind == "pid_max")][0] | .current == 8 and .zombies == 6'
		expect '.cases[0] | [.limits[] | select(.kind == "nproc")] | length == 1 and .[0].current >= 8'
	done
}

@test "a parent in hundreds of groups is nudged, and by somebody in hundreds of groups" {
	needs_root
	local as
	needs setpriv
	for as in "" "setpriv --groups $(many_groups)"; do
		zoo sigchld-caught --how one --groups 900
		# shellcheck disable=SC2086 # words
		run -0 $as "$CORONER" nudge "$(zoo_get .parent)"
		[[ $output == *"SIGCHLD sent"*"2 of 2 zombies reaped"* ]]
		zoo_end
	done
}

# -- what proc hides --

# inside ARGS...: coroner in the namespace of the zoo's hidden parent, as nobody, who may load BPF and no more.
inside() {
	nsenter -t "$(zoo_get .init)" -p -m setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps -all,+bpf,+perfmon --ambient-caps -all,+bpf,+perfmon "$PUBLIC/coroner" "$@"
}

# hides N: such a namespace, and a coroner that nobody may run.
hides() {
	needs_root
	needs setpriv nsenter
	zoo hidden --hidepid "$1"
	PUBLIC=$(mktemp -d /tmp/coroner-hidden.XXXXXX)
	cleanup rm -rf "$PUBLIC"
	cp "$CORONER" "$PUBLIC/coroner"
	chmod -R a+rx "$PUBLIC"
}

@test "a hidden parent stays in every answer, as one of which something is not known" {
	has_bpf || skip "needs BPF"
	local how
	for how in 1 2 4; do
		hides $how
		JSON=$(inside list --json --source=bpf)
		valid list
		expect '.zombies == 1 and .parents[0].process.pid == $zoo.parent_inside'
		expect '.parents[0].verdict | .code == "unknown" and .certainty == "likely"'
		expect '.parents[0].zombies | pids == [$zoo.zombie_inside]'
		expect '.notes | any(contains("CAP_SYS_PTRACE is missing"))'
		run -0 inside list --source=bpf
		[[ $output == *"1 zombie under 1 parent"* ]]
		run -0 inside list -z --source=bpf
		[[ $output == *unknown* ]]
		run -3 inside check --source=bpf
		[[ ${lines[0]} == "CORONER UNKNOWN: "*hidden* ]]
		run -0 inside metrics --source=bpf
		[[ $output == *"coroner_complete 0"* && $output == *"coroner_zombies 1"* ]]
		zoo_end
	done
}

@test "hidden is not in sight, and neither ended nor absent" {
	local how args source subject
	for how in 1 2 4; do
		hides $how
		for source in $(sources); do
			for subject in "$(zoo_get .parent_inside)" "$(zoo_get .zombie_inside)"; do
				for args in explain reaper signals headroom; do
					run inside $args --source="$source" "$subject"
					echo "hidepid=$how $source $args $subject: $status: $output"
					[ "$status" = 1 ]
					[[ $output == *"process $subject is not in sight"* ]]
					[[ $output != *ended* && $output != *"no process"* ]]
				done
			done
			run -1 inside nudge --force --source="$source" "$(zoo_get .parent_inside)"
			[[ $output == *"in sight"* && $output != *ended* ]]
			run -1 inside explain --source="$source" 999
			[[ $output == *"there is no process 999"* ]]
		done
		zoo_end
	done
}

# -- files that cannot be read --

@test "whatever stands where a parent's status should be, its zombies stay in the answer" {
	local tree=$BATS_TEST_TMPDIR/tree how
	for how in directory fifo open-fifo empty gone loop cut; do
		rm -rf "$tree"
		"$TESTS/fixtures/make" in-flight "$tree"
		rm "$tree/100/status"
		case $how in
		directory) mkdir "$tree/100/status" ;;
		*fifo) mkfifo "$tree/100/status" ;;
		empty) : >"$tree/100/status" ;;
		loop) ln -s status "$tree/100/status" ;;
		cut) printf 'Name:\tx\nState:\tS (x)\nTgid:\t100\n' >"$tree/100/status" ;;
		esac
		[ $how != open-fifo ] || exec 7<>"$tree/100/status"
		run -0 timeout 20 "$CORONER" list --procfs="$tree"
		echo "$how: $output"
		[[ $output == *"1 zombie under 1 parent"*"status of 1 parent cannot be read"* ]]
		JSON=$(timeout 20 "$CORONER" list --json --procfs="$tree")
		expect '.zombies == 1 and .parents[0].process.pid == 100'
		run timeout 20 "$CORONER" metrics --procfs="$tree"
		[[ $output == *"coroner_complete 0"* && $output == *"coroner_zombies 1"* ]]
		run -3 timeout 20 "$CORONER" check --settle=0 --procfs="$tree"
		[[ ${lines[0]} == "CORONER UNKNOWN: "* ]]
		[ $how != open-fifo ] || exec 7>&-
	done
}

@test "whatever error its files give, a parent that is there stays in the answer" {
	needs strace
	local parent source call error
	zoo sigchld-default 1
	parent=$(zoo_get .parent)
	for source in $(sources); do
		for error in EIO EAGAIN EACCES ENOENT ESRCH; do
			for call in openat read,pread64; do
				JSON=$(timeout 20 strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -P "/proc/$parent" \
					-P "/proc/$parent/stat" -P "/proc/$parent/status" \
					-e inject=$call:error=$error "$CORONER" list --json --source="$source")
				echo "$source $call $error: $JSON"
				grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
				expect '.zombies == 1 and (.parents[0] | .process.pid == $zoo.parent and
					(.zombies | pids) == $zoo.zombies and .verdict.certainty == "likely")'
			done
		done
	done
}

@test "no file of a tree makes it wait: every one a FIFO" {
	local tree=$BATS_TEST_TMPDIR/tree file
	"$TESTS/fixtures/make" in-flight "$tree"
	for file in status syscall wchan cgroup mem cmdline limits ns/user ns/pid fdinfo/0; do
		rm -f "$tree/100/$file"
		mkfifo "$tree/100/$file"
	done
	for file in list "list --json" check metrics "explain 100" "headroom 100" namespaces tree; do
		# shellcheck disable=SC2086 # words
		run timeout 20 "$CORONER" $file --procfs="$tree"
		[ "$status" != 124 ]
	done
}
