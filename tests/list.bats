#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner list on real processes: each verdict, each way to end, the containers, the filters.
# Longer than 400 lines: one file a command, and a test or more for each verdict.

bats_require_minimum_version 1.5.0
load lib

# verdict CODE NUDGE [FILTER...]: the zoo's parent gets this verdict from every source, with all of
# its zombies listed, and the further filters hold too.
verdict() {
	local code=$1 nudge=$2 source filter
	shift 2
	for source in $(sources); do
		json list --source="$source"
		expect '.source == $s' --arg s "$source"
		expect 'parent | .verdict.code | IN($code | splits("[|]"))' --arg code "$code"
		expect 'parent | .verdict.nudge == $nudge' --arg nudge "$nudge"
		expect 'parent | .verdict.certainty | IN("proven", "likely")'
		expect 'parent | [.verdict.why, .verdict.remedy] | all(length > 10)'
		expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
		expect 'parent | all(.zombies[]; .state == "Z" and .ppid == $zoo.parent)'
		for filter; do
			expect "parent | $filter"
		done
	done
}

plain_zombies='all(.zombies[]; .blocker == "none" and .exit_signal == 17)'

# -- the verdicts, in the order of the rules --

@test "threads-alive: the leader has left, a thread lives on" {
	zoo threads-alive --count 2
	verdict threads-alive useless \
		'all(.zombies[]; .blocker == "threads-alive" and .threads == 2)' \
		'all(.zombies[]; .exit == null)'
}

@test "threads-alive in the minority: the verdict is that of most, why says mixed" {
	zoo threads-alive --count 1 --plain 2
	verdict sigchld-default useless \
		'[.zombies[].blocker] | sort == ["none", "none", "threads-alive"]' \
		'.verdict.why | test("mixed")'
}

@test "threads-alive on a tie: the upper rule wins" {
	zoo threads-alive --count 2 --plain 2
	verdict threads-alive useless '.verdict.why | test("mixed")'
}

@test "traced: a tracer has not waited, the parent sleeps" {
	zoo traced
	verdict traced useless 'all(.zombies[]; .blocker == "traced")' \
		'.verdict.why | test($zoo.tracer | tostring)'
}

@test "traced: the parent sits in wait4(-1) in vain, which is not in-flight" {
	zoo traced --how waiting
	verdict traced useless 'doing_is("wait4"; "any")'
}

@test "a parent that traces its own child could take it: not traced" {
	zoo traced --how self
	verdict sigchld-default useless "$plain_zombies"
}

@test "namespace-dying: the init waits for one that entered from outside" {
	zoo namespace-dying
	verdict namespace-dying useless "$plain_zombies" \
		'.verdict.why | test($zoo.init | tostring)'
}

@test "namespace-dying: also when the init's leader had left before" {
	zoo namespace-dying --threads
	verdict namespace-dying useless "$plain_zombies"
	# and the init itself is a zombie with a live thread
	expect '.parents[] | select(.process.pid == $zoo.owner) | .verdict.code == "threads-alive"'
}

@test "an init whose leader has left while another thread lives is not dying" {
	zoo unfit-init --how leaderless --count 2
	local source
	for source in $(sources); do
		json list --source="$source" --settle=1s
		expect 'parent | .verdict.code == "unfit-init" and (.zombies | length == 2)'
	done
}

@test "parent-stopped: by SIGSTOP" {
	zoo parent-stopped --count 2
	verdict parent-stopped unknown '.process.state == "T"' "$plain_zombies"
}

@test "parent-stopped: under a tracer" {
	zoo parent-stopped --tracer
	verdict parent-stopped unknown '.process.state == "t"' "$plain_zombies"
}

@test "parent-frozen: cgroup v1 freezer" {
	[ -d /sys/fs/cgroup/freezer ] || skip "needs a v1 freezer hierarchy"
	zoo parent-frozen --v1 /sys/fs/cgroup/freezer
	verdict parent-frozen unknown "$plain_zombies"
}

