#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Inside a container, made without an engine: a PID and a mount namespace of its own, and the
# capabilities that engines give by default. CAP_SYS_PTRACE is not among them, so the kernel lets root
# read a process only while all that this process may hold is effective in the reader too.

load lib

ENGINE=chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw
ENGINE+=,sys_chroot,mknod,audit_write,setfcap

setup() {
	needs_root
	needs setpriv unshare nsenter
	local directory
	directory=$(mktemp -d /tmp/coroner-confined.XXXXXX)
	cleanup rm -rf "$directory"
	cp "$CORONER" "$directory/coroner"
	chmod -R 755 "$directory"
	INSIDE=$directory/coroner
}

# rights WHO: the setpriv arguments of somebody in a container
rights() {
	case $1 in
	root) echo "--bounding-set=-all,+${ENGINE//,/,+}" ;;
	root,*) echo "--bounding-set=-all,+${ENGINE//,/,+},+${1#root,}" ;;
	dropped) echo "--bounding-set=-all" ;;
	user) echo "--bounding-set=-all,+${ENGINE//,/,+} --reuid=1000 --regid=1000 --clear-groups" ;;
	esac
}

# box WHO ZOO ARGS...: a zoo program as process 1 of a container; $init is its PID out here
box() {
	# shellcheck disable=SC2046 # words
	zoo_start unshare --pid --fork --kill-child --mount-proc setpriv --inh-caps=-all $(rights "$1") \
		"$ZOO/$2" "${@:3}"
	init=$(pgrep -P "${ZOO_PIDS[-1]}")
}

# inside WHO COMMAND...: in that container, as by exec
inside() {
	# shellcheck disable=SC2046 # words
	nsenter --target "$init" --pid --mount --wd=/ setpriv --inh-caps=-all $(rights "$1") "${@:2}"
}

inside_json() {
	JSON=$(inside "$1" "$INSIDE" --json "${@:2}" 2>"$BATS_TEST_TMPDIR/errors")
	ERRORS=$(<"$BATS_TEST_TMPDIR/errors")
}

# What hangs on reading processes by ptrace's rules, whoever's numbers it is told in
FACTS='[.parents[] | {comm: .process.comm, n: .process.ns_pids[-1], syscall: .doing.syscall, sigchld,
	code: .verdict.code, certainty: .verdict.certainty, nudge: .verdict.nudge,
	exits: [.zombies[] | [.ns_pids[-1], .exit]] | sort}] | sort'

# the_same_as_from_the_host WHO: first that the kernel lets somebody there read it at all
the_same_as_from_the_host() {
	local within
	inside "$1" cat "/proc/$(zoo_get .parent)/syscall" | grep -q '[0-9]'
	inside_json "$1" list --source=procfs
	[[ $ERRORS != *"not shown"* ]]
	within=$(value "$FACTS" | jq -c .)
	json list --source=procfs --pid-ns="$init"
	echo "inside: $within"
	echo "from the host: $(value "$FACTS" | jq -c .)"
	[ "$(jq 'length' <<<"$within")" -ge 1 ]
	[ "$within" = "$(value "$FACTS" | jq -c .)" ]
}

# one after the other: the unshare of a later box would hold the standard input of an earlier one open
state() {
	box "$@"
	the_same_as_from_the_host "$1"
	zoo_end
}

every_state() {
	mkdir -p "$BATS_TEST_TMPDIR/cores"
	chmod 777 "$BATS_TEST_TMPDIR/cores"
	state "$1" waits --how waitpid
	state "$1" waits --how waitid --thread
	state "$1" sigchld-blocked --how signalfd
	state "$1" sigchld-blocked --how sigwait
	state "$1" exits --cores "$BATS_TEST_TMPDIR/cores"
}

@test "--version -v says what is kept without CAP_SYS_PTRACE" {
	box root waits
	inside root "$INSIDE" --version -v | grep "kept until the last process has been read"
	inside root,sys_ptrace "$INSIDE" --version -v | grep "given up at start"
}

@test "root with an engine's default rights sees in there what the host sees" {
	every_state root
}

@test "so does root without any capability, and so does a user" {
	every_state dropped
	every_state user
}

@test "a right more, for administration but not for ptrace: the same" {
	every_state root,sys_admin
}

@test "what process 1 waits for is seen, and what a signal does to it" {
	box root waits --how waitpid
	inside_json root signals "$(zoo_get .parent)"
	expect '.cases[0].process.comm == "waits"'
	[[ $ERRORS != *"not shown"* ]]
	inside_json root explain "$(zoo_get .parent)"
	expect '[.cases[0].story[].text | select(test("wait4"))] | length > 0'
	[[ $ERRORS != *"not shown"* ]]
	inside_json root reaper
	[[ $ERRORS != *"not shown"* ]]
	expect '.reapers[] | select(.process.pid == 1) | .process.pidns != null'
}

