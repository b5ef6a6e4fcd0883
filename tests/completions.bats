#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completions, the man pages and --help name the same commands and options, and the
# completions complete.
#
# Lists of names are split into words on purpose:
# shellcheck disable=SC2046

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	CORONER=${CORONER:-$PWD/build/coroner}
	export HOME=$BATS_TEST_TMPDIR
	TABLE=$(completions/generate --table "$CORONER")
	grep -q ^option <<<"$TABLE"
}

table()
{
	printf '%s\n' "$TABLE"
}

# The options that the man page(s) $@ document as list items: "-z" or "--zombies", one a line.
documented_options()
{
	cat "$@" | awk '$1 == ".It" {
		for (i = 2; i <= NF; i++)
			if ($i == "Fl" && $(i + 1) ~ /^[-A-Za-z0-9]/) print "-" $(i + 1)
	}' | sort -u
}

# pages COMMAND: the pages on which its options may stand.
pages()
{
	local page
	for page in man/coroner.1 "man/coroner-$1.1"; do
		[[ ! -e $page ]] || printf '%s\n' "$page"
	done
}

# bash_complete WORD...: what bash offers for the last word, one a line, as typed words reach it.
bash_complete()
{
	bash -c '
		source completions/coroner.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_coroner
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

expect_lines()
{
	local want
	for want; do
		grep -qxF -- "$want" <<<"$output" || {
			printf 'not offered: %s\noffered:\n%s\n' "$want" "$output"
			return 1
		}
	done
}

@test "--help fits 80 columns" {
	local command
	for command in '' list explain signals reaper orphans headroom namespaces tree nudge reap probe check \
		metrics watch; do
		# shellcheck disable=SC2086 # none is a word less
		[ -z "$("$CORONER" $command --help | grep -E '^.{81}')" ]
	done
}

@test "the committed completions are what --help says now" {
	completions/generate "$CORONER" "$BATS_TEST_TMPDIR"
	for f in coroner.bash _coroner coroner.fish; do
		diff -u "completions/$f" "$BATS_TEST_TMPDIR/$f"
	done
}

@test "--help names every command of coroner, and each has a help of its own" {
	local commands
	commands=$(table | awk -F'\t' '$1 == "command" { print $2 }')
	for c in list namespaces; do
		grep -qx "$c" <<<"$commands"
	done
	for c in $commands; do
		"$CORONER" "$c" --help | grep -q "^Usage: coroner.* $c"
	done
}

@test "every command stands in coroner(1)" {
	for c in $(table | awk -F'\t' '$1 == "command" { print $2 }'); do
		grep -Eq "^\.(.* )?(Cm|Ic|Ss) $c( |\$)" man/coroner.1 || {
			echo "coroner(1) has no $c"
			return 1
		}
	done
}

@test "coroner(1) has no command that --help lacks" {
	local commands
	commands=$(table | awk -F'\t' '$1 == "command" { print $2 }')
	for c in $(awk '$1 == ".It" && $2 ~ /^(Cm|Ic)$/ { print $3 }' man/coroner.1); do
		grep -qx -- "$c" <<<"$commands" || { echo "coroner(1) documents $c"; return 1; }
	done
}

@test "every option of --help stands in a man page" {
	local missing=0 scope short long known
	while IFS=, read -r scope short long; do
		mapfile -t known < <(documented_options $(pages "$scope"))
		for option in ${short:+"-$short"} ${long:+"--$long"}; do
			printf '%s\n' "${known[@]}" | grep -qxF -- "$option" || {
				echo "no man page has $option of $scope"
				missing=1
			}
		done
	done < <(table | awk -F'\t' -v OFS=, '$1 == "option" { print $2, $3, $4 }')
	((missing == 0))
}

@test "no man page has an option that --help lacks" {
	local known
	known=$(table | awk -F'\t' '$1 == "option" {
		if ($3 != "") print "-" $3; if ($4 != "") print "--" $4 }')
	for option in $(documented_options man/coroner.1 $(ls man/coroner-*.1 2>/dev/null)); do
		grep -qxF -- "$option" <<<"$known" || { echo "a man page has $option"; return 1; }
	done
}

@test "all three completions have every option of --help, and no other" {
	local known
	known=$(table | awk -F'\t' '$1 == "option" && $4 != "" { print "--" $4 }' | sort -u)
	[ "$(wc -l <<<"$known")" -ge 30 ]
	diff <(printf '%s\n' "$known") <(grep -oE -- '--[a-z][a-z-]+' completions/coroner.bash | sort -u)
	diff <(printf '%s\n' "$known") <(grep -oE -- "^\s*'\*--[a-z][a-z-]+" completions/_coroner | tr -d " \t'*" | sort -u)
	diff <(printf '%s\n' "$known") <(grep -oE -- ' -l [a-z-]+' completions/coroner.fish | sed 's/ -l /--/' | sort -u)
}

@test "bash completes commands" {
	output=$(bash_complete coroner "")
	expect_lines $(table | awk -F'\t' '$1 == "command" { print $2 }')
	output=$(bash_complete coroner --source = bpf names)
	[[ $output == namespaces ]]
}

@test "bash completes global options, and those of a command behind it alone" {
	output=$(bash_complete coroner namespaces --)
	expect_lines $(table | awk -F'\t' '$1 == "option" && $2 == "-" && $5 == "" { print "--" $4 }')
	[[ $output != *--zombies* ]]
	output=$(bash_complete coroner list -)
	expect_lines -z --zombies --json --source=
	# No command means list.
	output=$(bash_complete coroner --zom)
	[[ $output == --zombies ]]
}

@test "bash completes the values of --source and --color" {
	output=$(bash_complete coroner --source = "")
	[[ $output == $'auto\nbpf\nprocfs' ]]
	output=$(bash_complete coroner list --source = p)
	[[ $output == procfs ]]
	output=$(bash_complete coroner --source=p)
	[[ $output == --source=procfs ]]
	output=$(bash_complete coroner --color =)
	[[ $output == $'auto\nalways\nnever' ]]
}

@test "bash completes live PIDs where the command takes PIDs, and nowhere else" {
	local pid_commands pid=$BASHPID
	pid_commands=$(table | awk -F'\t' '$1 == "command" && $3 ~ /PID/ { print $2 }')
	for c in $pid_commands; do
		output=$(bash_complete coroner "$c" "$pid")
		expect_lines "$pid"
	done
	output=$(bash_complete coroner --pid-ns = "$$")
	expect_lines "$$"
	[[ -z $(bash_complete coroner namespaces "$$") ]]
}

# bash_tab WORD...: the same for a TAB on a terminal, where the candidates are shown.
bash_tab()
{
	bash -c '
		source completions/coroner.bash
		COMP_TYPE=9 COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_coroner
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash shows the command beside each of several PIDs, and inserts the number alone" {
	local first second
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/nap"
	"$BATS_TEST_TMPDIR/nap" 1000 3>&- &
	first=$!
	"$BATS_TEST_TMPDIR/nap" 1000 3>&- &
	second=$!
	until grep -qx nap "/proc/$first/comm" && grep -qx nap "/proc/$second/comm"; do sleep 0.02; done
	output=$(bash_tab coroner explain "")
	kill "$first" "$second"
	expect_lines "$first (nap)" "$second (nap)"
	# one alone is what is inserted
	output=$(bash_tab coroner explain "$$")
	[[ $output == "$$" || $output == *"$$ ("* ]]
	output=$(bash_tab coroner explain "$$" | grep -c .)
	((output > 1)) || [[ $(bash_tab coroner explain "$$") == "$$" ]]
}

@test "bash completes columns, verdicts and metrics, also behind a comma" {
	output=$(bash_complete coroner list -o "")
	expect_lines pid user args verdict sigchld
	[[ $output != *blocker* ]]
	# those of zombies where there is a row for each
	for words in 'list -z -o' '-z -o' 'list --zombies --output ='; do
		# shellcheck disable=SC2086 # words
		output=$(bash_complete coroner $words "")
		expect_lines pid user args verdict exit blocker
		[[ $output != *sigchld* ]]
	done
	[[ $(bash_complete coroner list -o "pid,zomb") == pid,zombies ]]
	[[ $(bash_complete coroner list --output = "pid,zomb") == pid,zombies ]]
	[[ $(bash_complete coroner list --output=pid,zomb) == --output=pid,zombies ]]
	output=$(bash_complete coroner --verdict = "unfit-init,sigchld-")
	expect_lines unfit-init,sigchld-default unfit-init,sigchld-caught
	[[ $(bash_complete coroner check --only "zombies,refused_r") == zombies,refused_rate ]]
	[[ $(bash_complete coroner check -w pid_) == pid_usage= ]]
	[[ $(bash_complete coroner check --fail-on = "") == $'warning\ncritical' ]]
	# every one that coroner knows
	output=$(bash_complete coroner list --verdict = "")
	expect_lines $(table | awk -F'\t' '$1 == "value" && $3 == "VERDICT" { print $4 }')
	(($(wc -l <<<"$output") >= 16))
}

@test "bash completes help and version, the commands of help, and programs for explain" {
	output=$(bash_complete coroner "")
	expect_lines help version
	output=$(bash_complete coroner help "")
	expect_lines $(table | awk -F'\t' '$1 == "command" { print $2 }')
	output=$(bash_complete coroner explain "$(head -c 3 /proc/$$/comm)")
	expect_lines "$(cat /proc/$$/comm)"
	[[ -z $(bash_complete coroner signals "$(head -c 3 /proc/$$/comm)") ]]
}

@test "bash, zsh and fish complete the ids of containers" {
	local id root=/sys/fs/cgroup/pids
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -d "$root" ] || root=/sys/fs/cgroup
	id=$(printf 'c0ffee%058x' "$SRANDOM")
	mkdir "$root/libpod-$id.scope"
	sleep 1000 3>&- &
	echo $! >"$root/libpod-$id.scope/cgroup.procs"
	output=$(bash_complete coroner --container = c0ff)
	[[ $output == "${id:0:12}" ]]
	[[ $(zsh_complete "coroner --container=c0ff" "${id:0:12}") == "${id:0:12}" ]]
	[[ $(fish_complete "coroner --container=c0ff") == "--container=${id:0:12}" ]]
	kill $!
	wait $! || true
	rmdir "$root/libpod-$id.scope"
}

