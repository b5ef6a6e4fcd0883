#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# coroner metrics: what Prometheus' own tools say of it, and the way to a query, on loopback only.

bats_require_minimum_version 1.5.0
load lib
load prometheus

metrics() {
	coroner metrics "$@" >"$BATS_TEST_TMPDIR/metrics" 2>"$BATS_TEST_TMPDIR/errors"
}

# sample NAME[{LABELS}]: its value.
sample() {
	awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$BATS_TEST_TMPDIR/metrics"
}

@test "promtool finds nothing to say" {
	needs promtool
	zoo sigchld-default --newpidns 1 --count 3
	zoo awkward --case escape
	metrics
	run promtool check metrics <"$BATS_TEST_TMPDIR/metrics"
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "OpenMetrics: one EOF last, each family once and described, no label of a PID" {
	zoo sigchld-default --newpidns 1 --count 3
	metrics
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/metrics")" = "# EOF" ]
	[ "$(grep -c '^# EOF' "$BATS_TEST_TMPDIR/metrics")" -eq 1 ]
	[ -z "$(grep '^# TYPE' "$BATS_TEST_TMPDIR/metrics" | sort | uniq -d)" ]
	[ -z "$(grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | cut -d' ' -f1 | sort | uniq -d)" ]
	refute grep -E '[{,]pid=' "$BATS_TEST_TMPDIR/metrics"
	# TYPE comes before HELP and samples, names carry the prefix, no time stamp
	refute grep -vE '^(# (TYPE coroner_[a-z_]+ gauge|UNIT coroner_[a-z_]+ [a-z]+|HELP coroner_[a-z_]+ .*|EOF)|coroner_[a-z_]+(\{.*\})? [0-9.e+-]+)$' \
		"$BATS_TEST_TMPDIR/metrics"
}

@test "the real parser of OpenMetrics takes it" {
	local python
	# the distribution's interpreter has the distribution's modules
	for python in /usr/bin/python3 python3 none; do
		! "$python" -c 'import prometheus_client' 2>/dev/null || break
	done
	[ "$python" != none ] || skip "needs python3-prometheus-client"
	zoo sigchld-default --newpidns 1 --count 3
	zoo awkward --case invalid
	metrics
	"$python" - "$BATS_TEST_TMPDIR/metrics" <<-'END'
		import sys
		from prometheus_client.openmetrics.parser import text_string_to_metric_families
		families = {f.name: f for f in text_string_to_metric_families(open(sys.argv[1]).read())}
		assert families["coroner_zombies"].samples[0].value >= 4
		assert families["coroner_look_duration_seconds"].unit == "seconds"
	END
}

@test "the numbers: zombies of one PID namespace, by comm and verdict" {
	local ns
	zoo sigchld-default --newpidns 1 --count 4
	ns=$(pidns_of "$(zoo_get '.inits[0]')")
	metrics --pid-ns="$ns"
	[ "$(sample coroner_zombies)" = 4 ]
	[ "$(sample coroner_most_zombies_per_parent)" = 4 ]
	[ "$(sample 'coroner_parents{verdict="sigchld-default"}')" = 1 ]
	[ "$(sample 'coroner_parent_zombies{comm="sigchld-default",container="",verdict="sigchld-default"}')" = 4 ]
	metrics
	[ "$(sample 'coroner_pid_namespace_zombies{init="sigchld-default",container=""}')" = 4 ]
	[ "$(sample 'coroner_pid_namespace_processes{init="sigchld-default",container=""}')" = 6 ]
}

@test "how many of the verdicts are likely only" {
	local ns
	zoo sigchld-caught --newpidns 1
	ns=$(pidns_of "$(zoo_get '.inits[0]')")
	metrics --pid-ns="$ns"
	[ "$(sample 'coroner_parents{verdict="sigchld-caught"}')" = 1 ]
	[ "$(sample 'coroner_parents_likely{verdict="sigchld-caught"}')" = 1 ]
	zoo sigchld-default --newpidns 1
	ns=$(pidns_of "$(zoo_get '.inits[0]')")
	metrics --settle=20ms --pid-ns="$ns"
	[ "$(sample 'coroner_parents{verdict="sigchld-default"}')" = 1 ]
	[ "$(sample 'coroner_parents_likely{verdict="sigchld-default"}')" = 0 ]
}

