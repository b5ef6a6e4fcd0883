#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Surroundings that lie, change while they are looked at, or try to be mistaken for others.

load lib

# A command that must end well within this; CI machines are slow, hanging is what is looked for.
quick() {
	timeout 60 "$@"
}

@test "a PID that changes hands before the signal: the stranger gets nothing" {
	needs_root
	[ -w /proc/sys/kernel/pid_max ] || skip "needs a writable /proc/sys"
	JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER")
	expect '.signals == 0 and .status == 1'
	expect '.answer.parents | length == 1'
	expect '.pid as $pid | .answer.parents[0] | .pid == $pid and .sent == false and .signals == 0 and .after == null'
	expect '.answer.parents[0].reason | contains("ended")'
}

@test "also when the stranger has a handler and a zombie of its own" {
	needs_root
	JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER" --zombie)
	expect '.signals == 0 and .answer.parents[0].sent == false'
}

@test "the same parent, had it stayed, gets one signal: what these tests see is real" {
	needs_root
	JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER" --stay)
	expect '.signals == 1 and .answer.parents[0].sent and .answer.parents[0].signals == 1'
}

@test "reap: a parent's number that changes hands at the question: the stranger's zombie stays" {
	local how
	needs_root
	for how in --act --zombie; do
		JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER" --act reap "$how" reap)
		expect '.lost == false and .status == 0'
		expect '.pid as $pid | .answer.parents | length == 1 and (.[0] | .pid == $pid and .after == null)'
		expect '.answer.parents[0] | .reaped == [] and .left == [] and .stops == 0 and .thread == null'
		expect '.answer.parents[0] | .would_reap != [] and (.reason | contains("ended"))'
	done
}

@test "reap: a zombie's number that its parent has given to a child of its own, dead or alive: it keeps it" {
	local how
	needs_root
	for how in dead alive; do
		JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER" --act reap --anew "$how")
		expect '.lost == false and .status == 0 and .zombie > 0'
		expect '.zombie as $z | .answer.parents[0] | .would_reap == [$z] and .reaped == [] and .reason == null'
	done
	expect '.answer.parents[0] | .after == 0 and .left == []'
}

@test "reap: the same zombie, had it stayed, is taken: what these tests see is real" {
	needs_root
	JSON=$(quick "$ZOO/pid-reuse" --coroner "$CORONER" --act reap --stay)
	expect '.lost and .status == 0'
	expect '.zombie as $z | .answer.parents[0] | .reaped == [$z] and .after == 0'
}

# with a sanitizer it begins too slowly to meet one of these zombies
# bats test_tags=unsanitized
@test "reap: numbers given anew within a clock tick: no parent loses a child of its own" {
	local source
	needs_root
	for source in $(sources); do
		JSON=$(timeout -s KILL 160 "$ZOO/reap-anew" --coroner "$CORONER" --source "$source" --taken 30)
		# how many of them came within one tick is a matter of how fast the machine forks
		echo "# $source: $JSON" >&3
		expect '.taken >= 30'
		expect '.stolen == 0'
	done
}

@test "a process that renames itself all the time, to escape sequences: text and JSON stay clean" {
	local i out=$BATS_TEST_TMPDIR/out source
	zoo shifty --room "$(printf '%0200d' 0)"
	for source in $(sources); do
		for ((i = 0; i < 12; i++)); do
			coroner list --source="$source" >"$out" 2>&1
			no_control_bytes "$out"
			coroner list -z --source="$source" --color=always >"$out" 2>&1
			[ "$(grep -cP '\x07|\x1b\]|\x1b\[2J' "$out")" = 0 ]
			json list --source="$source"
			expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
			expect 'parent | .process.cmdline | type == "array"'
		done
	done
	run coroner nudge "$(zoo_get .parent)"
	[ "$status" = 1 ]
	printf '%s' "$output" >"$out"
	no_control_bytes "$out"
}

@test "a fork storm: every answer is whole, none takes long" {
	local i
	zoo storm
	for ((i = 0; i < 8; i++)); do
		JSON=$(quick "$CORONER" list --json 2>/dev/null)
		expect '.zombies == ([.parents[].zombies | length] | add // 0)'
		JSON=$(quick "$CORONER" namespaces --json --pid-ns="$(zoo_get .init)" 2>/dev/null)
		expect '.namespaces[0].init.pid == $zoo.init'
		expect '.namespaces[0] | .processes >= .zombies + 1 and .processes <= 200'
	done
}

