#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner check: the states, the grammar of the Monitoring Plugins guidelines, the forms for CI.
# Longer than 400 lines: one file a command, and this one has a form for each tool that asks it.

# run sets stderr, expect reads JSON and ERRORS.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load lib

# Other processes of this machine are none of ours: most tests look at one PID namespace only.
init_with() {
	zoo sigchld-default --newpidns 1 "$@"
	NS=$(pidns_of "$(zoo_get '.inits[0]')")
}

check() {
	run --separate-stderr coroner check "$@"
}

metric='.metrics[] | select(.name == $name)'

@test "OK: no zombie in sight" {
	zoo init
	check --pid-ns="$(pidns_of "$(zoo_get .init)")"
	echo "$output / $stderr"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "CORONER OK: 0 zombies"* ]]
}

@test "WARNING and CRITICAL by thresholds, whichever source" {
	local source
	init_with --count 5
	for source in $(sources); do
		check --source="$source" --pid-ns="$NS" -w zombies=5 -c zombies=6
		[ "$status" -eq 0 ]
		check --source="$source" --pid-ns="$NS" -w zombies=4 -c zombies=5
		[ "$status" -eq 1 ]
		[[ ${lines[0]} == "CORONER WARNING: zombies 5 |"* ]]
		check --source="$source" --pid-ns="$NS" -w zombies=3 -c zombies=4
		[ "$status" -eq 2 ]
		[[ ${lines[0]} == "CORONER CRITICAL: zombies 5 |"* ]]
	done
}

# check_here OPTION...: source and number of orphans, on this machine as it is
check_here() {
	"$CORONER" check --json --settle=0 "$@" 2>/dev/null |
		jq -c '[.source, (.metrics[] | select(.name == "orphans").value), (.notes | any(test("orphans not counted")))]'
}

@test "auto reads procfs on a small quiet machine, and then counts no orphans" {
	needs unshare
	[[ $(sources) == *bpf* ]] || skip "needs BPF"
	local exact seen
	exact=$(check_here --source=bpf)
	seen=$(check_here)
	# by other means: tasks, zombies and PID namespaces of the machine
	if (($(sed 's|.*/\([0-9]*\) .*|\1|' /proc/loadavg) < 500)) && ! grep -qs ') Z ' /proc/[0-9]*/stat &&
		[ "$(for ns in /proc/[0-9]*/ns/pid; do readlink "$ns"; done 2>/dev/null | sort -u)" = "pid:[4026531836]" ]; then
		[ "$seen" = '["procfs",null,true]' ]
	else
		[ "$seen" = "$exact" ]
	fi
	[ "$(check_here -w orphans=1000)" = "$exact" ]
	# a namespace around this one has limits of its own, which only BPF sees
	JSON=$(unshare -pf --mount-proc "$CORONER" check --json 2>/dev/null)
	expect '.source == "bpf" and .notes == []'
	# a zombie, and with it a PID namespace
	init_with --count 1
	[ "$(check_here | jq -r '.[0]')" = bpf ]
}

@test "every form of a range" {
	init_with --count 5
	local range expected
	while read -r range expected; do
		check --pid-ns="$NS" -w zombies= -c "zombies=$range"
		echo "$range: $status"
		[ "$status" -eq "$expected" ]
	done <<-END
		5 0
		4 2
		6: 2
		5: 0
		~:4 2
		~:5 0
		2:5 0
		6:9 2
		@5:5 2
		@6:9 0
	END
}

@test "the state of each metric is in the JSON, the worst is the status" {
	init_with --count 5
	run --separate-stderr coroner --json check --pid-ns="$NS" -w zombies_per_parent=4 \
		-c zombies=100 -w zombies=100 -w oldest_zombie=
	[ "$status" -eq 1 ]
	JSON=$output ERRORS=$stderr
	expect '.schema == "coroner.check/1" and .status == "WARNING"'
	expect "$metric | .value == 5 and .state == \"OK\" and .critical == \"100\"" --arg name zombies
	expect "$metric | .value == 5 and .state == \"WARNING\" and .warning == \"4\" and .critical == null" \
		--arg name zombies_per_parent
	expect '[.metrics[].name] == ["zombies", "oldest_zombie", "zombies_per_parent", "orphans",
		"unfit_inits", "dying_namespaces", "pid_usage", "refused_forks"]'
	valid check
}

