#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2153,SC2154 # jq variables; variables shared with lib.bash
#
# Programs that people run as PID 1 and that reap nothing they did not start: from the host and from inside, what
# is wrong, and each thing that coroner says to do, done.

load lib
load engine-docker

# The host's own programs, read-only: their files need not be copied
HOST=(-v /usr:/usr:ro)
for dir in /etc/alternatives /etc/fonts /etc/java-*; do
	[[ ! -d $dir ]] || HOST+=(-v "$dir:$dir:ro")
done

# zombies_of NAME: how many there are in that container's PID namespace, by /proc alone
zombies_of() {
	local ns file n=0
	ns=$(readlink "/proc/$(engine_init "$1")/ns/pid")
	for file in $(grep -lsE '^State:[[:space:]]+Z' /proc/[0-9]*/status || true); do
		[[ $(readlink "${file%status}ns/pid") != "$ns" ]] || n=$((n + 1))
	done
	echo "$n"
}

has_zombies() {
	[[ $(zombies_of "$1") -ge $2 ]]
}

has_no_zombies() {
	[[ $(zombies_of "$1") -eq 0 ]]
}

# What an exec leaves behind; once it has ended, it is a zombie or reaped.
leave_orphans() {
	engine_exec "$1" /bin/orphan 3 >/dev/null
	await 20 orphans_dead "$1"
}

orphans_dead() {
	local ns file
	ns=$(readlink "/proc/$(engine_init "$1")/ns/pid")
	for file in $(grep -lsE '^Name:[[:space:]]+orphan$' /proc/[0-9]*/status || true); do
		[[ $(readlink "${file%status}ns/pid") != "$ns" ]] ||
			grep -qsE '^State:[[:space:]]+Z' "$file" || return 1
	done
}

# start_time PID: since boot; whoever has the number later has another.
start_time() {
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20
}

# story ABOUT PATTERN: of the JSON of an explain.
story() {
	expect '[.cases[0].story[] | select(.about == $about).text] | join(" ") | test($pattern)' \
		about "$1" pattern "$2"
}

# unfit COMM MAKE [OPTION...] -- COMMAND...: COMMAND as PID 1 with the zombies that MAKE leaves it.
unfit() {
	local comm=$1 make=$2 options=() source started
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	container one "${HOST[@]}" "${options[@]}" "$@"
	await 30 is_called "$init" "$comm"
	started=$(start_time "$init")
	"$make" one
	await 10 has_zombies one 3

	for source in procfs bpf; do
		coroner_json --source="$source" list
		expect "$PARENT"' | .verdict.code == "unfit-init" and .process.ns_pids[-1] == 1 and
			(.zombies | all(.adopted == true and .blocker == "none"))' init "$init"
	done
	coroner_json explain "$init"
	story remedy 'docker run --init'
	story left "coroner reap $init has it collect those that it adopted"
	inside explain 1
	expect '.cases[0].verdict.code == "unfit-init"'
	story left 'coroner reap 1 would have it collect them; as it is it refuses: .*CAP_SYS_ADMIN is missing'

	# now: it collects them, and goes on
	"$CORONER" reap --yes "$init"
	has_no_zombies one
	[[ $(start_time "$init") == "$started" && $(comm_of "$init") == "$comm" ]]

	# for good
	engine_rm one
	containers=()
	container one --init "${HOST[@]}" "${options[@]}" "$@"
	await 30 child_is_called "$init" "$comm"
	"$make" one
	await 10 has_no_zombies one
	coroner_json --container="$id" --settle=300ms list
	expect '.zombies == 0'
}

is_called() {
	[[ $(comm_of "$1") == "$2" ]]
}

child_is_called() {
	local child
	for child in $(children_of "$1"); do
		[[ $(comm_of "$child") != "$2" ]] || return 0
	done
	return 1
}

# inside ARG...: coroner in the container as root with the engine's default rights
inside() {
	JSON=$(engine_exec one /bin/coroner --json "$@" 2>"$BATS_TEST_TMPDIR/err")
	ERR=$(<"$BATS_TEST_TMPDIR/err")
}

@test "docker: npm as PID 1" {
	mkdir "$BATS_TEST_TMPDIR/app"
	echo '{ "name": "app", "version": "1.0.0", "scripts": { "start": "sleep 1000" } }' \
		>"$BATS_TEST_TMPDIR/app/package.json"
	unfit "npm start" leave_orphans -v "$BATS_TEST_TMPDIR/app:/app:ro" -w /app -- /usr/bin/npm start
}

@test "docker: node as PID 1" {
	unfit node leave_orphans -- /usr/bin/node -e 'setInterval(() => {}, 1e6)'
}

@test "docker: a server in Java as PID 1" {
	unfit java leave_orphans -- /usr/bin/java -m java.rmi/sun.rmi.registry.RegistryImpl
}

@test "docker: a server in Go as PID 1" {
	unfit prometheus-node leave_orphans -- /usr/bin/prometheus-node-exporter \
		--collector.disable-defaults --web.listen-address=127.0.0.1:9100
}

# The browser is ended; what it had started is nobody's
end_browser() {
	local browser
	await 60 page_is_open "$1"
	browser=$(engine logs "$1")
	engine_exec "$1" /bin/kill -KILL "${browser##* }"
}

page_is_open() {
	[[ $(engine logs "$1") == "open "* ]]
}

@test "docker: node with Puppeteer's Chromium as PID 1" {
	[[ -d $PUPPETEER/node_modules/puppeteer-core ]] # make check-containers puts it there
	unfit node end_browser -v "$PUPPETEER/node_modules:/app/node_modules:ro" \
		-v "$BATS_TEST_DIRNAME/browse.js:/app/browse.js:ro" -- \
		/usr/bin/node /app/browse.js
}

# An entrypoint that starts a helper and execs: neither an init nor the detour helps alone, as the remedy says
server="exec /usr/bin/prometheus-node-exporter --collector.disable-defaults --web.listen-address=127.0.0.1:9100"

@test "docker: an entrypoint that execs over its helper" {
	local server_pid
	container one "${HOST[@]}" -- /bin/sh -c "true & $server"
	await 10 is_called "$init" prometheus-node
	await 10 has_zombies one 1
	coroner_json --source=procfs list
	expect "$PARENT"' | .verdict.certainty == "likely"' init "$init"
	coroner_json explain "$init"
	expect '.cases[0].verdict.code == "parent-replaced"'
	story remedy 'do both: run a real init there \(docker run --init.*\(\(helper &\) instead of helper &\) where it is not yet'
	story left "coroner reap $init has it collect those that the program before it .exec. started"
	inside explain 1
	expect '.cases[0].verdict.certainty == "likely"'
	"$CORONER" reap --yes "$init"
	has_no_zombies one

	container two "${HOST[@]}" --init -- /bin/sh -c "true & $server"
	await 10 child_is_called "$init" prometheus-node
	await 10 has_zombies two 1
	server_pid=$(children_of "$init")
	coroner_json explain "$server_pid"
	expect '.cases[0].verdict.code == "parent-replaced"'
	story remedy 'where its heir reaps .*an init in front of [0-9]+ alone does not help'

	container three "${HOST[@]}" -- /bin/sh -c "(sleep 0.1 &); $server"
	await 10 has_zombies three 1

	container four "${HOST[@]}" --init -- /bin/sh -c "(sleep 0.1 & echo done); $server"
	await 10 child_is_called "$init" prometheus-node
	await 10 has_no_child_called "$init" sleep
	has_no_zombies four
}

has_no_child_called() {
	! child_is_called "$@"
}
