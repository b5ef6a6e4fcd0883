# SPDX-License-Identifier: MIT
#
# usage: awk -f tests/bench/table.awk -v processes=N [-v judged=1 -v recent=1 -v ratios=FILE] FILE
#
# Prints what timeit has measured beside N processes: each command's median, that by process, against ps and against
# `coroner list` by BPF, and its peak memory against ps's, which is the most that it may be. judged: the times have
# budgets, too; recent: that of kernels that have an open-coded iterator. Exits 1 where one is missed. The ratios that
# are kept go to FILE.
BEGIN {
	FS = "\t"
	ofList["headroom"] = ofList["headroom parent"] = ofList["explain parent"] = ofList["explain zombie"] = 3
	ofList["reaper"] = ofList["reaper parent"] = ofList["orphans"] = ofList["tree"] = 3
	ofList["metrics"] = ofList["check"] = 5
}

{
	names[NR] = $1; median[$1] = $2; best[$1] = $3; peak[$1] = $4; cpu[$1] = $6
}

function ratio(a, b) {
	return b > 0 ? a / b : 0
}

# By the medians, which decide; best times and CPU time, which a busy machine disturbs less, stand beside them
function of_time(name, other, limit) {
	budget("time of " other, ratio(median[name], median[other]), limit,
		sprintf(" (best %.3f, CPU %.3f)", ratio(best[name], best[other]), ratio(cpu[name], cpu[other])))
}

function budget(what, value, limit, more) {
	said = said sprintf("\n      %s %s: %.3f of at most %.3f%s", value > limit ? "OVER" : "ok  ", what, value,
		limit, more)
	missed += value > limit
}

function judge_time(name,   command) {
	command = name
	sub(/, [a-z]*$/, "", command)
	if (name == "list, bpf")
		of_time(name, "ps", recent ? 0.040 : 0.050)
	if (name == "list, procfs")
		of_time(name, "ps", 0.250)
	if (name == "list, procfs, one CPU")
		of_time(name, "bare loop, one CPU", 1.250)
	if (name ~ /, bpf$/ && command in ofList)
		of_time(name, "list, bpf", ofList[command])
}

function judge(name) {
	said = ""
	if (judged)
		judge_time(name)
	if (name ~ /, (bpf|procfs)$/ && ratio(peak[name], peak["ps"]) > 1)
		budget("peak memory of ps", ratio(peak[name], peak["ps"]), 1, "")
	return said
}

function keep(name, value) {
	if (ratios)
		printf "%s\t%.3f\n", name, value > ratios
}

END {
	printf "  %-30s %10s %10s %8s %8s %10s %8s\n", "", "median", "/ process", "of ps", "of list", "peak", "of ps"
	for (i = 1; i <= NR; i++) {
		name = names[i]
		printf "  %-30s %7.1f ms %7.2f us %8.3f %8.2f %6d KiB %8.2f%s\n", name, median[name] / 1000,
			median[name] / processes, ratio(median[name], median["ps"]),
			ratio(median[name], median["list, bpf"]), peak[name], ratio(peak[name], peak["ps"]),
			judge(name)
		if (name ~ /, (bpf|procfs)$/ && ratio(peak[name], peak["ps"]) > worst)
			worst = ratio(peak[name], peak["ps"])
	}
	keep("list, bpf", ratio(median["list, bpf"], median["ps"]))
	keep("list, procfs", ratio(median["list, procfs"], median["ps"]))
	keep("list, one CPU", ratio(median["list, procfs, one CPU"], median["bare loop, one CPU"]))
	split("headroom,explain parent,reaper,orphans,tree,metrics,check", kept, ",")
	for (i = 1; i in kept; i++)
		keep(kept[i], ratio(median[kept[i] ", bpf"], median["list, bpf"]))
	keep("peak", worst)
	exit missed > 0
}