@test "without a proc it answers all the same: UNKNOWN" {
	check --procfs=/nonexistent
	[ "$status" -eq 3 ]
	[[ $output == "CORONER UNKNOWN: could not look"* ]]
	[[ $stderr == *"cannot open /nonexistent"* ]]
	check --json --procfs=/nonexistent
	[ "$status" -eq 3 ]
	JSON=$output
	expect '.status == "UNKNOWN" and .metrics == []'
	valid check
}

@test "orphans: what procfs shows of them may alert, but is never OK" {
	zoo init --how waits --orphans 1
	NS=$(pidns_of "$(zoo_get .init)")
	check --source=procfs --pid-ns="$NS" -c orphans=5
	[ "$status" -eq 3 ]
	check --source=procfs --pid-ns="$NS" -c orphans=0
	[ "$status" -eq 2 ]
	check --source=procfs --pid-ns="$NS"
	[ "$status" -eq 0 ]
	[[ $output == *"'orphans'=U"* ]]
	refute grep -q '^coroner_orphans ' <(coroner metrics --source=procfs)
	json namespaces --source=procfs --pid-ns="$NS"
	expect '.namespaces[0] | .orphans == 1 and .orphans_exact == false'
}

@test "unfit_inits warns by default once an init had time to reap; orphans are counted" {
	zoo unfit-init --count 3
	NS=$(pidns_of "$(zoo_get .parent)")
	# some inits look every other second: so early nobody is to be woken
	check --json --pid-ns="$NS"
	[ "$status" -eq 0 ]
	JSON=$output
	expect "$metric | .value == 1 and .state == \"OK\"" --arg name unfit_inits
	check --pid-ns="$NS" -w unfit_inits=0
	[ "$status" -eq 1 ]
	check --json --pid-ns="$NS" --settle=2s
	[ "$status" -eq 1 ]
	JSON=$output
	expect "$metric | .value == 1 and .state == \"WARNING\"" --arg name unfit_inits
	expect "$metric | .value >= 3" --arg name orphans
	expect '.details | any(test("unfit-init"))'
}

@test "an init that does not reap counts as one, though most of its zombies are its own" {
	zoo unfit-init --how handler --count 1 --own 4
	NS=$(pidns_of "$(zoo_get .parent)")
	json list --pid-ns="$NS"
	expect 'parent | .verdict | .code != "unfit-init" and (.why | test("mixed.*unfit-init"))'
	check --json --pid-ns="$NS" -w unfit_inits=0
	[ "$status" -eq 1 ]
	JSON=$output
	expect "$metric | .value == 1" --arg name unfit_inits
}

@test "pid_usage is that of the fullest limit, refused forks are counted" {
	local name=coroner-check-$UNIQUE pids=/sys/fs/cgroup/pids
	needs_root
	[ -d "$pids" ] || skip "needs cgroup v1 pids"
	chmod a+rwx "$BATS_TEST_TMPDIR"
	zoo forker --root "$pids" --path "$name" --max 20 --newpidns 1 --count 14 \
		--report "$BATS_TEST_TMPDIR"
	NS=$(zoo_get .subject)
	check --json --pid-ns="$NS" -w zombies=
	[ "$status" -eq 0 ]
	JSON=$output
	expect "$metric | .value == 75" --arg name pid_usage
	expect "$metric | .value == 0" --arg name refused_forks
	kill -USR1 "$NS" # our own, started by zoo
	timeout 20 sh -c 'until [ -e "$1" ]; do sleep 0.01; done' - "$BATS_TEST_TMPDIR/forks"
	check --pid-ns="$NS" -w zombies= -w refused_forks=0
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "CORONER CRITICAL: pid_usage 100%, refused_forks "* ]]
	[[ $output == *"100% of pids.max of "*"$name in use: 0 tasks more fit"* ]]
}