@test "parent-frozen: of two threads both, and the main one alone" {
	local source freezer=/sys/fs/cgroup/freezer
	[ -d "$freezer" ] || skip "needs a v1 freezer hierarchy"
	zoo parent-frozen --v1 "$freezer" --thread frozen
	verdict parent-frozen unknown '.verdict.certainty == "proven"'
	zoo_end
	zoo parent-frozen --v1 "$freezer" --thread free
	verdict parent-frozen unknown '.verdict.certainty == "likely"' \
		'.verdict.why | contains("another thread of it is not frozen")'
	for source in $(sources); do
		run -0 coroner explain --source="$source" "$(zoo_get .parent)"
		[[ $(tr -s ' \n' ' ' <<<"$output") == *"Its main thread is in a frozen cgroup, another thread of it is not."* ]]
		json signals --source="$source" "$(zoo_get .parent)"
		expect '[.cases[0] | .. | objects | select(.effect? == "pending")] | length > 0 and all(.certainty != "proven")'
	done
}

# frozen_in_own_mount HIERARCHY NAME: as a container sees it, whose mount shows its own cgroup at the top.
frozen_in_own_mount() {
	local own=$BATS_TEST_TMPDIR/cgroup source
	mkdir -p "$own/$2"
	for source in $(sources); do
		# shellcheck disable=SC2016 # for the inner shell
		JSON=$(unshare -m bash -c 'mount --bind "$1" "$2" && exec "$0" --json list --source="$4" --cgroupfs="$3"' \
			"$CORONER" "$1/$(zoo_get .cgroup)" "$own/$2" "$own" "$source" 2>/dev/null)
		expect 'parent | .verdict.code == "parent-frozen"'
	done
}

@test "parent-frozen: a container's own mount of the v1 freezer" {
	[ -d /sys/fs/cgroup/freezer ] || skip "needs the cgroup v1 freezer"
	zoo parent-frozen --v1 /sys/fs/cgroup/freezer
	frozen_in_own_mount /sys/fs/cgroup/freezer freezer
}

@test "parent-frozen: a container's own mount of cgroup v2" {
	local root=/sys/fs/cgroup/unified
	[ -e "$root/cgroup.controllers" ] || root=/sys/fs/cgroup
	[ -e "$root/cgroup.controllers" ] || skip "needs cgroup v2"
	zoo parent-frozen --v2 "$root"
	frozen_in_own_mount "$root" unified
}

