#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Random mixes of all that bounds a fork, asked of every source and then forked until it fails. What is
# called exact must be what happens; what is a bound must not be less. SEED=N repeats a run, MIXES=N sets
# how many (12 here, 200 with `make check-mixes`). The sums are printed with the seed.

# It forks at the limits of the machine's own PID namespace, which no other around it may bind.
# bats file_tags=machine

# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load lib

setup() {
	needs_root
	printf '6.14\n%s\n' "$(uname -r)" | sort -VC || skip "needs a pid_max per namespace (6.14)"
	PIDS=$(hierarchy pids) || skip "needs the pids controller"
	SEED=${SEED:-$SRANDOM}
	# of each quarter another, whichever of them are run
	local quarter=${BATS_TEST_DESCRIPTION##*(}
	RANDOM=$(((SEED + ${quarter%% *}) % 32768))
	: "${MIXES:=12}"
	exact=0 bounds=0 met=0 unknown=0 gap=0
}

# one_in N: true once in so many times.
one_in() {
	((RANDOM % $1 == 0))
}

# Sets $mix to the options of a forker. Whatever it is, some limit is near.
throw() {
	local level user=$((200000 + UNIQUE % 1000000 + 1)) tasks=$((RANDOM % 6)) capable=1 finished=0 least=301
	mix=(--count $((RANDOM % 5)) --report "$BATS_TEST_TMPDIR")
	one_in 2 && mix+=(--threads $((RANDOM % 4)))
	one_in 4 && mix+=(--leaders $((1 + RANDOM % 4)))
	path=coroner-mix-$UNIQUE-$1
	mix+=(--root "$PIDS" --path "$path" --max $((30 + RANDOM % 60)))
	for ((level = RANDOM % 3; level > 0; level--)); do
		path+=/in
		mix+=(--path "$path" --max "$(one_in 3 && echo max || echo $((25 + RANDOM % 70)))")
	done
	one_in 4 && mix+=(--removed $((1 + RANDOM % 6)))
	# Past pid_max numbers begin anew at 300: what the subject is to have must find room from there on.
	if one_in 2; then
		finished=$((RANDOM % 360))
		((finished < 250)) || least=345
	fi
	if one_in 6; then
		mix+=(--outer-max $((least + RANDOM % (361 - least))) --pid-max $((least + RANDOM % (361 - least))))
		mix+=(--finished "$finished")
	elif one_in 2; then
		mix+=(--newpidns $((1 + RANDOM % 2)) --pid-max $((least + RANDOM % (361 - least))))
		mix+=(--finished "$finished")
	fi
	if one_in 2; then
		one_in 5 || {
			mix+=(--uid "$user")
			capable=0
		}
		for ((level = RANDOM % 3; level > 0; level--)); do
			mix+=(--creator "$(one_in 4 && echo max || echo $((40 + RANDOM % 50)))")
			capable=1
		done
		one_in 3 && mix+=(--strays $((1 + RANDOM % 4)))
		mix+=(--outside "$tasks" --nproc "$(one_in 4 && echo max || echo $((30 + RANDOM % 60)))")
	fi
	# a PID namespace takes CAP_SYS_ADMIN, of a user namespace of one's own at least
	((capable)) || return 0
	one_in 10 && mix+=(--children "$(one_in 2 && echo dead || echo fresh)")
	return 0
}

# Several predictions of one fork may say so.
compare() {
	local source=$1 predicted=$2 is_exact=$3 came=$4
	if [ "$is_exact" = true ]; then
		exact=$((exact + 1))
		[ "$predicted" = "$came" ] && return
	else
		bounds=$((bounds + 1))
		if [ "$predicted" = null ]; then
			unknown=$((unknown + 1))
			return
		elif ((came <= predicted)); then
			((came < predicted)) || met=$((met + 1))
			gap=$((gap + predicted - came))
			return
		fi
	fi
	echo "mix $n of seed $SEED: ${mix[*]}: $source said $predicted (exact: $is_exact), came $came" >&2
	return 1
}

forks_of() {
	rm -f "$BATS_TEST_TMPDIR/forks"
	kill -USR1 "$1" # our own, started by zoo
	await test -e "$BATS_TEST_TMPDIR/forks"
	came=$(<"$BATS_TEST_TMPDIR/forks")
}

# A quarter of them: a test has its time limit.
quarter() {
	local n source sources subject came told=()
	sources=$(sources)
	chmod a+rwx "$BATS_TEST_TMPDIR"
	for ((n = 1; n <= (MIXES + 3) / 4; n++)); do
		throw "$n"
		zoo forker "${mix[@]}" || {
			echo "mix $n of seed $SEED: ${mix[*]}" >&2
			return 1
		}
		subject=$(zoo_get .subject)
		told=()
		for source in $sources; do
			told+=("$source $("$CORONER" --json headroom --source="$source" "$subject" 2>/dev/null |
				jq -r '.cases[0] | "\(.headroom) \(.exact)"')")
		done
		forks_of "$subject" || {
			echo "mix $n of seed $SEED: ${mix[*]}: no fork was refused, or it ended" >&2
			return 1
		}
		for source in "${told[@]}"; do
			# shellcheck disable=SC2086 # three words
			compare $source "$came"
		done
		zoo_end
	done
	echo "# seed $SEED: $((n - 1)) mixes, $exact predictions exact, $bounds bounds, $met of them met," \
		"$gap too many in all of them, $unknown without a number" >&3
}

@test "random mixes: what is exact comes true, what is a bound holds (1 of 4)" {
	quarter
}

@test "random mixes: what is exact comes true, what is a bound holds (2 of 4)" {
	quarter
}

@test "random mixes: what is exact comes true, what is a bound holds (3 of 4)" {
	quarter
}

@test "random mixes: what is exact comes true, what is a bound holds (4 of 4)" {
	quarter
}
