# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # jq variables
# The BPF source on this kernel, and its agreement with procfs.

test_loads_here_by_bpf() {
	coro --source=bpf --json list
	same 0 "$STATUS" "exit status"
	expect '.source == "bpf"'
	coro --json list
	expect '.source == "bpf"'
}

# Said is why not, and /proc serves.
test_says_why_not_without_bpf() {
	coro --source=bpf list
	same 1 "$STATUS" "exit status"
	case $ERR in
	*"this kernel is too old: the program needs Linux 5.18 or later"*) ;;
	*) fail "$ERR" ;;
	esac
	coro --json list
	same 0 "$STATUS" "exit status"
	expect '.source == "procfs" and any(.notes[]; test("5.18"))'
}

test_both_see_the_same_by_bpf() {
	zoo nested --depth 3 --count 2
	zoo sigchld-caught --how nothing
	zoo threads-alive --plain 2
	zoo waits --how waitid
	for command in list namespaces; do
		coro --source=procfs --json "$command"
		common "$OUT" >procfs.json
		coro --source=bpf --json "$command"
		common "$OUT" >bpf.json
		jq -s -e "$AGREE agree(.[0]; .[1])" procfs.json bpf.json >/dev/null || {
			diff procfs.json bpf.json || true
			fail "$command: the sources do not agree"
		}
		[ "$(jq '.zombies // (.namespaces | length)' bpf.json)" -ge 4 ]
	done
}

# The same wherever both know.
AGREE='def agree($a; $b):
	if $a == null or $b == null then true
	elif ($a | type) != ($b | type) then false
	elif ($a | type) == "object" then
		($a | keys) == ($b | keys) and all($a | keys[]; agree($a[.]; $b[.]))
	elif ($a | type) == "array" then
		($a | length) == ($b | length) and all(range($a | length); agree($a[.]; $b[.]))
	else $a == $b end;'

# What both sources can know: ages move on, who sleeps may have to run for a moment, the process that
# looks is another one each time, and only the kernel knows some adoptions.
common() {
	printf '%s\n' "$1" | jq -S 'del(.source, .notes, .visible_processes) |
		walk(if type == "object" then del(.age_s, .dead_s, .dead_since, .cpu_s, .start_time,
		.certainty, .why, .remedy, .role, .processes, .threads, .orphans,
		.orphans_exact) |
		if .state == "R" then .state = "S" else . end else . end)'
}

test_time_of_death_is_within_a_tenth_of_a_second_by_bpf() {
	zoo sigchld-default --count 1
	before=$(cut -d' ' -f1 /proc/uptime)
	coro --source=bpf --json list
	after=$(cut -d' ' -f1 /proc/uptime)
	# Dead for no longer than the program has run, and for no less than the time since its line.
	expect_parent '.zombies[0].dead_s as $dead | $dead != null and $dead >= 0 and
		$dead <= .process.age_s + 0.2'
	first=$(echo "$OUT" | jq --argjson parent "$(zoo_get .parent)" \
		'.parents[] | select(.process.pid == $parent) | .zombies[0].dead_s')
	usleep 1000000
	coro --source=bpf --json list
	later=$(cut -d' ' -f1 /proc/uptime)
	expect_parent '.zombies[0].dead_s - $first >= 0.9 and .zombies[0].dead_s - $first <= ($later - $before) + 0.1' \
		first "$first" later "$later" before "$before"
	same "" "$(echo "$after $before" | awk '$1 < $2')" "uptime goes forward"
}
