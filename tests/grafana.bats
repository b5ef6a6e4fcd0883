#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Grafana dashboard: every query of it, put to a Prometheus that has scraped a node_exporter on a machine with
# zombies, on loopback only.

load lib
load prometheus

DASHBOARD=$ROOT/deploy/grafana/coroner.json

# A JSON array [TITLE, QUERY] a line, of each query. Without BPF two metrics are not known.
queries() {
	jq -c '.panels[] | .title as $title | .targets[]? | [$title, .expr]' "$DASHBOARD" |
		if has_bpf; then cat; else grep -vE 'coroner_(orphans|oldest_zombie)'; fi
}

# What a query is with "All" chosen in every variable.
chosen() {
	sed 's/\$instance/.*/g; s/\$container/.*/g'
}

ask() {
	"$TESTS/prometheus-ask" "http://$SERVER"
}

@test "every query of the dashboard is answered by a Prometheus that scraped real zombies" {
	needs prometheus prometheus-node-exporter python3
	needs_root
	local tree name
	tree=$(hierarchy pids)
	name=coroner-test-$UNIQUE/docker-$(container_id).scope
	zoo cgroup --path "$tree:$name" --init --count 3
	echo 50 >"$tree/$name/pids.max"
	zoo unfit-init --count 2
	prometheus_of_this_machine
	queries | jq -r '.[1]' | chosen | ask >"$BATS_TEST_TMPDIR/answers"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/answers")" -ge 24 ]
	# what the variables are chosen from, and that it is these zombies
	{
		jq -r '.templating.list[] | select(.type == "query").definition |
			capture("^label_values\\((?<m>.*), (?<l>[a-z]+)\\)$") | "count by (\(.l)) (\(.m))"' "$DASHBOARD" | chosen
		echo "coroner_zombies >= 5"
		echo "coroner_pid_namespace_zombies{container=\"docker:$(container_id | cut -c 1-12)\"} == 3"
		echo "coroner_limit_usage_ratio{kind=\"cgroup\", name=~\".*$UNIQUE.*\"} > 0.07"
	} | ask
	[[ -z ${DASHBOARD_TABLES:-} ]] || paste -d '\n' <(queries) "$BATS_TEST_TMPDIR/answers" | tables >"$DASHBOARD_TABLES"
}

# Each panel with its queries and what was answered, as deploy/grafana/README.md has it: for DASHBOARD_TABLES=FILE.
tables() {
	jq -rs '[range(0; length; 2) as $i | {title: .[$i][0], query: .[$i][1], answer: .[$i + 1]}] |
		reduce .[] as $q ([]; if length > 0 and .[-1].title == $q.title then .[-1].queries += [$q]
			else . + [{title: $q.title, queries: [$q]}] end) | .[] |
		"\n### \(.title)\n\n| query | answer |\n| --- | --- |", (.queries[] |
		"| `\(.query | gsub("\\|"; "\\|"))` | \([.answer[:3][] |
			(.metric | del(.__name__, .job, .instance) | to_entries | map("\(.key)=\"\(.value)\"") | join(", ") |
			if . == "" then "" else "{\(.)} " end) + "\(.value[1] | tonumber * 1000 | round / 1000)"] | join("; ")) |")' |
		sed "s/coroner-test-$UNIQUE\\///; s/$(container_id)/3f2a…/g"
}

@test "the dashboard's README has each of its queries, and each is of metrics that exist" {
	local query metric
	coroner metrics >"$BATS_TEST_TMPDIR/metrics"
	while read -r query; do
		grep -qF "${query//|/\\|}" "$ROOT/deploy/grafana/README.md" || {
			echo "not in README: $query"
			return 1
		}
		for metric in $(grep -oE 'coroner_[a-z_]+' <<<"$query"); do
			[[ $metric =~ ^coroner_(orphans|oldest_zombie_age_seconds)$ ]] ||
				grep -q "^# TYPE $metric gauge" "$BATS_TEST_TMPDIR/metrics" || {
				echo "no metric $metric"
				return 1
			}
		done
	done < <(jq -r '.panels[].targets[]?.expr' "$DASHBOARD")
}

@test "panels do not lie over each other, and every variable that is used is defined" {
	jq -e '[.panels[].id] | length == (unique | length)' "$DASHBOARD"
	jq -e '[.panels[].title] | length == (unique | length)' "$DASHBOARD"
	jq -e '[.panels[].gridPos | .y as $y | .x as $x | range(.w) as $i | range(.h) as $j | [$x + $i, $y + $j]] |
		length == (unique | length) and all(.[]; .[0] < 24)' "$DASHBOARD"
	jq -e '([.. | strings | scan("\\$([a-z]+)")[0]] | unique) - [.templating.list[].name] == []' "$DASHBOARD"
	jq -e '.uid == "coroner" and .schemaVersion >= 36 and all(.panels[]; .title != "")' "$DASHBOARD"
}
