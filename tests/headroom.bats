#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner headroom: what it predicts must come true. The zoo's forker forks until it is refused.

# run sets stderr, expect reads JSON and ERRORS.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load lib

setup() {
	needs_root
	PIDS=$(pids_hierarchy) || skip "needs the pids controller"
	NAME=coroner-headroom-$$-$BATS_TEST_NUMBER
	# a user that nobody else is, not even the same test run beside this one
	USER_ID=$((100000 + $$))
}

pids_hierarchy() {
	local dir
	for dir in /sys/fs/cgroup/pids /sys/fs/cgroup /sys/fs/cgroup/unified; do
		if [ -e "$dir/release_agent" ] || grep -qsw pids "$dir/cgroup.controllers"; then
			echo "$dir"
			return
		fi
	done
	return 1
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
	"$TESTS/validate" headroom <<<"$JSON"
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

@test "nproc: does not bind root" {
	forker --nproc 1 --count 2 --root "$PIDS" --path "$NAME" --max 9
	predict
	expect "[$limit][0] | .applies == false and .max == 1" --arg kind nproc
	comes_true cgroup
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
	"$TESTS/validate" headroom <<<"$JSON"
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

@test "limits that are hidden make the answer a bound: a cgroup namespace" {
	mkdir "$PIDS/$NAME"
	cleanup rmdir "$PIDS/$NAME"
	# shellcheck disable=SC2016 # for the inner shell
	JSON=$(bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare -C bash -c "\"\$0\" --json headroom \$\$" "$1"' \
		"$PIDS/$NAME" "$CORONER" 2>/dev/null)
	expect '.cases[0] | .headroom > 0 and .exact == false'
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
