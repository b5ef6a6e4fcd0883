#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner explain: whom it is about, by number, by name, or by a container alone.

bats_require_minimum_version 1.5.0
load lib

# A program of that name that sleeps; its PID is in $SLEEPER.
sleeper() {
	[ -e "$BATS_TEST_TMPDIR/$1" ] || cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/$1"
	"$BATS_TEST_TMPDIR/$1" 1000 3>&- &
	SLEEPER=$!
	cleanup kill "$SLEEPER"
	await grep -qx "${1:0:15}" "/proc/$SLEEPER/comm"
}

@test "a name that one living process has" {
	sleeper lonely-one
	json explain lonely-one
	expect '[.cases[].process.pid] == [$pid]' --argjson pid "$SLEEPER"
	coroner explain lonely-one | grep -q "^who  *$SLEEPER (lonely-one)"
	# the kernel keeps 15 bytes of it
	sleeper longer-than-fifteen
	json explain longer-than-fifteen "$$"
	expect '[.cases[].process.pid] == [$pid, $shell]' --argjson pid "$SLEEPER" --argjson shell $$
	# no part of a name is taken for the whole
	run coroner explain lonely
	[ "$status" = 1 ]
	[[ $output == *"there is no process in sight whose name is 'lonely'"* ]]
}

@test "a name that several have: they are listed, and how to choose is said" {
	local first
	sleeper many-alike
	first=$SLEEPER
	sleeper many-alike
	run coroner explain many-alike
	[ "$status" = 1 ]
	[[ $output == *"2 processes are called 'many-alike': $first (many-alike 1000), $SLEEPER (many-alike 1000); name one by its PID" ]]
	run --separate-stderr coroner explain --json many-alike
	[ "$status" = 1 ]
	JSON=$output
	expect '.notes | any(test("2 processes are called"))'
	valid explain
	# the others that were asked for are told all the same
	run --separate-stderr coroner explain many-alike "$first"
	[ "$status" = 1 ]
	[[ $output == "who  "*"$first (many-alike)"* ]]
}

@test "a parent and its zombies of one name: the one that lives; a zombie alone by its name" {
	python3 -c 'import os, time
for i in range(3):
    os.fork() or os._exit(0)
time.sleep(1000)' 3>&- &
	cleanup kill $!
	await eval '[ "$(coroner list --no-headings -o zombies)" = 3 ]'
	json explain python3
	expect '[.cases[].process.pid] == [$pid] and
		(.notes | any(test("one living process called .python3.; zombies of that name: 3")))' --argjson pid $!
	sh -c 'cp /bin/true "$0"; "$0" & exec sleep 1000' "$BATS_TEST_TMPDIR/dead-alone" 3>&- &
	cleanup kill $!
	await eval 'coroner list -z --no-headings -o command | grep -qx dead-alone'
	json explain dead-alone
	expect '.cases[0] | .kind == "zombie" and .process.comm == "dead-alone"'
}

@test "only what the scope holds is looked for" {
	zoo unfit-init --count 2
	# its starter, outside, and the zombies inside are all called so
	json explain unfit-init
	expect '.cases[0].process.pid == $pid' --argjson pid "${ZOO_PIDS[0]}"
	run coroner explain --pid-ns="$(zoo_get .parent)" unfit-init
	[ "$status" = 1 ]
	[[ $output == *"2 processes are called 'unfit-init': $(zoo_get '.zombies[0]'), $(zoo_get '.zombies[1]'); name one"* ]]
	run coroner explain --pid-ns="$(zoo_get .parent)" bash
	[ "$status" = 1 ]
}

@test "a container alone: its init, then its parents of zombies with the most first" {
	zoo unfit-init --count 2
	json explain --pid-ns="$(zoo_get .parent)"
	expect '[.cases[].process.pid] == [$zoo.parent]'
	coroner explain --pid-ns="$(pidns_of "$(zoo_get .parent)")" >"$BATS_TEST_TMPDIR/out"
	grep -q "^who  *$(zoo_get .parent) (sleep), 1 inside" "$BATS_TEST_TMPDIR/out"
	# nested ones in it are told by themselves
	zoo nested --depth 2 --count 1
	json explain --pid-ns="$(zoo_get '.inits[0]')"
	expect '[.cases[].process.pid] == [$zoo.inits[0]]'
}

@test "a container in its host's PID namespace: its parents of zombies, else its first process" {
	needs_root
	local id first root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(container_id)
	# before the zoo, whose pipes it would hold
	sleep 1000 3>&- &
	first=$!
	cleanup kill $first
	mkdir -p "$root/libpod-${id/feed/beef}.scope"
	cleanup await rmdir "$root/libpod-${id/feed/beef}.scope"
	cleanup eval "echo $first >$root/cgroup.procs"
	echo $first >"$root/libpod-${id/feed/beef}.scope/cgroup.procs"
	zoo cgroup --path "$root:libpod-$id.scope" --count 2
	json explain --container="${id:0:12}"
	expect '[.cases[].process.pid] == [$zoo.parent]'
	json explain --container="$(cut -c 1-12 <<<"${id/feed/beef}")"
	expect '[.cases[].process.pid] == [$pid]' --argjson pid "$first"
	run coroner explain --container=0123deadbeef
	[ "$status" = 1 ]
	[[ $output == *"no process in sight is in a container"* ]]
}

@test "nobody named, and no scope: bad usage" {
	run coroner explain
	[ "$status" = 2 ]
	[[ $output == *"explain: PID|NAME... is wanted"* ]]
	run coroner explain ''
	[ "$status" = 2 ]
	run coroner explain 0
	[ "$status" = 2 ]
}