@test "a probe and a look into other PID namespaces leave nobody blind afterwards" {
	box root,sys_admin init --members 2
	inside_json root,sys_admin namespaces --probe
	[[ $ERRORS != *"not shown"* ]]
	expect '[.namespaces[] | .init.pidns] | length == 2 and all(. != null)'
	inside_json root,sys_admin headroom "$(zoo_get '.members[0]')"
	[[ $ERRORS != *"not shown"* ]]
	expect '.cases[0].subject.pidns != null'
}

@test "CAP_SYS_PTRACE without the narrower right to read: files of other users are opened all the same" {
	box user waits --how waitpid
	the_same_as_from_the_host root,sys_ptrace
}

@test "to equal who has CAP_SYS_PTRACE takes that right itself: it alone is named" {
	box root,sys_ptrace sigchld-default
	inside_json root list --source=procfs
	[[ $ERRORS == *"not shown: CAP_SYS_PTRACE is missing"* ]]
	refute grep -q "to equal" <<<"$ERRORS"
}

@test "a note names what is really missing: the rights that the process has and the reader has not" {
	box root,net_admin sigchld-default
	refute inside root cat "/proc/$(zoo_get .parent)/syscall"
	inside_json root list --source=procfs
	[[ $ERRORS == *"not shown: CAP_SYS_PTRACE is missing or, to equal what "*" may do, CAP_NET_ADMIN"* ]]
	refute grep -q CAP_NET_RAW <<<"$ERRORS"
	inside_json dropped list --source=procfs
	[[ $ERRORS == *"CAP_CHOWN, "*" and CAP_SETFCAP"* ]]
	inside_json root,net_admin list --source=procfs
	[[ $ERRORS != *"not shown"* ]]
	# another user's: no right but this one helps
	inside_json user list --source=procfs
	[[ $ERRORS == *"not shown: CAP_SYS_PTRACE is missing" ]]
}

# held PID SET
held() {
	echo $((16#$(awk -v set="Cap$2:" '$1 == set { print $2 }' "/proc/$1/status")))
}

asleep_in() {
	[[ $(cat "/proc/$1/wchan" 2>/dev/null) == *$2* ]]
}

# confined OUT ARGS...: coroner as root with an engine's default rights, in the background, its PID in $pid; it
# must not hold the zoo's standard input open
confined() {
	(
		for input in "${ZOO_INPUTS[@]}"; do
			exec {input}>&-
		done
		# shellcheck disable=SC2046 # words
		exec setpriv --inh-caps=-all $(rights root) "$INSIDE" "${@:2}" >"$1" 2>/dev/null 3>&- 7>&-
	) &
	pid=$!
	cleanup end "$pid"
}

end() {
	kill -KILL "$1" 2>/dev/null || true # our own child
	wait "$1" 2>/dev/null || true
}

@test "what reads depend on is kept as long as there are any, and no longer" {
	local all pid format pipe=$BATS_TEST_TMPDIR/pipe
	# shellcheck disable=SC2046 # words
	all=$(setpriv --inh-caps=-all $(rights root) awk '$1 == "CapPrm:" { print $2 }' /proc/self/status)
	all=$((16#$all))
	zoo sigchld-default
	confined /dev/null list --settle=60s
	await asleep_in "$pid" nanosleep
	[ "$(held "$pid" Eff)" = "$all" ]
	[ "$(held "$pid" Inh) $(held "$pid" Amb) $(held "$pid" Bnd)" = "0 0 0" ]
	mkfifo "$pipe"
	exec 7<>"$pipe"
	dd if=/dev/zero of="$pipe" bs=64k count=1 oflag=nonblock status=none
	dd if=/dev/zero of="$pipe" bs=1 count=65536 oflag=nonblock status=none 2>/dev/null || true
	for format in "list" "list --json" "namespaces" "namespaces --json" "reaper --json" "orphans --json" \
		"tree" "tree --json" "headroom" "headroom --json" "explain --json $(zoo_get .parent)" \
		"signals --json $(zoo_get .parent)" "nudge --dry-run $(zoo_get .parent)"; do
		echo "$format"
		# shellcheck disable=SC2086 # words
		confined "$pipe" $format
		await asleep_in "$pid" pipe_write
		[ "$(held "$pid" Prm) $(held "$pid" Eff)" = "0 0" ]
		end "$pid"
	done
	exec 7<&-
}
