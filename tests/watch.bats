#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner watch: what it sees happen, in every form; and a terminal that is given back as it was.
# Longer than 400 lines: one file a command, and the same events come in each form.

bats_require_minimum_version 1.5.0
load lib

# -- events and looks, in a pipe --

# watch ARGS...: in the background, into $OUT; ended by the teardown.
watch_start() {
	OUT=$BATS_TEST_TMPDIR/watch.out
	"$CORONER" watch "$@" >"$OUT" 2>"$BATS_TEST_TMPDIR/watch.err" 3>&- &
	WATCH=$!
	cleanup watch_end "$WATCH"
}

watch_end() {
	kill -INT "$1" 2>/dev/null || true # our own child
	timeout 20 tail --pid="$1" -s 0.02 -f /dev/null
}

has_line() {
	grep -qE "$2" "$1"
}

@test "--events: a zombie dies, is adopted and reaped, with who and after how long" {
	local source
	for source in $(sources); do
		watch_start --events -n 200ms --source="$source"
		await has_line /proc/$WATCH/wchan poll
		zoo sigchld-caught --count 4
		await has_line "$OUT" "Z died +$(zoo_get '.zombies[0]') \\(sigchld-caught\\) of $(zoo_get .parent) \\(sigchld-caught\\)"
		kill -CHLD "$(zoo_get .parent)" # our zoo's: its handler takes one
		await has_line "$OUT" "Z reaped +[0-9]+ \\(sigchld-caught\\) after (at most|about) [0-9a-z]+ by $(zoo_get .parent) "
		zoo_end
		await has_line "$OUT" "Z reaped +$(zoo_get '.zombies[-1]') "
		watch_end "$WATCH"
	done
}

@test "--events: begins with the zombies that are there" {
	local source
	zoo sigchld-default --count 2
	for source in $(sources); do
		watch_start --events -n 200ms --source="$source"
		await has_line "$OUT" "Z found +$(zoo_get '.zombies[0]') \\(sigchld-default\\) of $(zoo_get .parent) \\(sigchld-default\\), .*dead for (at most )?[0-9]+"
		await has_line "$OUT" "Z found +$(zoo_get '.zombies[1]') "
		watch_end "$WATCH"
		# of the suite's own processes some may die meanwhile
		[ "$(grep -c " found .* of $(zoo_get .parent) " "$OUT")" = 2 ]
		refute grep -q " died .* of $(zoo_get .parent) " "$OUT"
	done
	coroner watch --events --json -n 200ms -c 1 >"$BATS_TEST_TMPDIR/out"
	while read -r JSON; do
		valid watch-event
		expect '.event == "found" and .dead_s >= 0'
	done <"$BATS_TEST_TMPDIR/out"
	[ "$(jq -c "select(.parent.pid == $(zoo_get .parent))" "$BATS_TEST_TMPDIR/out" | wc -l)" = 2 ]
	# a look tells them as rows, not as events
	coroner watch --json -n 200ms -c 1 | jq -e '.events == []' >/dev/null
}

@test "--events: an orphan that is adopted" {
	local orphan
	watch_start --events -n 200ms
	await has_line /proc/$WATCH/wchan poll
	sh -c 'sleep 1000 & echo $!; exec sleep 1000' >"$BATS_TEST_TMPDIR/orphan" 2>&1 3>&- &
	await test -s "$BATS_TEST_TMPDIR/orphan"
	orphan=$(<"$BATS_TEST_TMPDIR/orphan")
	cleanup kill "$orphan"
	# it must have been seen under its parent once
	looks=$(wc -c <"$OUT")
	await_looks 2
	kill -KILL $!
	await has_line "$OUT" "Z adopted $orphan \\(sleep\\) by [0-9]+ "
}

# Waits until so many more looks were taken: voluntary sleeps of the watcher go up with each.
await_looks() {
	local from
	from=$(awk '/^voluntary/ { print $2 }' "/proc/$WATCH/status")
	await eval "[ \"\$(awk '/^voluntary/ { print \$2 }' /proc/$WATCH/status)\" -ge $((from + $1)) ]"
}

