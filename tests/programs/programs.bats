#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What real programs notice of coroner reap: each starts and awaits children all the time, or serves clients
# all the time, while zombies that it has adopted are taken from it.
# Longer than 400 lines: a program a test, and what each of them serves stands beside it.

load ../lib

HERE=$BATS_TEST_DIRNAME
PYTHON=/usr/bin/python3
export NO_COLOR=1

setup() {
	DIR=$(mktemp -d /tmp/coroner-programs.XXXXXX)
	cleanup rm -rf "$DIR"
	chmod 755 "$DIR"
	ROUNDS=$DIR/rounds ORDERS=$DIR/orders GO=$DIR/go
	mkfifo "$ORDERS"
	TAKEN=0 REAPS_ITSELF=0
}

# adopter COMMAND...: runs it, as the parent of this test; it is a subreaper, and zombies come by order.
adopter() {
	"$ZOO/adopts" "$ORDERS" "$@" >>"$DIR/out" 2>&1 3>&- </dev/null &
	parent=$!
	cleanup ended "$parent"
}

# also COMMAND...: beside it.
also() {
	"$@" >>"$DIR/also" 2>&1 3>&- </dev/null &
	cleanup ended $!
}

ended() {
	kill -KILL "$1" 2>/dev/null || true # our own child
	wait "$1" 2>/dev/null || true
}

rounds() {
	# a number before there is a file, too
	cat "$ROUNDS" 2>/dev/null | grep -c '^ok$' || true
}

has_rounds() {
	(($(rounds) >= $1)) || ! is_well
}

# Nothing was wrong so far, and the parent lives.
is_well() {
	[[ $(awk '{ print $3 }' "/proc/$parent/stat") != [ZX] ]] && ! grep -qsv '^ok$' "$ROUNDS"
}

well() {
	is_well || {
		grep -sv '^ok$' "$ROUNDS" | head -n 5
		tail -n 20 "$DIR"/out "$DIR"/also
		return 1
	} >&2
}

zombies() {
	ps -o stat= --ppid "$parent" | grep -c '^Z' || true
}

has_zombies() {
	(($(zombies) >= $1))
}

# taken N: N zombies are made, and taken; all of them are gone then. One that reaps by itself gets ten times as
# many, and both are at it at once.
taken() {
	local status=0
	if ((REAPS_ITSELF)); then
		printf '%s\n' "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" "$1" >"$ORDERS"
	else
		echo "$1" >"$ORDERS"
		await has_zombies "$1"
	fi
	JSON=$(coroner reap --json --yes "$parent" 2>&1) || status=$?
	((status == 0)) && jq -e '.parents[0] | (.reaped | type) == "array"' <<<"$JSON" >/dev/null || {
		echo "status $status: $JSON" >&2
		return 1
	}
	TAKEN=$((TAKEN + $(jq '.parents[0].reaped | length' <<<"$JSON")))
	INTERRUPTED+=$(jq -r '.parents[0].interrupted | select(. != "none")' <<<"$JSON")
}

# under_load PID: a dozen times zombies are made and taken, and it works on all the while.
under_load() {
	local i before
	parent=$1 INTERRUPTED=
	await has_rounds 10
	for ((i = 0; i < 12; i++)); do
		before=$(rounds)
		taken 40
		((REAPS_ITSELF)) || ! has_zombies 30
		await has_rounds $((before + 6))
		well
	done
	((REAPS_ITSELF)) || ((TAKEN >= 480))
	echo "# $(cat "/proc/$parent/comm"): $TAKEN of $((REAPS_ITSELF ? 4800 : 480)) taken, $(rounds) rounds, all right; interrupted: ${INTERRUPTED:-nothing}" >&3
}

@test "node" {
	adopter node "$HERE/load.js" "$ROUNDS"
	under_load "$parent"
}

@test "python: subprocess, in threads" {
	adopter "$PYTHON" "$HERE/load.py" subprocess "$ROUNDS"
	under_load "$parent"
}

@test "python: asyncio" {
	adopter "$PYTHON" "$HERE/load.py" asyncio "$ROUNDS"
	under_load "$parent"
	[ ! -s "$ROUNDS.log" ] # asyncio warns of children that somebody else has taken
}

go_program() {
	GOCACHE="$DIR/cache" HOME="$DIR" go build -o "$DIR/load" "$HERE/load.go"
}

@test "go" {
	go_program
	adopter "$DIR/load" "$ROUNDS"
	under_load "$parent"
}

@test "java" {
	adopter java "$HERE/Load.java" "$ROUNDS"
	under_load "$parent"
}

@test "bash, a script" {
	REAPS_ITSELF=1
	adopter bash "$HERE/load.sh" "$ROUNDS"
	under_load "$parent"
}