@test "the first line is short, its perfdata is by the guidelines" {
	init_with --count 5 --parents 3
	check --pid-ns="$NS" -w zombies=0 -w zombies_per_parent=0 -w orphans=0 -w unfit_inits=0 -w dying_namespaces=0 \
		-w pid_usage=0 -w refused_forks=@0 -w oldest_zombie=0
	[ "$status" -eq 1 ]
	local text=${lines[0]%%|*} data=${lines[0]#*|} label="'[a-z_]+'=(U|-?[0-9.]+(s|%|c)?)"
	echo "$text"
	[ "${#text}" -lt 80 ]
	grep -Eqx "( $label(;[-@~:0-9.]*){2};0;(100)?){8}" <<<"$data"
	[ "$(grep -o "|" <<<"$output" | wc -l)" -eq 1 ]
	[[ $output == *"sigchld-default"*"remedy: "* ]]
}

@test "a zombie of a moment does not count: the settle time" {
	needs_root
	local spawner ns init
	# each is reaped after 50 ms, so one is dead at almost any moment, and none for long
	unshare --pid --fork --kill-child perl -e '
		for (;;) { exit unless $pid = fork; select undef, undef, undef, .05; waitpid $pid, 0 }' 3>&- &
	spawner=$!
	timeout 20 sh -c 'until pgrep -P "$1" >/dev/null; do sleep 0.01; done' - "$spawner"
	init=$(pgrep -P "$spawner")
	cleanup kill -KILL "$spawner" # our own; its init goes with it, and SIGTERM it puts off
	ns=$(pidns_of "$init")
	for _ in 1 2 3 4 5; do
		check --pid-ns="$ns" -w zombies=0 -c zombies=0 -w pid_usage= -c pid_usage=
		[ "$status" -eq 0 ]
	done
	# so it can be caught at all
	for _ in {1..200}; do
		check --pid-ns="$ns" -c zombies=0 --settle=0
		[ "$status" -ne 2 ] || break
	done
	[ "$status" -eq 2 ]
}

@test "the time of death: known by BPF, else bounded by birth and settle time" {
	init_with --count 1
	check --json --source=procfs --pid-ns="$NS" -w oldest_zombie=3600
	[ "$status" -eq 0 ]
	# somewhere between the settle time and its age, so this cannot be told
	check --json --source=procfs --pid-ns="$NS" -w oldest_zombie=0.25
	JSON=$output
	expect "$metric | .value == null" --arg name oldest_zombie
	[ "$status" -eq 3 ]
	# as a default that would be no alert
	check --json --source=procfs --pid-ns="$NS" -w zombies=5
	[ "$status" -eq 0 ]
	has_bpf || skip "needs BPF"
	check --json --source=bpf --pid-ns="$NS" -w oldest_zombie=0
	JSON=$output
	[ "$status" -eq 1 ]
	expect "$metric | .value > 0.2 and .value < 60" --arg name oldest_zombie
}

@test "UNKNOWN: bad usage, no proc, no such container, other users hidden" {
	local args
	while read -r args; do
		# shellcheck disable=SC2086 # words
		check $args
		echo "$args: $status $stderr"
		[ "$status" -eq 3 ]
		[ -n "$stderr" ]
		[[ $output == *UNKNOWN*"could not look: "* ]]
	done <<-END
		-w zombies
		-w nothing=5
		-w zombies=5:4
		-c zombies=x
		--format=xml
		--json --format=tap
		--format=junit --json
		--json --format=nagios
		--version extra
		--timeout=0
		--no-such-option
		--procfs=/nonexistent
		--pid-ns=4194304
		operand
	END
	check --container=ffffffffffffffffffffffffffff
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "CORONER UNKNOWN: could not look: --container: no process in sight"* ]]
	[ "${#lines[0]}" -lt 80 ]
	[[ ${lines[1]} == *"whose id begins 'ffffffffffffffffffffffffffff'" ]]
	[[ $stderr == *container* ]]
}

@test "why it could not look, and what is wrong with its options, stands on standard output" {
	local format
	for format in nagios tap junit json; do
		check --format="$format" --procfs=/none
		echo "$output"
		[ "$status" -eq 3 ]
		[[ $output == *UNKNOWN*"cannot open /none: No such file or directory"* ||
			$output == *"cannot open /none: No such file or directory"*UNKNOWN* ]]
		check --format="$format" -w zombis=1
		echo "$output"
		[ "$status" -eq 3 ]
		[[ $output == *"there is no metric"*zombis*"did you mean"*zombies* ]]
	done
	check --json --procfs=/none
	JSON=$output
	expect '.notes == ["cannot open /none: No such file or directory"] and .source == null'
	check --format=tap --json
	[[ $output == *"not ok 1 - look UNKNOWN"*"contradict each other"* ]]
	# a bar begins the performance data
	mkdir "$BATS_TEST_TMPDIR/a|b"
	check --procfs="$BATS_TEST_TMPDIR/a|b"
	[[ $output == *"/a/b"* && $output != *"|"* ]]
}

@test "--json and a --format: the same twice is none too many, another is named as what contradicts" {
	zoo init
	check --json --format=json --pid-ns="$(zoo_get .init)"
	[ "$status" -eq 0 ]
	valid check "$output"
	check --json --format=tap --pid-ns="$(zoo_get .init)"
	[ "$status" -eq 3 ]
	[[ $stderr == *"--json and --format=tap contradict each other"* ]]
}

