#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner reaper: what it foretells, against what the kernel does when the victim is really killed.
# Longer than 400 lines: one file a command, and each heir and fate is foretold, then tried.

load lib
bats_require_minimum_version 1.5.0

BUILD_DIR=${BUILD:-$ROOT/build}
# The forest is long on a machine that is busy with other things.
BATS_TEST_TIMEOUT=600

# The case of the zoo's victim.
case='.cases[] | select(.process.pid == $zoo.victim)'

# foretold FILTER...: from every source, these hold for the case of the zoo's victim.
foretold() {
	local source filter
	for source in $(sources); do
		json reaper "$(zoo_get .victim)" --source="$source"
		for filter; do
			expect "$case | $filter"
		done
	done
}

# exactly FILTER...: the same where BPF can tell, and marked as what the kernel said.
exactly() {
	local filter
	has_bpf || return 0
	json reaper "$(zoo_get .victim)" --source=bpf
	expect "$case | .heir.certainty == \"kernel\""
	for filter; do
		expect "$case | $filter"
	done
}

# await_end PID: until it is dead or gone.
await_end() {
	local i
	for ((i = 0; i < 1000; i++)); do
		case $(stat_field "$1" 3) in
		Z | X | '') return 0 ;;
		esac
		sleep 0.01
	done
	echo "process $1 does not end" >&2
	return 1
}

kill_victim() {
	local victim
	victim=$(zoo_get .victim)
	kill -KILL "$victim"
	await_end "$victim"
}

