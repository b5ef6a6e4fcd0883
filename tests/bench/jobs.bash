# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What is timed: lines "NAME<TAB>COMMAND" for timeit. Read by tests/bench/run, which sets CORONER and BENCH.

line() {
	printf '%s\t%s\n' "$1" "${*:2}"
}

has_bpf() {
	"$CORONER" list --source=bpf --json >/dev/null 2>&1
}

has_command() {
	"$CORONER" "$1" --help >/dev/null 2>&1
}

sources() {
	! has_bpf || echo bpf
	echo procfs
}

# Every command in every form that holds processes. check looks twice, but for a moment only; nudge and reap do
# nothing, and probe, which leaves an orphan behind, is not among them.
# of_coroner SOURCE PARENT ZOMBIE
of_coroner() {
	local source=$1 name args
	while IFS=$'\t' read -r name args; do
		# shellcheck disable=SC2086 # words
		! has_command "${args%% *}" || line "$name, $source" "$CORONER" $args --source="$source"
	done <<-END
		list	list
		list --json	list --json
		list -z	list -z
		list -z --json	list -z --json
		explain parent	explain $2
		explain parent --json	explain $2 --json
		explain zombie	explain $3
		signals	signals $2
		reaper	reaper
		reaper --json	reaper --json
		reaper parent	reaper $2
		reaper parent --json	reaper $2 --json
		orphans	orphans
		orphans --json	orphans --json
		headroom	headroom
		headroom --json	headroom --json
		headroom parent	headroom $2
		namespaces	namespaces
		namespaces --json	namespaces --json
		tree	tree
		tree --json	tree --json
		tree --dot	tree --dot
		check	check --settle=1ms
		check --json	check --settle=1ms --json
		metrics	metrics
		watch	watch -c 1
		nudge --dry-run	nudge --all --dry-run
		reap --dry-run	reap --all --own --dry-run
	END
}

# What list is held against, which goes first: so these two stand side by side in each round
of_ps() {
	line "ps" ps -eo pid,ppid,stat,comm
}

# list on one CPU, and what it can be held against: other programs, and the bare loops and iterators
of_others() {
	line "list, procfs, one CPU" taskset -c 0 "$CORONER" list --source=procfs
	line "bare loop, one CPU" taskset -c 0 "$BENCH/bare" 1
	line "bare loop, $(nproc) threads" "$BENCH/bare" "$(nproc)"
	line "bare libproc2" "$BENCH/procps"
	for iterator in seq open census; do
		[[ ! -x $BENCH/iterate-$iterator ]] || ! "$BENCH/iterate-$iterator" >/dev/null 2>&1 ||
			line "bare BPF iterator, $iterator" "$BENCH/iterate-$iterator"
	done
	line "pgrep" pgrep -r Z -c .
	line "lsns" lsns -t pid
	line "top" top -b -n 1
	! command -v pstree >/dev/null || line "pstree" pstree -p
	! command -v htop >/dev/null || line "htop" "$PWD/tests/bench/in-terminal" htop
}
