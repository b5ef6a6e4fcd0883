#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner namespaces on real PID namespaces.

load lib

# The entry of the namespace whose init the zoo names.
entry='.namespaces[] | select(.init.pid == $zoo.init)'

# pid_max_from SOURCE INIT: what that source can tell of a namespace's kernel.pid_max. It is one of each since
# 6.14, and /proc shows the reader's own alone.
pid_max_from() {
	if [ "$1" = bpf ] || ! printf '6.14\n%s\n' "$(uname -r)" | sort -VC; then
		nsenter -t "$2" -p cat /proc/sys/kernel/pid_max
	else
		echo null
	fi
}

# told FILTER...: from every source, these hold for the entry of the zoo's init.
told() {
	local source filter
	for source in $(sources); do
		json namespaces --source="$source"
		for filter; do
			expect "$entry | $filter"
		done
	done
}

@test "every field of a namespace with members and threads" {
	local inode source
	zoo init --members 2 --threads 3
	inode=$(pidns_of "$(zoo_get .init)")
	told ".inode == $inode" '.depth == 1' '.processes == 3' '.threads == 9' '.zombies == 0' \
		'.nested == 0' '.init.ns_pids == [$zoo.init, 1]' '.init.role == "init"' \
		'.init.comm == "init"' '.init.pidns == '"$inode" '.container == null' \
		'.why | length > 5' '.orphans == 0'
	for source in $(sources); do
		json namespaces --source="$source"
		expect "$entry | .pid_max == \$max" --argjson max "$(pid_max_from "$source" "$(zoo_get .init)")"
	done
}

@test "nested namespaces: depths, zombies of each alone, how many are inside" {
	local i source
	zoo nested --depth 3 --count 2
	for source in $(sources); do
		json namespaces --source="$source"
		for i in 0 1 2; do
			expect '.namespaces[] | select(.init.pid == $zoo.inits[$i])
				| .depth == $i + 1 and .processes == 3 and .zombies == 2 and
				(.init.ns_pids | length == $i + 2 and .[-1] == 1)' --argjson i "$i"
			expect '.namespaces[] | select(.init.pid == $zoo.inits[$i])
				| .inode == $inode' --argjson i "$i" \
				--argjson inode "$(pidns_of "$(zoo_get ".inits[$i]")")"
		done
		# nested: the namespaces below, directly or not
		expect '.namespaces[] | select(.init.pid == $zoo.inits[2]) | .nested == 0'
		expect '.namespaces[] | select(.init.pid == $zoo.inits[1]) | .nested == 1'
		expect '.namespaces[] | select(.init.pid == $zoo.inits[0]) | .nested == 2'
	done
}

@test "pid_max: of each namespace, set inside" {
	needs_root
	printf '6.14\n%s\n' "$(uname -r)" | sort -VC || skip "needs a pid_max per namespace (6.14)"
	zoo forker --newpidns 2 --pid-max 5432
	if has_bpf; then
		json namespaces --source=bpf
		expect '[.namespaces[] | select(.init.pid | IN($zoo.inits[])) | .pid_max] | sort == [5432, $outer]' \
			--argjson outer "$(nsenter -t "$(zoo_get '.inits[0]')" -p cat /proc/sys/kernel/pid_max)"
		[[ $ERRORS != *pid_max* ]]
	fi
	# /proc tells of the reader's own alone, and nothing is entered for a list: that is said
	json namespaces --source=procfs --pid-ns="$(zoo_get .subject)"
	expect '.namespaces | map(.pid_max) == [null]'
	expect '.notes | any(test("pid_max of 1 PID namespace not read: .*BPF.*coroner headroom"))'
	json headroom --source=procfs "$(zoo_get .subject)"
	expect '.cases[0].limits[] | select(.name == $name) | .max == 5432' \
		--arg name "pid:[$(pidns_of "$(zoo_get .subject)")]"
}

@test "coroner's own namespace is there, at depth 0, and says what its pid_max is" {
	local source
	zoo nested --depth 2
	for source in $(sources); do
		json namespaces --source="$source"
		expect '[.namespaces[] | select(.depth == 0)] | length == 1'
		expect '.namespaces[] | select(.depth == 0) | .pid_max == $max' \
			--argjson max "$(cat /proc/sys/kernel/pid_max)"
		expect '.namespaces | map(.inode) | length == 3 and (unique | length) == 3'
		expect '.namespaces | map(.processes) | add == $root.visible_processes' \
			--argjson root "$JSON"
	done
}

@test "reaps yes: the init sits in wait4(-1)" {
	zoo init --how waits
	told '.reaps == "yes"' '.why | test("wait")'
}

