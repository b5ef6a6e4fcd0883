# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Loaded by every bats file: starts zoo programs, runs coroner, looks at its JSON with jq.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$TESTS")
: "${BUILD:=$ROOT/build}"
CORONER=${CORONER:-$BUILD/coroner}
ZOO=${ZOO:-$BUILD/zoo}
BENCH=${BENCH:-$BUILD/bench}

# The same language, in a tenth of the time: jq 1.6 compiles its own library at each start, and is started
# thousands of times.
if command -v gojq >/dev/null; then
	jq() {
		gojq "$@"
	}
fi

# A number for names that other tests must not have: PIDs are given anew in each PID namespace.
UNIQUE=$SRANDOM

# The id of a container that no other test has.
container_id() {
	printf 'feed%060x' "$UNIQUE"
}

# What the last zoo program said, and what the last coroner answered.
ZOO_JSON='{}'
JSON=''

ZOO_PIDS=()
ZOO_INPUTS=()
CLEANUPS=()

# zoo NAME ARGS...: starts a zoo program and waits for its line of JSON, which becomes $ZOO_JSON and
# $zoo in jq. It holds its state until the teardown, or zoo_end.
zoo() {
	zoo_start "$ZOO/$1" "${@:2}"
}

zoo_start() {
	local directory input output
	directory=$(mktemp -d "$BATS_TEST_TMPDIR/zoo.XXXXXX")
	mkfifo "$directory/in" "$directory/out"
	"$@" <"$directory/in" >"$directory/out" 2>"$directory/err" 3>&- &
	ZOO_PIDS+=("$!")
	exec {input}>"$directory/in"
	ZOO_INPUTS+=("$input")
	exec {output}<"$directory/out"
	if ! IFS= read -r -t 100 ZOO_JSON <&"$output"; then
		echo "$* did not get ready: $(<"$directory/err")" >&2
		return 1
	fi
	exec {output}<&-
}

# A herd of tests/bench: what a test of its size takes, in a PID namespace of its own.
herd() {
	zoo_start "$BENCH/herd" "$@"
}

# beside_herd COMMAND...: in its PID namespace.
beside_herd() {
	nsenter --target "$(zoo_get .init)" --pid --mount "$@"
}

# What nobody writes to: to wait for a moment takes no process then.
exec {NOBODY}<> <(:)

# nap SECONDS
nap() {
	local nothing
	read -rt "$1" -u "$NOBODY" nothing || true
}

# await COMMAND...: looks every 20 ms whether it succeeds, for a minute at most.
await() {
	local deadline=$((SECONDS + 60))
	until "$@"; do
		if ((SECONDS > deadline)); then
			echo "never so: $*" >&2
			return 1
		fi
		nap 0.02
	done
}

# zoo_get FILTER: a value out of $ZOO_JSON.
zoo_get() {
	jq -r "$1" <<<"$ZOO_JSON"
}

# Ends all zoo programs, and fails when one did not end well.
zoo_end() {
	local i status=0 input
	for i in "${!ZOO_PIDS[@]}"; do
		input=${ZOO_INPUTS[$i]}
		exec {input}>&-
		timeout 20 tail --pid="${ZOO_PIDS[$i]}" -s 0.02 -f /dev/null || {
			echo "zoo program ${ZOO_PIDS[$i]} does not end" >&2
			kill -KILL "${ZOO_PIDS[$i]}" # our own child, started by zoo_start
		}
		wait "${ZOO_PIDS[$i]}" || status=1
	done
	ZOO_PIDS=()
	ZOO_INPUTS=()
	return "$status"
}

# cleanup COMMAND...: run by the teardown, last one first.
cleanup() {
	CLEANUPS+=("$(printf '%q ' "$@")")
}

