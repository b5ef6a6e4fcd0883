#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The READMEs say the same in both languages; what the README and the man pages show can be run.

bats_require_minimum_version 1.5.0
load lib

setup() {
	cd "$ROOT" || return 1
}

# What is the same in every language, section by section: the commands of the blocks and the screens, without
# the comments behind them; the number of rows and of columns of each table; pictures; what stands in code spans,
# whatever the order of the words around them.
skeleton() {
	python3 - "$1" <<-'END'
		import re, sys
		fenced = False
		spans, out = [], []

		def flush():
		    out.extend("code " + span for span in sorted(spans))
		    spans.clear()

		for line in open(sys.argv[1], encoding="utf-8").read().split("\n"):
		    if line.startswith("```"):
		        fenced = not fenced
		    if fenced or line.startswith("```"):
		        out.append(line)
		    elif line.startswith("#"):
		        flush()
		        out.append("heading " + "#" * (len(line) - len(line.lstrip("#"))))
		    elif line.startswith("    "):
		        out.append("block " + line.split("#")[0].strip())
		    elif line.startswith("|"):
		        flush()
		        cells = re.split(r"(?<!\\)\|", line)[1:-1]
		        out.append("row %d" % len(cells))
		        for cell in cells:
		            out.extend("cell " + span for span in sorted(re.findall(r"`[^`]+`", cell)))
		    elif line.startswith("!["):
		        out.append("picture " + line[line.index("]("):])
		    else:
		        spans.extend(re.findall(r"`[^`]+`", line))
		flush()
		print("\n".join(out))
	END
}

@test "README.zh-CN.md has the headings, commands, screens, pictures and tables of README.md" {
	skeleton README.md >"$BATS_TEST_TMPDIR/en"
	skeleton README.zh-CN.md >"$BATS_TEST_TMPDIR/zh"
	[ "$(grep -c ^heading "$BATS_TEST_TMPDIR/en")" -ge 8 ]
	diff -u "$BATS_TEST_TMPDIR/en" "$BATS_TEST_TMPDIR/zh"
	# each leads to the other
	grep -q '(README.zh-CN.md)' README.md
	grep -q '(README.md)' README.zh-CN.md
	# nothing was left untranslated: a line of text without a word of Chinese is code alone
	refute grep -nP '^[A-Za-z][a-z]+ [a-z]+ [a-z]+ ' <(sed '/^```/,/^```/d' README.zh-CN.md)
}

@test "README has first how to get it, then how to install it, then the screens" {
	diff <(sed -n '/^```/q; s/^## //p' README.md) - <<-'END'
		Two commands
		Install
		What it says
	END
	# each way begins with a line to run
	for from in 'a Debian package' 'an RPM' 'one static file' 'an image from scratch' source; do
		grep -q "^| $from | \`make " README.md
	done
}

@test "the table of kernels has those that make check-vm boots, and no other" {
	local suite
	local -A kernel=([bullseye]='Debian 11' [bookworm]='Debian 12' [trixie]='Debian 13' [sid]='Debian sid')
	diff <(sed -n '/^| kernel |/,/^$/s/^| [0-9.]*\( (\([^)]*\))\|, \(arm64\)\) |.*/\2\3/p' README.md | sort) <({
		for suite in $(sed -n 's/.*{VM_SUITES:-\([a-z ]*\)}.*/\1/p' tests/run); do
			echo "${kernel[$suite]}"
		done
		[[ ! -x tests/vm/arm64/run ]] || echo arm64
	} | sort)
}

# The examples of a man page, a line each: what stands behind "$" or "#" among its EXAMPLES, as mandoc prints it.
# One that goes on in the next lines ends in "|", or within quotes.
examples_of() {
	mandoc -T ascii -O width=500 "$1" | col -b | python3 -c '
import re, sys
lines = iter(re.split(r"\n(?=[A-Z])", sys.stdin.read().split("\nEXAMPLES\n")[1])[0].split("\n"))
for line in lines:
    found = re.match(r"\s+[$#] (coroner.*)", line)
    if not found:
        continue
    command = found[1]
    while command.rstrip().endswith("|") or command.count("\x27") % 2:
        command += " " + next(lines).strip()
    print(command)'
}

# The commands of the tables of the README that need nothing but coroner.
examples_of_readme() {
	grep '^|' README.md | grep -oE '`coroner( [^`]*)?`' | tr -d '`' | sed 's/\\|/|/; s/…/./'
}

