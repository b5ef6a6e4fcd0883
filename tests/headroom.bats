#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner headroom: what it predicts must come true. The zoo's forker forks until it is refused.
# Longer than 400 lines: one file a command, and each limit comes alone and with others.

# It forks at the limits of the machine's own PID namespace, which no other around it may bind.
# bats file_tags=machine

# run sets stderr, expect reads JSON and ERRORS.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load lib

setup() {
	needs_root
	PIDS=$(hierarchy pids) || skip "needs the pids controller"
	NAME=coroner-headroom-$UNIQUE
	# a user that nobody else is, not even the same test run beside this one
	USER_ID=$((100000 + UNIQUE % 1000000))
}

per_namespace_pid_max() {
	printf '6.14\n%s\n' "$(uname -r)" | sort -VC || skip "needs a pid_max per namespace (6.14)"
}

forker() {
	# the subject may be another user when it reports
	chmod a+rwx "$BATS_TEST_TMPDIR"
	zoo forker --report "$BATS_TEST_TMPDIR" "$@"
	SUBJECT=$(zoo_get .subject)
}

# How many forks succeed now.
forks() {
	local tries
	rm -f "$BATS_TEST_TMPDIR/forks"
	kill -USR1 "$SUBJECT" # our own, started by zoo
	for ((tries = 0; tries < 3000; tries++)); do
		[ ! -e "$BATS_TEST_TMPDIR/forks" ] || break
		sleep 0.01
	done
	cat "$BATS_TEST_TMPDIR/forks"
}

# predict [SOURCE]: the case of the subject is the only one.
predict() {
	json headroom --source="${1:-auto}" "$SUBJECT"
	valid headroom
	expect '.cases | length == 1'
	expect '.cases[0].subject.pid == $zoo.subject'
	expect '.cases[0] | .limits[.binding].headroom == .headroom and .limits[.binding].applies'
	expect '.cases[0] | [.limits[] | select(.applies and .headroom != null).headroom] | min == $h' \
		--argjson h "$(value '.cases[0].headroom')"
}

limit='.cases[0].limits[] | select(.kind == $kind)'

# comes_true KIND: every source predicts the same, a limit of this kind binds, and it is so.
comes_true() {
	local source predicted='' said
	for source in $(sources); do
		predict "$source"
		expect '.cases[0] | .limits[.binding].kind == $kind' --arg kind "$1"
		expect '.cases[0].exact'
		said=$(value '.cases[0].headroom')
		# a look from inside costs a number, but it has counted that itself
		[ "${predicted:-$said}" = "$said" ]
		predicted=$said
	done
	said=$(forks)
	echo "predicted $predicted, came $said" >&2
	[ "$predicted" = "$said" ]
	predict
	expect '.cases[0].headroom == 0'
}

@test "cgroup: as many as pids.max leaves, zombies counted" {
	forker --root "$PIDS" --path "$NAME" --max 30 --count 7
	predict
	expect "[$limit][0] | .name | endswith(\"$NAME\")" --arg kind cgroup
	expect "[$limit][0] | .current == 8 and .max == 30 and .headroom == 22 and .zombies == 7" \
		--arg kind cgroup
	expect "[$limit][0] | .refused == 0" --arg kind cgroup
	comes_true cgroup
	expect "[$limit][0] | .refused > 0" --arg kind cgroup
}

@test "cgroup: the tightest ancestor binds, threads count" {
	forker --root "$PIDS" --path "$NAME" --max 12 --path "$NAME/pod" --max max \
		--path "$NAME/pod/leaf" --max 100 --count 3 --threads 2
	predict
	expect "[$limit] | map(.name | sub(\".*/$NAME\"; \"\")) == [\"/pod/leaf\", \"/pod\", \"\"]" \
		--arg kind cgroup
	expect "[$limit][1] | .max == null and .headroom == null and .unlimited and (.applies | not)" \
		--arg kind cgroup
	expect "[$limit] | all(.zombies == 3 and .current == 6)" --arg kind cgroup
	expect '.cases[0].binding == 2 and .cases[0].headroom == 6'
	comes_true cgroup
}

@test "cgroup: a limit below what is there leaves nothing" {
	forker --root "$PIDS" --path "$NAME" --max 40 --count 5
	echo 3 >"$PIDS/$NAME/pids.max"
	comes_true cgroup
	expect "[$limit][0] | .current == 6 and .max == 3 and .headroom == 0" --arg kind cgroup
}