@test "bash, interactive" {
	REAPS_ITSELF=1
	mkfifo "$DIR/keys"
	exec {keys}<>"$DIR/keys"
	script -qfc "exec '$ZOO/adopts' '$ORDERS' bash --norc -i" /dev/null <"$DIR/keys" >"$DIR/out" 2>&1 3>&- &
	cleanup ended $!
	echo "source '$HERE/load.sh' '$ROUNDS'" >&"$keys"
	await has_rounds 1
	parent=$(pgrep -P $! -x bash)
	under_load "$parent"
}

@test "tini, and the status of the child that it is there for" {
	REAPS_ITSELF=1
	# shellcheck disable=SC2016
	adopter tini -s -- setpriv --pdeathsig KILL bash -c \
		'setpriv --pdeathsig KILL bash "$0" "$1" & until [ -e "$2" ]; do sleep 0.05; done; kill $!; exit 42' \
		"$HERE/load.sh" "$ROUNDS" "$GO"
	under_load "$parent"
	: >"$GO"
	# not by run, of whose shell it is no child
	status=0
	wait "$parent" || status=$?
	[ "$status" = 42 ]
}

supervised() {
	grep -c '^.*INFO exited: ' "$DIR/supervisord.log" || true
}

@test "supervisord" {
	REAPS_ITSELF=1
	local name
	{
		printf '[supervisord]\nnodaemon=true\nuser=root\nlogfile=%s\npidfile=%s\nloglevel=info\n' \
			"$DIR/supervisord.log" "$DIR/pid"
		for name in 0 3 77; do
			printf '[program:p%s]\ncommand=sh -c "sleep 0.05; exit %s"\nexitcodes=%s\nstartsecs=0\nautorestart=true\nstartretries=1000\n' \
				$name $name $name
		done
	} >"$DIR/conf"
	adopter "$PYTHON" /usr/bin/supervisord -c "$DIR/conf"
	# shellcheck disable=SC2016
	also bash -c 'until tail --pid=$$ -n +1 -f "$0"; do sleep 0.1; done 2>/dev/null |
		while read -r line; do
			[[ $line != *exited:* ]] || if [[ $line =~ p([0-9]+)\ \(exit\ status\ ([0-9]+)\;\ expected\) && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]; then
				echo ok
			else
				echo "$line"
			fi
		done >"$1"' "$DIR/supervisord.log" "$ROUNDS"
	under_load "$parent"
}

nginx_conf() {
	cat >"$DIR/conf" <<-END
		daemon off; worker_processes 2; pid $DIR/pid; error_log $DIR/error.log notice;
		events { }
		http { access_log off; client_body_temp_path $DIR/t1; proxy_temp_path $DIR/t2;
			fastcgi_temp_path $DIR/t3; uwsgi_temp_path $DIR/t4; scgi_temp_path $DIR/t5;
			server { listen unix:$DIR/socket; location / { return 200 "hello"; } } }
	END
}

@test "nginx" {
	REAPS_ITSELF=1
	nginx_conf
	adopter nginx -c "$DIR/conf"
	await test -S "$DIR/socket"
	also "$PYTHON" "$HERE/serve.py" nginx "$DIR" "$ROUNDS"
	under_load "$parent"
}

@test "redis-server" {
	adopter redis-server --port 0 --unixsocket "$DIR/socket" --dir "$DIR" --save "" --logfile "$DIR/log"
	await test -S "$DIR/socket"
	also "$PYTHON" "$HERE/serve.py" redis "$DIR" "$ROUNDS"
	REAPS_ITSELF=1 # while a child of its own lives
	under_load "$parent"
}

@test "postgres" {
	local bin
	bin=$(echo /usr/lib/postgresql/*/bin)
	bin=${bin##* }
	REAPS_ITSELF=1
	chown postgres "$DIR"
	setpriv --reuid=postgres --regid=postgres --clear-groups "$bin/initdb" -A trust -D "$DIR/data" >"$DIR/out" 2>&1
	ln -s data/postmaster.pid "$DIR/pid"
	touch "$DIR/log"
	chmod 666 "$DIR/log"
	# shellcheck disable=SC2016
	LOG=$DIR/log adopter setpriv --reuid=postgres --regid=postgres --clear-groups sh -c 'exec "$0" "$@" >>"$LOG" 2>&1' \
		"$bin/postgres" -D "$DIR/data" -k "$DIR" -c listen_addresses= -c fsync=off
	await test -S "$DIR/.s.PGSQL.5432"
	also "$PYTHON" "$HERE/serve.py" postgres "$DIR" "$ROUNDS"
	under_load "$parent"
}

# stolen ZOMBIE: by --own its own child, of which it has not asked yet.
stolen() {
	await test -s "$ROUNDS"
	child=$(sed -n 's/^child //p' "$ROUNDS")
	await is_zombie "$child"
	run coroner reap --yes "$child"
	[[ $output == *"--own"* ]]
	is_zombie "$child"
	run coroner reap --yes --own "$child"
	[[ $output == *"--min-age"* ]]
	is_zombie "$child"
	coroner reap --yes --own --min-age=0 "$child"
	[ ! -e "/proc/$child" ]
	: >"$GO"
}

is_zombie() {
	[ "$(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null)" = Z ]
}

# says TEXT: in the end.
says() {
	await grep -qF -- "$1" "$ROUNDS" || {
		cat "$ROUNDS" "$DIR/out" >&2
		return 1
	}
}

@test "--own under node: its exit event never comes" {
	adopter node "$HERE/load.js" "$ROUNDS" "$GO"
	stolen
	says "later: exitCode null"
	! grep -q '^exit:' "$ROUNDS"
}

@test "--own under python: subprocess says 0, whatever it was" {
	adopter "$PYTHON" "$HERE/load.py" subprocess "$ROUNDS" "$GO"
	stolen
	says "wait: 0"
}

@test "--own under python: asyncio says 255, and warns" {
	adopter "$PYTHON" "$HERE/load.py" asyncio "$ROUNDS" "$GO"
	stolen
	says "wait: 255"
	grep -q "exit status already read" "$ROUNDS.log"
}

# late COMMAND...: runs it, as the parent of this test; while the file $LATE is there, what it asks about its
# children waits (late.c). It has no child but its own.
late() {
	: >"$LATE"
	env "${LATE_ENV[@]}" "$@" >>"$DIR/out" 2>&1 3>&- </dev/null &
	parent=$!
	cleanup ended "$parent"
}

# late_library: what LATE_ENV names.
late_library() {
	LATE=$DIR/late LATE_ENV=("LD_PRELOAD=$DIR/late.so" "LATE=$DIR/late")
	# shellcheck disable=SC2086 # words
	${CC:-cc} -D_GNU_SOURCE -O2 -Wall -shared -fPIC -o "$DIR/late.so" "$HERE/late.c" -ldl
}

# has_dead_child NAME: in $child.
has_dead_child() {
	child=$(ps -o pid=,stat=,comm= --ppid "$parent" | awk -v name="$1" '$2 ~ /^Z/ && $3 ~ name { print $1; exit }')
	[ -n "$child" ]
}

# taken_first NAME: its own child of that name is taken before it asks.
taken_first() {
	await has_dead_child "$1"
	JSON=$(coroner reap --json --yes --own --min-age=0 "$child")
	expect ".parents[0] | .pid == $parent and .reaped == [$child]"
	: >"$LATE.log"
}

# asked_too_late NAME: the same; then it asks.
asked_too_late() {
	taken_first "$1"
	rm "$LATE"
	await has_asked 1
}

# has_asked N: it was told N times that there is none, or none that is dead.
has_asked() {
	(($(grep -c '^gone$\|^none$' "$LATE.log") >= $1))
}

redis() {
	redis-cli -s "$DIR/socket" "$@" 2>&1
}

@test "--own under redis-server: its save is in progress for good, and it warns" {
	late_library
	late redis-server --port 0 --unixsocket "$DIR/socket" --dir "$DIR" --save "" --logfile "$DIR/log"
	await test -S "$DIR/socket"
	# its answer may have to wait, too
	also redis-cli -s "$DIR/socket" bgsave
	asked_too_late redis
	# its clock has gone round twice at least
	await has_asked 3
	redis info persistence | grep -q rdb_bgsave_in_progress:1
	[[ $(redis bgsave) == *"already in progress"* ]]
	[[ $(redis set a b) == OK ]]
	grep -q "waitpid() returned an error: No child processes" "$DIR/log"
}

@test "--own under supervisord: it shows its program as running, and does not start it again" {
	printf '%s\n' '[supervisord]' nodaemon=true user=root "logfile=$DIR/supervisord.log" "pidfile=$DIR/pid" \
		'[program:p]' 'command=sh -c "sleep 0.1; exit 3"' autorestart=true startsecs=0 \
		'[unix_http_server]' "file=$DIR/socket" '[supervisorctl]' "serverurl=unix://$DIR/socket" \
		'[rpcinterface:supervisor]' \
		'supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface' >"$DIR/conf"
	late_library
	late "$PYTHON" /usr/bin/supervisord -c "$DIR/conf"
	asked_too_late sh
	# it asks once a second: longer than any pause before a new start
	await has_asked 4
	run "$PYTHON" /usr/bin/supervisorctl -c "$DIR/conf" status
	[[ $output == *RUNNING*"pid $child,"* ]]
}

@test "--own under bash, a script: wait says -1, and waits on while it has another child" {
	late_library
	# shellcheck disable=SC2016
	late bash -c 'sh -c "exit 7" & wait $!; echo "wait: $?" >>"$0"' "$ROUNDS"
	asked_too_late sh
	says "wait: -1"
	ended "$parent"
	rm "$ROUNDS"
	# shellcheck disable=SC2016
	late bash -c 'setpriv --pdeathsig KILL sleep 1000 & sh -c "exit 7" & wait $!; echo "wait: $?" >>"$0"' "$ROUNDS"
	taken_first sh
	rm "$LATE"
	await sits_in_wait
	[ ! -e "$ROUNDS" ]
}

# wait4 for any child
sits_in_wait() {
	[[ $(cat "/proc/$parent/syscall") =~ ^61\ 0xf+\  ]]
}

@test "--own under bash, interactive: jobs shows it as running, and wait says -1" {
	late_library
	: >"$LATE"
	mkfifo "$DIR/keys"
	exec {keys}<>"$DIR/keys"
	script -qfc "exec env ${LATE_ENV[*]} bash --norc -i" /dev/null <"$DIR/keys" >"$DIR/out" 2>&1 3>&- &
	script=$!
	cleanup ended "$script"
	await runs_bash "$script"
	parent=$(pgrep -P "$script" -x bash)
	echo 'sh -c "exit 7" &' >&"$keys"
	asked_too_late sh
	printf '%s\n' "jobs >>'$ROUNDS'" "wait %1; echo \"wait: \$?\" >>'$ROUNDS'" >&"$keys"
	says Running
	says "wait: -1"
}

runs_bash() {
	pgrep -P "$1" -x bash >/dev/null
}

@test "--own under tini: it never ends, though the child that it is there for has" {
	late_library
	late tini -s -- sh -c 'exit 42'
	asked_too_late sh
	await has_asked 3
	[[ $(awk '{ print $3 }' "/proc/$parent/stat") != [ZX] ]]
}

nginx_workers() {
	[ "$(pgrep -c -P "$parent" -f 'worker process')" = "$1" ]
}

@test "--own under nginx: it goes on without the worker, and starts none in its place" {
	nginx_conf
	late_library
	late nginx -c "$DIR/conf"
	await nginx_workers 2
	kill -KILL "$(pgrep -P "$parent" -f 'worker process' | head -n 1)"
	asked_too_late nginx
	refute grep -q "exited on signal" "$DIR/error.log"
	nginx_workers 1
	# new ones are started with a new configuration, as ever
	kill -HUP "$parent"
	await nginx_workers 2
}

@test "--own under postgres: it does not notice that a backend was killed" {
	local bin
	bin=$(echo /usr/lib/postgresql/*/bin)
	bin=${bin##* }
	late_library
	chown postgres "$DIR"
	setpriv --reuid=postgres --regid=postgres --clear-groups "$bin/initdb" -A trust -D "$DIR/data" >"$DIR/out" 2>&1
	touch "$DIR/log"
	chmod 666 "$DIR/log"
	# shellcheck disable=SC2016
	LOG=$DIR/log setpriv --reuid=postgres --regid=postgres --clear-groups \
		sh -c 'exec env "$@" >>"$LOG" 2>&1' _ "${LATE_ENV[@]}" \
		"$bin/postgres" -D "$DIR/data" -k "$DIR" -c listen_addresses= -c fsync=off 3>&- &
	parent=$!
	cleanup ended "$parent"
	await psql_says 1 "select 1"
	also psql -AtX -h "$DIR" -U postgres -d postgres -c "select pg_sleep(100)"
	await pgrep -P "$parent" -f SELECT
	backend=$(pgrep -P "$parent" -f SELECT)
	: >"$LATE"
	kill -KILL "$backend"
	asked_too_late postgres
	await psql_says 1 "select 1"
	refute grep -q "$backend" "$DIR/log"
}

psql_says() {
	[ "$(psql -AtX -h "$DIR" -U postgres -d postgres -c "$2" 2>&1)" = "$1" ]
}

@test "--own under java: waitFor says 0, whatever it was" {
	late_library
	late java "$HERE/Load.java" "$ROUNDS" one
	asked_too_late sh
	says "wait: 0"
}

@test "--own under go: an error instead of a status" {
	go_program
	adopter "$DIR/load" "$ROUNDS" "$GO"
	stolen
	says "no child processes"
}
