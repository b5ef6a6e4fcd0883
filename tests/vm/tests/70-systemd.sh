# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016 # variables of the inner shell
# The metrics service as a real systemd runs it: its user, its few rights, its filter of system calls.

METRICS=/var/lib/prometheus/node-exporter/coroner.prom

# The units, with the targets that every unit implies and one to boot into, and the user.
lay_out() {
	mkdir -p /etc/systemd/system /run /var/tmp /home "${METRICS%/*}"
	cp /vm/systemd/*.service /vm/systemd/*.target /etc/systemd/system
	printf '[Unit]\nRequires=coroner-metrics.service\nAfter=coroner-metrics.service\n' \
		>/etc/systemd/system/look.target
	printf 'root:x:0:0::/:/bin/sh\ncoroner:x:999:999::/:/bin/false\n' >/etc/passwd
	printf 'root:x:0:\ncoroner:x:999:\n' >/etc/group
	chown coroner "${METRICS%/*}"
	cgroup_new systemd
}

# The namespace's init takes all of it along; the cgroups that it made are empty then.
end_systemd() {
	status=$?
	set +e
	init=$(tr -d " " <"/proc/$unshare/task/$unshare/children")
	kill -KILL "$init"
	wait "$unshare"
	find "$CGROUP/systemd" -mindepth 1 -depth -type d -exec rmdir {} +
	(exit "$status")
	test_cleanup
}

test_metrics_service_by_systemd() {
	lay_out
	sh -c 'echo 0 >"$0/cgroup.procs" && exec unshare -f -p -i -u --mount-proc env container=test \
		/usr/lib/systemd/systemd --system --unit=look.target --log-target=console \
		--show-status=0' "$CGROUP/systemd" </dev/null &
	unshare=$!
	trap end_systemd EXIT
	await 60 [ -e "$METRICS" ] # it is put in place whole
	cat "$METRICS"
	same 999 "$(stat -c %u "$METRICS")" "its owner"
	grep -qx 'coroner_complete 1' "$METRICS"
	# the census was loaded with the rights that it was given, through the filter
	grep -q '^coroner_source_info{source="bpf"} 1$' "$METRICS"
}