teardown() {
	local i status=0
	((${#ANSWERS[@]} == 0)) || validate "${ANSWERS[@]}" || status=1
	ANSWERS=()
	zoo_end || status=1
	for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do
		eval "${CLEANUPS[$i]}" || status=1
	done
	CLEANUPS=()
	return "$status"
}

coroner() {
	"$CORONER" "$@"
}

# json ARGS...: runs coroner with --json, which must succeed; the answer is in $JSON, and what it
# wrote to standard error in $ERRORS.
json() {
	local status=0 errors=$BATS_TEST_TMPDIR/errors
	JSON=$(coroner --json "$@" 2>"$errors") || status=$?
	ERRORS=$(<"$errors")
	if ((status != 0)); then
		echo "coroner --json $*: status $status: $ERRORS" >&2
		return 1
	fi
}

# validate DEFINITION FILE...: see tests/validate.
validate() {
	"${PYTHON:-python3}" "$TESTS/validate" "$@"
}

# valid DEFINITION [ANSWER]: $JSON, or the answer, is what man/coroner.schema.json defines under that name. All
# of a test are held against it by the teardown, at once: Python takes its time to start.
ANSWERS=()
valid() {
	local file=$BATS_TEST_TMPDIR/answer.${#ANSWERS[@]}
	printf '%s\n' "${2-$JSON}" >"$file"
	ANSWERS+=("$1" "$file")
}

# Words for the filters: the entry of the zoo's parent, its zombies, one namespace.
# shellcheck disable=SC2016
JQ_WORDS='
def parent: .parents[] | select(.process.pid == $zoo.parent);
def pids: map(.pid) | sort;
def all_zombies: [.parents[].zombies[]];
def namespace($inode): .namespaces[] | select(.inode == $inode);
def doing_is($syscall; $waits_for):
	.doing | .syscall == $syscall and .waits_for == $waits_for;
def has_sigchld: .[11:12] | IN("1", "3", "5", "7", "9", "b", "d", "f");
def is_hex: type == "string" and test("^[0-9a-f]{16}$");
'

# expect FILTER [JQ ARGS...]: the filter must say true, once, about $JSON. All of it is slurped,
# since jq -e is content with nothing at all.
expect() {
	local filter=$1
	shift
	if ! jq -e -s --argjson zoo "$ZOO_JSON" "$@" \
		"$JQ_WORDS length == 1 and (.[0] | [$filter] == [true])" \
		<<<"$JSON" >/dev/null; then
		{
			echo "not so: $filter"
			echo "zoo: $ZOO_JSON"
			jq -c --argjson zoo "$ZOO_JSON" "$JQ_WORDS"'[parent?]
				| if . == [] then "no such parent" else .[] | .zombies |= .[:2] end' <<<"$JSON"
			[ -z "$ERRORS" ] || echo "stderr: $ERRORS"
		} >&2
		return 1
	fi
}

# refute COMMAND...: it must fail. (A "!" alone cannot fail a test.)
refute() {
	if "$@"; then
		echo "should have failed: $*" >&2
		return 1
	fi
}

# value FILTER: out of $JSON.
value() {
	jq -r --argjson zoo "$ZOO_JSON" "$JQ_WORDS $1" <<<"$JSON"
}

# The inode of the PID namespace that a process is in.
pidns_of() {
	stat -Lc %i "/proc/$1/ns/pid"
}

# Is there a BPF source here? Asked of coroner, once per file.
has_bpf() {
	if [ -z "${HAS_BPF:-}" ]; then
		HAS_BPF=no
		! coroner list --source=bpf >/dev/null 2>&1 || HAS_BPF=yes
	fi
	[ "$HAS_BPF" = yes ]
}

# The sources to try, one per word.
sources() {
	if has_bpf; then echo procfs bpf; else echo procfs; fi
}

# needs COMMAND...: skips, by name, what cannot run here.
needs() {
	local command
	for command; do
		command -v "$command" >/dev/null || skip "needs $command"
	done
}

# Whether this kernel runs programs of 32 bits: some virtual machines have it do without, and nothing can be asked there.
runs_32bit() {
	local status=0
	"$ZOO/waits32" 2>/dev/null || status=$?
	((status == 0)) || echo "# this kernel runs no 32-bit programs: status $status" >&3
	return "$status"
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# hierarchy CONTROLLER: where it is mounted.
hierarchy() {
	local dir
	for dir in "/sys/fs/cgroup/$1" /sys/fs/cgroup /sys/fs/cgroup/unified; do
		if [ -e "$dir/release_agent" ] || grep -qsw "$1" "$dir/cgroup.controllers"; then
			echo "$dir"
			return
		fi
	done
	return 1
}

# kernel_memory CGROUP: what the kernel charges it for memory of its own, in bytes.
kernel_memory() {
	cat "$1/memory.kmem.usage_in_bytes" 2>/dev/null || sed -n 's/^kernel //p' "$1/memory.stat"
}

# unprivileged COMMAND...: runs it as a user that owns nothing, with no capability.
unprivileged() {
	setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all --inh-caps=-all \
		--ambient-caps=-all "$@"
}

# no_control_bytes FILE: no byte below space but tab and newline, no DEL, valid UTF-8, and none of
# the C1 control characters or bidirectional overrides.
no_control_bytes() {
	iconv -f UTF-8 -t UTF-8 <"$1" >/dev/null || return 1
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$1" || return 1
	! LC_ALL=C.UTF-8 grep -qP '[\x{80}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]' "$1"
}