@test "--events --json: an object a line" {
	watch_start --events --json -n 200ms
	await has_line /proc/$WATCH/wchan poll
	zoo exits --cores "$BATS_TEST_TMPDIR"
	await has_line "$OUT" '"event":"died"'
	await has_line "$OUT" "\"pid\":$(zoo_get '.zombies[-1]'),"
	watch_end "$WATCH"
	jq -es 'all(.schema == "coroner.watch-event/1" and (.event | IN("found", "died", "reaped", "adopted"))
		and (.time | test("^20..-..-..T.*Z$")))' "$OUT" >/dev/null
	jq -es 'any(.event == "died" and .exit.kind == "signaled")' "$OUT" >/dev/null
}

@test "--json: an object a look, that counts births and reaps and tells the tightest limit" {
	zoo sigchld-default --count 2
	coroner watch --json -n 200ms -c 3 >"$BATS_TEST_TMPDIR/out"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 3 ]
	JSON=$(tail -n 1 "$BATS_TEST_TMPDIR/out")
	expect '.schema == "coroner.watch/1" and .look == 3'
	expect '.parents[] | select(.pid == $zoo.parent) | .zombies == 2 and .verdict == "sigchld-default"'
	expect '.tightest | .limit != null and .headroom >= 0'
	while read -r line; do valid watch "$line"; done <"$BATS_TEST_TMPDIR/out"
}

@test "--json: how certain each verdict is" {
	zoo sigchld-caught
	JSON=$(coroner watch --json --settle=20ms -c 1)
	expect '.parents[] | select(.pid == $zoo.parent) | .verdict == "sigchld-caught" and .certainty == "likely"'
	zoo sigchld-default
	JSON=$(coroner watch --json --settle=20ms -c 1)
	expect '.parents[] | select(.pid == $zoo.parent) | .verdict == "sigchld-default" and .certainty == "proven"'
}

@test "what cannot wait for the next look ends with a message, not as if all had been looked at" {
	needs strace
	run --separate-stderr strace -f -qq -o /dev/null -e inject=poll:error=ENOMEM "$CORONER" watch --json -n 100ms -c 2
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *"cannot wait for the next look: Cannot allocate memory" ]]
}

@test "deaths are counted with their parent, and the limit of its cgroup comes nearer" {
	needs_root
	local root=/sys/fs/cgroup/pids path=coroner-watch-$UNIQUE
	[ -d "$root" ] || root=/sys/fs/cgroup
	mkdir "$root/$path"
	cleanup await rmdir "$root/$path"
	echo 200 >"$root/$path/pids.max"
	watch_start --json -n 300ms
	await has_line /proc/$WATCH/wchan poll
	# a parent that forks a child every now and then and waits for none
	python3 -c 'import os, sys, time
open(sys.argv[1] + "/cgroup.procs", "w").write(str(os.getpid()))
while True:
    if os.fork() == 0: os._exit(0)
    time.sleep(0.05)' "$root/$path" 3>&- &
	local parent=$!
	cleanup await test ! -e /proc/$parent
	cleanup kill -KILL $parent
	await has_line "$OUT" "\"limit\":\"pids.max of [^\"]*$path\".*\"hit_in_s\":[0-9]"
	JSON=$(grep -m 1 "\"limit\":\"pids.max of [^\"]*$path\".*\"hit_in_s\":[0-9]" "$OUT")
	expect '.tightest | .growth_per_s > 2 and .growth_per_s < 40 and .hit_in_s < 200 and
		.headroom < 200'
	expect '.parents[] | select(.pid == $pid) | .died > 0' --argjson pid "$parent"
	expect '.died_per_s > 1'
}

@test "text: a frame a look, in a pipe without escapes" {
	zoo sigchld-default --count 2
	coroner watch -n 200ms -c 2 >"$BATS_TEST_TMPDIR/out"
	[ "$(grep -c "^ *$(zoo_get .parent) sigchld-default  *2 " "$BATS_TEST_TMPDIR/out")" = 2 ]
	no_control_bytes "$BATS_TEST_TMPDIR/out"
	[ "$(wc -L <"$BATS_TEST_TMPDIR/out")" -le 80 ]
}