@test "UNKNOWN: a proc that hides other users' processes" {
	needs_root
	needs unshare setpriv
	local level
	for level in 1 2; do
		run --separate-stderr unshare -m sh -c "mount -t proc -o hidepid=$level proc /proc &&
			exec setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all \
				--inh-caps=-all '$CORONER' check -w zombies= -w oldest_zombie= -c zombies= \
				-w unfit_inits= -w pid_usage= -c pid_usage="
		echo "$output"
		[ "$status" -eq 3 ]
		[[ ${lines[0]} == *hidepid* ]]
	done
}

@test "unprivileged, but nothing hidden: not UNKNOWN" {
	zoo init
	run --separate-stderr unprivileged "$CORONER" check -w zombies= -c zombies= \
		-w oldest_zombie= -w unfit_inits=
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "its own timeout: UNKNOWN in every format" {
	local format
	init_with --count 1
	for format in nagios json tap junit; do
		check --format="$format" --settle=30s --timeout=100ms --pid-ns="$NS"
		echo "$output"
		[ "$status" -eq 3 ]
		[[ $output == *UNKNOWN* && $output == *"gave up after 0.1 s"* ]]
	done
	check --json --settle=30s --timeout=100ms
	[ "$status" -eq 3 ]
	valid check "$output"
}

@test "TAP: parsed, what alerts is not ok" {
	init_with --count 5
	check --format=tap --pid-ns="$NS" -w zombies=4
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "TAP version 13" ]
	[ "${lines[1]}" = "1..8" ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 1 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 7 ]
	[[ $output == *"not ok 1 - zombies 5 WARNING warning=4 critical=100"* ]]
	refute grep -qvE '^(TAP version 13|1\.\.8|(not )?ok [0-9]+ - .*|#.*)$' <<<"$output"
}

@test "JUnit: well-formed XML, whatever the processes are called" {
	needs python3
	zoo awkward --case escape
	zoo awkward --case invalid
	init_with --count 5
	check --format=junit -w zombies=0
	[ "$status" -ne 0 ]
	python3 - "$output" <<-'END'
		import sys
		import xml.etree.ElementTree as tree
		suite = tree.fromstring(sys.argv[1].encode()).find("testsuite")
		assert suite.get("tests") == "8", suite.attrib
		assert int(suite.get("failures")) == len(suite.findall(".//failure")) > 0
		assert int(suite.get("errors")) == len(suite.findall(".//error"))
		assert suite.find("testcase[@name='zombies']/failure").get("type") in ("WARNING", "CRITICAL")
	END
}

@test "names of processes cannot forge perfdata or drive a terminal" {
	zoo awkward --case escape
	coroner check -w zombies=0 >"$BATS_TEST_TMPDIR/out" || [ "$?" -le 2 ]
	no_control_bytes "$BATS_TEST_TMPDIR/out"
	[ "$(grep -c '|' "$BATS_TEST_TMPDIR/out")" -eq 1 ]
}

@test "a second look that fails is unknown, whatever the first has seen" {
	needs strace
	zoo sigchld-default --count 2
	# the first look lists /proc by two calls
	run strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -P /proc -e inject=getdents64:error=EIO:when=3 \
		"$CORONER" check --source=procfs --settle=50ms
	grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
	[ "$status" -eq 3 ]
	[[ $output == *"cannot read the processes below /proc: Input/output error"* ]]
}

@test "what the first look could not read makes it unknown, though the second reads it" {
	needs strace
	zoo sigchld-default --count 2
	run strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -P "/proc/$(zoo_get .zombies[0])/stat" \
		-e inject=read:error=EIO:when=1 "$CORONER" check --source=procfs --settle=50ms
	grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
	[ "$status" -eq 3 ]
}

# a sanitizer makes the directory of its reports
# bats test_tags=unsanitized
@test "it forks nothing and writes nothing" {
	needs strace
	init_with --count 2
	strace -f -o "$BATS_TEST_TMPDIR/trace" "$CORONER" check --pid-ns="$NS" >/dev/null
	# threads are no children
	refute grep -E '^[0-9]+ +(clone3?|v?fork)\(' <(grep -v CLONE_THREAD "$BATS_TEST_TMPDIR/trace")
	refute grep -E '^[0-9]+ +open.*, [A-Z_|]*O_(WRONLY|RDWR|CREAT)' "$BATS_TEST_TMPDIR/trace"
	refute grep -E '^[0-9]+ +(setns|unshare|t?g?kill|pidfd_send_signal|unlink|rename|mkdir)' \
		"$BATS_TEST_TMPDIR/trace"
}

