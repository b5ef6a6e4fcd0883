# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2034 # variables of lib.bash
# What reap.bats and reap-calls.bats share: a zoo parent that sits in a call, and what became of it.

setup() {
	local own
	own=$(mktemp -d /tmp/coroner-reap.XXXXXX)
	cleanup rm -rf "$own"
	chmod 777 "$own" # for parents of another user
	WAKE=$own/wake REPORT=$own/report
}

# so FILTER: true of the answer, which is shown else.
so() {
	expect "$1" || {
		echo "$JSON" >&2
		return 1
	}
}

# answer STATUS ARGS...: runs coroner reap, which must end with that status; the answer in $JSON.
answer() {
	local wanted=$1 status=0
	shift
	JSON=$(coroner reap --json --yes "$@" 2>"$BATS_TEST_TMPDIR/errors" </dev/null) || status=$?
	ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
	((status == wanted)) || {
		echo "reap $*: status $status, not $wanted: $JSON $ERRORS" >&2
		return 1
	}
}

# sits HOW ARGS...: a parent that sits in that call, with three adopted zombies.
sits() {
	rm -f "$WAKE" "$REPORT"
	zoo sits --how "$1" --count 3 --wake "$WAKE" --report "$REPORT" "${@:2}"
	parent=$(zoo_get .parent)
}

# all_taken: all three went, by the parent's own hand.
all_taken() {
	so '.parents | length == 1'
	so '.parents[0] | .pid == $zoo.parent and .before == 3 and .after == 0 and .left == []'
	so '.parents[0] | .reason == null and (.reaped | sort) == ($zoo.zombies | sort)'
	so '.parents[0] | .stops >= 1 and .longest_stop_ms > 0'
	for z in $(zoo_get '.zombies[]'); do
		[ ! -e "/proc/$z" ]
	done
}

# goes_on FILTER: what it waits for comes, and the call ends as it would have without us.
goes_on() {
	: >"$WAKE"
	await test -e "$REPORT"
	jq -e ".broken == 0 and (.result | $1)" "$REPORT" >/dev/null || {
		echo "$ZOO_JSON: $(<"$REPORT"), not $1" >&2
		return 1
	}
}

# undisturbed CALL FILTER ARGS...: zombies taken, nothing noticed.
undisturbed() {
	sits "$1" "${@:3}"
	answer 0 "$parent"
	[ ! -e "$REPORT" ]
	all_taken
	so '.parents[0] | .interrupted == "none" and .thread == $zoo.parent'
	goes_on "$2"
	zoo_end
}

# each_in_time MS TIMES CALL=FILTER...: parents in calls that end by their own limit of so many milliseconds, all at
# once; each is stopped once for all zombies, or for each of them. The call ends when it would have, as the filter says.
each_in_time() {
	local ms=$1 times=$2 pair zombie whole=$REPORT zoos=()
	shift 2
	for pair; do
		REPORT=$whole.${pair%%=*}
		sits "${pair%%=*}" --limit-ms "$ms"
		zoos+=("$ZOO_JSON")
		for zombie in $([[ $times == once ]] && echo "$parent" || zoo_get '.zombies[]'); do
			answer 0 "$zombie"
			so '.parents[0] | .interrupted == "none" and .thread == $zoo.parent and (.reaped | length) > 0'
		done
		so '.parents[0].after == 0'
		[ ! -e "$REPORT" ]
	done
	: >"$WAKE"
	for pair; do
		REPORT=$whole.${pair%%=*} ZOO_JSON=${zoos[0]}
		zoos=("${zoos[@]:1}")
		await test -e "$REPORT"
		jq -e ".broken == 0 and (.result | ${pair#*=}) and .ms >= $ms and .ms < $ms + 2400" "$REPORT" >/dev/null || {
			echo "$pair: $(<"$REPORT")" >&2
			return 1
		}
	done
	zoo_end
}

# interrupted CALL NAME: it waits with a limit and comes back with EINTR; that is said, before and after.
interrupted() {
	sits "$1"
	answer 0 --dry-run "$parent"
	so ".parents[0] | .interrupted == \"$2\" and .after == 3 and .reaped == []"
	answer 0 "$parent"
	all_taken
	so ".parents[0].interrupted == \"$2\""
	await test -e "$REPORT"
	goes_on '. == -4'
	zoo_end
}

# Calls that this machine's kernel has: arm64 has the newer ones alone.
has_call() {
	[ "$(uname -m)" = x86_64 ] || [[ $1 != @(pause|poll|select|epoll_wait)* ]]
}

# refused FILTER PARENT: left as it is, for a reason that the filter is true of.
refused() {
	answer 1 "$2"
	so ".parents[0] | .reason | $1"
	so '.parents[0] | .reaped == [] and .after == .before and .before > 0'
	so '.parents[0] | all(.left[]; .why != "")'
}

# still_there: none of the zoo's zombies went.
still_there() {
	for z in $(zoo_get '.zombies[]'); do
		[ "$(awk '{ print $3 }' "/proc/$z/stat")" = Z ] || return 1
	done
}