# stat_field PID N: of /proc/PID/stat, comm left out of the count; nothing once it is gone.
stat_field() {
	local text
	text=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	# shellcheck disable=SC2086
	set -- ${text##*) } "$2"
	eval "echo \${$((${!#} - 2))}"
}

# inherited PID: every child of the zoo's victim has this parent now.
inherited() {
	local child
	for child in $(zoo_get '.children[]'); do
		[ "$(stat_field "$child" 4)" = "$1" ] || {
			echo "child $child has parent $(stat_field "$child" 4), not $1" >&2
			return 1
		}
	done
}

heir='.heir.process.pid == $zoo.heir'
init='.heir.process.pid == $zoo.init and .heir.rule == "init"'

@test "a subreaper above the victim inherits, and not the init" {
	zoo heir --how subreaper --children 2
	exactly "$heir" '.heir.rule == "subreaper"' '.heir.process.role == "subreaper"' \
		'.heir.evidence | test("subreaper")'
	foretold '.children | pids == ($zoo.children | sort)' '.ancestors | length >= 3' \
		'[.ancestors[].pid] | index($zoo.heir) == 1 and index($zoo.init) == 2' \
		'[.ancestors[0:3][].pidns] | unique == ['"$(pidns_of "$(zoo_get .init)")"']'
	kill_victim
	inherited "$(zoo_get .heir)"
}

@test "from /proc an unmarked subreaper stays invisible: inferred, and no word of certainty" {
	zoo heir --how subreaper
	json reaper "$(zoo_get .victim)" --source=procfs
	expect "$case | .heir.certainty == \"inferred\" and $init"
	expect "$case | .ancestors | all(.subreaper == null)"
	expect "$case | .children | all(.pdeath_signal == null)"
	expect "$case | .heir.evidence | test(\"cannot be told\")"
}

@test "from /proc a subreaper is inferred from what it adopted" {
	zoo heir --how shown
	json reaper "$(zoo_get .victim)" --source=procfs
	expect "$case | $heir"' and .heir.rule == "subreaper" and .heir.certainty == "inferred" and
		(.heir.evidence | test("\($zoo.orphan)"))'
	json reaper --source=procfs
	expect '.reapers[] | select(.process.pid == $zoo.heir)
		| .kind == "subreaper" and .certainty == "inferred" and .adopted == 1'
	kill_victim
	inherited "$(zoo_get .heir)"
}

@test "a mark set after forking counts at once" {
	zoo heir --how late
	exactly "$heir" '.heir.rule == "subreaper"'
	kill_victim
	inherited "$(zoo_get .heir)"
}

@test "a mark taken back counts no more" {
	zoo heir --how unmarked
	exactly "$init" '.ancestors[1] | .pid == $zoo.unmarked and .subreaper == false'
	kill_victim
	inherited "$(zoo_get .init)"
}

@test "a subreaper whose main thread has ended still inherits" {
	zoo heir --how leader
	exactly "$heir" '.heir.process | .state == "Z" and .threads >= 1' '.heir.why | test("dying") | not'
	kill_victim
	inherited "$(zoo_get .heir)"
}

@test "entered by setns, as docker exec does: the namespace's init inherits, not the subreaper outside" {
	zoo heir --how entered
	exactly "$heir" '.heir.rule == "init"' '.heir.evidence | test("outside")' \
		'.ancestors[0] | .pid == $zoo.outside and .subreaper'
	foretold "$heir" '.heir.rule == "init"'
	kill_victim
	inherited "$(zoo_get .heir)"
}

@test "an init with SA_NOCLDWAIT inherits zombies: what procfs does not show is not foretold for certain" {
	local zombie
	zoo heir --how entered --zombies 2 --nocldwait
	foretold '.heir.process.pid == $zoo.heir' \
		'[.children[] | select(.zombie)] | length == 2 and all(.fate == "vanishes" or .certainty == "inferred")'
	exactly '[.children[] | select(.zombie) | .fate] == ["vanishes", "vanishes"]'
	kill_victim
	for zombie in $(zoo_get '.zombies[]'); do
		await test ! -e "/proc/$zombie"
	done
}

@test "an init as victim: nobody inherits, and all in its namespace die with it" {
	local member
	zoo heir --how init
	foretold '.heir.process == null and .heir.rule == "none" and .heir.reaps == "unknown"' \
		'.killed == 3' '.heir.evidence | test("kills all")' '.heir.why | test("3 others die")' \
		'.children | length == 2 and all(.fate == "killed")'
	kill_victim
	for member in $(zoo_get '.members[]'); do
		await_end "$member"
	done
}

@test "zombies are announced anew to an heir that does not ignore SIGCHLD" {
	zoo heir --how subreaper --zombies 2
	exactly '[.children[] | select(.zombie) | .fate] == ["re-announced", "re-announced"]' \
		'[.children[] | select(.zombie) | .pid] == $zoo.zombies'
	kill_victim
	for zombie in $(zoo_get '.zombies[]'); do
		[ "$(stat_field "$zombie" 3) $(stat_field "$zombie" 4)" = "Z $(zoo_get .heir)" ]
	done
}

@test "zombies vanish under an heir that ignores SIGCHLD or has SA_NOCLDWAIT" {
	local how zombie i
	for how in ignores nocldwait; do
		zoo heir --how "$how" --zombies 2
		exactly "$heir" '.heir.reaps == "yes"' \
			'[.children[] | select(.zombie) | .fate] == ["vanishes", "vanishes"]' \
			'[.children[] | select(.zombie | not) | .fate] == ["adopted"]'
		kill_victim
		inherited "$(zoo_get .heir)"
		for zombie in $(zoo_get '.zombies[]'); do
			for ((i = 0; i < 1000; i++)); do
				[ -e "/proc/$zombie" ] || break
				sleep 0.01
			done
			((i < 1000))
		done
	done
}

@test "parent-death signals: SIGTERM is shown, SIGKILL is a death" {
	local child
	zoo heir --pdeath 15
	exactly '.children | all(.pdeath_signal == "SIGTERM" and .fate == "killed" and .certainty == "kernel")'
	kill_victim
	for child in $(zoo_get '.children[]'); do
		await_end "$child"
	done
	# one whose action is to do nothing
	zoo heir --pdeath 17
	exactly '.children | all(.pdeath_signal == "SIGCHLD" and .fate == "adopted")'
	json reaper "$(zoo_get .victim)" --source=procfs
	expect "$case | .children | all(.pdeath_signal == null and .certainty == \"inferred\")"
	kill_victim
	inherited "$(zoo_get .heir)"
	zoo heir --pdeath 0
	exactly '.children | all(.pdeath_signal == "none")'
	zoo heir --pdeath 9 --children 2
	exactly '.children | all(.pdeath_signal == "SIGKILL" and .fate == "killed")'
	kill_victim
	for child in $(zoo_get '.children[]'); do
		await_end "$child"
	done
}

@test "parent-death signals: a handler may end the child, and who gave up the right to send it does not" {
	has_bpf || skip "only BPF tells of parent-death signals"
	zoo heir --pdeath 15 --catch
	exactly '.children | all(.pdeath_signal == "SIGTERM" and .certainty == "inferred")'
	json explain "$(zoo_get '.children[0]')"
	expect '[.cases[0].story[].text] | any(test("^It gets SIGTERM once its parent ends; whether that ends it is not known"))'
	kill_victim
	await_end "$(zoo_get '.children[0]')"
	needs_root
	zoo heir --pdeath 9 --drops
	exactly '.children | all(.pdeath_signal == "SIGKILL" and .fate == "adopted" and .certainty == "kernel")'
	json explain "$(zoo_get '.children[0]')"
	expect '[.cases[0].story[].text] | any(test("^It has asked for SIGKILL once its parent ends, but that has not the right to send it"))'
	kill_victim
	inherited "$(zoo_get .heir)"
}

# fates NAME=FATE...: foretold of the victim's children, from every source.
fates() {
	local pair
	for pair; do
		foretold ".children | map(select(.pid == \$zoo.${pair%=*})) | map(.fate) == [\"${pair#*=}\"]"
	done
}

# hung_up NAME...: SIGHUP has ended these.
hung_up() {
	local name
	for name; do
		await_end "$(zoo_get ".$name")"
	done
	json list --zombies
	for name; do
		expect '[.parents[].zombies[] | select(.pid == $pid) | .exit.signal] == ["SIGHUP"]' \
			--argjson pid "$(zoo_get ".$name")"
	done
}

lives() {
	local name
	for name; do
		case $(stat_field "$(zoo_get ".$name")" 3) in
		[ST]) ;;
		*) echo "$name does not live" >&2; return 1 ;;
		esac
	done
}