# frozen_beside HIERARCHY V1-OR-V2: seen from a cgroup namespace, which the mount shows from further up.
frozen_beside() {
	local outer=coroner-list-$UNIQUE source
	mkdir -p "$1/$outer/spy"
	cleanup rmdir "$1/$outer"
	cleanup rmdir "$1/$outer/spy"
	cleanup zoo_end
	zoo parent-frozen "--$2" "$1" --path "$outer/frozen"
	for source in $(sources); do
		# shellcheck disable=SC2016 # for the inner shell
		JSON=$(bash -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup "$0" --json list --source="$2"' \
			"$CORONER" "$1/$outer/spy" "$source" 2>/dev/null)
		expect 'parent | .verdict | .code == "parent-frozen" and .certainty == "proven"'
		# shellcheck disable=SC2016 # for the inner shell
		bash -c 'echo $$ >"$1/cgroup.procs" && exec unshare --cgroup "$0" explain --source="$2" "$3"' \
			"$CORONER" "$1/$outer/spy" "$source" "$(zoo_get .parent)" >"$BATS_TEST_TMPDIR/story" 2>/dev/null
		tr -s ' \n' ' ' <"$BATS_TEST_TMPDIR/story" | grep -qF "> $1/$(zoo_get .cgroup)/"
	done
}

@test "parent-frozen: beside a cgroup namespace of its own, v1" {
	[ -d /sys/fs/cgroup/freezer ] || skip "needs the cgroup v1 freezer"
	frozen_beside /sys/fs/cgroup/freezer v1
}

@test "parent-frozen: beside a cgroup namespace of its own, v2" {
	local root=/sys/fs/cgroup/unified
	[ -e "$root/cgroup.controllers" ] || root=/sys/fs/cgroup
	[ -e "$root/cgroup.controllers" ] || skip "needs cgroup v2"
	frozen_beside "$root" v2
}

@test "parent-frozen: cgroup v2, where it shows S" {
	local root=/sys/fs/cgroup
	[ -e "$root/cgroup.procs" ] || root=/sys/fs/cgroup/unified
	[ -e "$root/cgroup.procs" ] || skip "needs a v2 hierarchy"
	zoo parent-frozen --v2 "$root"
	verdict parent-frozen unknown '.process.state == "S"' "$plain_zombies"
}

@test "parent-uninterruptible: in vfork" {
	zoo parent-uninterruptible
	verdict parent-uninterruptible unknown '.process.state == "D"' "$plain_zombies"
}

@test "parent-uninterruptible: still after a --settle of two seconds is proven, a brief one makes it likely" {
	zoo parent-uninterruptible
	json list --settle=50ms
	expect 'parent | .verdict | .code == "parent-uninterruptible" and .certainty == "likely"'
	json list --settle=2s
	expect 'parent | .verdict | .code == "parent-uninterruptible" and .certainty == "proven"'
}

@test "clone-child: no exit signal at all" {
	zoo clone-child
	verdict clone-child useless 'all(.zombies[]; .exit_signal == 0 and .blocker == "none")'
}

@test "clone-child: SIGUSR1 as exit signal, the parent in wait4(-1): not in-flight" {
	zoo clone-child --signal 10 --how waiting
	verdict clone-child useless 'all(.zombies[]; .exit_signal == 10)' \
		'doing_is("wait4"; "any")'
}

@test "clone-child in the minority among plain zombies" {
	zoo clone-child --plain 3
	verdict sigchld-default useless '.verdict.why | test("clone-child")'
}

@test "unfit-init: a container's sleep as PID 1 adopts and never waits" {
	zoo unfit-init --count 3
	verdict unfit-init useless '.process.role == "init"' '.process.comm == "sleep"' \
		'.process.ns_pids[-1] == 1' 'all(.zombies[]; .adopted == true)' \
		'.verdict.remedy | test("tini")'
}

@test "unfit-init: with a handler a nudge may help" {
	zoo unfit-init --how handler
	verdict unfit-init may-help '.sigchld.disposition == "caught"'
}

@test "unfit-init: most of the zombies decide, own ones are not adopted" {
	zoo unfit-init --count 1 --own 2
	# it ran another program when it started its own: BPF knows
	verdict "$(has_bpf && echo 'parent-replaced|')sigchld-default" useless \
		'.verdict.why | test("unfit-init")' '[.zombies[] | select(.adopted)] | length == 1'
}

@test "unfit-init: a subreaper that does not reap" {
	zoo unfit-init --how subreaper --count 2
	if has_bpf; then
		json list --source=bpf
		expect 'parent | .verdict.code == "unfit-init" and .process.role == "subreaper"'
		expect 'parent | all(.zombies[]; .adopted == true)'
	fi
	# /proc cannot tell a subreaper: its adoptions are evidence, never proof
	json list --source=procfs
	expect 'parent | .verdict.code | IN("unfit-init", "sigchld-default")'
	expect 'parent | .verdict.certainty == "likely" or .verdict.code == "sigchld-default"'
}

@test "natural children of a namespace's init are not called adopted" {
	zoo nested --depth 1 --count 2
	json list
	expect '.parents[] | select(.process.pid == $zoo.inits[0])
		| .verdict.code == "sigchld-default" and .process.role == "init" and
		all(.zombies[]; .adopted != true)'
}

@test "waits-for-other: wait4 for one living child" {
	zoo waits --how waitpid --count 2
	verdict waits-for-other useless "$plain_zombies" \
		'doing_is("wait4"; $zoo.other)'
}

@test "waits-for-other: waitid(P_PID)" {
	zoo waits --how waitid
	verdict waits-for-other useless 'doing_is("waitid"; $zoo.other)'
}

@test "waits-for-other: waitid(P_PIDFD)" {
	zoo waits --how pidfd
	verdict waits-for-other useless '.doing.syscall == "waitid"' \
		'.doing.waits_for | IN($zoo.other, null)'
}

@test "waits-for-other: in a second thread" {
	zoo waits --how waitpid --thread
	verdict waits-for-other useless '.doing.waits_for == $zoo.other'
}

@test "waits-for-other: the awaited number is translated out of nested PID namespaces" {
	zoo waits --how waitpid --newpidns 2
	[ "$(zoo_get .other)" != "$(zoo_get .other_ns_pid)" ]
	verdict waits-for-other useless '.doing.waits_for == $zoo.other' \
		'.process.ns_pids | length == 3'
}

@test "waits-for-other: in a second thread, in a nested PID namespace" {
	zoo waits --how waitid --thread --newpidns 1
	verdict waits-for-other useless '.doing.waits_for == $zoo.other'
}

@test "a wait for a process group is not in-flight" {
	zoo waits --how pgid
	json list
	expect 'parent | .verdict.code | IN("waits-for-other", "sigchld-default")'
	expect 'parent | .doing.syscall == "wait4" and .doing.waits_for != "any"'
}

@test "waitid without WEXITED takes no zombie: not in-flight" {
	zoo waits --how wstopped
	verdict sigchld-default useless '.doing.syscall == "waitid"'
}

@test "__WNOTHREAD in another thread takes no zombie of the first: not in-flight" {
	zoo waits --how nothread
	verdict sigchld-default useless
}

@test "sigchld-blocked: in every thread, one pending" {
	zoo sigchld-blocked --count 2
	verdict sigchld-blocked useless '.sigchld.blocked and .sigchld.pending' \
		'.sigchld.disposition == "default"' '(.masks.SigBlk | has_sigchld)' \
		'.masks.ShdPnd | has_sigchld'
}

@test "sigchld-blocked: with a handler that would reap" {
	zoo sigchld-blocked --how handler
	verdict sigchld-blocked useless '.sigchld.disposition == "caught"' \
		'.masks.SigCgt | has_sigchld'
}

@test "sigchld-blocked: a signalfd that nobody reads" {
	zoo sigchld-blocked --how signalfd
	verdict sigchld-blocked useless '.sigchld.signalfd == true'
}

@test "sigchld-blocked: a consumer in sigtimedwait, whose SigBlk reads 0" {
	zoo sigchld-blocked --how sigwait
	verdict sigchld-blocked may-help '.doing.syscall == "rt_sigtimedwait"' \
		'.masks.SigBlk == "0000000000000000"' '.sigchld.blocked == false'
}

@test "SIGCHLD blocked in one thread of two is not blocked" {
	zoo sigchld-blocked --how one-thread
	verdict sigchld-default useless '.sigchld.blocked == false'
}

@test "sigchld-ignored: it was ignored after the deaths" {
	zoo sigchld-ignored --count 2
	verdict sigchld-ignored useless '.sigchld.disposition == "ignored"' \
		'.masks.SigIgn | has_sigchld'
}

@test "sigchld-ignored: SA_NOCLDWAIT, which only BPF can see" {
	zoo sigchld-ignored --how nocldwait
	json list --source=procfs
	expect 'parent | .sigchld.no_cldwait == null and .verdict.code == "sigchld-default"'
	if has_bpf; then
		json list --source=bpf
		expect 'parent | .sigchld.no_cldwait == true and .verdict.code == "sigchld-ignored"'
	fi
}

@test "sigchld-ignored: SA_NOCLDWAIT beside a handler" {
	zoo sigchld-ignored --how nocldwait-handler
	json list --source=procfs
	expect 'parent | .sigchld.no_cldwait == null and .verdict.code == "sigchld-caught"'
	if has_bpf; then
		json list --source=bpf
		expect 'parent | .sigchld.no_cldwait == true and .verdict.code == "sigchld-ignored"'
	fi
}

@test "sigchld-default: no handler, no wait" {
	zoo sigchld-default --count 5
	verdict sigchld-default useless "$plain_zombies" '.sigchld.disposition == "default"' \
		'.sigchld.blocked == false and .sigchld.pending == false' \
		'doing_is("pause"; null)' \
		'.masks | [.SigPnd, .ShdPnd, .SigBlk, .SigIgn, .SigCgt] | all(is_hex)'
}

@test "sigchld-caught: the handler takes one child per signal" {
	zoo sigchld-caught --count 4
	[ "$(zoo_get '.zombies | length')" = 3 ]
	verdict sigchld-caught may-help '.sigchld.disposition == "caught"' \
		'.masks.SigCgt | has_sigchld'
}

@test "sigchld-caught: the handler waits for nobody" {
	zoo sigchld-caught --how nothing
	verdict sigchld-caught may-help
}

# -- processes and zombies --

@test "every way to end is told as the parent would learn it" {
	local source i kind number got
	mkdir "$BATS_TEST_TMPDIR/cores"
	zoo exits --cores "$BATS_TEST_TMPDIR/cores"
	for source in $(sources); do
		json list --source="$source"
		for i in $(seq 0 $(($(zoo_get '.zombies | length') - 1))); do
			read -r kind number <<<"$(zoo_get ".exits[$i]")"
			got=$(value "parent | .zombies[] | select(.pid == \$zoo.zombies[$i])
				| .exit | \"\(.kind) \(.status // .signal) \(.core)\"")
			case $kind in
			exited) [ "$got" = "exited $number null" ] ;;
			signaled) [ "$got" = "signaled $(signal_name "$number") false" ] ;;
			dumped) [ "$got" = "signaled $(signal_name "$number") true" ] ;;
			esac || {
				echo "$kind $number was told as: $got" >&2
				return 1
			}
		done
	done
}