# What an example names is put in the place of what it stands for: processes, a container, files, a machine.
as_here() {
	sed -E \
		-e "s/\b(explain|headroom|signals|tree|reaper|reap --yes|nudge --timeout=5s) (--json )?([0-9]+|PID)\b/\1 \2$parent/" \
		-e "s/\bnudge PID\b/nudge $parent/; s/\breap PID\b/reap --yes $parent/; s/\bprobe PID\b/probe $init/; s/--pid-ns=PID/--pid-ns=$parent/" \
		-e "s/\bexplain NAME\b/explain $name/; s/--container=ID\b/--container=$id/; s/--container=[0-9a-f]{4,}\b/--container=$id/" \
		-e "s#/host/#$BATS_TEST_TMPDIR/host/#g; s#(/run|/var/lib/prometheus/node-exporter)/coroner#$BATS_TEST_TMPDIR/coroner#" \
		-e "s#FILE\.prom#$BATS_TEST_TMPDIR/readme.prom#; s/--settle=2s/--settle=10ms/; s/--timeout=5s/--timeout=50ms/" \
		-e "s/\bprobe\b/probe --timeout=100ms/" \
		-e "s/coroner watch( --events)?(\$| --container)/timeout -s INT --preserve-status 0.5 &/"
}

# The statuses that an example may end with: nudge, reap, probe and check tell by them what came of it.
may_end_with() {
	case $1 in
	*coroner\ check*) [ "$2" -le 2 ] ;;
	*coroner\ nudge* | *coroner\ reap* | *coroner\ probe*) [ "$2" -le 1 ] ;;
	*) [ "$2" = 0 ] ;;
	esac
}

run_examples() {
	local example status
	while IFS= read -r example; do
		[ -n "$example" ] || continue
		status=0
		(cd "$BATS_TEST_TMPDIR" && timeout 20 bash -o pipefail -c "$example") \
			>"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null 3>&- || status=$?
		if ! may_end_with "$example" "$status" || grep -E "Try 'coroner|did you mean" "$BATS_TEST_TMPDIR/said"; then
			echo "status $status: $example"
			cat "$BATS_TEST_TMPDIR/said"
			return 1
		fi
		echo "$example" >>"$BATS_TEST_TMPDIR/ran"
	done
}

# A container with zombies, an init that reaps, a machine in another directory; and coroner in $PATH.
stage() {
	needs_root
	local root=/sys/fs/cgroup/pids
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(container_id)
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	# before the zoo, whose pipes it would hold
	name=only-one
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/bin/$name"
	"$BATS_TEST_TMPDIR/bin/$name" 1000 3>&- &
	cleanup kill $!
	zoo init --how waits
	init=$(zoo_get .init)
	zoo cgroup --path "$root:libpod-$id.scope" --count 2
	parent=$(zoo_get .parent)
	mkdir -p "$BATS_TEST_TMPDIR"/host/proc "$BATS_TEST_TMPDIR"/host/sys/fs/cgroup
	ln -s "$CORONER" "$BATS_TEST_TMPDIR/bin/coroner"
	printf '#!/bin/sh\necho %s\n' "$init" >"$BATS_TEST_TMPDIR/bin/docker"
	# how its text is judged, tests/metrics.bats and tests/delivery look at
	command -v promtool >/dev/null || printf '#!/bin/sh\nexec cat\n' >"$BATS_TEST_TMPDIR/bin/promtool"
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mount --bind /proc "$BATS_TEST_TMPDIR/host/proc"
	cleanup umount "$BATS_TEST_TMPDIR/host/proc"
	mount --rbind /sys/fs/cgroup "$BATS_TEST_TMPDIR/host/sys/fs/cgroup"
	mount --make-rslave "$BATS_TEST_TMPDIR/host/sys/fs/cgroup"
	cleanup umount -R "$BATS_TEST_TMPDIR/host/sys/fs/cgroup"
}

@test "every example of every man page runs as it stands" {
	local page n
	stage
	for page in man/coroner*.1; do
		n=$(examples_of "$page" | wc -l)
		# none is lost on the way
		[ "$n" = "$(awk '/^.Sh EXAMPLES/ { e = 1; next } /^.Sh / { e = 0 }
			e && /^(.Dl )?[$#] coroner/ { n++ } END { print n + 0 }' "$page")" ]
		[ "$n" -ge 1 ]
		examples_of "$page" | as_here | run_examples
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ran")" -ge 33 ]
	# an image's HEALTHCHECK is no line of a shell
	sed -n 's/^.Dl HEALTHCHECK CMD //p' man/coroner-check.1 | sed 's/\\(dq/"/g' | jq -r '.[]' |
		xargs -d '\n' sh -c '"$@"; [ $? -le 1 ]' sh
}

@test "every command of the README's tables runs as it stands" {
	stage
	examples_of_readme | sort -u | as_here >"$BATS_TEST_TMPDIR/examples"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/examples")" -ge 25 ]
	run_examples <"$BATS_TEST_TMPDIR/examples"
	[ -s "$BATS_TEST_TMPDIR/readme.prom" ]
}