@test "--container and --pid-ns narrow what is told" {
	zoo sigchld-default --count 1
	zoo nested --depth 1 --count 2
	coroner watch --json -n 200ms -c 1 --pid-ns="$(zoo_get '.inits[0]')" >"$BATS_TEST_TMPDIR/out"
	JSON=$(<"$BATS_TEST_TMPDIR/out")
	expect '.zombies == 2 and [.parents[].pid] == [$zoo.inits[0]]'
}

@test "it ends when nobody reads any more, and says that it could not write" {
	local status=0
	# what head leaves unread ends it, not the time limit (124)
	{ timeout 60 "$CORONER" watch --json -n 200ms 2>"$BATS_TEST_TMPDIR/errors" || status=$?
		echo "$status" >"$BATS_TEST_TMPDIR/status"; } | head -n 1 >/dev/null
	[ "$(<"$BATS_TEST_TMPDIR/status")" = 1 ]
	grep -q "cannot write the output: Broken pipe" "$BATS_TEST_TMPDIR/errors"
	run timeout 20 sh -c "$CORONER watch -n 200ms >/dev/full"
	[ "$status" = 1 ]
	[[ $output == *"cannot write the output"* ]]
}

@test "bad usage" {
	local args
	for args in "-n 0" "-n banana" "-n 10ms" "-c 0" "-c x" "12"; do
		# shellcheck disable=SC2086
		run coroner watch $args
		[ "$status" = 2 ]
	done
}

@test "SIGTERM ends it as what it is, SIGINT as done" {
	watch_start --json -n 200ms
	await has_line /proc/$WATCH/wchan poll
	kill -TERM "$WATCH"
	run wait "$WATCH"
	wait "$WATCH" && status=0 || status=$?
	[ "$status" = 143 ]
}

# a sanitizer takes several times as long
# bats test_tags=unsanitized
@test "its own cost: a hundredth of a core at two seconds and 1,000 processes" {
	has_bpf || skip "needs BPF"
	zoo init --how waits --members 700
	zoo unfit-init --count 100
	TIMEFORMAT='%U %S'
	one=$( { time coroner watch --json -n 100ms -c 1 >/dev/null 2>&1; } 2>&1)
	many=$( { time coroner watch --json -n 100ms -c 41 >/dev/null 2>&1; } 2>&1)
	echo "one look: $one; 41 looks: $many"
	# 40 looks at 2 s are 80 s: 0.8 s of CPU time
	awk -v one="$one" -v many="$many" 'BEGIN { split(one, a); split(many, b)
		exit !(b[1] + b[2] - a[1] - a[2] <= 0.8) }'
}

# -- on a terminal --

TMUX_SOCKET=coroner-test-$UNIQUE

term() {
	tmux -L "$TMUX_SOCKET" -f /dev/null "$@"
}

# Before any zoo program: the server would hold the pipes of those.
term_start() {
	needs tmux
	term new-session -d -s t -x "${1:-100}" -y "${2:-24}" env PS1='ready> ' bash --norc --noprofile 3>&-
	cleanup term kill-server
	await shows '^ready>$'
	stty_before=$(stty_now)
}

shows() {
	term capture-pane -p -t t | grep -qE "$1"
}

shows_not() {
	! shows "$1"
}

stty_now() {
	stty -g -F "$(term display-message -p -t t '#{pane_tty}')" | md5sum
}

term_type() {
	term send-keys -t t "$1" Enter
}

# The prompt is back, on the main screen, with the cursor and the modes that it had.
is_restored() {
	await shows 'ready>$'
	[ "$(term display-message -p -t t '#{alternate_on}')" = 0 ]
	[ "$(term display-message -p -t t '#{cursor_flag}')" = 1 ]
	# readline changes the modes while it reads: compare what a prompt has with what a prompt has
	await eval '[ "$(stty_now)" = "$stty_before" ]'
}

