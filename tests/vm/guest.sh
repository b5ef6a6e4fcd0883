#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
#
# Runs inside the guest. Without arguments: every function named test_* of /vm/tests/*.sh, each in a
# shell of its own, as TAP; then powers off. The functions below are what the tests may use.

export PATH=/usr/bin:/bin NO_COLOR=1
ZOO_DIR=/zoo
TEST_TIMEOUT_S=300
CGROUP=/sys/fs/cgroup

# fail TEXT…: ends the test.
fail() {
	echo "$*"
	exit 1
}

# zoo NAME [ARG…]: starts a zoo program and waits for the line it prints once its state stands.
# The line is in $ZOO; `zoo_get FILTER` reads it with jq. It ends with the test, or by zoo_end.
zoo() {
	zoo_program=$ZOO_DIR/$1
	shift
	[ -x "$zoo_program" ] || fail "no zoo program $zoo_program"
	zoo_n=$((${zoo_n:-0} + 1))
	mkfifo "in.$zoo_n" "out.$zoo_n"
	"$zoo_program" "$@" <"in.$zoo_n" >"out.$zoo_n" &
	zoo_pid=$!
	# Holds the program's standard input open: its end is the program's cue to clean up.
	sleep 1000 >"in.$zoo_n" &
	zoo_holder=$!
	zoo_pids="$zoo_pids $zoo_pid:$zoo_holder"
	ZOO=$(timeout 20 head -n 1 "out.$zoo_n")
	[ -n "$ZOO" ] || fail "$zoo_program: no line within 20 s"
	echo "zoo: $ZOO"
}

zoo_get() {
	printf '%s\n' "$ZOO" | jq -r "$1"
}

zoo_end() {
	for pair in $zoo_pids; do
		kill "${pair#*:}"
		wait "${pair#*:}" || true
		wait "${pair%:*}" || fail "zoo: exit status $?"
	done
	zoo_pids=
}

# coro ARG…: runs coroner; its output is in $OUT, its messages in $ERR, its exit status in $STATUS.
coro() {
	STATUS=0
	coroner "$@" >out.txt 2>err.txt || STATUS=$?
	OUT=$(cat out.txt)
	ERR=$(cat err.txt)
	echo "coroner $*: exit $STATUS"
	echo "$OUT" | tr -s ' \n' ' ' | head -c 4000
	echo
	echo "$ERR" | head -c 1000
}

# expect FILTER [NAME VALUE]…: $OUT must be one JSON text of which the filter gives something, and
# nothing but true; the names are $NAME in it.
expect() {
	expect_filter=$1
	shift
	expect_args=
	while [ $# -ge 2 ]; do
		expect_args="$expect_args --argjson $1 $2"
		shift 2
	done
	# shellcheck disable=SC2086 # names and JSON values without spaces
	printf '%s\n' "$OUT" | jq -e -s $expect_args \
		"length == 1 and ([.[0] | ($expect_filter)] | length > 0 and all(. == true))" >/dev/null ||
		fail "expected: $expect_filter ($expect_args)"
}

# expect_parent FILTER [NAME JSON]…: the same for what `list` says of the zoo's parent.
expect_parent() {
	expect_of=$1
	shift
	expect ".parents[] | select(.process.pid == \$parent) | ($expect_of)" \
		parent "$(zoo_get .parent)" "$@"
}

# each_source COMMAND…: with SOURCE=procfs, then with SOURCE=bpf (VM_SOURCES of tests/vm/run).
each_source() {
	# shellcheck disable=SC2013 # words
	for SOURCE in $(cat /vm/sources); do
		"$@"
	done
}

# verdict CODE: of the zoo's parent, from the source $SOURCE.
verdict_of_parent() {
	coro --source="$SOURCE" --json list
	same 0 "$STATUS" "exit status"
	expect '.source == $source' source "\"$SOURCE\""
	expect_parent '.verdict.code == $code' code "\"$1\""
}

verdict() {
	each_source verdict_of_parent "$1"
}

# kernel_since MAJOR MINOR: this one is at least as new.
kernel_since() {
	uname -r | awk -F . -v major="$1" -v minor="$2" '{ exit !($1 > major || $1 == major && $2 + 0 >= minor) }'
}

# has_bpf: the census can be loaded here.
has_bpf() {
	grep -qw bpf /vm/sources
}

# has_wchan: /proc/PID/wchan tells; on x86 before 5.16 it says 0 of everything.
has_wchan() {
	[ "$(cat /proc/1/wchan)" != 0 ]
}

# same WANTED GOT [WHAT]
same() {
	[ "$1" = "$2" ] || fail "${3:-value}: wanted '$1', got '$2'"
}

# await SECONDS COMMAND…: until the command succeeds.
await() {
	await_end=$(($(cut -d. -f1 /proc/uptime) + $1))
	shift
	until "$@"; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$await_end" ] || fail "never came true: $*"
		usleep 20000
	done
}

# state_is PID LETTERS: /proc's own word for it.
state_is() {
	case $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in
	["$2"]) return 0 ;;
	esac
	return 1
}

# cgroup_new NAME: makes a cgroup with the pids controller; its path under the mount is /NAME.
cgroup_new() {
	mkdir "$CGROUP/$1"
	cgroups="$1 $cgroups"
}

# The test's own exit status stays, unless what it left behind could not be ended.
test_cleanup() {
	status=$?
	set +e
	for g in $cgroups; do
		echo 0 >"$CGROUP/$g/cgroup.freeze"
	done
	zoo_end
	for p in $children; do
		kill -KILL "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	for g in $cgroups; do
		await 5 rmdir "$CGROUP/$g"
	done
	exit "$status"
}

uptime_ms() {
	read -r up _ </proc/uptime
	echo $((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}

run_one() {
	zoo_pids='' cgroups='' children=''
	cd "$(mktemp -d)" || exit 1
	# shellcheck source=/dev/null
	. "$1"
	trap test_cleanup EXIT
	set -e
	"$2"
}

run_all() {
	total=0
	for file in /vm/tests/*.sh; do
		theme=${file##*/}
		theme=${theme%.sh}
		# shellcheck disable=SC2013 # one word a line
		for fn in $(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$file"); do
			case $fn in
			*_by_bpf) has_bpf || continue ;;
			*_by_wchan) has_wchan || continue ;;
			*_without_bpf) ! has_bpf || continue ;;
			esac
			total=$((total + 1))
			name="$theme: $(echo "${fn#test_}" | tr _ ' ')"
			started=$(uptime_ms)
			if timeout -s KILL "$TEST_TIMEOUT_S" setsid /vm/guest.sh "$file" "$fn" \
				>/tmp/log 2>&1; then
				echo "ok $total - $name in $(($(uptime_ms) - started))ms"
				sed -n 's/^note: /# /p' /tmp/log
			else
				echo "not ok $total - $name (exit $?) in $(($(uptime_ms) - started))ms"
				tail -c 6000 /tmp/log | sed 's/^/# /'
			fi
		done
	done
	echo "1..$total"
}

if [ $# -eq 2 ]; then
	run_one "$@"
	exit
fi
echo "# Linux $(uname -r), up $(cut -d' ' -f1 /proc/uptime) s, $(coroner --version 2>&1 | head -n 1)"
run_all
sync
poweroff -f
