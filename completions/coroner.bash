# SPDX-License-Identifier: MIT
# Made by completions/generate from coroner --help; change that and run: make completions

_coroner()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command='' scope=list reply='' kind='' attached='' prefix='' i pid name
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
		*:--source|*:--procfs|*:--cgroupfs|*:--pid-ns|*:--container|*:--settle|*:--color|list:-o|list:--output|list:--top|list:--verdict|nudge:-t|nudge:--timeout|probe:-t|probe:--timeout|reap:--min-age|check:-w|check:--warning|check:-c|check:--critical|check:--format|check:--fail-on|check:--only|check:--state|check:--timeout|metrics:-o|metrics:--output|metrics:--top|metrics:--every|watch:-n|watch:--interval|watch:-c|watch:--count)
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
	*:--container) kind=containers ;;
	*:--settle) kind=nothing ;;
	*:--color) reply='auto always never' ;;
	list:--output | list:-o) kind=list reply='pid nspid state command zombies oldest sigchld sigcgt verdict container ppid uid user args age pidns sigblk sigign doing nudge held why remedy'
		[[ " ${COMP_WORDS[*]} " != *" "@(-z|--zombies)" "* ]] || reply='pid nspid ppid command container exit dead adopted verdict blocker age cpu uid user args pidns why remedy' ;;
	list:--top) kind=nothing ;;
	list:--verdict) kind=list reply='threads-alive traced namespace-dying parent-stopped parent-frozen parent-uninterruptible clone-child in-flight unfit-init parent-replaced waits-for-other sigchld-blocked sigchld-ignored sigchld-default sigchld-caught unknown' ;;
	nudge:--timeout | nudge:-t) kind=nothing ;;
	probe:--timeout | probe:-t) kind=nothing ;;
	reap:--min-age) kind=nothing ;;
	check:--warning | check:-w) reply='zombies= oldest_zombie= zombies_per_parent= orphans= unfit_inits= dying_namespaces= pid_usage= refused_forks= refused_rate=' ;;
	check:--critical | check:-c) reply='zombies= oldest_zombie= zombies_per_parent= orphans= unfit_inits= dying_namespaces= pid_usage= refused_forks= refused_rate=' ;;
	check:--format) reply='nagios json tap junit' ;;
	check:--fail-on) reply='warning critical' ;;
	check:--only) kind=list reply='zombies oldest_zombie zombies_per_parent orphans unfit_inits dying_namespaces pid_usage refused_forks refused_rate' ;;
	check:--state) kind=files ;;
	check:--timeout) kind=nothing ;;
	metrics:--output | metrics:-o) kind=files ;;
	metrics:--top) kind=nothing ;;
	metrics:--every) kind=nothing ;;
	watch:--interval | watch:-n) kind=nothing ;;
	watch:--count | watch:-c) kind=nothing ;;
	esac
	# These may go without their argument: it can only follow "=".
	case $attached$prev in
	-) reply='' kind='' ;;
	esac

	if [[ -z $reply$kind ]]; then
		if [[ $cur == -* ]]; then
			reply='--json --source= --procfs= --cgroupfs= --pid-ns= --container= --settle= --color= -q --quiet -h --help -V --version -v --verbose'
			case $scope in
			list) reply+=' -z --zombies -o --output= --top= --verdict= --no-headings' ;;
			signals) reply+=' -a --all' ;;
			reaper) reply+=' -p --probe' ;;
			headroom) reply+=' -a --all -f --force' ;;
			namespaces) reply+=' -p --probe' ;;
			tree) reply+=' --dot' ;;
			nudge) reply+=' -a --all -y --yes -n --dry-run -f --force -t --timeout=' ;;
			probe) reply+=' -t --timeout= -f --force' ;;
			reap) reply+=' -a --all -y --yes -n --dry-run --own --min-age=' ;;
			check) reply+=' -w --warning= -c --critical= --format= --fail-on= --only= --state= --timeout=' ;;
			metrics) reply+=' -o --output= --top= --every=' ;;
			watch) reply+=' -n --interval= -c --count= --events' ;;
			esac
		elif [[ -z $command ]]; then
			reply='list explain signals reaper orphans headroom namespaces tree nudge probe reap check metrics watch help version'
		else
			case $command in
			signals|reaper|headroom|tree|nudge|probe|reap) kind=pids ;;
			explain) kind=names ;;
			help) reply='list explain signals reaper orphans headroom namespaces tree nudge probe reap check metrics watch' ;;
			esac
		fi
	fi

	# A word that is no number is the name of a program.
	[[ $kind != names || $cur == [!0-9]* ]] || kind=pids
	case $kind in
	pids)
		for pid in /proc/[0-9]*; do
			reply+=" ${pid#/proc/}"
		done ;;
	names)
		for pid in /proc/[0-9]*; do
			{ read -r name <"$pid/comm"; } 2>/dev/null && [[ $name != *[!A-Za-z0-9._/:@%+-]* ]] && reply+=" $name"
		done ;;
	containers) reply=$(grep -hoE '[0-9a-f]{64}' /proc/*/cgroup 2>/dev/null | cut -c 1-12 | sort -u) ;;
	list) [[ $cur != *,* ]] || prefix+=${cur%,*}, cur=${cur##*,} ;;
	files) mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "$cur") && return ;;
	directories) mapfile -t COMPREPLY < <(compgen -P "$prefix" -d -- "$cur") && return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$reply" -- "$cur" | awk '!seen[$0]++')
	# Beside each of several PIDs stands its command: readline inserts no more than they have in common.
	case $kind:${COMP_TYPE:-} in
	pids:9 | pids:33 | pids:63 | pids:64)
		((${#COMPREPLY[@]} > 1)) || return
		for i in "${!COMPREPLY[@]}"; do
			name='?'
			{ read -r name <"/proc/${COMPREPLY[i]#"$prefix"}/comm"; } 2>/dev/null
			COMPREPLY[i]+=" (${name//[^[:print:]]/?})"
		done ;;
	esac
	# The argument follows "=" at once. (Outside of a completion compopt only complains.)
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
} && complete -F _coroner coroner