@test "reaps yes: the init ignores SIGCHLD" {
	zoo init --how ignores
	told '.reaps == "yes"' '.why | test("SIGCHLD|ignore")'
}

@test "reaps no: adopted zombies outlive the settle time" {
	zoo unfit-init --count 2
	json namespaces --settle=50ms
	expect '.namespaces[] | select(.init.pid == $zoo.parent) | .reaps == "no" and .zombies == 2'
}

@test "reaps unknown: an init that sleeps and has nothing to reap" {
	zoo init --how sleeps
	told '.reaps == "unknown"'
}

@test "reaps unknown for tini's way: sigtimedwait is no wait" {
	zoo init --how sigwait
	told '.reaps == "unknown"'
}

@test "reaps: own zombies of an init are no evidence about its orphans" {
	zoo nested --depth 1 --count 2
	json namespaces --settle=50ms
	expect '.namespaces[] | select(.init.pid == $zoo.inits[0]) | .reaps == "unknown"'
}

@test "a dying init does not reap, though it shows SIGCHLD ignored" {
	zoo namespace-dying
	told '.reaps != "yes"' '.zombies == 1'
}

@test "a dying namespace is marked as one" {
	local source
	zoo init --how sleeps
	told '.dying == false'
	run coroner namespaces
	grep -q "^ *[0-9]* *[0-9]* *$(zoo_get .init) .* unknown$" <<<"$output"
	for source in $(sources); do
		zoo namespace-dying
		told '.dying' '.reaps == "unknown"' '.why | test("dying and waits until all others in it are reaped")'
		valid namespaces
		run coroner namespaces --source="$source"
		grep -q "^ *[0-9]* *[0-9]* *$(zoo_get .init) .* dying$" <<<"$output"
		grep -q "its init is dying and waits until all others in it are reaped$" <<<"$output"
		run coroner reaper --source="$source"
		grep -q "^ *$(zoo_get .init) .* dying$" <<<"$output"
		zoo_end
	done
	zoo namespace-dying --threads
	told '.dying'
	# a main thread that ended is no dying init by itself
	zoo threads-alive --init
	json namespaces
	expect '.namespaces[] | select(.init.pid == $zoo.zombies[0]) | .dying == false'
}

@test "orphans: living ones count, born members do not" {
	zoo init --members 2 --orphans 3
	json namespaces
	expect '.namespaces[] | select(.init.pid == $zoo.init) | .orphans == 3 and .processes == 6'
}

@test "the container of a namespace is that of its init" {
	local id root
	id=$(container_id)
	needs_root
	root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo cgroup --newpidns 1 --path "$root:docker/$id"
	json namespaces
	# the zoo's parent joins, its init stays outside
	expect '.namespaces[] | select(.init.pid == $zoo.inits[0]) | .container == null'
	zoo cgroup --init --path "$root:docker/$id"
	json namespaces
	expect '.namespaces[] | select(.init.pid == $zoo.parent)
		| .container.runtime == "docker" and .container.id == $id' --arg id "$id"
}

@test "--pid-ns shows one namespace alone" {
	local inode
	zoo nested --depth 2
	inode=$(pidns_of "$(zoo_get '.inits[1]')")
	json namespaces --pid-ns="$inode"
	expect '[.namespaces[].inode] == [$inode]' --argjson inode "$inode"
}

@test "inside a namespace with its own /proc, only what is below is seen" {
	JSON=$(unshare --pid --fork --mount-proc "$CORONER" namespaces --json)
	expect '.namespaces | length == 1'
	expect '.namespaces[0] | .depth == 0 and .init.pid == 1 and .init.ns_pids == [1]'
}

@test "text: one row per namespace, 80 columns on a pipe" {
	zoo nested --depth 2
	coroner namespaces >"$BATS_TEST_TMPDIR/out"
	no_control_bytes "$BATS_TEST_TMPDIR/out"
	grep -q "$(pidns_of "$(zoo_get '.inits[0]')")" "$BATS_TEST_TMPDIR/out"
	grep -q "$(pidns_of "$(zoo_get '.inits[1]')")" "$BATS_TEST_TMPDIR/out"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$BATS_TEST_TMPDIR/out")" -le 80 ]
	head -n 1 "$BATS_TEST_TMPDIR/out" | grep -qw PIDNS
}

@test "--pid-ns takes the PID of the init that shows no link" {
	local source
	for source in $(sources); do
		JSON=$(coroner namespaces --json --source="$source" --pid-ns=1)
		expect '.namespaces | length >= 1 and .[0].init.pid == 1'
	done
}

