#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What a packager relies on: no warning is an error unless asked for, `install` compiles nothing and puts
# everything where it is told to, and nothing is fetched where there is no network.

load lib

# Variables of this make, not of the one that runs the tests.
setup() {
	unset WERROR CI DEPS MAKEFLAGS MFLAGS MAKELEVEL
	DEST=$BATS_TEST_TMPDIR/root
}

# What make says that a variable holds.
value() { # NAME ARGUMENT...
	make -s -C "$TOP" --eval="show:; @echo \$($1)" show "${@:2}"
}

installed() {
	(cd "$DEST" && find . ! -type d | sort)
}

@test "CI=true turns no warning into an error, WERROR=1 does" {
	for name in WARNINGS BPF_CFLAGS; do
		[[ " $(CI=true value "$name") " != *" -Werror "* ]]
		[[ " $(value "$name" WERROR=1) " == *" -Werror "* ]]
	done
	grep -q '^export .*WERROR=1' "$TOP/.ci/run"
}

@test "install after a build compiles nothing, whatever flags it is called with" {
	run make -C "$TOP" BUILD="$BUILD" DESTDIR="$DEST" PREFIX=/opt/c CC=false CLANG=false BPFTOOL=false CFLAGS=-O0 install
	echo "$output"
	[ "$status" -eq 0 ]
	cmp "$CORONER" "$DEST/opt/c/bin/coroner"
}

@test "every directory is where it is said to be, and uninstall leaves nothing" {
	local where=(prefix=/p bindir=/b/bin mandir=/m datadir=/d docdir=/doc sysconfdir=/e unitdir=/u
		sysusersdir=/su tmpfilesdir=/tf zshdir=/z)
	make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$DEST" "${where[@]}" install
	installed
	diff <(installed | grep -v '^./m/man[15]/coroner') - <<-END
		./b/bin/coroner
		./d/bash-completion/completions/coroner
		./d/coroner/coroner.schema.json
		./d/fish/vendor_completions.d/coroner.fish
		./doc/examples/coroner.rules.yml
		./e/default/coroner
		./su/coroner.conf
		./tf/coroner.conf
		./u/coroner-metrics.service
		./u/coroner-metrics.timer
		./z/_coroner
	END
	[ "$(installed | grep -c '^./m/man[15]/coroner')" -eq "$(find "$TOP/man" -name '*.[15]' | wc -l)" ]
	make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$DEST" "${where[@]}" uninstall
	[ -z "$(installed)" ]
	[ ! -d "$DEST/d/coroner" ]
	[ ! -d "$DEST/doc" ]
}

@test "the unit names the program and the options file that were installed" {
	make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$DEST" install
	grep -q '^ExecStart=/usr/local/bin/coroner metrics ' "$DEST/usr/local/lib/systemd/system/coroner-metrics.service"
	grep -qx 'EnvironmentFile=-/usr/local/etc/default/coroner' \
		"$DEST/usr/local/lib/systemd/system/coroner-metrics.service"
	[ -e "$DEST/usr/local/etc/default/coroner" ]
	make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$DEST" PREFIX=/usr install
	grep -q '^ExecStart=/usr/bin/coroner metrics ' "$DEST/usr/lib/systemd/system/coroner-metrics.service"
	[ -e "$DEST/etc/default/coroner" ]
}

