# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Loaded after lib.bash: a node_exporter and a Prometheus on loopback, until the teardown.

# A TCP port of loopback that nobody has; the one who asks first gets it.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# daemon COMMAND...: in the background until the teardown, which awaits its end.
daemon() {
	(
		# or the zoo's inputs would never end
		for input in "${ZOO_INPUTS[@]}"; do
			exec {input}>&-
		done
		exec "$@" >>"$BATS_TEST_TMPDIR/daemons" 2>&1 3>&-
	) &
	cleanup end_daemon "$!"
}

end_daemon() {
	kill "$1" # our own child
	wait "$1" || true
}

# prometheus_of_this_machine: what coroner says of it now, in a file that a node_exporter reads, which a Prometheus
# at $SERVER scrapes, with coroner's rules.
prometheus_of_this_machine() {
	local dir=$BATS_TEST_TMPDIR/textfile exporter
	exporter=127.0.0.1:$(free_port)
	SERVER=127.0.0.1:$(free_port)
	mkdir "$dir"
	coroner metrics --output "$dir/coroner.prom"
	daemon prometheus-node-exporter --web.listen-address="$exporter" \
		--collector.disable-defaults --collector.textfile --collector.textfile.directory="$dir"
	cat >"$BATS_TEST_TMPDIR/prometheus.yml" <<-END
		global: { scrape_interval: 500ms, evaluation_interval: 500ms }
		rule_files: [ $ROOT/deploy/prometheus/coroner.rules.yml ]
		scrape_configs:
		  - job_name: node
		    static_configs: [ { targets: [ "$exporter" ] } ]
	END
	daemon prometheus --config.file="$BATS_TEST_TMPDIR/prometheus.yml" \
		--storage.tsdb.path="$BATS_TEST_TMPDIR/tsdb" --web.listen-address="$SERVER"
}