@test "SIGHUP: of a session leader's terminal, and to a stopped group that nobody holds any more" {
	local how
	zoo hangup
	fates foreground=hung-up stopped=hung-up beside=hung-up running=adopted nohup=adopted catcher=adopted \
		blocker=adopted
	foretold '[.children[] | select(.sighup) | .pid] | length == 6'
	run coroner reaper "$(zoo_get .victim)"
	[[ $output == *"ended by SIGHUP"* && $output == *"adopted, gets SIGHUP"* ]]
	kill_victim
	hung_up foreground stopped beside
	lives running nohup catcher blocker
	for how in job own-group; do
		zoo hangup --how "$how"
		fates stopped=hung-up running=adopted
		kill_victim
		hung_up stopped
		lives running
	done
}

@test "SIGHUP: to who leads the session of a terminal whose other end the victim alone holds, as sshd and tmux do" {
	zoo hangup --how emulator
	fates foreground=hung-up nohup=adopted catcher=adopted kept=adopted
	foretold '[.children[] | select(.sighup) | .pid] | sort == ([$zoo.foreground, $zoo.nohup, $zoo.catcher] | sort)'
	# what a handler makes of it is not known
	foretold '.children[] | select(.pid == $zoo.catcher) | .certainty == "inferred"'
	kill_victim
	hung_up foreground
	lives nohup catcher kept
}

@test "SIGHUP: not to a group that a sister of the victim still holds" {
	zoo hangup --how anchored
	fates stopped=adopted running=adopted
	kill_victim
	[ "$(stat_field "$(zoo_get .stopped)" 4)" = "$(zoo_get .init)" ]
	lives stopped running
}

@test "a dead process has nothing to hand on" {
	zoo sigchld-default --count 1
	json reaper "$(zoo_get '.zombies[0]')"
	expect '.cases[0] | .heir.process == null and .heir.rule == "none" and .children == []'
}

@test "whether the heir reaps: it waits for any child, or adopted zombies stay" {
	local source
	zoo init --how waits --members 1
	for source in $(sources); do
		json reaper "$(zoo_get '.members[0]')" --source="$source"
		expect '.cases[0].heir | .process.pid == $zoo.init and .reaps == "yes" and
			(.why | test("wait"))'
	done
	zoo unfit-init --count 2 --own 1
	json reaper "$(zoo_get '.zombies[0]')" --settle=10ms
	expect '.cases[0].heir.rule == "none"'
	json reaper --settle=10ms
	expect '.reapers[] | select(.process.pid == $zoo.parent)
		| .kind == "init" and .reaps == "no" and .adopted == 2 and .zombies == 3'
}

@test "without PID: every init, and with BPF every subreaper" {
	zoo heir --how entered
	json reaper
	expect '[.reapers[] | select(.kind == "init") | .process.pid]
		| contains([$zoo.init, $zoo.heir])'
	expect '.reapers | all(.kind == "init" or .process.role != "init")'
	has_bpf || return 0
	expect '.reapers[] | select(.process.pid == $zoo.outside)
		| .kind == "subreaper" and .certainty == "kernel" and .process.role == "subreaper"'
	json reaper --pid-ns="$(zoo_get .init)"
	expect '[.reapers[].process.pid] | sort == ([$zoo.init, $zoo.outside] | sort)'
}