@test "cgroup: the owner is told by its name" {
	forker --root "$PIDS" --path "$NAME.slice" --max 500 --path "$NAME.slice/web.service" --max 400
	predict
	expect "[$limit] | .[0].owner == \"systemd: TasksMax of web.service\"" --arg kind cgroup
	expect "[$limit] | .[1].owner == \"systemd: TasksMax of $NAME.slice\"" --arg kind cgroup
}

@test "nproc: as many as the limit of the user leaves, in whatever cgroup" {
	forker --uid "$USER_ID" --nproc 15 --count 4
	predict
	expect "[$limit][0] | .current == 5 and .max == 15 and .headroom == 10 and .zombies == 4" \
		--arg kind nproc
	comes_true nproc
}

@test "nproc: tasks of the same user elsewhere count" {
	zoo sigchld-default --uid "$USER_ID" --count 3
	forker --uid "$USER_ID" --nproc 15 --count 4
	predict
	expect "[$limit][0] | .current == 9 and .zombies == 7" --arg kind nproc
	comes_true nproc
}

@test "nproc: a thread counts for its own user, whoever the process is" {
	forker --uid "$USER_ID" --nproc 20 --strays 6 --count 2 --threads 2
	local source
	for source in $(sources); do
		predict "$source"
		expect "[$limit][0] | .current == 11 and .max == 20 and .headroom == 9" --arg kind nproc
	done
	comes_true nproc
}

@test "nproc: does not bind root" {
	forker --nproc 1 --count 2 --root "$PIDS" --path "$NAME" --max 9
	predict
	expect "[$limit][0] | .applies == false and .max == 1" --arg kind nproc
	comes_true cgroup
}

# bounded_then_exact HEADROOM: procfs gives a bound, BPF the truth, and it is that.
bounded_then_exact() {
	local came said
	predict procfs
	expect '.cases[0].exact | not'
	said=$(value '.cases[0].headroom')
	if has_bpf; then
		predict bpf
		expect '.cases[0] | .exact and .headroom == $n' --argjson n "$1"
		expect '.cases[0] | .limits[.binding].kind == "nproc"'
	fi
	came=$(forks)
	echo "bound $said, predicted $1, came $came" >&2
	[ "$came" = "$1" ]
	[ "$came" -le "$said" ]
}

@test "nproc: the limit of who made the user namespace is lower" {
	# 1 + 5 outside count there, 1 of 200 inside
	forker --uid "$USER_ID" --creator 30 --outside 5 --nproc 200 --count 0
	bounded_then_exact 24
	predict
	has_bpf || return 0
	expect "[$limit] | length == 2 and .[0].max == 200 and .[1].max == 30" --arg kind nproc
}

@test "nproc: the limit of who made the user namespace is higher, or the same" {
	forker --uid "$USER_ID" --creator 90 --outside 5 --nproc 20 --count 3
	bounded_then_exact 16
	zoo_end
	forker --uid "$USER_ID" --creator 20 --outside 5 --nproc 20 --count 3
	bounded_then_exact 11
}

@test "nproc: three levels, the one in the middle binds" {
	forker --uid "$USER_ID" --creator 100 --creator 25 --outside 4 --nproc max --count 2
	# in the first namespace: four that stayed there, subject and two zombies
	bounded_then_exact 18
	predict
	expect "[$limit] | length == 3 and .[1].max == 25 and .[2].max == 100" --arg kind nproc
}

@test "nproc: a maker without a limit binds nobody" {
	forker --uid "$USER_ID" --creator max --creator max --nproc 12 --count 2
	bounded_then_exact 9
}

@test "nproc: does not bind the machine's root, whatever namespace it is in" {
	forker --creator 3 --nproc 2 --count 2 --root "$PIDS" --path "$NAME" --max 40
	predict procfs
	expect "[$limit] | all(.applies | not)" --arg kind nproc
	comes_true cgroup
}

@test "nproc: who may be the machine's root is not called bound" {
	# its own user namespace maps 0 to 0: whether that is the machine's, only the first one knows
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(unshare --user --map-root-user bash -c 'ulimit -u 3 && exec "$0" --json headroom $$' "$CORONER" 2>/dev/null)
	expect "[$limit] | length >= 1 and all(.headroom == null)" --arg kind nproc
	expect '.cases[0].exact | not'
}

@test "nproc: the overflow uid of a user namespace is nobody" {
	zoo sigchld-default --uid "$USER_ID" --count 3
	SUBJECT=$(zoo_get .parent)
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(unshare --user --map-root-user "$CORONER" --json headroom "$SUBJECT" 2>/dev/null)
	expect "[$limit] | length == 1 and .[0].name == \"user unknown\" and .[0].headroom == null" --arg kind nproc
	expect '.cases[0].exact | not'
}