@test "a screen: totals, table, keys; q gives the terminal back" {
	term_start 100 60
	zoo unfit-init --count 3
	term_type "$CORONER watch -n 300ms --pid-ns=$(pidns_of "$(zoo_get .parent)")"
	await shows "^ *$(zoo_get .parent) sleep  *3 .*unfit-init"
	shows 'zombies? under .* every 0.3s'
	shows '^limit: '
	[ "$(term display-message -p -t t '#{alternate_on}')" = 1 ]
	[ "$(term display-message -p -t t '#{cursor_flag}')" = 0 ]
	term send-keys -t t t
	await shows "^ *$(zoo_get '.zombies[0]') unfit-init .* $(zoo_get .parent) sleep"
	term send-keys -t t t p
	await shows PAUSED
	term send-keys -t t p
	await shows_not PAUSED
	term send-keys -t t +
	await shows 'every 0.6s'
	term send-keys -t t q
	is_restored
	shows "watch -n 300ms"
}

@test "sort keys" {
	local many
	term_start 100 60
	zoo sigchld-default --count 9
	many=$(zoo_get .parent)
	zoo unfit-init --count 2
	term_type "$CORONER watch -n 300ms"
	await sorted "$many" "$(zoo_get .parent)"
	zoo nested --depth 1 --count 1
	term send-keys -t t o
	await sorted "$many" "$(zoo_get '.inits[0]')"
	term send-keys -t t q
	is_restored
}

# sorted A B: the row of A is above that of B.
sorted() {
	term capture-pane -p -t t | awk -v a="$1" -v b="$2" '
		$1 == a { at_a = NR } $1 == b { at_b = NR } END { exit !(at_a && at_b && at_a < at_b) }'
}

# The chosen row: the line that is in reverse.
chosen() {
	term capture-pane -e -p -t t | grep -E $'\033\\[([0-9]+;)*7m' | sed $'s/\033\\[[0-9;]*m//g' | grep -qE "$1"
}

@test "arrows choose a row, which keeps its mark; Enter opens its story, which scrolls" {
	local i parents=()
	term_start 80 24
	for i in 5 4 3 2; do
		zoo sigchld-default --count $i
		parents+=("$(zoo_get .parent)")
	done
	term_type "$CORONER watch -n 300ms"
	await chosen "^ *${parents[0]} "
	term send-keys -t t Down
	await chosen "^ *${parents[1]} "
	term send-keys -t t j
	await chosen "^ *${parents[2]} "
	term send-keys -t t Up
	await chosen "^ *${parents[1]} "
	term send-keys -t t End
	await chosen "^ *${parents[3]} "
	term send-keys -t t Home
	await chosen "^ *${parents[0]} "
	term send-keys -t t Down Down
	await chosen "^ *${parents[2]} "
	# whoever gets more than the chosen one leaves the mark where it was
	zoo sigchld-default --count 9
	await shows "^ *$(zoo_get .parent) sigchld-default +9 "
	await chosen "^ *${parents[2]} "
	term send-keys -t t Enter
	await shows "^who  *${parents[2]} \\(sigchld-default\\)"
	shows '^q back .*lines 1 to 23 of [0-9]+'
	term send-keys -t t PageDown
	await shows '^lineage '
	shows_not '^who '
	term send-keys -t t Home
	await shows '^who '
	term send-keys -t t q
	await chosen "^ *${parents[2]} "
	term send-keys -t t q
	is_restored
}

@test "? shows the keys; the story of one that is gone says so" {
	term_start 80 24
	zoo sigchld-default --count 2
	term_type "$CORONER watch -n 1h"
	await shows '^q quit'
	term send-keys -t t '?'
	await shows '^Enter  *tell the whole story of the chosen row'
	shows_not "^ *$(zoo_get .parent) "
	term send-keys -t t '?'
	await shows "^ *$(zoo_get .parent) sigchld-default"
	zoo_end
	term send-keys -t t Enter
	await shows "^No story of $(zoo_get .parent): there is no process $(zoo_get .parent)"
	term send-keys -t t Escape
	await shows "^ *$(zoo_get .parent) sigchld-default"
	term send-keys -t t q
	is_restored
}

@test "t: each zombie has its own verdict, at once" {
	term_start 100 40
	zoo clone-child --count 2 --plain 3
	term_type "$CORONER watch -n 1h"
	await shows "^ *$(zoo_get .parent) clone-child  *5 .*sigchld-default"
	term send-keys -t t t
	await shows '^ *PID COMMAND +DEAD'
	[ "$(term capture-pane -p -t t | grep -cE ' clone-child\??$')" = 2 ]
	[ "$(term capture-pane -p -t t | grep -cE ' sigchld-default\??$')" = 3 ]
	term send-keys -t t t
	await shows "^ *$(zoo_get .parent) clone-child  *5 "
	term send-keys -t t q
	is_restored
}

