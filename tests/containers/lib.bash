# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # id, init, PARENT: for the tests
#
# What every engine's tests share. An engine's own file defines
#   engine_start             starts what it needs below $RUN, loads the image
#   engine_stop              ends exactly that
#   engine_run NAME [OPTION…] -- COMMAND…   a container in the background, without a network
#   engine_exec NAME COMMAND…               a command in it, until its output ends
#   engine_ask NAME COMMAND…                the same, where it has it in a way of its own (below): nothing is lost
#   engine_rm NAME…                         kills and removes
#   engine_init NAME                        the PID of its first process, as the host sees it
#   engine_id NAME                          the id that its cgroup is named after

engine_ask() {
	engine_exec "$@"
}

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
CORONER=${CORONER:-$TOP/build/coroner}
CORONER_STATIC=${CORONER_STATIC:-$TOP/build/coroner-static}
export NO_COLOR=1

# await SECONDS COMMAND…: looks every 20 ms whether the command succeeds; says so if it never does.
await() {
	local deadline=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		if ((SECONDS > deadline)); then
			echo "never came true: $*"
			return 1
		fi
		sleep 0.02
	done
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# end_process PID: asks it to end, waits, and kills it if it does not; the PID is a child of ours.
end_process() {
	kill -TERM "$1" 2>/dev/null || return 0
	await 20 gone "$1" || kill -KILL "$1"
	wait "$1" || true
}

# The cgroup directories of an engine (ENGINE_CGROUPS) below every hierarchy, those that were there before excepted.
cgroup_dirs() {
	local name
	for name in $ENGINE_CGROUPS; do
		find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$name"
	done
}

# Removes an engine's cgroups; what still has processes then is another engine's, run at the same time.
cgroup_given_up() {
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
	[[ ! -d $1 || -n $(find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null) ]]
}

# For each engine's .bats, which loads this file and then its engine's.
setup_file() {
	[[ $EUID -eq 0 ]] || {
		echo "these tests start container engines: root is needed"
		return 1
	}
	[[ -x $CORONER && -x $CORONER_STATIC ]] || {
		echo "$CORONER or $CORONER_STATIC is missing: run make all static"
		return 1
	}
	# A socket's path must be short, so not below the build directory.
	RUN=$(mktemp -d /tmp/coroner-test.XXXXXX)
	export RUN
	CGROUPS_BEFORE=$(cgroup_dirs)
	export CGROUPS_BEFORE
	"$BATS_TEST_DIRNAME/rootfs" "$RUN/rootfs"
	# Its mounts are in a mount namespace of its own: they end with its last process.
	unshare --mount --propagation private setpriv --pdeathsig KILL sleep infinity 3>&- &
	export HOLDER=$!
	await 5 own_mount_namespace "$HOLDER"
	engine_start
}

own_mount_namespace() {
	[[ $(readlink "/proc/$1/ns/mnt") != "$(readlink /proc/self/ns/mnt)" ]] &&
		[[ $(cat "/proc/$1/comm") == sleep ]]
}

teardown_file() {
	local dir

	engine_stop
	# Shims and monitors end on their own, a moment after their container.
	await 20 nothing_runs_on "$RUN"
	end_process "$HOLDER"
	while read -r dir; do
		[[ -z $dir || $CGROUPS_BEFORE == *"$dir"* ]] || await 10 cgroup_given_up "$dir"
	done < <(cgroup_dirs)
	rm -rf "$RUN"
	! grep -F "$RUN" /proc/mounts
}

# No process names this directory among its arguments (a zombie has none).
nothing_runs_on() {
	! grep -qsF "$1" /proc/[0-9]*/cmdline
}

inside_holder() {
	nsenter --mount --target "$HOLDER" --wd=/ -- "$@"
}

# container NAME [OPTION…] -- COMMAND…: runs it, to be removed by the test's teardown; sets $init
# and $id.
container() {
	containers+=("$1")
	engine_run "$@"
	init=$(engine_init "$1")
	id=$(engine_id "$1")
	[[ $init -gt 1 && -d /proc/$init ]]
}

setup() {
	containers=()
}

teardown() {
	((${#containers[@]} == 0)) || engine_rm "${containers[@]}"
}

ppid_of() {
	sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"
}

comm_of() {
	sed -n 's/^Name:[[:space:]]*//p' "/proc/$1/status"
}

# children_of PID [STATE]: PIDs, by /proc alone.
children_of() {
	local file
	for file in $(grep -lsE "^PPid:[[:space:]]+$1\$" /proc/[0-9]*/status || true); do
		grep -qsE "^State:[[:space:]]+${2:-.}" "$file" || continue
		file=${file%/status}
		echo "${file#/proc/}"
	done
}

zombie_count_is() {
	[[ $(children_of "$1" Z | wc -l) -eq $2 ]]
}

# host_pid INIT NUMBER: the host's PID of the process that has this number in INIT's PID namespace.
host_pid() {
	local dir ns
	ns=$(readlink "/proc/$1/ns/pid")
	for dir in $(grep -lsE "^NSpid:.*[[:space:]]$2\$" /proc/[0-9]*/status || true); do
		dir=${dir%/status}
		if [[ $(readlink "$dir/ns/pid") == "$ns" ]]; then
			echo "${dir#/proc/}"
			return 0
		fi
	done
	echo "no process $2 in $ns" >&2
	return 1
}

# coroner_json ARG…: its JSON in $JSON, its messages in $ERR; any exit status but that of bad usage.
coroner_json() {
	status=0
	"$CORONER" --json "$@" >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	JSON=$(<"$BATS_TEST_TMPDIR/json")
	ERR=$(<"$BATS_TEST_TMPDIR/err")
	[[ $status -ne 2 ]] || {
		echo "coroner $*: $ERR"
		return 1
	}
}

# expect FILTER [NAME VALUE]…: $JSON must be one JSON text of which the filter gives something, and
# nothing but true. NAME is $NAME in it: a number if the value looks like one, else a text.
expect() {
	local filter=$1 args=()
	shift
	while (($# >= 2)); do
		if [[ $2 =~ ^[0-9]{1,10}$ ]]; then
			args+=(--argjson "$1" "$2")
		else
			args+=(--arg "$1" "$2")
		fi
		shift 2
	done
	jq -e -s "${args[@]}" "length == 1 and ([.[0] | ($filter)] | length > 0 and all(. == true))" \
		<<<"$JSON" >/dev/null || {
		echo "expected: $filter"
		echo "with: ${args[*]}"
		jq . <<<"$JSON" | head -n 150
		echo "stderr: $ERR"
		return 1
	}
}

# The case of one parent, for use in filters.
# shellcheck disable=SC2016 # a jq variable
PARENT='(.parents[] | select(.process.pid == $init))'

# zombies_in NAME COUNT: makes that many processes in the container whose parent exits before them,
# and waits until all of them are zombies of the container's first process.
zombies_in() {
	engine_exec "$1" /bin/orphan "$2" >/dev/null
	await 10 zombie_count_is "$(engine_init "$1")" "$2"
}
