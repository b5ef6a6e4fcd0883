#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A container must not get out through what coroner sends into its PID namespace: an init that lies in
# wait there, in a box with Docker's rights and CAP_SYS_PTRACE, and in one with a user namespace of its
# own and every right in it. ATTACK_RUNS: how often each is tried (`make check-attack`: 50; twice in CI, else once).

load lib

RUNS=${ATTACK_RUNS:-$([ "${CI:-}" = true ] && echo 2 || echo 1)}

setup() {
	needs_root
	# what is attacked may be spoilt
	SUBJECT=$BATS_TEST_TMPDIR/coroner
	SECRET=$BATS_TEST_TMPDIR/secret
	LOG=$BATS_TEST_TMPDIR/log
	cp "$CORONER" "$SUBJECT"
	echo 'the word is amontillado' >"$SECRET"
	chmod 600 "$SECRET"
	: >"$LOG"
	sha256sum "$SUBJECT" "$SECRET" >"$BATS_TEST_TMPDIR/sums"
}

# The attacker, in a box of a kind; $INIT is it, $PIDNS where it is.
lie_in_wait() {
	local how=$1 box=$2 options=()
	[ "$box" != userns ] || options+=(--userns)
	[ "$how" != freeze ] || options+=(--freezer "$FREEZER")
	zoo attacker --how "$how" --secret "$SECRET" --word amontillado --log "$LOG" "${options[@]}"
	INIT=$(zoo_get .init)
	PIDNS=$(pidns_of "$INIT")
	# who looks for others there sees it, if it is not left out
	[ "$how" = die ] || INIT='' living | grep -qx "$INIT"
}

# Living members of the attacked namespace, the attacker apart, and guides of ours anywhere.
living() {
	local pid
	# two looks at all: there may be thousands on the machine
	for pid in $({
		stat -Lc '%i %n' /proc/[0-9]*/ns/pid | awk -F '[ /]' -v at="$PIDNS" '$1 == at { print $4 }'
		find /proc/[0-9]*/exe -maxdepth 0 -lname '/memfd:coroner (deleted)' | cut -d / -f 3
	} 2>/dev/null); do
		[ "$pid" != "$INIT" ] || continue
		! grep -q '^State:.[ZX]' "/proc/$pid/status" 2>/dev/null || continue
		[ ! -e "/proc/$pid" ] || echo "$pid"
	done
}

none_living() {
	[ -z "$(living)" ]
}

# once SOURCE headroom|all|probe|namespaces|reaper: within its time, whatever it answers
once() {
	local source=$1 status=0 args
	case $2 in
	headroom) args=(headroom "$INIT") ;;
	all) args=(headroom) ;;
	probe) args=(probe --timeout=100ms "$INIT") ;;
	*) args=("$2" --probe) ;;
	esac
	WORD=amontillado timeout -k 1 30 "$SUBJECT" --source="$source" "${args[@]}" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- || status=$?
	[ "$status" -le 1 ] || {
		echo "${args[*]}: status $status: $(<"$BATS_TEST_TMPDIR/out")" >&2
		return 1
	}
}

got_nothing() {
	! grep -a GOT "$LOG" && sha256sum --quiet -c "$BATS_TEST_TMPDIR/sums" && await none_living || {
		living | xargs -r ps -o pid,ppid,stat,user,args -p >&2
		return 1
	}
}

thaw() {
	if [ -e "$FREEZER/freezer.state" ]; then
		echo THAWED >"$FREEZER/freezer.state"
	else
		echo 0 >"$FREEZER/cgroup.freeze"
	fi
}

# attacked HOW COMMAND...: each, from each box and each source, so often
attacked() {
	local how=$1 box source command i
	shift
	for box in docker userns; do
		[ "$how" = die ] || lie_in_wait "$how" "$box"
		for source in ${SOURCES:-$(sources)}; do
			for command; do
				for ((i = 0; i < RUNS; i++)); do
					[ "$how" != die ] || lie_in_wait "$how" "$box"
					once "$source" "$command"
					[ "$how" != die ] || zoo_end
				done
			done
		done
		[ "$how" != freeze ] || thaw
		[ "$how" = die ] || got_nothing
		[ "$how" = die ] || zoo_end
	done
	PIDNS=none got_nothing
	# somebody came
	grep -qa '^saw' "$LOG"
}