@test "all of the screen is used, to its last row and column, and a cut has a mark" {
	local i row
	term_start 60 24
	zoo sigchld-default --parents 15
	zoo sigchld-default --parents 15
	term_type "LC_ALL=C.UTF-8 $CORONER watch -n 300ms"
	await shows '^and [0-9]+ more: 0 above, [0-9]+ below$'
	# the head, an empty line, the headings, rows, what there is more, the keys
	[ "$(term capture-pane -p -t t | grep -cE '^ *[0-9]+ sig')" = 17 ]
	term capture-pane -p -t t | tail -n 1 | grep -q '^q quit .*…$'
	for i in 1 3; do
		row=$(term capture-pane -p -t t | sed -n "${i}p")
		[ "${#row}" = 60 ] && [[ $row == *… ]] || [ "${#row}" -lt 60 ]
	done
	# what is not seen is reached
	term send-keys -t t End
	await shows '^and [0-9]+ more: [0-9]+ above, 0 below$'
	await chosen '^ *[0-9]+ sig'
	# a line as wide as the screen loses nothing; a long command line is cut, wherever it stands
	term send-keys -t t Enter
	await shows '^who '
	term capture-pane -p -t t | sed -n '$d; /^why /,$p' >"$BATS_TEST_TMPDIR/screen"
	refute grep -q '…$' "$BATS_TEST_TMPDIR/screen"
	grep -qE '^.{60}$' "$BATS_TEST_TMPDIR/screen"
	term send-keys -t t q q
	is_restored
}

@test "the window is made smaller and larger" {
	term_start 100 70
	zoo sigchld-default --parents 15
	zoo nested --depth 8 --count 1
	term_type "$CORONER watch -n 300ms"
	await shows "^ *$(zoo_get '.inits[7]') nested"
	term resize-window -t t -x 50 -y 18
	await shows '^and [0-9]+ more'
	shows '^q quit'
	term resize-window -t t -x 120 -y 70
	await shows_not '^and [0-9]+ more'
	# too small for the events and most of all else: what is cut is marked
	term resize-window -t t -x 20 -y 5
	await shows '^and [0-9]+ more: 0 a'
	shows '^q quit'
	shows '^20'
	term send-keys -t t q
	is_restored
}

@test "every signal that ends it gives the terminal back" {
	local signal pid
	term_start
	for signal in INT TERM HUP QUIT; do
		term_type "clear; $CORONER watch -n 300ms"
		await shows '^q quit'
		pid=$(pgrep -P "$(term display-message -p -t t '#{pane_pid}')")
		kill -s "$signal" "$pid" # our own, in our own terminal
		is_restored
	done
	term_type "clear; $CORONER watch -n 300ms"
	await shows '^q quit'
	term send-keys -t t C-c
	is_restored
}

@test "suspended by ^Z it gives the terminal back, and takes it again with fg" {
	term_start
	term_type "$CORONER watch -n 300ms"
	await shows '^q quit'
	term send-keys -t t C-z
	await shows 'Stopped'
	[ "$(term display-message -p -t t '#{alternate_on}')" = 0 ]
	term_type fg
	await shows '^q quit'
	term send-keys -t t q
	is_restored
}