# unread PID... -- ARGS...: the JSON of a coroner to whom these show nothing more after the census, procfs the source.
unread() {
	local paths=() trace=$BATS_TEST_TMPDIR/trace
	for (( ; $# > 0; )); do
		[ "$1" != -- ] || break
		paths+=(-P "/proc/$1")
		shift
	done
	shift
	JSON=$(strace -f -qq -o "$trace" "${paths[@]}" -e inject=openat:error=EIO "$CORONER" --json --source=procfs "$@")
	grep -q INJECTED "$trace"
	valid "$1"
}

@test "an init whose status cannot be read is that still, where nobody else can be" {
	local init inode
	needs strace
	zoo init --members 1 --orphans 1
	init=$(zoo_get .init)
	inode=$(pidns_of "$init")
	unread "$init" -- namespaces
	expect '.namespaces[] | select(.inode == $inode) | .init.pid == $zoo.init and .depth == 1 and .processes == 3' \
		--argjson inode "$inode"
	unread "$init" -- reaper
	expect '.reapers[] | select(.process.pid == $zoo.init) | .kind == "init" and .certainty == "kernel" and .adopted == 1'
	unread "$init" -- tree
	expect '.tree[] | select(.pid == $zoo.init) | .marks == ["init"]'
}

# entered INIT: a process of its PID namespace whose parent is outside, in $ENTERED. It ends with that.
entered() {
	local input
	(
		# whose end the zoo waits for
		for input in "${ZOO_INPUTS[@]}"; do
			exec {input}>&-
		done
		exec nsenter -t "$1" -p sleep 1000 3>&-
	) &
	await test -e "/proc/$!/task/$!/children"
	await grep -q . "/proc/$!/task/$!/children"
	read -r ENTERED _ < <(echo "$(<"/proc/$!/task/$!/children")")
	await grep -qx sleep "/proc/$ENTERED/comm"
}

@test "which of several is the init where none can be read is not known, and that is said" {
	local init
	needs strace nsenter
	zoo init --members 1 --orphans 1
	init=$(zoo_get .init)
	entered "$init"
	# what is read of one tells of the other
	unread "$ENTERED" -- namespaces
	expect '.namespaces[] | select(.init.pid == $zoo.init) | .processes == 4'
	unread "$init" -- namespaces
	expect '.namespaces[] | select(.init.pid == $zoo.init) | .processes == 4'

	local said='.notes | any(test("who is the init of 1 PID namespace is not known"))'
	unread "$init" "$ENTERED" -- namespaces
	expect "$said"
	expect '.namespaces[] | select(.inode == $inode) | .init == null and .reaps == "unknown" and
		.why == "who its init is cannot be read" and .depth == 1' --argjson inode "$(pidns_of "$init")"
	unread "$init" "$ENTERED" -- reaper
	expect "$said"
	expect '[.reapers[] | select(.process.pid == $zoo.init or .process.pid == $entered)]
		| length == 2 and all(.kind == "init" and .certainty == "inferred")' --argjson entered "$ENTERED"
	unread "$init" "$ENTERED" -- reaper "$(zoo_get '.members[0]')"
	expect "$said"
	expect '.cases[0].heir | .rule == "init" and .process == null and .why == "who the heir is cannot be read"'
	unread "$init" "$ENTERED" -- tree
	expect "$said"
	expect '[.tree[] | select(.pid == $zoo.init)] | all(.marks | contains(["subreaper"]) | not)'
}

# of_many STATUS COMMAND...: headroom's answer beside a herd, in $JSON and $ERRORS.
of_many() {
	local wanted=$1 status=0
	JSON=$(beside_herd "${@:2}" "$CORONER" headroom --json --source=procfs 2>"$BATS_TEST_TMPDIR/errors") || status=$?
	ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
	((status == wanted)) || {
		echo "status $status, not $wanted: $ERRORS" >&2
		return 1
	}
}

# a fork of what has a sanitizer in it takes five times as long as each is given
# bats test_tags=unsanitized
@test "headroom asks each of many namespaces from inside, with few descriptors, however long that takes" {
	needs nsenter
	herd --parents 0 --pidns 600
	# fewer than there are namespaces
	of_many 0 prlimit --nofile=256:256
	[[ $ERRORS != *"not asked"* ]]
	expect '[.cases[].limits[] | select(.kind == "pid_max" and .exact)] | length > 600'
}

@test "of many namespaces that cannot be asked for one reason there is one note" {
	needs nsenter strace
	herd --parents 0 --pidns 20
	of_many 0 strace -f -qq -o /dev/null -e inject=setsockopt:error=EMFILE
	[ "$(grep -c 'not asked from inside' <<<"$ERRORS")" = 1 ]
	[[ $ERRORS == *"20 PID namespaces were not asked from inside: Too many open files"* ]]
}