# Names by the numbers of the kernel, whose real-time signals begin at 32, or of the C library.
signal_name() {
	case $1 in
	37) value 'parent | .zombies[] | .exit.signal // "" | select(. == "SIGRTMIN+3" or
		. == "SIGRTMIN+5")' ;;
	64) echo SIGRTMAX ;;
	*) echo "SIG$(kill -l "$1")" ;;
	esac
}

@test "a process has all fields, and they are those of /proc" {
	local pid source before
	zoo sigchld-default --count 1 --newpidns 2 --uid 12345
	pid=$(zoo_get .parent)
	for source in $(sources); do
		before=$(date +%s)
		json list --source="$source"
		expect 'parent | .process | .ns_pids == ($nspid | split(" ") | map(tonumber))' \
			--arg nspid "$(awk '/^NSpid/ { $1 = ""; print substr($0, 2) }' "/proc/$pid/status")"
		expect 'parent | .process | .ppid == $zoo.inits[1] and .comm == "sigchld-default" and
			.state == "S" and .threads == 1 and .uid == 12345 and .role == "process" and
			.container == null'
		expect 'parent | .process.pidns == $inode' --argjson inode "$(pidns_of "$pid")"
		expect 'parent | .process.cmdline | length > 1 and
			(.[0] | endswith("/sigchld-default")) and .[1] == "--count"'
		expect 'parent | .process.start_time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")'
		expect 'parent | .process.age_s | . >= 0 and . < 120'
		# a second of slack: start times are cut to clock ticks, dates to seconds
		expect 'parent | ((.process.start_time | sub("\\.[0-9]+"; "") | fromdate)
			+ .process.age_s) | . > $before - 1.1 and . < $after + 1.1' \
			--argjson before "$before" --argjson after "$(date +%s)"
		expect 'parent | .zombies[0] | .cmdline == null or .cmdline == []'
		expect 'parent | .zombies[0] | .uid == 12345 and (.ns_pids | length) == 3 and
			.pidns == $inode and .cpu_s >= 0 and .cpu_s < 1' \
			--argjson inode "$(pidns_of "$pid")"
	done
}