@test "labels are the same after a restart: no inode number, and what is named alike is one series" {
	local series first
	series() { grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | grep -v 'kind="cgroup"' | sed 's/ [^ ]*$//' | sort; }
	zoo sigchld-default --newpidns 1 --count 2
	zoo sigchld-default --newpidns 1 --count 3
	metrics
	[ "$(sample 'coroner_pid_namespace_zombies{init="sigchld-default",container=""}')" = 5 ]
	[ "$(sample 'coroner_pid_namespace_processes{init="sigchld-default",container=""}')" = 9 ]
	[ "$(sample coroner_pid_namespaces)" -ge 2 ]
	[ -n "$(sample 'coroner_limit_usage_ratio{kind="threads-max",name="machine"}')" ]
	[ -z "$(grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | grep -v 'kind="cgroup"' | grep -E '(pid|user):\[')" ]
	[ -z "$(grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | cut -d' ' -f1 | sort | uniq -d)" ]
	first=$(series)
	# other namespaces, the same programs
	zoo_end
	zoo sigchld-default --newpidns 1 --count 2
	zoo sigchld-default --newpidns 1 --count 3
	metrics
	diff <(echo "$first") <(series)
}

@test "label sets are bounded: the rest is one number" {
	local i named
	zoo sigchld-default --count 1 --parents 3
	zoo sigchld-caught --count 2
	zoo awkward --case parens
	metrics --top=2
	for i in coroner_parent_zombies coroner_pid_namespace_zombies coroner_limit_tasks; do
		[ "$(grep -c "^$i{" "$BATS_TEST_TMPDIR/metrics")" -le 2 ]
	done
	named=$(awk '/^coroner_parent_zombies/ { n += $NF } END { print n }' "$BATS_TEST_TMPDIR/metrics")
	[ "$(sample coroner_zombies)" -eq $((named + $(sample coroner_other_parents_zombies))) ]
	[ "$(sample coroner_other_parents_zombies)" -gt 0 ]
}

@test "--output: written aside, renamed, readable by others; on failure the old one stays" {
	local dir=$BATS_TEST_TMPDIR/textfile
	mkdir "$dir"
	umask 077
	coroner metrics --output "$dir/coroner.prom"
	[ "$(ls "$dir")" = coroner.prom ]
	[ "$(stat -c %a "$dir/coroner.prom")" = 644 ]
	grep -q '^# EOF' "$dir/coroner.prom"
	echo old >"$dir/coroner.prom"
	run coroner metrics --procfs=/nonexistent --output "$dir/coroner.prom"
	[ "$status" -eq 1 ]
	[ "$(<"$dir/coroner.prom")" = old ]
	run coroner metrics --output "$dir/none/coroner.prom"
	[ "$status" -eq 1 ]
	[[ $output == *"$dir/none/coroner.prom"* ]]
}

@test "--output: a full disk leaves the old file and no other" {
	needs_root
	local dir=$BATS_TEST_TMPDIR/small
	mkdir "$dir"
	mount -t tmpfs -o size=4k none "$dir"
	cleanup umount "$dir"
	echo old >"$dir/coroner.prom"
	run coroner metrics --output "$dir/coroner.prom"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"No space left"* ]]
	[ "$(ls "$dir")" = coroner.prom ]
	[ "$(<"$dir/coroner.prom")" = old ]
}

@test "where nothing can be measured: why, in OpenMetrics, and a file stays as it is" {
	run --separate-stderr coroner metrics --procfs=/nonexistent
	[ "$status" -eq 1 ]
	[ "${lines[2]}" = 'coroner_failure_info{reason="cannot open /nonexistent: No such file or directory"} 1' ]
	[ "${lines[3]}" = "# EOF" ]
	[[ $stderr == "coroner: cannot open /nonexistent"* ]]
	echo old >"$BATS_TEST_TMPDIR/file"
	run --separate-stderr coroner metrics --procfs=/nonexistent --output="$BATS_TEST_TMPDIR/file"
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(<"$BATS_TEST_TMPDIR/file")" = old ]
}

@test "--output: what is no regular file is refused and left as it is" {
	needs_root
	local dir=$BATS_TEST_TMPDIR/odd name before
	mkdir -p "$dir/directory"
	echo old >"$dir/file"
	mkfifo "$dir/fifo"
	mknod "$dir/device" c 1 3
	ln -s file "$dir/link"
	ln -s /dev/null "$dir/link-to-device"
	ln -s nowhere "$dir/dangling"
	before=$(cd "$dir" && stat -c '%n %i %F %a %Y' -- *)
	for name in fifo device directory link link-to-device dangling; do
		run --separate-stderr timeout 20 "$CORONER" metrics --output "$dir/$name"
		[ "$status" -eq 1 ]
		[[ $stderr == "coroner: $dir/$name is no regular file"* ]]
		[ -z "$output" ]
	done
	# nor is anything left beside them
	[ "$(cd "$dir" && stat -c '%n %i %F %a %Y' -- *)" = "$before" ]
	[ "$(<"$dir/file")" = old ]
}

@test "bad usage" {
	run coroner metrics --top=0
	[ "$status" -eq 2 ]
	run coroner metrics --json
	[ "$status" -eq 2 ]
}