@test "several PIDs; one that is not there is said, and the others are answered" {
	zoo heir
	json reaper "$(zoo_get .victim)" "$(zoo_get '.children[0]')"
	expect '[.cases[].process.pid] == [$zoo.victim, $zoo.children[0]]'
	run --separate-stderr coroner reaper --json 4194303 "$(zoo_get .victim)"
	[ "$status" -eq 1 ]
	[[ $stderr == *"no process 4194303"* ]]
	JSON=$output
	expect '[.cases[].process.pid] == [$zoo.victim]'
}

@test "bad usage is status 2; a PID outside of --pid-ns is status 1" {
	zoo heir
	run coroner reaper 12x
	[ "$status" -eq 2 ]
	run coroner reaper -- -1
	[ "$status" -eq 2 ]
	run coroner reaper --nonsense
	[ "$status" -eq 2 ]
	run coroner reaper "$$" --pid-ns="$(zoo_get .init)"
	[ "$status" -eq 1 ]
	[[ $output == *"not in that PID namespace"* ]]
}

@test "JSON as the schema has it, from both sources, with and without PID" {
	local source
	needs python3
	zoo heir --how entered --zombies 1
	for source in $(sources); do
		json reaper --source="$source"
		valid reaper
		json reaper --source="$source" "$(zoo_get .victim)" "$(zoo_get .init)" \
			"$(zoo_get .heir)" 1
		valid reaper
	done
}

@test "text: who inherits in the first line, 80 columns, no control bytes, the fate of each child" {
	zoo heir --zombies 1
	coroner reaper "$(zoo_get .victim)" >"$BATS_TEST_TMPDIR/out"
	no_control_bytes "$BATS_TEST_TMPDIR/out"
	head -n 1 "$BATS_TEST_TMPDIR/out" | grep -q "$(zoo_get .victim) .*inherits"
	grep -Eq "^ +$(zoo_get '.children[0]') .* adopted" "$BATS_TEST_TMPDIR/out"
	grep -Eq "^ +$(zoo_get '.zombies[0]') .* re-announced" "$BATS_TEST_TMPDIR/out"
	# a parent-death signal is for the living
	grep -Eq "^ +$(zoo_get '.zombies[0]') .* re-announced\?? +-$" "$BATS_TEST_TMPDIR/out"
	grep -Eq "^ +$(zoo_get '.children[0]') .* (none|SIG[A-Z]+|\\?)$" "$BATS_TEST_TMPDIR/out"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$BATS_TEST_TMPDIR/out")" -le 80 ]
	coroner reaper >"$BATS_TEST_TMPDIR/out"
	grep -Eq "^ *$(zoo_get .init) heir +init" "$BATS_TEST_TMPDIR/out"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$BATS_TEST_TMPDIR/out")" -le 80 ]
}

@test "a user without rights gets an inferred answer" {
	needs_root
	zoo heir
	JSON=$(unprivileged "$CORONER" reaper --json "$(zoo_get .victim)" 2>/dev/null)
	expect "$case | .heir.certainty == \"inferred\""
	expect '.source == "procfs" and (.notes | length > 0)'
}

@test "an init that is alone: nothing else lives in its namespace" {
	zoo init --how sleeps --members 0
	json reaper "$(zoo_get .init)"
	expect '.cases[0] | .killed == 0 and
		(.heir.why | test("^nothing else lives in it; its zombies are reaped$"))'
}

# The proof: random trees, real deaths. FOREST_SEED repeats a run.
@test "500 random trees: every heir right by BPF, every wrong one from procfs marked inferred" {
	local forest=$BUILD_DIR/inherit/forest list=procfs
	needs_root
	[ -x "$forest" ]
	! has_bpf || list='bpf procfs'
	# shellcheck disable=SC2086
	"$forest" "$CORONER" "${FOREST_SEED:-$RANDOM}" "${FOREST_TREES:-500}" $list \
		>"$BATS_TEST_TMPDIR/out" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/out" >&2
		return 1
	}
	sed 's/^/# /' "$BATS_TEST_TMPDIR/out" >&3
	grep -qE "^${FOREST_TREES:-500} trees" "$BATS_TEST_TMPDIR/out"
}

@test "the same seen from inside a PID namespace of its own" {
	local forest=$BUILD_DIR/inherit/forest list=procfs
	needs_root
	! has_bpf || list='bpf procfs'
	# shellcheck disable=SC2086
	unshare --pid --fork --mount-proc "$forest" "$CORONER" "${FOREST_SEED:-$RANDOM}" 40 $list \
		>"$BATS_TEST_TMPDIR/out" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/out" >&2
		return 1
	}
	sed 's/^/# /' "$BATS_TEST_TMPDIR/out" >&3
}