@test "bash completes directories for --procfs" {
	mkdir "$BATS_TEST_TMPDIR/proc-of-host"
	output=$(bash_complete coroner --procfs = "$BATS_TEST_TMPDIR/proc-of")
	[[ $output == "$BATS_TEST_TMPDIR/proc-of-host" ]]
}

# A real interactive zsh on a terminal: types $1, then TAB, and prints what the line became.
zsh_complete()
{
	timeout 30 zsh -f <<-'END' -s "$1" "$2"
		zmodload zsh/zpty
		zpty z TERM=dumb zsh -f -i
		zpty -w z "PS1='' PROMPT_EOL_MARK='' fpath=($PWD/completions \$fpath)"
		zpty -w z "autoload -U compinit && compinit -u -D && zstyle ':completion:*' menu no && print READY\$((6 * 7))"
		zpty -r -m z seen '*READY42*' || exit 1
		zpty -w -n z "$1"$'\t'
		zpty -r -m z seen "*$2*" || exit 1
		zpty -d z
		print -r -- "$2"
	END
}

@test "zsh reads _coroner and completes commands, options and values" {
	zsh -n completions/_coroner
	[[ $(zsh_complete "coroner namesp" "coroner namespaces") == "coroner namespaces" ]]
	[[ $(zsh_complete "coroner list --zom" "--zombies") == "--zombies" ]]
	[[ $(zsh_complete "coroner --source=pr" "--source=procfs") == "--source=procfs" ]]
	[[ $(zsh_complete "coroner list -o pid,zomb" "pid,zombies") == "pid,zombies" ]]
	[[ $(zsh_complete "coroner list -z -o pid,blo" "pid,blocker") == "pid,blocker" ]]
	[[ $(zsh_complete "coroner --zombies --output=blo" "=blocker") == "=blocker" ]]
	[[ $(zsh_complete "coroner list --verdict=unf" "unfit-init") == "unfit-init" ]]
	[[ $(zsh_complete "coroner check -w pid_u" "pid_usage=") == "pid_usage=" ]]
	[[ $(zsh_complete "coroner help namesp" "help namespaces") == "help namespaces" ]]
	[[ $(zsh_complete "coroner vers" "coroner version") == "coroner version" ]]
}