@test "adopted: false or unknown for a child of its own parent" {
	zoo sigchld-default --session
	json list
	expect 'parent | all(.zombies[]; .adopted != true)'
}

@test "dead_since and dead_s go together, and lie between birth and now" {
	zoo sigchld-default --count 3
	json list
	expect 'parent | all(.zombies[]; (.dead_since == null) == (.dead_s == null))'
	expect 'parent | all(.zombies[] | select(.dead_s != null);
		.dead_s >= 0 and .dead_s <= .age_s + 0.02)'
}

@test "parents are listed worst first: most zombies on top" {
	local few
	zoo sigchld-default --count 2
	few=$(zoo_get .parent)
	zoo sigchld-default --count 7
	json list
	expect '[.parents[].process.pid] | index($zoo.parent) < index($few)' --argjson few "$few"
	expect '.zombies == (all_zombies | length)'
	expect '[.parents[].process.pid] | length == (unique | length)'
}

@test "visible_processes is what /proc lists" {
	local before after
	before=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	json list
	after=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	# others come and go meanwhile
	expect '.visible_processes | . >= ([$a, $b] | min) - 40 and . <= ([$a, $b] | max) + 40' \
		--argjson a "$before" --argjson b "$after"
}

@test "no zombie in sight is an answer, with status 0" {
	unshare --pid --fork --mount-proc "$CORONER" list --json >"$BATS_TEST_TMPDIR/out"
	JSON=$(<"$BATS_TEST_TMPDIR/out")
	expect '.zombies == 0 and .parents == [] and .visible_processes >= 1'
}

