#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# No two sentences of one story of coroner explain contradict each other: over the zoo, for zombies, parents and
# those around them, from every source.

load lib
BATS_TEST_TIMEOUT=600

# Pairs of patterns of which one story must not match both. SELF stands for the process that it is about.
CONTRADICTIONS='[
	["no handler for SIGCHLD", "SIGCHLD is caught by a handler"],
	["SIGCHLD has no handler", "its handler|catches SIGCHLD|fix the handler|Fix the handler"],
	["SIGCHLD is ignored", "no handler for SIGCHLD"],
	["A nudge may help", "nudge .* is useless|nudge would|nudge .* does nothing"],
	["is useless", "coroner nudge [0-9]+ (may|sends)"],
	["kill -KILL [0-9]+[;)]", "kill -KILL (does nothing|stays pending)"],
	["SIGKILL is pending", "or end (it|them) \\(kill"],
	["ending [0-9]+ hands", "ends its whole PID namespace|the kernel panics"],
	["ending [0-9]+ clears", "gets its .*zombie"],
	["which reaps", "does not reap either|whether that one reaps is not known"],
	["does not reap what it adopts", "that one reaps"],
	["adopted it", "started it itself"],
	["holds [0-9]+ zombie", "So its children leave no zombies"],
	["adopted zombie SELF[^0-9]", "started it itself"],
	["then look whether (it|the parent) reaps", "ends as soon as it runs again"],
	["let it run: kill -CONT", "kill -CONT alone stops it again"],
	["SIGCHLD .*, not blocked", "blocks SIGCHLD in every thread"],
	["the kernel panics", "ends its whole PID namespace"],
	["[Rr]un a real init", "is neither an init"],
	["nothing: look again", "[Ff]ix the parent"],
	["It is being torn down", "ending [0-9]+ (hands|clears)"],
	["no thread of it waits for this child", "waiting for any child"],
	["Does it reap them\\? No", "Does it reap them\\? Yes"],
	["It runs, or is about to", "is stopped by a signal|uninterruptible sleep"],
	["coroner explain SELF[^0-9]", "."],
	["\\b1 (processes|zombies|tasks|threads|children)\\b", "."],
	["or ignore SIGCHLD", "."],
	["docker run --init", "a subreaper and adopted"]
]'

# consistent PID...: neither the story of one, nor the verdict beside it.
consistent() {
	local source found
	for source in $(sources); do
		json explain --source="$source" "$@"
		found=$(jq -r --argjson pairs "$CONTRADICTIONS" --argjson n "$#" '
			(select((.cases | length) != $n) | "not \($n) stories"),
			(.cases[] | .verdict as $v | [.story[].text] as $texts | "\(.process.pid)" as $self |
			($pairs[] | map(gsub("SELF"; $self)) as [$a, $b]
				| select(($texts | any(test($a))) and ($texts | any(test($b)))) | "\($self): \($a) / \($b)"),
			(select($v.nudge == "useless" and ($texts | any(test("A nudge may help")))) | "\($self): nudge"),
			(select($v.nudge == "may-help" and ($texts | any(test("^A nudge .*useless")))) | "\($self): nudge"))
			' <<<"$JSON")
		[ -z "$found" ] || {
			echo "$source: $found" >&2
			value '.cases[].story[] | "\(.about): \(.text)"' >&2
			return 1
		}
	done
}

# stories PROGRAM OPTIONS...: of all whom it names.
stories() {
	local pid there=()
	zoo "$@"
	for pid in $(zoo_get '[.parent, .tracer, .init, .other, .child, .holder, .victim, .heir, .target, .tracee,
		(.zombies // [])[:2][], (.inits // [])[], (.children // [])[:1][], (.orphans // [])[:1][]]
		| map(select(type == "number")) | unique[]'); do
		[ ! -e "/proc/$pid" ] || there+=("$pid")
	done
	consistent "${there[@]}"
	zoo_end
}

@test "what holds the zombie" {
	stories threads-alive --plain 1
	stories threads-alive --block 15 --init
	stories traced
	stories traced --how waiting
	stories traced --how self
	stories namespace-dying
	stories namespace-dying --threads
	stories exit-stop
}

@test "what holds the parent" {
	stories parent-stopped
	stories parent-stopped --tracer
	stories stopped-wait
	stories terminal-stopped
	stories parent-uninterruptible
	stories parent-uninterruptible --catch 15 --thread
}

@test "what holds the parent, as root" {
	needs_root
	if [ -d /sys/fs/cgroup/freezer ]; then
		stories parent-frozen --v1 /sys/fs/cgroup/freezer
		stories threads-alive --v1 /sys/fs/cgroup/freezer
	else
		stories parent-frozen --v2 /sys/fs/cgroup
	fi
	stories coredumping --dir "$BATS_TEST_TMPDIR"
}

@test "how the parent waits" {
	local how
	stories clone-child
	for how in waitpid pidfd pgid wstopped nothread; do
		stories waits --how "$how"
	done
	stories waits --how waitpid --place init
	stories pipe-holder
	stories pipe-holder --how own
}

@test "what the parent does with SIGCHLD" {
	local how
	for how in mask one-thread signalfd sigwait handler private; do
		stories sigchld-blocked --how "$how"
	done
	stories sigchld-blocked --place init
	stories sigchld-ignored
	stories sigchld-ignored --place init
	stories sigchld-default
	stories sigchld-caught
	stories sigchld-caught --how nothing
}

@test "in every place" {
	local place
	for place in init subreaper tini container threads; do
		stories sigchld-default --place "$place" --count 2
		# threads of it would take the signal that its handler is to take once
		[ "$place" = threads ] || stories sigchld-caught --place "$place"
	done
}

@test "adopters" {
	local how
	stories unfit-init --own 1
	stories unfit-init --how handler
	stories unfit-init --how subreaper
	for how in sigwait waits; do
		stories init --how "$how" --orphans 1
	done
	for how in subreaper shown ignores nocldwait entered init proven; do
		stories heir --how "$how" --zombies 1
	done
}

@test "a signal is pending" {
	zoo parent-stopped
	kill -TERM "$(zoo_get .parent)"
	consistent "$(zoo_get .parent)" "$(zoo_get '.zombies[0]')"
}