@test "zsh looks where make install and the Debian package put its completion" {
	zsh -f -c 'print -l $fpath' >"$BATS_TEST_TMPDIR/fpath"
	grep -qx "$(env -u MAKEFLAGS make -s --no-print-directory -f Makefile -f - where <<<'where: ; @echo $(zshdir)')" "$BATS_TEST_TMPDIR/fpath"
	grep -qx "$(sed -n 's/.*zshdir=\([^ ]*\).*/\1/p' deploy/debian/rules)" "$BATS_TEST_TMPDIR/fpath"
}

fish_complete()
{
	# shellcheck disable=SC2016
	fish --no-config -c 'source completions/coroner.fish; complete -C $argv[1]' -- "$1" | cut -f 1
}

@test "fish reads coroner.fish and completes commands, options, values and PIDs" {
	fish --no-config -n completions/coroner.fish
	output=$(fish_complete "coroner ")
	expect_lines $(table | awk -F'\t' '$1 == "command" { print $2 }')
	output=$(fish_complete "coroner list --zom")
	expect_lines --zombies
	output=$(fish_complete "coroner namespaces --zom")
	[[ -z $output ]]
	[[ $(fish_complete "coroner list -o pid,zomb") == pid,zombies ]]
	[[ -z $(fish_complete "coroner list -o pid,block") ]]
	[[ $(fish_complete "coroner list -z -o pid,block") == pid,blocker ]]
	[[ $(fish_complete "coroner --zombies -o pid,block") == pid,blocker ]]
	[[ -z $(fish_complete "coroner --zombies -o pid,zombi") ]]
	output=$(fish_complete "coroner check -w pid_")
	expect_lines pid_usage=
	output=$(fish_complete "coroner help ")
	expect_lines namespaces
	output=$(fish_complete "coroner vers")
	expect_lines version
	output=$(fish_complete "coroner --source=")
	expect_lines --source=auto --source=bpf --source=procfs
	for c in $(table | awk -F'\t' '$1 == "command" && $3 ~ /PID/ { print $2 }'); do
		output=$(fish_complete "coroner $c ")
		expect_lines "$$"
	done
}

@test "the version of the Makefile is released in the CHANGELOG, and its day stands on all man pages" {
	local version day
	version=$(sed -n 's/^VERSION := //p' Makefile)
	[[ $(grep -m 1 '^## ' CHANGELOG.md) =~ ^"## $version, "([0-9]{4}-[0-9]{2}-[0-9]{2})$ ]]
	day=$(LC_ALL=C date -d "${BASH_REMATCH[1]}" '+%B %-d, %Y')
	[[ $(cat man/*.[15] deploy/debian/*.1 | sed -n 's/^\.Dd //p' | sort -u) == "$day" ]]
	[[ $("$CORONER" --version) == "coroner $version"* ]]
	# and of the packages
	[[ $(head -n 1 deploy/debian/changelog) == "coroner ($version-1) "* ]]
	[[ $(date -u -d "$(sed -n 's/^ -- .*>  //p' deploy/debian/changelog | head -n 1)" +%F) == "${BASH_REMATCH[1]}" ]]
	grep -q "^\* $(LC_ALL=C date -d "${BASH_REMATCH[1]}" '+%a %b %d %Y') .* - $version-1\$" deploy/rpm/coroner.spec
	grep -qx "%{!?version_: %global version_ $version}" deploy/rpm/coroner.spec
}