@test "fast in a small container" {
	zoo init
	local begin=$EPOCHREALTIME
	check --pid-ns="$(pidns_of "$(zoo_get .init)")"
	[ "$status" -eq 0 ]
	# a bound for a busy machine, the settle time included when there are zombies elsewhere
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 5) }'
}

@test "--fail-on=critical: 0 below CRITICAL, else 1, as HEALTHCHECK and kubelets want it" {
	init_with --count 5
	check --fail-on=critical --pid-ns="$NS" -w zombies=1 -c zombies=50
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "CORONER WARNING: zombies 5 |"* ]]
	check --fail-on=critical --pid-ns="$NS" -w zombies=1 -c zombies=4
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == "CORONER CRITICAL: zombies 5 |"* ]]
	check --fail-on=critical --pid-ns=4194301 -c zombies=4
	[ "$status" -eq 1 ]
	check --fail-on=warning --pid-ns="$NS" -w zombies=1 -c zombies=50
	[ "$status" -eq 1 ]
	check --fail-on=both
	[ "$status" -eq 3 ]
}

@test "--only: nothing else alerts, by default or by a threshold" {
	zoo unfit-init --count 30
	NS=$(pidns_of "$(zoo_get .parent)")
	check --pid-ns="$NS" --settle=2s
	[ "$status" -ne 0 ]
	check --json --pid-ns="$NS" --settle=2s --only pid_usage,refused_forks -w refused_forks=0 -w zombies=0
	[ "$status" -eq 0 ]
	JSON=$output
	expect '.status == "OK" and ([.metrics[] | select(.warning or .critical).name] == ["pid_usage", "refused_forks"])'
	expect '.metrics[] | select(.name == "zombies") | .value == 30 and .state == "OK"'
	check --only pid_usage,zombie
	[ "$status" -eq 3 ]
}

@test "a mistyped metric is answered with the nearest, and all there are; --help lists them" {
	local name
	check -w zombie=1
	[ "$status" -eq 3 ]
	[[ $stderr == *"no metric 'zombie'; did you mean 'zombies'?"* ]]
	check --help
	for name in zombies oldest_zombie zombies_per_parent orphans unfit_inits dying_namespaces pid_usage refused_forks refused_rate; do
		[[ $stderr$output == *$'\n'"  $name "* ]]
	done
	run coroner hedroom
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean 'headroom'?"* ]]
}

@test "refused forks as a rate, since the last look that a file remembers" {
	local name=coroner-check-$UNIQUE pids=/sys/fs/cgroup/pids state=$BATS_TEST_TMPDIR/state
	needs_root
	[ -d "$pids" ] || skip "needs cgroup v1 pids"
	chmod a+rwx "$BATS_TEST_TMPDIR"
	zoo forker --root "$pids" --path "$name" --max 20 --newpidns 1 --count 3 --report "$BATS_TEST_TMPDIR"
	NS=$(zoo_get .subject)
	rate() {
		check --json --pid-ns="$NS" --only refused_rate --state="$state" -c refused_rate=0
		JSON=$output
	}
	rate
	[ "$status" -eq 0 ]
	kill -USR1 "$NS" # our own, started by zoo
	await test -e "$BATS_TEST_TMPDIR/forks"
	rate
	[ "$status" -eq 2 ]
	expect '.metrics[] | select(.name == "refused_rate").value > 0'
	# what was refused before is no news
	rate
	[ "$status" -eq 0 ]
	expect '.metrics[] | select(.name == "refused_rate").value == 0'
	expect '.metrics[] | select(.name == "refused_forks").value > 0'
	# without a file there is nothing to compare with; a file of somebody else's is left alone
	check -w refused_rate=0
	[ "$status" -eq 3 ]
	echo precious >"$state"
	check --state="$state"
	[ "$status" -eq 3 ]
	[ "$(<"$state")" = precious ]
}

# a sanitizer maps terabytes
# bats test_tags=unsanitized
@test "out of memory is UNKNOWN" {
	local proc=$BATS_TEST_TMPDIR/proc
	"$TESTS/fixtures/make" in-flight "$proc"
	# a file that is read whole, and larger than the memory there is
	truncate -s 60M "$proc/100/cgroup"
	run bash -c 'ulimit -v 50000 && exec "$0" check --procfs="$1" --container=a 2>&1' "$CORONER" "$proc"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *"out of memory"* ]]
}