@test "the bare command is list" {
	zoo sigchld-default
	JSON=$(coroner --json)
	expect '.schema == "coroner.list/1"'
	expect 'parent | .verdict.code == "sigchld-default"'
}

# -- filters --

@test "--pid-ns takes an inode or a PID, and shows that namespace alone" {
	local inode outside
	zoo sigchld-default
	outside=$(zoo_get .parent)
	zoo sigchld-default --count 2 --newpidns 1
	inode=$(pidns_of "$(zoo_get .parent)")
	for filter in "$inode" "$(zoo_get .parent)"; do
		json list --pid-ns="$filter"
		expect '[.parents[].process.pid] == [$zoo.parent] and .zombies == 2'
	done
	json list --pid-ns="$(pidns_of $$)"
	expect '[.parents[].process.pid] | index($outside) != null and index($zoo.parent) == null' \
		--argjson outside "$outside"
}

@test "--pid-ns of nothing is a failure, not an empty answer" {
	run coroner list --pid-ns=4999999999 --json
	[ "$status" = 1 ] || [ "$status" = 2 ]
	run coroner list --pid-ns=nonsense
	[ "$status" = 2 ]
}

@test "--settle counts only zombies that outlive it" {
	zoo sigchld-default --count 2
	json list --settle=100ms
	expect 'parent | .zombies | pids == ($zoo.zombies | sort)'
	run coroner list --settle=banana
	[ "$status" = 2 ]
	[[ $output == *banana* ]]
}

@test "--source: a name that is none is bad usage, bpf without BPF is a failure with the reason" {
	run coroner list --source=tarot
	[ "$status" = 2 ]
	has_bpf || {
		run coroner list --source=bpf
		[ "$status" = 1 ]
		[ -n "$output" ]
	}
}
