# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2016,SC2154 # jq variables; variables shared with lib.bash
#
# The image that `make image` makes, built by an engine and run by it: beside a neighbour, and on the host.

# The image of the static file; $IMAGE is its name. The builder takes an engine as words: a program is made of it.
image_built() {
	local dir=$BATS_TEST_TMPDIR/image arch
	arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	IMAGE=coroner-image
	mkdir -p "$dir/$arch"
	strip -o "$dir/$arch/coroner" "$CORONER_STATIC"
	{
		echo '#!/bin/bash'
		declare -p RUN HOLDER
		[[ ! -v PODMAN_RUNTIME ]] || declare -p PODMAN_RUNTIME
		declare -f inside_holder engine
		echo 'engine "$@"'
	} >"$RUN/engine"
	chmod 755 "$RUN/engine"
	"$TOP/deploy/image/build" "$RUN/engine" "$dir" "$IMAGE" 9.8.7 1700000000 3>&-
}

# in_image OPTION... -- ARGS: what coroner in the image says.
in_image() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	engine run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=10000:10000 --read-only \
		"${options[@]}" "$IMAGE" "$@" 3>&-
}

# What is said of the parent that is PID 1 of its namespace and of its zombies, without what differs by place.
FACTS='[.parents[] | select(.process.ns_pids[-1] == 1 and .process.comm == "sleep") |
	{verdict: .verdict.code, remedy: .verdict.nudge, sigchld: .sigchld.disposition,
	zombies: [.zombies[] | {exit, adopted, comm}] | sort}]'

# The two capabilities are younger than Debian 12's Docker, and than the seccomp filter of its Podman.
if [[ $RUNTIME == docker ]]; then
	BPF_RIGHTS=(--cap-add=SYS_ADMIN)
else
	BPF_RIGHTS=(--cap-add=BPF --cap-add=PERFMON --security-opt seccomp=unconfined)
fi

case_image() {
	local host bare scope
	image_built
	[[ $(engine image inspect "$IMAGE" | jq -r '.[0].Config.User') == 65534:65534 ]]
	[[ $(engine image inspect "$IMAGE" | jq -r '.[0].Config.Labels["org.opencontainers.image.version"]') == 9.8.7 ]]
	[[ $(in_image -- --version) == "$("$CORONER_STATIC" --version)" ]]

	container one -- /bin/sleep 1000
	zombies_in one 3
	scope=--container=${id:0:12}
	host=$("$CORONER" "$scope" list --json 2>/dev/null | jq -c "$FACTS")
	echo "host: $host"
	[[ $(jq '.[0].zombies | length' <<<"$host") -eq 3 ]]
	# what needs a right that nobody has is unknown there, and nothing else differs
	bare=$(jq -c '.[0].zombies[].exit = null' <<<"$host")

	# beside a neighbour: without rights, then as root with the right to read
	[[ $(in_image --pid=container:one -- list --json 2>/dev/null |
		jq -c "$FACTS | .[0].zombies[].exit = null") == "$bare" ]]
	[[ $(in_image --pid=container:one --user=0 --cap-add=SYS_PTRACE -- list --json 2>/dev/null |
		jq -c "$FACTS") == "$host" ]]
	# on the host: without rights, with those for /proc, and with those for BPF
	[[ $(in_image --pid=host -- "$scope" list --json 2>/dev/null |
		jq -c "$FACTS | .[0].zombies[].exit = null") == "$bare" ]]
	[[ $(in_image --pid=host --user=0 --cap-add=SYS_PTRACE -- "$scope" list --json 2>/dev/null |
		jq -c ".source, $FACTS") == '"procfs"'$'\n'"$host" ]]
	[[ $(in_image --pid=host --user=0 --cap-add=SYS_PTRACE "${BPF_RIGHTS[@]}" -- "$scope" list --json 2>/dev/null |
		jq -c ".source, $FACTS") == '"bpf"'$'\n'"$host" ]]
}