@test "stopped" {
	attacked stop headroom all probe
}

@test "killed" {
	attacked kill headroom all probe
}

@test "its root, directory, executable, descriptors, namespaces and memory" {
	attacked links headroom all probe
	grep -qa '^hit' "$LOG"
}

@test "attached to, and never waited for" {
	attacked attach headroom probe
	attacked hold headroom probe
	grep -qa '^hit' "$LOG"
}

@test "made to do system calls" {
	attacked inject headroom probe
	grep -qa '^hit' "$LOG"
}

@test "an init that ends as soon as it sees somebody" {
	attacked die headroom probe
}

# bats test_tags=machine
@test "frozen: in cgroup v1, where there is one, a frozen one cannot even be killed" {
	FREEZER=/sys/fs/cgroup/freezer/coroner-attack-$BASHPID
	[ -d /sys/fs/cgroup/freezer ] || FREEZER=/sys/fs/cgroup/coroner-attack-$BASHPID
	mkdir "$FREEZER"
	cleanup rmdir "$FREEZER"
	cleanup thaw
	attacked freeze headroom probe
	grep -qa '^hit' "$LOG"
}

@test "probes of all namespaces, with an attacker in one" {
	RUNS=1 SOURCES=procfs attacked links namespaces reaper
}

# from_chroot ARGS...: where no namespaces without files can be had, since its root is no mount
from_chroot() {
	unshare -m --propagation private bash -c '
		root=$1
		mkdir -p "$root"/{usr,proc,sys}
		mount --rbind /usr "$root/usr" && mount --rbind /proc "$root/proc" && mount --rbind /sys "$root/sys"
		for link in bin sbin lib lib32 lib64 libx32; do
			if [ -L "/$link" ]; then
				ln -sfn "$(readlink "/$link")" "$root/$link"
			elif [ -d "/$link" ]; then
				mkdir -p "$root/$link" && mount --rbind "/$link" "$root/$link"
			fi
		done
		cp "$2" "$root/coroner"
		exec chroot "$root" /coroner "${@:3}"' - "$BATS_TEST_TMPDIR/root" "$SUBJECT" "$@"
}

@test "refused where it could not be shut off and somebody may trace it; --force enters" {
	lie_in_wait links docker
	run from_chroot --source=procfs headroom --json "$INIT"
	[ "$status" = 0 ]
	[[ $output == *"not asked from inside: process $INIT in it holds CAP_SYS_PTRACE"* ]]
	run from_chroot --source=procfs headroom
	[ "$status" = 0 ]
	[[ $output == *"process $INIT in it holds CAP_SYS_PTRACE"* ]]
	run from_chroot probe "$INIT"
	[ "$status" = 1 ]
	[[ $output == *refused*--force* && $output == *"process $INIT in it holds CAP_SYS_PTRACE"* ]]
	run from_chroot namespaces --probe --pid-ns="$INIT"
	[[ $output == *refused* ]]
	[ ! -s "$LOG" ]
	run from_chroot probe --force --timeout=100ms "$INIT"
	await grep -qa '^saw' "$LOG"
}

@test "not refused where nobody may trace it: rights in a user namespace inside do not count" {
	lie_in_wait stop userns
	run from_chroot --source=procfs headroom "$INIT"
	[[ $output != *"not asked from inside"* ]]
	zoo init --how waits
	run from_chroot probe "$(zoo_get .init)"
	[[ $output == *"holds CAP_SYS_PTRACE"* ]]
	zoo_start setpriv --bounding-set=-sys_ptrace "$ZOO/init" --how waits
	run from_chroot probe "$(zoo_get .init)"
	[ "$status" = 0 ]
}
