# SPDX-License-Identifier: MIT
# Made by completions/generate from coroner --help; change that and run: make completions

_coroner()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command='' scope=list reply='' kind='' attached='' prefix='' i pid
	COMPREPLY=()

	# "--source=b" arrives as the words "--source", "=", "b"; or as one, without "=" in
	# COMP_WORDBREAKS.
	if [[ $cur == "=" ]]; then
		cur='' attached=yes
	elif [[ $prev == "=" ]] && ((COMP_CWORD > 2)); then
		prev=${COMP_WORDS[COMP_CWORD-2]} attached=yes
	elif [[ $cur == --*=* ]]; then
		prev=${cur%%=*} prefix=${cur%%=*}= cur=${cur#*=} attached=yes
	fi

	for ((i = 1; i < COMP_CWORD; i++)); do
		case $scope:${COMP_WORDS[i]} in
		*:=) ((i++)) ;;
		*:--source|*:--procfs|*:--cgroupfs|*:--pid-ns|*:--container|*:--settle|*:--color|list:-o|list:--output|nudge:-t|nudge:--timeout|probe:-t|probe:--timeout|check:-w|check:--warning|check:-c|check:--critical|check:--format|check:--timeout|metrics:-o|metrics:--output|metrics:--top|watch:-n|watch:--interval|watch:-c|watch:--count)
			[[ ${COMP_WORDS[i+1]} == "=" ]] || ((i++)) ;;
		*:-*) ;;
		*)
			[[ -n $command ]] || command=${COMP_WORDS[i]} scope=${COMP_WORDS[i]} ;;
		esac
	done

	case $scope:$prev in
	*:--source) reply='auto bpf procfs' ;;
	*:--procfs) kind=directories ;;
	*:--cgroupfs) kind=directories ;;
	*:--pid-ns) kind=pids ;;
	*:--container) kind=nothing ;;
	*:--settle) kind=nothing ;;
	*:--color) reply='auto always never' ;;
	list:--output | list:-o) kind=nothing ;;
	nudge:--timeout | nudge:-t) kind=nothing ;;
	probe:--timeout | probe:-t) kind=nothing ;;
	check:--warning | check:-w) kind=nothing ;;
	check:--critical | check:-c) kind=nothing ;;
	check:--format) reply='nagios json tap junit' ;;
	check:--timeout) kind=nothing ;;
	metrics:--output | metrics:-o) kind=files ;;
	metrics:--top) kind=nothing ;;
	watch:--interval | watch:-n) kind=nothing ;;
	watch:--count | watch:-c) kind=nothing ;;
	esac
	# These may go without their argument: it can only follow "=".
	case $attached$prev in
	-) reply='' kind='' ;;
	esac

	if [[ -z $reply$kind ]]; then
		if [[ $cur == -* ]]; then
			reply='--json --source= --procfs= --cgroupfs= --pid-ns= --container= --settle= --color= -h --help -V --version -v --verbose'
			case $scope in
			list) reply+=' -z --zombies -o --output= --no-headings' ;;
			signals) reply+=' -a --all' ;;
			reaper) reply+=' -p --probe' ;;
			headroom) reply+=' -a --all' ;;
			namespaces) reply+=' -p --probe' ;;
			tree) reply+=' --dot' ;;
			nudge) reply+=' -a --all -y --yes -n --dry-run -f --force -t --timeout=' ;;
			probe) reply+=' -t --timeout=' ;;
			check) reply+=' -w --warning= -c --critical= --format= --timeout=' ;;
			metrics) reply+=' -o --output= --top=' ;;
			watch) reply+=' -n --interval= -c --count= --events' ;;
			esac
		elif [[ -z $command ]]; then
			reply='list explain signals reaper orphans headroom namespaces tree nudge probe check metrics watch'
		else
			case $command in
			explain|signals|reaper|headroom|tree|nudge|probe) kind=pids ;;
			esac
		fi
	fi

	case $kind in
	pids)
		for pid in /proc/[0-9]*; do
			reply+=" ${pid#/proc/}"
		done ;;
	files) mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "$cur") && return ;;
	directories) mapfile -t COMPREPLY < <(compgen -P "$prefix" -d -- "$cur") && return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$reply" -- "$cur")
	# The argument follows "=" at once. (Outside of a completion compopt only complains.)
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
} && complete -F _coroner coroner