@test "DEPS=0 installs nothing and says what is missing" {
	local bin=$BATS_TEST_TMPDIR/bin log=$BATS_TEST_TMPDIR/apt.log
	local wanted='no-such-package no-such-command:nor-this no-such-module:pc=nor-this python3:py=sys'
	mkdir "$bin"
	printf '#!/bin/sh\necho "$0 $*" >>%q\n' "$log" | tee "$bin/apt-get" "$bin/apt-cache" "$bin/sudo" >/dev/null
	chmod +x "$bin"/*
	PATH=$bin:$PATH run make -s -C "$TOP" deps-check DEPS=0 DEPS_BUILD= DEPS_CHECK="$wanted"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = "coroner: missing, and with DEPS=0 not installed: no-such-package no-such-command no-such-module" ]
	[ ! -e "$log" ]
	# and without it they are asked for
	PATH=$bin:$PATH make -s -C "$TOP" deps-check DEPS_BUILD= DEPS_CHECK="$wanted"
	grep -q 'install -y .*no-such-package no-such-command no-such-module' "$log"
}

@test "autopkgtest installs all that the tests are run with here" {
	local word there
	there=$(sed -n '/^\(Build-\)\?Depends:/,/^[A-Z]/p' "$TOP/deploy/debian/tests/control" "$TOP/deploy/debian/control" |
		tr -s ' ,' '\n')
	for word in $(value DEPS_CHECK); do
		grep -qxF -- "${word%%:*}" <<<"$there" || {
			echo "deploy/debian/tests/control: no ${word%%:*}"
			return 1
		}
	done
}

@test "a checkout of another user's is a release of the same files; one without files is none" {
	local other=$BATS_TEST_TMPDIR/other file
	file=$(value TARBALL BUILD=built)
	mkdir "$other"
	cp -r "$TOP"/{Makefile,deploy,man,completions} "$other"
	git -C "$other" init -q
	git -C "$other" add .
	git -C "$other" -c user.name=n -c user.email=e commit -qm all
	make -s -C "$other" BUILD=built "$file"
	mv "$other/$file" "$BATS_TEST_TMPDIR/mine"
	chown -R 12321:12321 "$other"
	env -u SUDO_UID make -s -C "$other" BUILD=built "$file"
	cmp "$BATS_TEST_TMPDIR/mine" "$other/$file"
	[ "$(tar -tf "$other/$file" | wc -l)" -eq "$(find "$other"/{Makefile,deploy,man,completions} ! -type d | wc -l)" ]
	rm -r "${other:?}/.git" "${other:?}/$file"
	touch "$other/.git"
	run make -s -C "$other" BUILD=built "$file"
	[ "$status" -ne 0 ]
	[ ! -e "$other/$file" ]
}

# Whoever is not root, as far as programs ask: in $BIN is all that there is but sudo.
nobody_special() {
	BIN=$BATS_TEST_TMPDIR/all
	mkdir "$BIN"
	ln -s /usr/sbin/* /usr/bin/* "$BIN" 2>/dev/null || true
	rm -f "$BIN/sudo" "$BIN/id" "$BIN/apt-get"
	printf '#!/bin/sh\necho 1000\n' >"$BIN/id"
	printf '#!/bin/sh\necho "$0 $*" >>%q\n' "$BATS_TEST_TMPDIR/apt.log" >"$BIN/apt-get"
	chmod +x "$BIN/id" "$BIN/apt-get"
}

@test "without root and sudo: who is to install what, in one line" {
	nobody_special
	PATH=$BIN run make -s -C "$TOP" deps-build DEPS_BUILD='no-such-package no-such-command:nor-this'
	echo "$output"
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "coroner: no root, and no sudo here; who has root installs what is missing: $(
		)apt-get install no-such-package no-such-command" ]
	[ "${#lines[@]}" -eq 2 ]
	[ ! -e "$BATS_TEST_TMPDIR/apt.log" ]
}

@test "without root make check says so before it installs or builds" {
	nobody_special
	PATH=$BIN run make -s -C "$TOP" BUILD="$BATS_TEST_TMPDIR/build" check
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "tests/run: needs root, "*"sudo make check; make check T=unit needs none" ]]
	[ "${#lines[@]}" -eq 2 ]
	[ ! -e "$BATS_TEST_TMPDIR/build" ]
	PATH=$BIN run "$TOP/tests/run" live
	[ "$status" -eq 2 ]
	[[ $output == "tests/run: needs root, "* ]]
}

@test "whoever is nobody runs the unit tests" {
	local dir=$BATS_TEST_TMPDIR/tree
	mkdir -p "$dir/tests/unit" "$dir/build/unit"
	cp "$TOP/tests/run" "$dir/tests"
	cp "$TOP/tests/unit/range.c" "$dir/tests/unit"
	cp "$BUILD/unit/range" "$dir/build/unit"
	chmod 711 "$BATS_RUN_TMPDIR"
	run env -u CI BUILD="$dir/build" TMPDIR=/tmp setpriv --reuid=12321 --regid=12321 --clear-groups --bounding-set=-all \
		--inh-caps=-all "$dir/tests/run" unit
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} =~ ^[1-9][0-9]*" passed, 0 failed"$ ]]
}

@test "the library that is loaded at run time stands in an ELF note, and in the static file nothing" {
	local note=$BATS_TEST_TMPDIR/note
	[[ $(readelf --notes --wide "$CORONER") == *FDO*0x407c0c0a* ]]
	objcopy --dump-section .note.dlopen="$note" "$CORONER" /dev/null
	# behind the header and the owner, each in words of four bytes
	tail -c +17 "$note" | tr -d '\0' | jq -e '. == [{feature: "owners", priority: "recommended", soname: ["libproc2.so.0"]}]'
	[[ $(readelf --notes --wide "$CORONER_STATIC") != *0x407c0c0a* ]]
}

@test "what README and CONTRIBUTING have one run is there" {
	local known word
	known=$(make -C "$TOP" -pn help BUILD="$BUILD" 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' | sort -u)
	while read -r word; do
		grep -qx -- "$word" <<<"$known" || {
			echo "no target $word"
			return 1
		}
	done < <(grep -ohE '(`|&& |sudo |^    )make [a-z][a-z -]*' "$TOP/README.md" "$TOP/CONTRIBUTING.md" |
		sed 's/^.*make //' | tr ' ' '\n' | grep . | sort -u)
	while read -r word; do
		[ -e "$TOP/$word" ] || {
			echo "no $word"
			return 1
		}
	done < <(grep -ohE '`(deploy|tests|man|src)/[A-Za-z0-9_./-]*' "$TOP/README.md" "$TOP/CONTRIBUTING.md" | tr -d '`' | sort -u)
}
