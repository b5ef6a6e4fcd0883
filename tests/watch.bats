#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner watch: what it sees happen, in every form; and a terminal that is given back as it was.

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

@test "--events: a zombie is born, adopted and reaped, with who and after how long" {
	local source
	for source in $(sources); do
		watch_start --events -n 200ms --source="$source"
		await has_line /proc/$WATCH/wchan poll
		zoo sigchld-caught --count 4
		await has_line "$OUT" "Z born +$(zoo_get '.zombies[0]') \\(sigchld-caught\\) of $(zoo_get .parent) \\(sigchld-caught\\)"
		kill -CHLD "$(zoo_get .parent)" # our zoo's: its handler takes one
		await has_line "$OUT" "Z reaped +[0-9]+ \\(sigchld-caught\\) after (at most|about) [0-9a-z]+ by $(zoo_get .parent) "
		zoo_end
		await has_line "$OUT" "Z reaped +$(zoo_get '.zombies[-1]') "
		watch_end "$WATCH"
	done
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
	await has_line "$OUT" '"event":"born"'
	await has_line "$OUT" "\"pid\":$(zoo_get '.zombies[-1]'),"
	watch_end "$WATCH"
	jq -es 'all(.schema == "coroner.watch-event/1" and (.event | IN("born", "reaped", "adopted"))
		and (.time | test("^20..-..-..T.*Z$")))' "$OUT" >/dev/null
	jq -es 'any(.event == "born" and .exit.kind == "signaled")' "$OUT" >/dev/null
}

@test "--json: an object a look, that counts births and reaps and tells the tightest limit" {
	zoo sigchld-default --count 2
	coroner watch --json -n 200ms -c 3 >"$BATS_TEST_TMPDIR/out"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 3 ]
	JSON=$(tail -n 1 "$BATS_TEST_TMPDIR/out")
	expect '.schema == "coroner.watch/1" and .look == 3'
	expect '.parents[] | select(.pid == $zoo.parent) | .zombies == 2 and .verdict == "sigchld-default"'
	expect '.tightest | .limit != null and .headroom >= 0'
	while read -r line; do "$TESTS/validate" watch <<<"$line"; done <"$BATS_TEST_TMPDIR/out"
}

@test "births are counted with their parent, and the limit of its cgroup comes nearer" {
	needs_root
	local root=/sys/fs/cgroup/pids path=coroner-watch-$$
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
	expect '.parents[] | select(.pid == $pid) | .born > 0' --argjson pid "$parent"
	expect '.born_per_s > 1'
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
	coroner watch --json -n 200ms | head -n 1 >/dev/null
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

TMUX_SOCKET=coroner-test-$$

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

@test "the window is made smaller and larger" {
	term_start 100 70
	zoo nested --depth 8 --count 1
	term_type "$CORONER watch -n 300ms"
	await shows "^ *$(zoo_get '.inits[7]') nested"
	term resize-window -t t -x 50 -y 18
	await shows '^and [0-9]+ more'
	shows '^q quit'
	term resize-window -t t -x 120 -y 70
	await shows_not '^and [0-9]+ more'
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