@test "a probe into a fork storm ends, and says what came of it" {
	local status=0
	zoo storm
	JSON=$(quick "$CORONER" probe --json --timeout=500ms "$(zoo_get .init)" 2>/dev/null) || status=$?
	[ "$status" = 1 ]
	# on a busy machine half a second may be too short for the orphan to be heard of: then it says that
	expect '.reaped == false and (.adopter.pid == $zoo.init or (.adopter.pid == null and (.reason | contains("in time"))))'
}

@test "a nudge in a fork storm signals nobody but parents with a handler" {
	local status=0
	zoo storm
	JSON=$(quick "$CORONER" nudge --all --yes --json --timeout=200ms \
		--pid-ns="$(zoo_get .init)" 2>/dev/null) || status=$?
	((status <= 1))
	expect 'all(.parents[]; .sent == false)'
}

# fake_proc COMMAND...: runs it where /proc is a directory of somebody's making, in a PID namespace
# of its own with one parent and one zombie that are only claimed.
fake_proc() {
	local fake=$BATS_TEST_TMPDIR/fake
	mkdir -p "$fake/1" "$fake/$$" "$fake/self"
	printf '1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5%s 0 0 17%s 0\n' \
		"$(printf ' 0%.0s' {1..15})" "$(printf ' 0%.0s' {1..13})" >"$fake/1/stat"
	printf '%s (owned\033[31m) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9%s 0 17%s 0\n' \
		"$$" "$(printf ' 0%.0s' {1..15})" "$(printf ' 0%.0s' {1..13})" >"$fake/$$/stat"
	printf 'Name:\tinit\nState:\tS\nTgid:\t1\nUid:\t0 0 0 0\nThreads:\t1\nNSpid:\t1\nSigCgt:\t0000000000010000\n' \
		>"$fake/1/status"
	unshare -pfm --propagation private \
		bash -c 'mount --bind "$1" /proc && shift && exec "$@"' - "$fake" "$@"
}

@test "a namespace whose /proc is fake: no crash, and nobody is signalled by it" {
	needs_root
	local out=$BATS_TEST_TMPDIR/out
	fake_proc timeout 20 "$CORONER" list >"$out" 2>&1 || [ $? = 1 ]
	no_control_bytes "$out"
	run fake_proc timeout 20 "$CORONER" nudge --all --yes
	[ "$status" = 1 ]
	[[ $output == *"numbers processes otherwise"* ]]
	run fake_proc timeout 20 "$CORONER" nudge --force 1
	[ "$status" = 1 ]
	[[ $output == *"numbers processes otherwise"* ]]
}

# a sanitizer reads /proc of its own
# bats test_tags=unsanitized
@test "probe in a namespace whose /proc is fake finds the adopter without it" {
	needs_root
	run fake_proc timeout 20 "$ZOO/spot" -- "$CORONER" probe --json
	[ "$status" = 0 ]
	JSON=$(sed -n '/^{/,/^}/p' <<<"$output")
	expect '.adopter.pid > 1 and .adopter.ns_pid == .adopter.pid and .reaped and .pidns == null'
	expect '.adopter.comm == null'
}

@test "from outside, a fake /proc inside a namespace deceives nobody" {
	needs_root
	local fake=$BATS_TEST_TMPDIR/fake2 ready=$BATS_TEST_TMPDIR/ready init
	mkdir -p "$fake/1"
	mkfifo "$ready"
	# the shell is the init, and takes its children while it reads
	unshare -pfm --propagation private --kill-child \
		bash -c 'mount --bind "$1" /proc && echo >"$2" && read -r <"$2"' - "$fake" "$ready" 3>&- &
	cleanup wait "$!"
	read -r <"$ready"
	init=$(ps -o pid= --ppid "$!" | tr -d ' ')
	cleanup bash -c 'echo >"$1"' - "$ready"
	# inside, its /proc shows nothing of it
	[ -z "$(nsenter -t "$init" -p -m ls /proc/1)" ]
	JSON=$(coroner probe --json "$init" 2>/dev/null)
	expect ".adopter == {\"pid\": $init, \"ns_pid\": 1, \"comm\": \"bash\"} and .reaped"
}