@test "end to end: coroner, node_exporter, prometheus, a query" {
	needs prometheus prometheus-node-exporter promtool python3
	local query='coroner_pid_namespace_zombies{init="sigchld-default"}'
	zoo sigchld-default --newpidns 1 --count 7
	prometheus_of_this_machine
	answers() {
		promtool query instant "http://$SERVER" "$1" 2>/dev/null | grep -q "=> $2 @"
	}
	await answers "$query" 7
	await answers 'node_textfile_scrape_error' 0
	# and it follows
	zoo_end
	coroner metrics --output "$BATS_TEST_TMPDIR/textfile/coroner.prom"
	await answers "absent($query)" 1
}

@test "the alert rules hold what they promise" {
	needs promtool
	promtool check rules "$ROOT/deploy/prometheus/coroner.rules.yml"
	cd "$ROOT/deploy/prometheus"
	promtool test rules coroner.test.yml
}

@test "each alert speaks of metrics that exist" {
	local name
	metrics
	while read -r name; do
		grep -q "^# TYPE $name gauge" "$BATS_TEST_TMPDIR/metrics" || {
			echo "no metric $name"
			return 1
		}
	done < <(grep -E 'expr:|^ +(coroner_|and)' "$ROOT/deploy/prometheus/coroner.rules.yml" |
		grep -oE 'coroner_[a-z_]+' | sort -u)
}