@test "an error in the middle ends it with the terminal restored and the message shown" {
	term_start
	cp -r "$TESTS/fixtures/proc" "$BATS_TEST_TMPDIR/proc" 2>/dev/null || {
		mkdir -p "$BATS_TEST_TMPDIR/proc/1"
		cp /proc/1/stat /proc/1/status "$BATS_TEST_TMPDIR/proc/1/"
	}
	mkdir -p "$BATS_TEST_TMPDIR/proc/4711"
	cp /proc/self/stat /proc/self/status "$BATS_TEST_TMPDIR/proc/4711/"
	term_type "$CORONER watch -n 300ms --procfs=$BATS_TEST_TMPDIR/proc"
	await shows '^q quit'
	rm -r "$BATS_TEST_TMPDIR"/proc/*
	is_restored
	await shows 'no process below'
}

# a sanitizer has mapped terabytes by then
# bats test_tags=unsanitized
@test "out of memory in the middle ends it with the terminal restored and the message shown" {
	needs prlimit
	term_start
	term_type "$CORONER watch -n 300ms"
	await shows '^q quit'
	# not a page more than it has
	prlimit --as=4096 --pid "$(pgrep -P "$(term display-message -p -t t '#{pane_pid}')")"
	zoo sigchld-default --count 2500
	is_restored
	await shows 'coroner: out of memory'
}

# tightest SUBJECT: what one look at its PID namespace says.
tightest() {
	JSON=$(coroner watch --json -n 100ms -c 1 --pid-ns="$1" 2>/dev/null)
	valid watch
}

@test "RLIMIT_NPROC is looked at; a limit that is hit is the tightest, hit now, in what fits a line" {
	needs_root
	has_bpf || skip "from procfs what a user has is a bound"
	chmod a+rwx "$BATS_TEST_TMPDIR"
	zoo forker --report "$BATS_TEST_TMPDIR" --newpidns 1 --uid "$((100000 + UNIQUE % 1000000))" \
		--nproc 16 --count 3
	tightest "$(zoo_get .subject)"
	expect '.tightest | (.limit | test("^nproc of uid")) and .headroom == 12 and .exact'
	kill -USR1 "$(zoo_get .subject)" # our own, started by zoo
	await test -e "$BATS_TEST_TMPDIR/forks"
	[ "$(<"$BATS_TEST_TMPDIR/forks")" = 12 ]
	tightest "$(zoo_get .subject)"
	expect '.tightest | (.limit | test("^nproc of uid")) and .headroom == 0 and .hit_in_s == 0'
	coroner watch -n 100ms -c 1 --pid-ns="$(zoo_get .subject)" 2>/dev/null | grep "^limit: none left, hit now: nproc of uid"
}

@test "the number of a limit stands before the path of its cgroup, however long" {
	needs_root
	local root=/sys/fs/cgroup/pids path
	[ -d "$root" ] || root=/sys/fs/cgroup
	path=coroner-watch-$UNIQUE-$(printf 'x%.0s' {1..100})
	zoo forker --root "$root" --path "$path" --max 40 --newpidns 1 --count 3
	coroner watch -n 100ms -c 1 --pid-ns="$(zoo_get .subject)" 2>/dev/null | grep "^limit: 36 left, not growing: pids.max of "
}

@test "SIGINT ends it while it waits out the settle time" {
	zoo sigchld-default --count 1
	OUT=$BATS_TEST_TMPDIR/watch.out
	# the time limit ends a run that does not end by itself, with status 124
	timeout 60 "$CORONER" watch --json --settle=1h >"$OUT" 2>/dev/null 3>&- &
	local keeper=$! watcher
	await pgrep -P "$keeper"
	watcher=$(pgrep -P "$keeper")
	await has_line "/proc/$watcher/wchan" poll
	kill -INT "$watcher" # our own
	wait "$keeper"
	[ ! -s "$OUT" ]
}

# blinded WHEN: three looks, of which one cannot read the stat of the zoo's first zombie, by its WHENth read.
blinded() {
	JSON=$(strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -P "/proc/$(zoo_get '.zombies[0]')/stat" \
		${1:+-e inject=read:error=EIO:when="$1"} \
		"$CORONER" watch --source=procfs --count=3 --interval=100ms --json 2>/dev/null | jq -s .)
}

@test "a zombie that one look could not read has neither died nor been reaped since" {
	needs strace
	local reads when
	zoo sigchld-default --count 2
	blinded ''
	reads=$(grep -c 'read(' "$BATS_TEST_TMPDIR/trace")
	((reads % 3 == 0))
	# the first read of the first look, and of the second
	for when in 1 $((reads / 3 + 1)); do
		blinded "$when"
		grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
		expect '[.[].zombies] | sort == [1, 2, 2]'
		expect '[.[] | .died, .reaped] | add == 0'
	done
}