@test "nproc: whoever cannot read others' user namespaces is told a bound" {
	forker --uid 12321 --nproc 50 --count 2
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(unprivileged "$CORONER" --json headroom "$SUBJECT" 2>/dev/null)
	expect "[$limit] | .[0].exact == false and .[0].headroom <= 47" --arg kind nproc
	expect '.cases[0].exact | not'
}

# dead FORMAT: nothing fits, by every source, and text says why.
nothing_fits_in_the_dead() {
	local source
	for source in $(sources); do
		predict "$source"
		expect '.cases[0] | .exact and .headroom == 0 and .limits[.binding].dead'
		run coroner headroom --source="$source" "$SUBJECT"
		[[ $output == *"0 more tasks fit"*"ENOMEM"* ]]
		run coroner explain --source="$source" "$SUBJECT"
	done
	[ "$(forks)" = 0 ]
}

@test "who holds the limit that binds is named: another container of the pod, threads and zombies apart" {
	local source sidecar
	sidecar=$(container_id)
	mkdir "$PIDS/$NAME"
	cleanup rmdir "$PIDS/$NAME"
	cleanup zoo_end
	echo 40 >"$PIDS/$NAME/pids.max"
	zoo forker --root "$PIDS" --path "$NAME/docker/$sidecar" --max max --threads 29 --count 5
	forker --root "$PIDS" --path "$NAME/victim" --max max --count 2
	for source in $(sources); do
		predict "$source"
		expect '.cases[0].headroom == 2'
		expect '.cases[0].holders | length == 2 and (map(.tasks) == [35, 3])'
		expect '.cases[0].holders[0] | .threads == 30 and .zombies == 5 and .comm == "forker" and
			.container == {runtime: "docker", id: $id} and .uid == 0' --arg id "$sidecar"
		expect ".cases[0].holders[1] | .container == null and (.cgroup | endswith(\"$NAME/victim\"))"
		run coroner headroom --source="$source" "$SUBJECT"
		[[ $output == *"30 threads and 5 zombies of forker (uid 0) in docker:${sidecar:0:12}"* ]]
		run coroner explain --source="$source" "$SUBJECT"
		output=$(tr -s ' \n' ' ' <<<"$output")
		[[ $output == *"30 threads and 5 zombies of forker (uid 0) in docker:${sidecar:0:12}"* ]]
	done
}

@test "the holders of an nproc limit are that user's alone" {
	zoo sigchld-default --uid "$USER_ID" --count 6
	zoo sigchld-default --uid "$((USER_ID + 1))" --count 9
	forker --uid "$USER_ID" --nproc 15 --count 1
	predict
	expect '.cases[0] | .limits[.binding].kind == "nproc"'
	expect '.cases[0].holders | map([.comm, .threads, .zombies, .uid]) == [["sigchld-default", 1, 6, $u], ["forker", 1, 1, $u]]' \
		--argjson u "$USER_ID"
}

@test "a refused fork is laid to the limit that refused it, with the time of the kernel's log" {
	local log
	forker --root "$PIDS" --path "$NAME" --max 12 --path "$NAME/leaf" --max max --count 1
	predict
	expect "[$limit] | .[0].refused == 0 and .[0].first_refusal == null" --arg kind cgroup
	forks >/dev/null
	predict
	if [ -e "$PIDS/$NAME/pids.events.local" ]; then
		expect "[$limit] | .[1].refused > 0 and .[1].refused_by == \"this\"" --arg kind cgroup
	else
		expect "[$limit] | .[0].refused > 0 and .[0].refused_by == \"above\" and .[1].refused_by == \"this\"" \
			--arg kind cgroup
		run coroner headroom "$SUBJECT"
		[[ $output == *"forks of its tasks were refused by a limit above it, as the limits are now"* ]]
	fi
	log=$(dmesg 2>/dev/null | grep -c "fork rejected by pids controller in .*/$NAME/leaf\$") || true
	[ "$log" = 0 ] || expect "[$limit][0] | .first_refusal | test(\"^20..-..-..T\")" --arg kind cgroup
}

@test "the time of a refused fork is that of this cgroup, not of one that had its name before" {
	local first second i
	dmesg >/dev/null 2>&1 || skip "needs the kernel's log"
	for i in first second; do
		forker --root "$PIDS" --path "$NAME" --max 6 --count 1
		forks >/dev/null
		predict
		printf -v "$i" %s "$(jq -r --arg kind cgroup "[$limit][0].first_refusal" <<<"$JSON")"
		zoo_end
	done
	echo "first $first, second $second" >&2
	[ "$first" != null ] || skip "the kernel's log tells of no refused fork"
	[[ $second > $first ]]
}