@test "systemd takes the units, and makes the user who may write" {
	needs systemd-analyze systemd-sysusers systemd-tmpfiles setpriv
	needs_root
	local root=$BATS_TEST_TMPDIR/root from=$ROOT/deploy/systemd to=/var/lib/prometheus/node-exporter
	mkdir -p "$root"/{etc/systemd/system,usr/bin,"$to"}
	cp "$CORONER" "$root/usr/bin/coroner"
	cp "$from"/*.service "$from"/*.timer "$root/etc/systemd/system"
	# what it does not understand it only says
	run systemd-analyze verify --root="$root" --man=no --recursive-errors=no \
		coroner-metrics.service coroner-metrics.timer
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	systemd-sysusers --root="$root" "$from/coroner.sysusers.conf"
	# names in an ACL are looked up on this machine: it has that user for as long as this takes
	unshare --mount sh -euc '
		mount --bind "$1/etc/passwd" /etc/passwd
		mount --bind "$1/etc/group" /etc/group
		mount --bind "$1/var/lib" /var/lib
		refused() { ! "$@" 2>/dev/null; }
		refused setpriv --reuid=coroner --clear-groups touch "$3/before"
		systemd-tmpfiles --create "$2"
		setpriv --reuid=coroner --clear-groups touch "$3/coroner.prom"
		refused setpriv --reuid=coroner --clear-groups touch "$3/../elsewhere"
	' sh "$root" "$from/coroner.tmpfiles.conf" "$to"
	[ -e "$root$to/coroner.prom" ]
}

@test "the systemd service is tight, and its rights are enough" {
	needs systemd-analyze
	needs_root
	local unit=$ROOT/deploy/systemd/coroner-metrics.service caps out=$BATS_TEST_TMPDIR/out
	run systemd-analyze security --offline=true --threshold=15 "$unit"
	tail -n 1 <<<"$output"
	[ "$status" -eq 0 ]
	caps=$(sed -n 's/^AmbientCapabilities=//p' "$unit" | tr '[:upper:]' '[:lower:]' |
		sed 's/cap_/+/g; s/ /,/g')
	setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set="-all,$caps" \
		--inh-caps="-all,$caps" --ambient-caps="-all,$caps" --no-new-privs \
		"$CORONER" metrics >"$out"
	grep -q '^coroner_complete 1' "$out"
	! has_bpf || grep -q '^coroner_source_info{source="bpf"} 1' "$out"
}

@test "a limit on the size of files is told, and no half file stays" {
	local out="$BATS_TEST_TMPDIR/limited"
	mkdir "$out"
	run bash -c 'ulimit -f 0; "$1" metrics --output="$2/x.prom" 2>&1 | cat; exit "${PIPESTATUS[0]}"' bash "$CORONER" "$out"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"File too large"* ]]
	[ -z "$(ls -A "$out")" ]
}

@test "--pid-ns: the PID namespaces are that one, and pid_max is as headroom counts it" {
	local inode line
	zoo init --members 2
	inode=$(stat -Lc %i "/proc/$(zoo_get .init)/ns/pid")
	coroner metrics --pid-ns="$inode" >"$BATS_TEST_TMPDIR/metrics" 2>/dev/null
	grep -qx 'coroner_pid_namespaces 1' "$BATS_TEST_TMPDIR/metrics"
	[ "$(grep -c '^coroner_pid_namespace_processes' "$BATS_TEST_TMPDIR/metrics")" -eq 1 ]
	has_bpf || return 0
	line=$(grep '^coroner_limit_headroom{kind="pid_max",name="init"}' "$BATS_TEST_TMPDIR/metrics")
	json headroom --source=bpf "$(zoo_get .init)"
	expect ".cases[0].limits[] | select(.name == \"pid:[$inode]\") | .headroom == ${line##* } and .exact"
}

@test "--every: the file again and again, by one process, which ends when it is told to" {
	local file=$BATS_TEST_TMPDIR/again.prom pid first
	seen() { grep '^coroner_look_timestamp_seconds' "$file" 2>/dev/null; }
	newer() { [ "$(seen)" != "$1" ] && [ -n "$(seen)" ]; }
	"$CORONER" metrics --every=100ms --output="$file" --source=procfs 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	pid=$!
	for _ in 1 2 3; do
		first=$(seen || true)
		await newer "$first"
	done
	[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "$CORONER metrics --every=100ms "* ]]
	kill -TERM "$pid" # our own child
	wait "$pid"
	[ "$(find "$BATS_TEST_TMPDIR" -name 'again.prom*')" = "$file" ]
	[ "$(tail -n 1 "$file")" = "# EOF" ]
}

@test "--every: the init of a PID namespace ends when it is told to, and rights stay for the next look" {
	needs_root
	local file init caps=+sys_ptrace,+bpf,+perfmon
	gone() { [ ! -e "/proc/$init" ]; }
	mkdir "$BATS_TEST_TMPDIR/out"
	chmod 777 "$BATS_TEST_TMPDIR/out"
	file=$BATS_TEST_TMPDIR/out/again.prom
	# as a container's only program: an init without any other right, that gets no new ones
	unshare --pid --fork --mount-proc setpriv --bounding-set="-all,$caps" --inh-caps="-all,$caps" \
		--no-new-privs "$CORONER" metrics --every=100ms --output="$file" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	cleanup wait "$!"
	await test -e "$file"
	init=$(cat "/proc/$!/task/$!/children")
	rm "$file"
	await test -e "$file"
	rm "$file"
	await test -e "$file"
	! has_bpf || grep -q '^coroner_source_info{source="bpf"} 1' "$file"
	grep -q '^coroner_complete 1' "$file"
	kill -TERM "$init"
	await gone
}

@test "--every: what cannot be written ends it, and it takes a file" {
	run "$CORONER" metrics --every=1h --output="$BATS_TEST_TMPDIR/nowhere/x.prom"
	[ "$status" -eq 1 ]
	run "$CORONER" metrics --every=1h
	[ "$status" -eq 2 ]
	[[ $output == *"--every takes a file"* ]]
	run "$CORONER" metrics --every=0 --output="$BATS_TEST_TMPDIR/x.prom"
	[ "$status" -eq 2 ]
}

# without FILE ARGS...: coroner, to whom that file cannot be read; what it says is in $output, its errors in $ERRORS.
without() {
	local trace=$BATS_TEST_TMPDIR/trace errors=$BATS_TEST_TMPDIR/errors
	status=0
	output=$(strace -f -qq -o "$trace" -P "$1" -e inject=read,pread64:error=EIO "$CORONER" "${@:2}" 2>"$errors") ||
		status=$?
	ERRORS=$(<"$errors")
	grep -q INJECTED "$trace"
}

@test "a limit that cannot be read is missing, and said to be" {
	local source root
	needs strace
	needs_root
	root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	zoo cgroup --path "$root:coroner-metrics-$UNIQUE"
	for source in $(sources); do
		run -0 coroner metrics --source="$source" --top=1000
		[[ $output == *'coroner_limit_tasks{kind="threads-max",name="machine"}'* ]]
		[[ $output == *$'\ncoroner_complete 1\n'* ]]
		without /proc/sys/kernel/threads-max metrics --source="$source" --top=1000
		[[ $output != *'{kind="threads-max"'* && $output == *$'\ncoroner_complete 0\n'* ]]
		[[ $ERRORS == *"threads-max cannot be read"* ]]
		without "$root/coroner-metrics-$UNIQUE/pids.max" metrics --source="$source" --top=1000
		[[ $output == *$'\ncoroner_complete 0\n'* && $ERRORS == *"some cgroups cannot be read"* ]]
	done
	without /proc/sys/kernel/pid_max metrics --source=procfs --top=1000
	[[ $output == *$'\ncoroner_complete 0\n'* && $ERRORS == *"pid_max cannot be read"* ]]
}

@test "a limit that cannot be read is no reason for check to say that all are far" {
	needs strace
	run -0 coroner check --settle=0 --only=pid_usage
	without /proc/sys/kernel/threads-max check --settle=0 --only=pid_usage
	[ "$status" -eq 3 ]
	[[ $output == *"pid_usage unknown"* ]]
	without /proc/sys/kernel/threads-max check --settle=0 --only=pid_usage -w pid_usage=0.0001
	[ "$status" -eq 1 ]
}
