# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables, and those of an inner shell
# coroner reap where the machine may be changed: cgroup v2, yama, all rights of root, an older kernel.

sits() {
	zoo sits --count 3 --wake "$PWD/wake" --report "$PWD/report" "$@"
	parent=$(zoo_get .parent)
}

# taken: all three, and its call ends as it would have.
taken() {
	same 0 "$STATUS" "exit status"
	expect '.parents[0] | .pid == $parent and .before == 3 and .after == 0 and (.reaped | length) == 3 and
		.interrupted == "none" and .reason == null' parent "$parent"
	: >wake
	await 20 test -s report
	same 0 "$(jq .broken report)" "broken registers"
	same "$1" "$(jq .result report)" "the call's result"
}

# refused WORDS: it says why, and nothing is gone.
refused() {
	same 1 "$STATUS" "exit status"
	case $(printf '%s\n' "$OUT" | jq -r '.parents[0].reason') in
	*"$1"*) ;;
	*) fail "not refused for '$1'" ;;
	esac
	expect '.parents[0] | .reaped == [] and .before == 3 and .after == 3'
}

test_reap_in_calls() {
	for call in read epoll_wait futex nanosleep; do
		rm -f wake report
		sits --how "$call"
		coro reap --yes --json "$parent"
		case $call in
		read | epoll_wait) taken 1 ;;
		*) taken 0 ;;
		esac
		zoo_end
	done
}

test_reap_under_seccomp() {
	sits --how read --seccomp kill
	coro reap --yes --json "$parent"
	taken 1
}

test_reap_frozen_by_cgroup2() {
	cgroup_new reap
	sits --how read
	echo "$parent" >"$CGROUP/reap/cgroup.procs"
	echo 1 >"$CGROUP/reap/cgroup.freeze"
	await 5 grep -q '^frozen 1' "$CGROUP/reap/cgroup.events"
	coro reap --yes --json "$parent"
	refused frozen
	echo 0 >"$CGROUP/reap/cgroup.freeze"
	coro reap --yes --json "$parent"
	taken 1
	zoo_end
}

# user COMMAND…: as one without any right.
user() {
	grep -q '^tester:' /etc/passwd || {
		mkdir -p /etc
		echo 'tester:x:4711:4711::/:/bin/sh' >>/etc/passwd
	}
	su tester -c "$*"
}

# A parent of that user, who may be traced by it.
sits_for_user() {
	chmod 777 .
	mkdir -p zoo
	cat >zoo/sits <<-'END'
		#!/bin/sh
		exec su tester -c "exec /zoo/sits $*"
	END
	chmod 755 zoo/sits
	user true
	ZOO_DIR=$PWD/zoo
	sits "$@"
}

reap_as_user() {
	STATUS=0
	user coroner reap --yes --json "$parent" >out.txt 2>err.txt || STATUS=$?
	OUT=$(cat out.txt)
	ERR=$(cat err.txt)
	echo "exit $STATUS $OUT $ERR" | tr -s ' \n' ' '
}

test_reap_and_yama() {
	sits_for_user --how read
	echo 1 >/proc/sys/kernel/yama/ptrace_scope
	reap_as_user
	refused "kernel.yama.ptrace_scope is 1: tracing it takes CAP_SYS_PTRACE"
	echo 2 >/proc/sys/kernel/yama/ptrace_scope
	reap_as_user
	refused "kernel.yama.ptrace_scope is 2: tracing it takes CAP_SYS_PTRACE"
	echo 0 >/proc/sys/kernel/yama/ptrace_scope
	reap_as_user
	taken 1
}

# With it root may.
test_reap_and_yama_as_root() {
	echo 2 >/proc/sys/kernel/yama/ptrace_scope
	sits --how read
	coro reap --yes --json "$parent"
	taken 1
}

# The last one: it cannot be taken back.
test_reap_where_nobody_may_trace() {
	sits --how read
	echo 3 >/proc/sys/kernel/yama/ptrace_scope
	coro reap --yes --json "$parent"
	refused "nobody may trace a process before the next boot"
}