@test "whoever can write to the kernel's log makes no refusal up" {
	dmesg >/dev/null 2>&1 || skip "needs the kernel's log"
	forker --root "$PIDS" --path "$NAME" --max 6 --count 1
	forks >/dev/null
	predict
	before=$(jq -r --arg kind cgroup "[$limit][0].first_refusal" <<<"$JSON")
	echo "<6>cgroup: fork rejected by pids controller in /$NAME" >/dev/kmsg
	echo "cgroup: fork rejected by pids controller in /$NAME" >/dev/kmsg
	predict
	expect "[\$before, ([$limit][0].first_refusal // \"null\")] | .[0] == .[1] or
		(map(sub(\"[.][0-9]+\"; \"\") | fromdate) | .[1] - .[0] | fabs <= 1)" --arg kind cgroup --arg before "$before"
}

@test "pid_max: a dead namespace for children takes nobody" {
	forker --children dead --count 1
	nothing_fits_in_the_dead
}

@test "pid_max: a namespace for children that has not begun" {
	per_namespace_pid_max
	forker --children fresh --root "$PIDS" --path "$NAME" --max 50 --count 1
	predict procfs
	expect '.cases[0] | .headroom == 48 and (.exact | not)'
	has_bpf || return 0
	predict bpf
	expect '.cases[0] | .exact and .headroom == 48'
	[ "$(forks)" = 48 ]
}

@test "cgroup: zombies of a removed cgroup are charged to those above it" {
	forker --root "$PIDS" --path "$NAME" --max 40 --removed 12 --count 3
	local source
	for source in $(sources); do
		predict "$source"
		expect "[$limit][0] | .current == 16 and .zombies == 15" --arg kind cgroup
	done
	comes_true cgroup
}

@test "cgroup: of a process whose first thread has ended, that of the one that lives" {
	local pid tid source
	[ -e "$PIDS/tasks" ] || skip "needs the v1 pids controller, where threads move alone"
	zoo threads-alive --count 1
	pid=$(zoo_get '.zombies[0]')
	for tid in "/proc/$pid/task/"*; do
		tid=${tid##*/}
		[ "$tid" = "$pid" ] || break
	done
	mkdir "$PIDS/$NAME"
	cleanup rmdir "$PIDS/$NAME"
	cleanup zoo_end
	echo 9 >"$PIDS/$NAME/pids.max"
	echo "$tid" >"$PIDS/$NAME/tasks"
	for source in $(sources); do
		json headroom --source="$source" "$pid"
		expect "[$limit] | map([.name, .current, .headroom]) == [[\"/$NAME\", 1, 8]]" --arg kind cgroup
		expect '.cases[0] | .headroom == 8'
	done
}

# not_exact CGROUPFS: the limits above it are told, and said to be not all.
not_exact() {
	json headroom --cgroupfs="$1" "$SUBJECT"
	expect "[$limit] == []" --arg kind cgroup
	expect '.cases[0].exact == false and (.notes | any(test("a cgroup is not found below")))'
}

@test "cgroup: one that is removed while it is looked at is no cgroup without a limit" {
	[[ $PIDS == */pids ]] || skip "needs the v1 pids controller, whose root is told by a file"
	local tree=$BATS_TEST_TMPDIR/tree
	forker --root "$PIDS" --path "$NAME" --max 12 --count 1
	mkdir -p "$tree/pids"
	: >"$tree/pids/cgroup.procs"
	: >"$tree/pids/release_agent"
	not_exact "$tree"
	# a directory that is open still, when the cgroup is gone
	mkdir "$tree/pids/$NAME"
	not_exact "$tree"
}

# moves PID: between two cgroups, each made for it and removed after it, until there is the file "enough"; then back.
moves() {
	local old='' max
	until [ -e "$BATS_TEST_TMPDIR/enough" ]; do
		for max in 1111 2222; do
			mkdir "$PIDS/$NAME-$max"
			echo "$max" >"$PIDS/$NAME-$max/pids.max"
			echo "$1" >"$PIDS/$NAME-$max/cgroup.procs"
			[ -z "$old" ] || rmdir "$old"
			old=$PIDS/$NAME-$max
		done
	done
	echo "$1" >"$PIDS/cgroup.procs"
	rmdir "$old"
}

@test "cgroup: of a process that is moved while it is looked at, one that it was in, or it is said" {
	local mover source i named=0
	forker --count 1
	moves "$SUBJECT" 3>&- &
	mover=$!
	for source in $(sources); do
		for ((i = 0; i < 20; i++)); do
			json headroom --source="$source" "$SUBJECT"
			expect "[$limit | select(.name | test(\"/$NAME-[0-9]+\$\"))] as \$ours | (\$ours | length) == 1 and
				all(\$ours[]; \"/$NAME-\\(.max)\" == .name) or .cases[0].exact == false" --arg kind cgroup
			named=$((named + $(value ".cases[0].limits | map(select(.name | test(\"/$NAME\"))) | length")))
		done
	done
	: >"$BATS_TEST_TMPDIR/enough"
	wait "$mover"
	echo "$named of $((i * 2)) named"
	((named > 0))
}

@test "pid_max: freed numbers below 300 are lost" {
	per_namespace_pid_max
	forker --newpidns 1 --pid-max 400 --finished 150 --count 5
	predict
	expect "[$limit][0] | .max == 400 and .zombies == 5" --arg kind pid_max
	comes_true pid_max
}

@test "pid_max: past 300 only higher numbers are given out" {
	per_namespace_pid_max
	forker --newpidns 1 --pid-max 420 --finished 350 --count 5
	comes_true pid_max
}

@test "pid_max: the smallest there can be, 301" {
	per_namespace_pid_max
	forker --newpidns 1 --pid-max 301 --finished 200 --count 5
	comes_true pid_max
}

@test "pid_max: numbers of dead session leaders stay taken" {
	per_namespace_pid_max
	local finished source
	for finished in 40 330; do
		forker --newpidns 1 --pid-max 420 --finished "$finished" --leaders 9 --count 2 --threads 3
		for source in $(sources); do
			predict "$source"
			# init, subject and its threads, zombies, nine members and nine numbers of leaders
			expect "[$limit][0] | .current == 25" --arg kind pid_max
		done
		comes_true pid_max
	done
}

@test "pid_max: numbers from a lowered one up are in nobody's way" {
	per_namespace_pid_max
	# of 100 numbers from 300 up: what is below 300 and from 400 up takes none of them
	forker --newpidns 1 --finished 500 --leaders 4 --threads 3 --count 5 --lower 400
	predict
	expect '.cases[0].headroom == 100'
	comes_true pid_max
}

@test "pid_max: of a namespace in between" {
	per_namespace_pid_max
	forker --newpidns 3 --pid-max 4000 --finished 10 --count 2
	predict
	expect "[$limit] | length == 4" --arg kind pid_max
	expect "[$limit] | all(.headroom != null)" --arg kind pid_max
}

@test "pid_max: of the outer of two binds, and what is sent into the inner one counts there" {
	per_namespace_pid_max
	local source came
	for source in $(sources); do
		forker --outer-max 340 --finished 20 --count 2 --threads 1
		# a look from inside costs a number in each, which it has to count itself
		predict "$source"
		expect '.cases[0] | .exact and .limits[.binding].max == 340'
		came=$(forks)
		echo "$source: predicted $(value '.cases[0].headroom'), came $came" >&2
		[ "$(value '.cases[0].headroom')" = "$came" ]
		zoo_end
	done
}

@test "pid_max: a full namespace has no room, though it cannot be entered" {
	per_namespace_pid_max
	forker --newpidns 1 --pid-max 320 --finished 310 --count 1
	[ "$(forks)" -gt 0 ]
	predict procfs
	expect '.cases[0].headroom == 0'
	expect "[$limit][0] | .headroom == 0" --arg kind pid_max
}

@test "threads-max: as the kernel counts" {
	forker --count 1
	predict
	expect "[$limit][0] | .max == $(</proc/sys/kernel/threads-max)" --arg kind threads-max
	expect "[$limit][0] | .headroom == .max - .current and .current > 10" --arg kind threads-max
}

@test "without PID: every limited cgroup and namespace, tightest first" {
	per_namespace_pid_max
	forker --root "$PIDS" --path "$NAME" --max 9 --path "$NAME/in" --max 700 --newpidns 1 \
		--pid-max 500 --uid "$USER_ID" --nproc 10 --count 4
	json headroom
	valid headroom
	expect "[.cases[].headroom | select(. != null)] | . == sort"
	expect ".cases | map(select(.subject.cgroup // \"\" | endswith(\"/$NAME\"))) | length == 1
		and .[0].headroom == 4 and .[0].limits[0].zombies == 4"
	expect ".cases | map(select(.subject.cgroup // \"\" | endswith(\"/$NAME/in\"))) | length == 1
		and .[0].headroom == 4 and .[0].binding == 1 and .[0].limits[0].headroom == 695"
	expect ".cases | any(.limits[0].kind == \"pid_max\" and .limits[0].max == 500)"
	expect ".cases | any(.limits[0].kind == \"nproc\" and .limits[0].max == 10)"
	expect ".cases | any(.limits[0].kind == \"threads-max\")"
}

@test "without PID: narrowed to a PID namespace" {
	forker --root "$PIDS" --path "$NAME" --max 9 --newpidns 1 --count 1
	json headroom --pid-ns="$SUBJECT"
	expect ".cases | any(.subject.cgroup // \"\" | endswith(\"/$NAME\"))"
	expect ".cases | all(.limits[0].kind | IN(\"cgroup\", \"pid_max\"))"
	expect "[.cases[] | select(.limits[0].kind == \"pid_max\")] | length == 1"
}

@test "without PID, in a container: a pid_max around it that binds is told" {
	has_bpf || skip "without BPF what is around is hidden"
	local inside max
	max=$(</proc/sys/kernel/pid_max)
	inside() {
		unshare --pid --fork --mount-proc "$CORONER" headroom "$@"
	}
	JSON=$(inside --json 1)
	expect '.cases[0].limits | map(select(.kind == "pid_max")) | length == 2 and .[1].max == $max' \
		--argjson max "$max"
	JSON=$(inside --json)
	expect '.cases[] | select(.limits[0].kind == "pid_max") | .limits | length == 2 and .[1].max == $max' \
		--argjson max "$max"
	# a namespace's own numbers are as many as there can be: what is taken outside is less there
	inside | grep -A 1 '^pid_max' | grep -qF "fit: bound by pid:[$(pidns_of self)]"
}

@test "text: the binding limit is marked, the zombies' share is drawn" {
	forker --root "$PIDS" --path "$NAME" --max 10 --count 4
	run coroner headroom "$SUBJECT"
	[ "$status" -eq 0 ]
	[[ $output == *"5 more tasks fit, then pids.max refuses the fork"* ]]
	[[ $output == *"pids.max *"*"zzzz#....."* ]]
}

@test "text: what is free below 300 is named, so that the sum comes out" {
	coroner headroom $$ 2>/dev/null | awk '$1 == "pid_max" && $NF == "'"$(readlink /proc/self/ns/pid)"'" || own {
		own = own ? "" : $1
		if ($1 != "pid_max") { lost = $1; next }
		left = $(NF - 6); used = $(NF - 5); max = $(NF - 4) }
		END { print left, used, lost, max; exit !(max > 0 && left + used + lost + 1 == max) }'
}

@test "a PID that is not there is an error, the others are shown" {
	forker --count 1
	run --separate-stderr coroner headroom 4194301 "$SUBJECT"
	[ "$status" -eq 1 ]
	[[ $stderr == *"there is no process 4194301"* ]]
	[[ $output == *"$SUBJECT"* ]]
	run coroner headroom x
	[ "$status" -eq 2 ]
}

@test "in a cgroup namespace the limits above are said to be hidden" {
	forker --root "$PIDS" --path "$NAME" --max 50 --path "$NAME/in" --max 40 --count 2
	JSON=$(unshare -m sh -c "mount --bind '$PIDS/$NAME' /mnt && mkdir -p '$BATS_TEST_TMPDIR/cg' &&
		mount -t tmpfs none '$BATS_TEST_TMPDIR/cg' && mkdir '$BATS_TEST_TMPDIR/cg/pids' &&
		mount --move /mnt '$BATS_TEST_TMPDIR/cg/pids' &&
		'$CORONER' headroom --json --cgroupfs='$BATS_TEST_TMPDIR/cg' $SUBJECT" 2>/dev/null)
	expect "[$limit] | map(.name) == [\"/in\", \"/\"]" --arg kind cgroup
	expect "[$limit] | map(.max) == [40, 50]" --arg kind cgroup
	expect '.notes | any(test("hidden"))'
	expect '.cases[0].headroom == 37'
}

@test "unprivileged: what cannot be seen is null, and said" {
	forker --newpidns 1 --count 1
	run --separate-stderr unprivileged "$CORONER" --json headroom "$SUBJECT"
	[ "$status" -eq 0 ]
	JSON=$output ERRORS=$stderr
	expect '.cases[0].headroom == null or (.cases[0].exact | not)'
	expect "[$limit][0] | .headroom == null" --arg kind pid_max
	[[ $stderr == *CAP_SYS_PTRACE* ]]
}

@test "text on a pipe: the path of a cgroup is whole, however long" {
	local long
	long=$NAME-$(printf 'x%.0s' {1..120})
	zoo sigchld-default --count 1
	mkdir "$PIDS/$long"
	cleanup rmdir "$PIDS/$long"
	cleanup zoo_end
	echo 100 >"$PIDS/$long/pids.max"
	zoo_get .parent >"$PIDS/$long/cgroup.procs"
	coroner headroom "$(zoo_get .parent)" >"$BATS_TEST_TMPDIR/out"
	grep -q "$long\$" "$BATS_TEST_TMPDIR/out"
}

@test "inside a PID namespace what counts outside of it is no fact: users, zombies of a cgroup" {
	# more tasks than there are inside, half of them zombies
	zoo sigchld-default --count 20
	mkdir "$PIDS/$NAME"
	cleanup rmdir "$PIDS/$NAME"
	cleanup zoo_end
	zoo_get '.parent, .zombies[]' | while read -r pid; do
		echo "$pid" >"$PIDS/$NAME/cgroup.procs" || true # v2 moves no zombie
	done
	echo 100 >"$PIDS/$NAME/pids.max"
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare -pf --mount-proc "$@"' "$PIDS/$NAME" \
		bash -c 'ulimit -u 5000; setpriv --reuid=4242 --clear-groups sleep 600 &
			until [ "$(cat "/proc/$!/comm")" = sleep ]; do :; done
			"$0" --json --source=procfs headroom "$!"
			kill "$!"' "$CORONER" 2>"$BATS_TEST_TMPDIR/errors")
	expect '.cases[0].limits[] | select(.kind == "nproc") | .exact == false and .zombies == null'
	expect '.cases[0].exact == false'
	expect '.notes | any(test("those of the same user count for nproc too"))'
	if (($(<"$PIDS/$NAME/pids.current") > 1)); then
		expect ".cases[0].limits[] | select(.kind == \"cgroup\" and (.name | test(\"$NAME\"))) | .zombies == null"
	fi
}

# from_a_cgroup_namespace CGROUP COMMAND...: runs it as the only process of a cgroup, where its cgroup
# namespace begins; the machine's mounts show what is above that.
from_a_cgroup_namespace() {
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare --cgroup "$@"' "$PIDS/$1" "${@:2}"
}

@test "a cgroup namespace below what is mounted: every limit up to the root, and it comes true" {
	local source came within=() beside=()
	# v1 says "/" of what ends: that is no name from where the namespace begins
	zoo namespace-dying
	forker --root "$PIDS" --path "$NAME" --max 30 --path "$NAME/spy" --max max --path "$NAME/pod" --max 20 \
		--path "$NAME/pod/in/spy" --max max --path "$NAME/pod/in" --max max --count 3 --threads 2
	look_from() {
		JSON=$(from_a_cgroup_namespace "$1" "$CORONER" --json headroom --source="$source" "$SUBJECT" 2>/dev/null)
		expect "[$limit] | map(.name) == [\"/$NAME/pod/in\", \"/$NAME/pod\", \"/$NAME\"]" --arg kind cgroup
		expect '.cases[0] | .exact and .limits[.binding].max == 20'
		expect "[$limit] | all(.zombies == 3)" --arg kind cgroup
		expect ".cases[0].holders[0] | .comm == \"forker\" and .threads == 3 and .zombies == 3 and
			.cgroup == \"/$NAME/pod/in\""
	}
	for source in $(sources); do
		look_from "$NAME/pod/in/spy" # the subject is above where the namespace begins
		within+=("$(value '.cases[0].headroom')")
		look_from "$NAME/spy"
		beside+=("$(value '.cases[0].headroom')")
	done
	JSON=$(from_a_cgroup_namespace "$NAME/spy" "$CORONER" --json headroom 2>/dev/null)
	expect ".cases | map(select(.subject.cgroup == \"/$NAME/pod\")) | length == 1"
	came=$(forks)
	echo "came $came, predicted in the pod (one less: its own) ${within[*]}, beside it ${beside[*]}" >&2
	for source in "${!beside[@]}"; do
		[ "${within[$source]}" = $((came - 1)) ]
		[ "${beside[$source]}" = "$came" ]
	done
}

@test "a cgroup namespace's own mount of pids: a bound, of the limits that it shows" {
	local own=$BATS_TEST_TMPDIR/cgroup source came
	[[ $PIDS == */pids ]] || skip "needs the v1 pids controller"
	mkdir -p "$own/pids"
	forker --root "$PIDS" --path "$NAME" --max 12 --path "$NAME/in" --max 30 --count 3
	for source in $(sources); do
		# shellcheck disable=SC2016 # for the inner shell
		JSON=$(from_a_cgroup_namespace "$NAME/in" unshare --mount bash -c 'mount -t cgroup -o pids none "$1/pids" &&
			exec "$0" --json headroom --source="$2" --cgroupfs="$1" "$3"' \
			"$CORONER" "$own" "$source" "$SUBJECT" 2>/dev/null)
		expect "[$limit] | map([.name, .max]) == [[\"/\", 30]]" --arg kind cgroup
		expect '.cases[0] | .headroom == 25 and (.exact | not)' # the subject, its zombies and coroner
		expect '.notes | any(test("cgroups above .* are hidden"))'
	done
	came=$(forks)
	[ "$came" -le 25 ]
}

@test "who entered a PID namespace is bound by pid_max of all, though nobody tells which it is" {
	local directory
	zoo heir --how entered
	directory=$(mktemp -d /tmp/coroner-headroom.XXXXXX)
	cleanup rm -rf "$directory"
	chmod 755 "$directory"
	cp "$CORONER" "$directory/coroner"
	JSON=$(unprivileged "$directory/coroner" headroom --json "$(zoo_get .victim)" 2>/dev/null)
	expect '[.cases[0].limits[] | select(.kind == "pid_max")] | length >= 2 and .[0].current == null'
	expect '.cases[0] | .exact == false'
}

@test "a cgroup tree that is not there is said, unless nobody asked for it" {
	zoo sigchld-default
	json headroom --cgroupfs=/nonexistent "$(zoo_get .parent)"
	[[ $ERRORS == *"--cgroupfs=/nonexistent cannot be opened: No such file or directory; no limit of a cgroup is known"* ]]
	expect '.notes | any(test("--cgroupfs=/nonexistent"))'
	json headroom "$(zoo_get .parent)"
	[[ $ERRORS != *"cannot be opened"* ]]
}

# under FILES COMMAND...: with files of somebody's own over those of /proc: "loadavg:0.00 0.00 0.00 1/12 33".
under_files_of_others() {
	local files=() one
	while [[ $1 != -- ]]; do
		one=$BATS_TEST_TMPDIR/$SRANDOM
		echo "${1#*:}" >"$one"
		files+=("$one" "/proc/${1%%:*}")
		shift
	done
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m bash -c 'while [ "$1" != -- ]; do
			mount --bind "$1" "$2" && shift 2 || exit
		done
		shift
		exec "$@"' under "${files[@]}" "$@"
}

@test "nothing over a file of proc is believed: the boot time, the clock, the numbers" {
	local source pid lies told times='parent | [.process.start_time, .zombies[].dead_since // empty | sub("[.][0-9]+"; "") | fromdate]'
	zoo sigchld-default --count 2
	pid=$(zoo_get .parent)
	lies=("uptime:12.34 23.45" "stat:cpu 1 2 3 4
btime 1000000000" "loadavg:0.00 0.00 0.00 1/12 33" "sys/kernel/pid_max:5000" "sys/kernel/threads-max:77")
	for source in $(sources); do
		json list --source="$source"
		told=$(value "$times" | jq -c .)
		JSON=$(under_files_of_others "${lies[@]}" -- "$CORONER" --json list --source="$source" 2>/dev/null)
		expect "$times | [., \$told] | transpose | all(.[0] - .[1] | fabs <= 1)" --argjson told "$told"
		expect 'parent | .process.age_s < 600 and .process.age_s >= 0'
		JSON=$(under_files_of_others "${lies[@]}" -- "$CORONER" --json headroom --source="$source" "$pid" 2>/dev/null)
		expect "[$limit] | all(.max != 5000 and .max != 77 and .current != 12)" --arg kind pid_max
		expect "[$limit][0] | .max == null and .headroom == null and (.current == null or .current > 20)" \
			--arg kind threads-max
		expect '.cases[0].exact | not'
		JSON=$(under_files_of_others "${lies[@]}" -- "$CORONER" --json namespaces --source="$source" 2>/dev/null)
		expect '[.namespaces[] | select(.depth == 0)][0].pid_max | . == null or . == $max' \
			--argjson max "$(</proc/sys/kernel/pid_max)"
	done
}

@test "a loadavg that is not the kernel's is not believed: lxcfs" {
	local source
	zoo sigchld-default --count 1
	for source in $(sources); do
		JSON=$(under_files_of_others "loadavg:0.00 0.00 0.00 1/12 33" -- \
			"$CORONER" --json headroom --source="$source" "$(zoo_get .parent)" 2>/dev/null)
		expect "[$limit][0] | .current == null or .current > 20" --arg kind threads-max
		expect "[$limit][-1] | .headroom == null or .headroom < $(($(</proc/sys/kernel/pid_max) - 40))" --arg kind pid_max
	done
}
