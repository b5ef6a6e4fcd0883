#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The remedy matrix: each verdict in each place where it can occur; the remedy that coroner explain prints is
# followed as a machine can, by the commands and the ends that its text names, until the zombies are gone. No
# one else may have died. What a machine cannot follow is written down here with the reason.

load lib
BATS_TEST_TIMEOUT=600
PLACES="plain init subreaper tini container threads"

setup_file() {
	export TABLE=$BATS_FILE_TMPDIR/cells
	printf '%s\t%s\t%s\n' >"$TABLE" \
		in-flight all "cannot be: it ends by itself before anybody could follow" \
		unknown all "not followed: it asks to be run with more rights, or elsewhere"
}

teardown_file() {
	echo "# the cells: verdict, place, what came of the remedy" >&3
	sed 's/^/#   /' "$TABLE" | column -t -s "$(printf '\t')" >&3
}

# state_of PID: its letter becomes $STATE, nothing once it is gone. Without a fork: it is asked often.
state_of() {
	local text=
	STATE=
	read -r text 2>/dev/null <"/proc/$1/stat" || return 0
	text=${text##*) }
	STATE=${text%% *}
}

# Who lives below the zoo's keeper, one per line.
living() {
	ps -eo pid=,ppid=,stat= | awk -v top="$(zoo_get .keeper)" '
		{ parent[$1] = $2; state[$1] = $3 }
		END {
			for (pid in parent) {
				for (p = pid; p && p != top && p in parent; p = parent[p]);
				if (p == top && pid != top && state[pid] !~ /^[ZX]/)
					print pid
			}
		}'
}

# Who is below PID, itself included.
below() {
	ps -eo pid=,ppid= | awk -v top="$1" '
		{ parent[$1] = $2 }
		END { for (pid in parent) { for (p = pid; p && p != top && p in parent; p = parent[p]); if (p == top) print pid } }'
}

# Those of the zoo's zombies that are left become $LEFT.
zombies_left() {
	local zombie
	LEFT=()
	for zombie in "${ZOMBIES[@]}"; do
		state_of "$zombie"
		[[ $STATE != [ZX] ]] || LEFT+=("$zombie")
	done
}

# gone_within TENTHS of a second
gone_within() {
	local i
	for ((i = 0; i < 10 * $1; i++)); do
		zombies_left
		((${#LEFT[@]})) || return 0
		nap 0.01
	done
	return 1
}

# end PID...: as the text says; those below go with it by their own wish (the zoo's PR_SET_PDEATHSIG).
end() {
	local pid
	for pid; do
		# shellcheck disable=SC2207
		ENDED+=($(below "$pid"))
		kill -KILL "$pid" 2>/dev/null || true # below the zoo's keeper
	done
}

# Is this step new? One that was taken already did not do it.
once() {
	[[ ! ${TAKEN[*]-} == *"<$1>"* ]] || return 1
	TAKEN+=("<$1>")
	STEP=$1
}

# What the text names, the most particular first; 1: nothing that is left to do.
step() {
	local text=$1 before
	if [[ $text =~ (echo\ [A-Z0-9]+\ \>\ [A-Za-z0-9/._-]+) ]] && once "${BASH_REMATCH[1]}"; then
		bash -c "$STEP"
	elif [[ $text =~ kill\ (-[A-Z]+\ )?([0-9][0-9 ]*[0-9]) ]] && once "${BASH_REMATCH[0]}"; then
		if [[ ${BASH_REMATCH[1]} != "-CONT " ]]; then
			# shellcheck disable=SC2086
			for pid in ${BASH_REMATCH[2]}; do
				# shellcheck disable=SC2207
				ENDED+=($(below "$pid"))
			done
		fi
		bash -c "$STEP"
	elif [[ $text =~ end\ (its\ tracer\ )?([0-9]+)[\ ,] ]] && once "end ${BASH_REMATCH[2]}"; then
		end "${STEP#end }"
	elif [[ $text =~ coroner\ (nudge\ [0-9]+) ]] && once "${BASH_REMATCH[1]} ${#LEFT[@]}"; then
		before=${#LEFT[@]}
		# shellcheck disable=SC2086
		coroner ${STEP% *} >/dev/null || true
		zombies_left
		((${#LEFT[@]} < before)) || STEP+=" in vain"
	elif [[ $text =~ ending\ ([0-9]+)\ (hands\ them\ to\ [0-9]+\ [^:\;,]*,\ which\ reaps|clears\ ) ]] &&
		once "end ${BASH_REMATCH[1]}"; then
		end "${STEP#end }"
	elif [[ $text =~ ending\ ([0-9]+)\ hands.*coroner\ (probe\ [0-9]+)\ finds\ out ]] &&
		once "${BASH_REMATCH[2]}, end ${BASH_REMATCH[1]}"; then
		# shellcheck disable=SC2086
		if ! coroner ${BASH_REMATCH[2]} --timeout=1s >/dev/null; then
			step "$text" # what else it says
			return
		fi
		end "${STEP##* }"
	elif [[ $text =~ coroner\ (reap\ [0-9]+)\ has\ it\ collect ]] && once "${BASH_REMATCH[1]}"; then
		# shellcheck disable=SC2086
		coroner $STEP --yes >/dev/null || return 1
	else
		return 1
	fi
}

# follow: reads the story of the zoo's parent (or of its zombie) and does what it says, until all is gone.
follow() {
	local text i
	TAKEN=() ENDED=() STEPS=() LAST=''
	zombies_left
	for ((i = 0; i < 12; i++)); do
		# one that is reaped meanwhile is no longer told of
		json explain "${LEFT[0]}" 2>/dev/null || break
		text=$(value '[.cases[0].story[] | select(.about == "remedy" or .about == "left").text] | join(" ")')
		LAST=$text
		step "$text" || break
		STEPS+=("$STEP")
		! gone_within 3 || return 0
	done
	# nothing is left to do: they are gone in a moment, or not at all
	gone_within 10
}

# The reason why a machine is at its end, from the text itself.
reason() {
	case $LAST in
	*"does not help: its heir"*) echo "its heir does not reap: its program must be changed" ;;
	*"neither runs a program nor ends"*) echo "somebody must see why the child does not go on" ;;
	*"probe"*"finds out"*) echo "its heir does not reap" ;;
	*) echo "$LAST" ;;
	esac
}

# cell VERDICT PLACE EXPECTED PROGRAM OPTIONS...: EXPECTED is "gone", or how the reason begins.
cell() {
	local verdict=$1 place=$2 expected=$3 before pid result
	shift 3
	zoo "$@" --place "$place"
	before=$(living)
	mapfile -t ZOMBIES < <(zoo_get '.zombies[]')
	json explain "$(zoo_get '.zombies[0]')"
	expect '.cases[0].verdict.code == $code' --arg code "$verdict"
	if follow; then
		result="gone: $(printf '%s; ' "${STEPS[@]}" | sed "s/[0-9]\{2,\}/N/g; s/; $//")"
	else
		result="not followed: $(reason)"
	fi
	for pid in $before; do
		[[ " ${ENDED[*]-} " != *" $pid "* ]] || continue
		state_of "$pid"
		[[ $STATE == [^ZX] ]] || {
			echo "$verdict in $place: $pid died, too; steps: ${STEPS[*]-}" >&2
			return 1
		}
	done
	printf '%s\t%s\t%s\n' "$verdict" "$place" "$result" >>"$TABLE"
	[[ ${result#not followed: } == "$expected"* ]] || {
		echo "$verdict in $place: $result; the last text: ${LAST-}" >&2
		return 1
	}
	zoo_end
}

# row VERDICT PROGRAM OPTIONS...: in every place; where ending the parent is what helps, it does not where the
# heir does not reap. SPECIAL[PLACE]: another expectation, or "-" with what stands in the table.
row() {
	local place expected
	for place in $PLACES; do
		expected=gone
		[ "$place" != container ] || expected="${IN_CONTAINER:-its heir does not reap}"
		[ -z "${SPECIAL[$place]:-}" ] || expected=${SPECIAL[$place]}
		if [[ $expected == "- "* ]]; then
			printf '%s\t%s\t%s\n' "$1" "$place" "cannot be: ${expected#- }" >>"$TABLE"
			continue
		fi
		cell "$1" "$place" "$expected" "${@:2}"
	done
}

@test "threads-alive" {
	declare -A SPECIAL=()
	row threads-alive threads-alive --count 2
}

@test "traced" {
	declare -A SPECIAL=()
	row traced traced
}

@test "parent-stopped" {
	declare -A SPECIAL=()
	row parent-stopped parent-stopped --count 2
}

@test "parent-stopped, by a tracer" {
	declare -A SPECIAL=()
	row parent-stopped parent-stopped --tracer --count 2
}

@test "parent-frozen" {
	declare -A SPECIAL=()
	needs_root
	if [ -d /sys/fs/cgroup/freezer ]; then
		row parent-frozen parent-frozen --v1 /sys/fs/cgroup/freezer --count 2
	else
		row parent-frozen parent-frozen --v2 /sys/fs/cgroup --count 2
	fi
}

@test "parent-uninterruptible" {
	declare -A SPECIAL=()
	local place
	IN_CONTAINER="somebody must see why"
	for place in plain init subreaper tini threads; do
		SPECIAL[$place]="somebody must see why"
	done
	row parent-uninterruptible parent-uninterruptible
}

@test "clone-child" {
	declare -A SPECIAL=()
	row clone-child clone-child
}

@test "unfit-init" {
	local place
	declare -A SPECIAL=([container]="- it is neither an init nor a subreaper")
	for place in plain tini threads; do
		SPECIAL[$place]="- it is neither an init nor a subreaper"
	done
	SPECIAL[subreaper]="- see below"
	row unfit-init unfit-init --count 3
	cell unfit-init subreaper gone unfit-init --how subreaper --count 3
}

@test "parent-replaced" {
	declare -A SPECIAL=([threads]="- its other threads ended with the exec")
	has_bpf || skip "needs BPF"
	IN_CONTAINER=gone # by coroner reap
	row parent-replaced execs
}

@test "waits-for-other" {
	declare -A SPECIAL=()
	row waits-for-other waits --how waitpid
}

@test "sigchld-blocked" {
	declare -A SPECIAL=()
	row sigchld-blocked sigchld-blocked --all-block
}

@test "sigchld-ignored" {
	declare -A SPECIAL=()
	row sigchld-ignored sigchld-ignored
}

@test "sigchld-default" {
	declare -A SPECIAL=()
	row sigchld-default sigchld-default --count 3
}

@test "sigchld-default, a pipe that others hold" {
	cell sigchld-default plain gone pipe-holder
}

@test "sigchld-caught" {
	declare -A SPECIAL=()
	IN_CONTAINER=gone # its handler takes one a nudge
	row sigchld-caught sigchld-caught --count 3 --all-block
}

@test "namespace-dying" {
	declare -A SPECIAL=()
	row namespace-dying namespace-dying
}

@test "no verdict is without a row" {
	local verdict
	for verdict in $(jq -r '."$defs".verdict.properties.code.enum[]' "$ROOT/man/coroner.schema.json"); do
		grep -Eq "^(	+row $verdict |$verdict	all	)" "$BATS_TEST_FILENAME" "$TABLE" || {
			echo "$verdict: what it advises is followed nowhere" >&2
			return 1
		}
	done
	# whichever of them were run have a cell for each place
	awk -F '\t' -v places="$PLACES" '
		$2 != "all" { cell[$1, $2] = 1; verdict[$1] = 1 }
		END {
			for (v in verdict)
				for (i = split(places, place, " "); i > 0; i--)
					if (!((v, place[i]) in cell)) {
						print v ": no cell for " place[i] > "/dev/stderr"
						missing = 1
					}
			exit missing
		}' "$TABLE"
}