@test "--procfs on garbage: a message and a failure, or the rest with a note; never a crash" {
	local tree=$BATS_TEST_TMPDIR/tree i
	mkdir "$tree"
	run coroner list --procfs="$tree"
	[ "$status" = 1 ]
	[[ $output == *"no process below"* ]]
	for i in 1 2 3 44 555; do
		mkdir "$tree/$i"
		head -c "$((i * 7 % 400))" /dev/urandom >"$tree/$i/stat"
		head -c 5000 /dev/urandom >"$tree/$i/status"
		head -c 300 /dev/urandom >"$tree/$i/cgroup"
		mkdir "$tree/$i/task"
	done
	mkdir "$tree/6" "$tree/7" "$tree/99999999999999999999" "$tree/0" "$tree/-1"
	mkfifo "$tree/6/stat" # would hang whoever opens it and waits
	ln -s stat "$tree/7/stat"
	# a zombie and its parent that read well, and beside them what never ends
	cp -r "$tree/3" "$tree/8"
	printf '8 (a) S 1 8 8 0 -1 0%s\n' "$(printf ' 0%.0s' {1..10}) 1 0 5$(printf ' 0%.0s' {1..15}) 17$(printf ' 0%.0s' {1..14})" >"$tree/8/stat"
	sed 's/^8 (a) S 1/9 (b) Z 8/' "$tree/8/stat" | install -D /dev/stdin "$tree/9/stat"
	rm "$tree/8/cgroup" "$tree/8/status"
	ln -s /dev/zero "$tree/8/cgroup"
	ln -s /dev/zero "$tree/8/status"
	for command in list namespaces; do
		run timeout 20 "$CORONER" "$command" --procfs="$tree"
		[ "$status" = 1 ] || [ "$status" = 0 ]
		[ -n "$output" ]
		printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out"
		no_control_bytes "$BATS_TEST_TMPDIR/out"
	done
	JSON=$(timeout 20 "$CORONER" list --json --procfs="$tree" 2>/dev/null)
	expect '.parents | map(.process.pid) == [8]'
	run coroner nudge --all --yes --procfs="$tree"
	[ "$status" = 1 ]
	run coroner probe --procfs="$tree" 1
	[ "$status" = 1 ]
}

@test "a cgroup path with odd bytes: clean in text, true in JSON" {
	needs_root
	local root name id out=$BATS_TEST_TMPDIR/out
	root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(printf 'ab%.0s' {1..32})
	# escape sequence, broken UTF-8, a space, a parenthesis
	name=$'coroner \e[31m\xff) \a'
	mkdir -p "$root/$name/docker-$id.scope"
	cleanup rmdir "$root/$name/docker-$id.scope" "$root/$name"
	zoo cgroup --path "$root:$name/docker-$id.scope"
	for view in "" -z; do
		# shellcheck disable=SC2086 # no word when empty
		coroner list $view >"$out" 2>&1
		no_control_bytes "$out"
	done
	json list
	expect 'parent | .process.container | .runtime == "docker" and .id == $id' --arg id "$id"
	expect 'parent | .process.container.cgroup | startswith("/coroner \u001b[31m\ufffd) \u0007/docker-")'
}

# refuses ARGS...: coroner says in words why not, with no byte that a terminal would obey.
refuses() {
	local status=0 out=$BATS_TEST_TMPDIR/out
	timeout 20 "$CORONER" "$@" >"$out" 2>&1 </dev/null || status=$?
	if ((status == 0 || status > 3)) || [ ! -s "$out" ] || ! no_control_bytes "$out"; then
		printf 'status %d of %q:\n' "$status" "$*"
		cat -v "$out"
		return 1
	fi
}

@test "what was typed is told without its control bytes, whatever refuses it" {
	local odd=$'\e]0;title\a\e[31m\xff\xe2\x80\xae' LC_ALL
	for LC_ALL in C.UTF-8 C; do
		export LC_ALL
		refuses "--$odd"
		refuses "--$odd=1"
		refuses "--json=$odd"
		refuses "-$odd"
		refuses "-q$odd"
		refuses "$odd"
		refuses help "$odd"
		refuses --version "$odd"
		refuses explain "$odd"
		refuses signals "$odd"
		refuses reap --own "$odd"
		refuses list "$odd"
		for word in --source= --color= --pid-ns= --container= --settle= --procfs=/nowhere/; do
			refuses "$word$odd" explain 1
		done
		coroner headroom --cgroupfs="/nowhere/$odd" >"$BATS_TEST_TMPDIR/out" 2>&1
		grep -q 'nowhere/\\x1b\]0;title' "$BATS_TEST_TMPDIR/out"
		no_control_bytes "$BATS_TEST_TMPDIR/out"
		for word in 'list -o' 'list --verdict' 'list --top' 'check -w' 'check --only' 'check --format' \
			'check --fail-on' 'check --timeout' 'check --state /nowhere/' 'metrics --top' 'metrics --output /nowhere/' \
			'metrics --every' 'watch -n' 'watch -c' 'nudge -t' 'probe -t' 'reap --min-age'; do
			# shellcheck disable=SC2086 # words; the last one takes what is odd
			set -- $word
			case $word in
			*/) refuses "${@:1:$#-1}" "${!#}$odd" ;;
			*) refuses "$@" "$odd" ;;
			esac
		done
	done
}
