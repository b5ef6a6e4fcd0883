# SPDX-License-Identifier: MIT
#
# GNU make, no configure step. `make help` lists the targets.
#
# Honoured: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS DESTDIR PREFIX, the directories of GNU (prefix bindir datadir
# mandir docdir sysconfdir) and unitdir sysusersdir tmpfilesdir bashdir zshdir fishdir, and
#   BPF=0                        build without the BPF census (no clang, no bpftool needed)
#   ARCH=aarch64                 for another architecture, with Debian's cross compiler: make static ARCH=aarch64
#   SANITIZE=address,undefined   build with these sanitizers, or with thread
#   WERROR=1                     warnings are errors
#   DEPS=0                       install no packages, only say which are missing
#   BUILD=DIR                    build elsewhere than in build/
#   V=1                          show the commands
#   T=tests/check.bats F=PATTERN run with `make check`: one file, only the tests whose name matches

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/sh

VERSION := 1.0.0

MACHINE := $(shell uname -m)
ARCH ?= $(MACHINE)
TARGET := $(patsubst arm64,aarch64,$(patsubst amd64,x86_64,$(ARCH)))
ifneq ($(TARGET),$(MACHINE))
CROSS := $(TARGET)-linux-gnu
DEBIAN_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(TARGET)))
# one of the environment is this machine's
CC := $(CROSS)-gcc
STRIP ?= $(CROSS)-strip
BUILD ?= build/$(TARGET)
SYSROOT = $(BUILD)/sysroot
PKG_CONFIG ?= env PKG_CONFIG_LIBDIR=$(abspath $(SYSROOT))/usr/lib/$(CROSS)/pkgconfig \
	PKG_CONFIG_SYSROOT_DIR=$(abspath $(SYSROOT)) pkg-config
endif

CLANG ?= clang
PKG_CONFIG ?= pkg-config
STRIP ?= strip
BPFTOOL ?= $(firstword $(wildcard $(addsuffix /bpftool,$(subst :, ,$(PATH)) /usr/sbin /sbin)) bpftool)
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
BUILD ?= build
BPF ?= 1
V ?= 0
SANITIZE ?=
WERROR ?= 0
DEPS ?= 1

OBJ := $(BUILD)/obj
GEN := $(BUILD)/gen
CORONER := $(BUILD)/coroner
LIB := $(BUILD)/libcoroner.a

ifeq ($(V),0)
say = @printf '  %-7s %s\n' '$(1)' '$(2)';
else
say =
endif

# --- sources ---------------------------------------------------------------------------------

ALL_SRC := $(sort $(shell find src -name '*.c' 2>/dev/null))
BPF_SRC := $(wildcard src/census/bpf/census.bpf.c)
# libproc2 is loaded when it is asked; a static binary has it built in.
SHARED_SRC := src/inspect/libproc2_shared.c
STATIC_SRC := src/inspect/libproc2_static.c
# A program of its own, that coroner carries and runs in foreign PID namespaces.
INSIDE_SRC := $(wildcard src/act/enter/inside/*.c)
SRC := $(filter-out %.bpf.c $(STATIC_SRC) $(INSIDE_SRC),$(ALL_SRC))
OBJECTS := $(SRC:src/%.c=$(OBJ)/%.o)
STATIC_OBJECTS := $(filter-out $(SHARED_SRC:src/%.c=$(OBJ)/%.o),$(OBJECTS)) $(STATIC_SRC:src/%.c=$(OBJ)/%.o)

ZOO_HELPERS := $(wildcard tests/zoo/zoo.c tests/zoo/zoo_*.c)
ZOO_OBJECTS := $(ZOO_HELPERS:tests/zoo/%.c=$(BUILD)/zoo-obj/%.o)
ZOO32 := $(if $(filter x86_64,$(TARGET)),$(patsubst tests/zoo32/%.c,$(BUILD)/zoo/%,$(wildcard tests/zoo32/*.c)))
ZOO := $(patsubst tests/zoo/%.c,$(BUILD)/zoo/%,$(filter-out $(ZOO_HELPERS),$(wildcard tests/zoo/*.c)))
# Pure functions, and what needs a process.
UNIT := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/*.c tests/live/*.c))
BENCH = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(filter-out \
	%.bpf.c $(if $(filter 0,$(WITH_BPF)),tests/bench/iterate-%.c),$(wildcard tests/bench/*.c)))
# One program of several files: grows random trees and asks coroner about them (tests/reaper.bats).
FOREST_SRC := $(wildcard tests/inherit/*.c)
FOREST := $(if $(FOREST_SRC),$(BUILD)/inherit/forest)
# coroner and what makes its system calls fail, in one program (tests/faults/run).
INJECT := $(BUILD)/faults/inject
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

WITH_BPF := $(if $(and $(BPF_SRC),$(filter-out 0 no,$(BPF))),1,0)
SKELETON := $(if $(filter 1,$(WITH_BPF)),$(GEN)/census.lskel.h $(GEN)/census_users.lskel.h)
SYSCALL_NAMES := $(GEN)/syscall_names.h
INSIDE_IMAGE := $(GEN)/inside_image.h
LACKING := $(BUILD)/lacking

# --- flags -----------------------------------------------------------------------------------

LINKED := libcap jansson
PACKAGES := libproc2 $(LINKED)
CC_IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wundef -Wmissing-prototypes \
	-Wstrict-prototypes -Wcast-qual -Wvla -Wwrite-strings \
	-Werror=implicit-function-declaration $(if $(filter 1,$(WERROR)),-Werror)
HARDENING := -fstack-protector-strong $(if $(filter 0,$(CC_IS_CLANG)),-fstack-clash-protection)
ifneq ($(SANITIZE),)
SANITIZERS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
# The sanitizers' own interceptors and FORTIFY get in each other's way.
FORTIFY := -U_FORTIFY_SOURCE
else ifneq ($(filter -O1 -O2 -O3 -Os -Og -Oz -Ofast,$(CFLAGS)),)
# Without optimisation FORTIFY only warns; a packager's own level wins.
FORTIFY := $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif

# Neither the place of the tree nor of what is built may be seen in it.
PREFIX_MAP := -ffile-prefix-map=$(abspath $(BUILD))=build -ffile-prefix-map=$(CURDIR)=.

# = and not :=, so that `make deps` and `make clean` do not ask pkg-config.
BASE_CFLAGS := -std=gnu17 -pthread $(PREFIX_MAP) $(WARNINGS) $(HARDENING)
BASE_CPPFLAGS := -Isrc -I$(GEN) -D_GNU_SOURCE= -DWITH_BPF=$(WITH_BPF) -DCORONER_VERSION='"$(VERSION)"'
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null) $(if $(CROSS),-isystem $(SYSROOT)/usr/include)
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(LINKED) 2>/dev/null)
PKG_STATIC_LIBS = $(shell $(PKG_CONFIG) --static --libs $(PACKAGES) 2>/dev/null)
DEPFLAGS = -MMD -MP -MT $@ -MF $(@:.o=.d)

COMPILE = $(CC) $(BASE_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(BASE_CFLAGS) -fPIE $(CFLAGS) $(FORTIFY) $(SANITIZERS)
LINK = $(CC) $(BASE_CFLAGS) -pie -Wl,-z,relro,-z,now $(CFLAGS) $(SANITIZERS) $(LDFLAGS)
LINK_STATIC = $(CC) $(BASE_CFLAGS) -static-pie -Wl,-z,relro,-z,now $(CFLAGS) $(LDFLAGS)
# The zoo and the bench helpers are what is looked at, not what is tested: no sanitizers there.
COMPILE_TOOL = $(CC) -std=gnu17 -D_GNU_SOURCE= -pthread $(WARNINGS) -O2 -g
BPF_CFLAGS := -O2 -g -target bpf $(PREFIX_MAP) -Wall $(if $(filter 1,$(WERROR)),-Werror) -Isrc
BPF_INCLUDES = $(if $(CROSS),-I/usr/$(CROSS)/include,-I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null))

# --- what is missing, said once and by name --------------------------------------------------

have = $(shell command -v $(1) 2>/dev/null)
debian_package = $(patsubst jansson,libjansson-dev,$(patsubst libcap,libcap-dev,$(patsubst libproc2,libproc2-dev,$(1))))
MISSING_PACKAGES = $(if $(call have,$(lastword $(PKG_CONFIG))),$(foreach p,$(PACKAGES),$(shell \
	$(PKG_CONFIG) --exists $(p) 2>/dev/null || echo $(call debian_package,$(p)))),pkg-config)
MISSING_BPF = $(if $(SKELETON),$(if $(call have,$(CLANG)),,clang) $(if $(call have,$(BPFTOOL)),,bpftool) \
	$(if $(wildcard /usr/include/bpf/bpf_helpers.h),,libbpf-dev))

# --- build -----------------------------------------------------------------------------------

.PHONY: all run demo check check-faults check-unit check-bats check-looks check-refute check-fuzz check-vm check-containers check-programs check-kills check-delivery check-deb check-install \
	check-sanitize check-tsan check-valgrind deps-valgrind check-soak \
	check-attack check-mixes lint bench \
	install uninstall clean deps deps-build deps-bench deps-demo deps-check deps-lint deps-containers deps-fuzz static zoo unit bench-tools \
	fuzz fuzz-targets format completions pictures preflight help FORCE

all: $(CORONER)

preflight: $(if $(CROSS),$(SYSROOT)/packages)
	$(if $(call have,$(firstword $(CC))),,$(error there is no compiler "$(CC)" here$(if \
		$(CROSS),; 'make deps-build ARCH=$(ARCH)' installs it)))
	@missing='$(strip $(MISSING_PACKAGES))'; bpf='$(strip $(MISSING_BPF))'; \
	if [ -n "$$missing" ]; then \
		echo "coroner: cannot build without these Debian packages: $$missing" >&2; fi; \
	if [ -n "$$bpf" ]; then \
		echo "coroner: the BPF census needs these Debian packages: $$bpf (make BPF=0 builds without it)" >&2; fi; \
	if [ -n "$$missing$$bpf" ]; then \
		echo "coroner: 'make deps-build' installs what is missing" >&2; exit 1; fi

ifdef CROSS
$(SYSROOT)/packages: deploy/sysroot
	$(call say,SYSROOT,$(@D))deploy/sysroot $(DEBIAN_ARCH) $(@D)
endif

# Changed flags, compilers or lists of files rebuild what they touch. The text goes through the
# environment, so quotes in it need no care; the file changes only when the text does.
$(BUILD)/flags: export FLAGS_TEXT = $(COMPILE) $(CC_VERSION) $(LINK) $(PKG_LIBS) $(LDLIBS)
$(BUILD)/sources: export FLAGS_TEXT = $(ALL_SRC)
$(BUILD)/bpf-flags: export FLAGS_TEXT = $(CLANG) $(BPF_CFLAGS) $(BPFTOOL)
CC_VERSION = $(shell $(CC) --version 2>/dev/null | head -n 1)
$(BUILD)/flags $(BUILD)/sources $(BUILD)/bpf-flags: FORCE | preflight
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_TEXT" | cmp -s - $@ || printf '%s\n' "$$FLAGS_TEXT" >$@

$(sort $(OBJECTS) $(STATIC_OBJECTS)): $(OBJ)/%.o: src/%.c $(BUILD)/flags $(SYSCALL_NAMES) $(INSIDE_IMAGE) | $(SKELETON)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(DEPFLAGS) -c -o $@ $<

$(CORONER): $(OBJECTS) $(BUILD)/flags $(BUILD)/sources
	$(call say,LINK,$@)$(LINK) -o $@ $(OBJECTS) $(PKG_LIBS) $(LDLIBS)

$(LIB): $(filter-out $(OBJ)/main.o,$(OBJECTS)) $(BUILD)/flags $(BUILD)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

static: $(BUILD)/coroner-static

$(BUILD)/coroner-static: $(STATIC_OBJECTS) $(BUILD)/flags $(BUILD)/sources
	$(if $(SANITIZE),$(error a static binary cannot hold sanitizers: make static without SANITIZE))
	$(call say,LINK,$@)$(LINK_STATIC) -Wl,-Map=$@.map -o $@ $(STATIC_OBJECTS) $(PKG_STATIC_LIBS) $(LDLIBS)

# The compiler's own list for the architecture it builds for: [0] = "read", ...
$(SYSCALL_NAMES): $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,GEN,$@)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM $(CPPFLAGS) - | \
		awk '{ v[$$2] = $$3 } END { for (n in v) if (n ~ /^__NR_/) { \
			x = v[n] in v ? v[v[n]] : v[n]; if (x ~ /^[0-9]+$$/) print x, substr(n, 6) } }' | sort -n | \
		awk '!seen[$$1]++ { printf "[%d] = \"%s\",\n", $$1, $$2 }' >$@.new
	@grep -q '"wait4"' $@.new || { echo "coroner: $(CC) knows no system call numbers" >&2; exit 1; }
	@cmp -s $@.new $@ && rm $@.new && touch $@ || mv $@.new $@

# Neither a packager's flags nor sanitizers: they would want a C library, and there is none in there.
INSIDE = $(CC) -std=gnu17 -D_GNU_SOURCE= -Isrc $(WARNINGS) -Os -ffreestanding -fno-stack-protector -fno-pie \
	-U_FORTIFY_SOURCE -fno-asynchronous-unwind-tables -nostdlib -static $(if $(filter 0,$(CC_IS_CLANG)),-no-pie) -s \
	-Wl,-z,noexecstack -Wl,--build-id=none
$(BUILD)/inside: $(INSIDE_SRC) $(wildcard src/act/enter/inside/*.h) src/act/enter/inside.h $(BUILD)/flags
	$(call say,INSIDE,$@)$(INSIDE) -o $@ $(INSIDE_SRC)

$(INSIDE_IMAGE): $(BUILD)/inside
	@mkdir -p $(@D)
	$(call say,GEN,$@){ printf '#include <stdint.h>\nstatic const uint8_t inside_image[] = {\n' && \
		od -An -v -tx1 $< | sed 's/ / 0x/g; s/\([0-9a-f]\)\( \|$$\)/\1,\2/g' && printf '};\n'; } >$@

$(BUILD)/bpf/%.bpf.o: src/census/bpf/%.bpf.c $(BUILD)/bpf-flags
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDES) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<

.PRECIOUS: $(BUILD)/bpf/%.bpf.o

# A light skeleton: no libbpf at run time. The pragma keeps our warnings out of bpftool's code.
skeleton = { printf '\#pragma GCC system_header\n\#include <errno.h>\n' && $(BPFTOOL) gen skeleton -L $(1) name $(2)_bpf; }
$(GEN)/%.lskel.h: $(BUILD)/bpf/%.bpf.o
	@mkdir -p $(@D)
	$(call say,SKEL,$@)$(call skeleton,$<,$*) >$@

# --- what the tests need ---------------------------------------------------------------------

zoo: $(ZOO) $(ZOO32) $(FOREST) $(if $(SKELETON),$(LACKING)/coroner) ; @:
unit: $(UNIT) ; @:
bench-tools: $(BENCH) ; @:

# The census for kernels without the pids controller, SMP and SCHED_INFO: here what these bring has names that
# no kernel has.
LACKED := $(foreach name,pids_cgrp_id on_cpu cpu last_arrival,-D$(name)=no_such_$(name))
$(LACKING)/%.bpf.o: src/census/bpf/%.bpf.c $(BUILD)/bpf-flags
	@mkdir -p $(@D)/gen
	$(call say,BPF,$@)$(CLANG) $(BPF_CFLAGS) $(LACKED) $(BPF_INCLUDES) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<

$(LACKING)/coroner: $(SKELETON:$(GEN)/%.lskel.h=$(LACKING)/%.bpf.o) $(OBJECTS) $(BUILD)/flags $(BUILD)/sources
	$(call say,LINK,$@)for object in $(filter %.bpf.o,$^); do \
		name=$$(basename $$object .bpf.o); \
		$(call skeleton,$$object,$${name}) >$(LACKING)/gen/$$name.lskel.h || exit 1; \
	done; \
	$(COMPILE) -iquote $(LACKING)/gen -c -o $(LACKING)/bpf.o src/census/bpf/bpf.c && \
	$(LINK) -o $@ $(filter-out %/census/bpf/bpf.o,$(OBJECTS)) $(LACKING)/bpf.o $(PKG_LIBS) $(LDLIBS)

$(ZOO_OBJECTS): $(BUILD)/zoo-obj/%.o: tests/zoo/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,ZOO,$<)$(COMPILE_TOOL) -Itests/zoo $(DEPFLAGS) -c -o $@ $<

# Only there do 64-bit machines run it; it takes no C library.
$(ZOO32): $(BUILD)/zoo/%: tests/zoo32/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,ZOO,$@)$(CC) -m32 -O1 -Wall -ffreestanding -fno-pic -no-pie -fno-stack-protector \
		-fcf-protection=none -nostdlib -static -o $@ $<

$(ZOO): $(BUILD)/zoo/%: tests/zoo/%.c $(ZOO_OBJECTS) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,ZOO,$@)$(COMPILE_TOOL) -Itests/zoo -MMD -MP -MT $@ -MF $@.d -o $@ $< $(ZOO_OBJECTS)

# procps.c is about the library of that name; the iterators have programs of their own to load.
$(BUILD)/bench/procps: BENCH_LIBS = $(shell $(PKG_CONFIG) --libs libproc2)
$(BUILD)/bench/iterate-seq: $(GEN)/iterate_seq.lskel.h
$(BUILD)/bench/iterate-open: $(GEN)/iterate_open.lskel.h
$(BUILD)/bench/iterate-census: $(GEN)/census.lskel.h
$(BENCH): $(BUILD)/bench/%: tests/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BENCH,$@)$(COMPILE_TOOL) -Itests/bench -I$(GEN) -MMD -MP -MT $@ -MF $@.d -o $@ $< $(BENCH_LIBS)

$(BUILD)/bpf/%.bpf.o: tests/bench/%.bpf.c $(BUILD)/bpf-flags
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDES) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<

$(FOREST): $(FOREST_SRC) $(wildcard tests/inherit/*.h) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,FOREST,$@)$(COMPILE_TOOL) $(shell $(PKG_CONFIG) --cflags jansson) -o $@ \
		$(FOREST_SRC) $(shell $(PKG_CONFIG) --libs jansson)

$(UNIT): $(BUILD)/%: tests/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,UNIT,$@)$(COMPILE) -I$(<D) -MMD -MP -MT $@ -MF $@.d -o $@ $< $(LIB) \
		$(LDFLAGS) -lcmocka $(PKG_LIBS) $(LDLIBS)

$(INJECT): tests/faults/inject.c $(OBJ)/main.o $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,INJECT,$@)objcopy --redefine-sym main=coroner_main $(OBJ)/main.o $(@D)/main.o && \
		$(COMPILE) -MMD -MP -MT $@ -MF $@.d -o $@ $< $(@D)/main.o $(LIB) $(LDFLAGS) $(PKG_LIBS) $(LDLIBS)

# libFuzzer comes with clang; the library is built apart, instrumented for it.
FUZZ_BUILD := $(BUILD)/fuzz-build
fuzz:
	@$(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC='$(CLANG)' SANITIZE=fuzzer-no-link,address,undefined \
		$(FUZZ_BUILD)/libcoroner.a
	@$(MAKE) --no-print-directory fuzz-targets

fuzz-targets: $(FUZZ) ; @:

$(FUZZ): $(BUILD)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h $(FUZZ_BUILD)/libcoroner.a)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CLANG) -std=gnu17 -g -O1 $(BASE_CPPFLAGS) -I$(FUZZ_BUILD)/gen $(PKG_CFLAGS) -pthread \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(WARNINGS) \
		-Itests/fuzz -o $@ $< $(FUZZ_BUILD)/libcoroner.a $(PKG_LIBS)

-include $(OBJECTS:.o=.d) $(ZOO_OBJECTS:.o=.d) $(STATIC_OBJECTS:.o=.d) $(SKELETON:$(GEN)/%.lskel.h=$(BUILD)/bpf/%.bpf.d) $(wildcard $(LACKING)/*.d) $(addsuffix .d,$(ZOO) $(UNIT) $(BENCH) $(INJECT))

# --- packages: printed before they are installed, silent when there is nothing to do ---------

# PACKAGE, or PACKAGE:COMMAND, PACKAGE:pc=MODULE (of pkg-config), PACKAGE:py=MODULE (of Python) where that may
# come from elsewhere.
DEPS_BUILD := pkg-config:$(lastword $(PKG_CONFIG)) $(if $(CROSS),gcc-$(subst _,-,$(CROSS)):$(CC) \
	libc6-dev-$(DEBIAN_ARCH)-cross,libproc2-dev:pc=libproc2 libcap-dev:pc=libcap libjansson-dev:pc=jansson) \
	$(if $(SKELETON),clang:$(CLANG) bpftool:$(BPFTOOL) libbpf-dev:pc=libbpf)
DEPS_CHECK := bats:bats libcmocka-dev:pc=cmocka jq:jq gojq:gojq tmux:tmux python3-jsonschema:py=jsonschema mandoc:mandoc groff-base:groff \
	zsh:zsh fish:fish bash-completion:pc=bash-completion procps:ps util-linux:lsns libcap2-bin:capsh \
	file:file strace:strace prometheus:promtool prometheus-node-exporter:prometheus-node-exporter \
	python3-prometheus-client:py=prometheus_client systemd:systemd-analyze graphviz:dot locales:locale-gen
DEPS_DEMO := jq:jq
# What coroner is held against, the library of procps among it.
DEPS_BENCH := jq:jq procps:ps util-linux:lsns psmisc:pstree htop:htop bsdutils:script libproc2-dev:pc=libproc2
# Engines, inits, and what is run as PID 1. Debian starts a service for some of them where the machine's policy
# allows it; the tests use daemons of their own.
DEPS_CONTAINERS := docker.io containerd runc podman crun conmon tini dumb-init catatonit busybox-static nodejs:node \
	npm:npm default-jre-headless:java prometheus-node-exporter chromium:chromium python3-yaml kubectl:kubectl
DEPS_LINT := clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck shellcheck:shellcheck mandoc:mandoc jq:jq
DEPS_VALGRIND := valgrind:valgrind libc6-dbg
# libFuzzer and its sanitizers: clang only recommends them.
DEPS_FUZZ := clang:$(CLANG) libclang-rt-dev

define install_missing
@missing=; for d in $(1); do \
	p=$${d%%:*}; \
	case $$d in \
	*:pc=*) $(PKG_CONFIG) --exists "$${d#*:pc=}" 2>/dev/null && continue ;; \
	*:py=*) python3 -c "import $${d#*:py=}" 2>/dev/null && continue ;; \
	*:*) command -v "$${d#*:}" >/dev/null 2>&1 && continue ;; \
	esac; \
	dpkg-query -W -f '$${db:Status-Status}\n' "$$p" 2>/dev/null | grep -qx installed && continue; \
	missing="$$missing $$p"; \
done; \
[ -n "$$missing" ] || exit 0; \
[ '$(DEPS)' != 0 ] || { echo "coroner: missing, and with DEPS=0 not installed:$$missing" >&2; exit 0; }; \
command -v apt-get >/dev/null 2>&1 || { echo "coroner: no apt-get here; needed:$$missing" >&2; exit 0; }; \
apt='env DEBIAN_FRONTEND=noninteractive apt-get'; [ "$$(id -u)" = 0 ] || apt="sudo $$apt"; \
update=; apt-cache --no-all-versions show $$missing >/dev/null 2>&1 || update="$$apt update && "; \
install="$$apt install -y --no-install-recommends$$missing"; \
[ "$$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 || { \
	echo "coroner: no root, and no sudo here; who has root installs what is missing: apt-get install$$missing" >&2; exit 1; }; \
echo "$$update$$install"; \
[ -z "$$update" ] || $$apt update || exit 1; \
$$install || { $$apt update && $$install; }
endef

deps-build:
	$(call install_missing,$(DEPS_BUILD))

# Before anything is installed or built: what it is for would not run.
deps-check:
	@[ "$$(id -u)" = 0 ] || [ '$(strip $(T))' = unit ] || tests/run --refuse
	$(call install_missing,$(DEPS_BUILD) $(DEPS_CHECK))

deps-bench:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_BENCH))

deps-demo:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_DEMO))

deps-lint:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_LINT))

deps:
	$(call install_missing,$(sort $(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_LINT) $(if $(FUZZ),$(DEPS_FUZZ))))

deps-containers:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_CONTAINERS))

deps-valgrind:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_VALGRIND))

deps-fuzz:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_FUZZ))

# --- run, demo, check ------------------------------------------------------------------------

# A second make, because what this one found missing may be there now.

run: deps-build
	@$(MAKE) --no-print-directory all
	@$(CORONER) list

demo: deps-demo
	@$(MAKE) --no-print-directory all zoo
	@tests/demo

# One lane more than there are cores: most tests wait for something half of their time.
check: deps-check
	@$(MAKE) --no-print-directory all unit zoo bench-tools
	@BUILD='$(BUILD)' SANITIZE='$(SANITIZE)' JOBS="$${JOBS:-$$(($$(nproc) + 1))}" tests/run $(if $(F),-f '$(F)') $(if $(T),$(T),unit live bats)

# The whole suite under AddressSanitizer and UBSan, but for the tests tagged "unsanitized"; T and F as with check.
check-sanitize:
	@$(MAKE) --no-print-directory BUILD='$(BUILD)/sanitize' SANITIZE=address,undefined check

# What threads share, under ThreadSanitizer; T and F as with check. gcc's does not find its way where the kernel puts
# things at random in as many places as it can: setarch -R has it not do so.
check-tsan: deps-check
	@setarch -R $(MAKE) --no-print-directory BUILD='$(BUILD)/thread' SANITIZE=thread \
		T='$(or $(T),tests/threads.bats)' check

# The unit tests under valgrind: what is read before it was written no sanitizer of gcc sees.
check-valgrind: deps-valgrind
	@$(MAKE) --no-print-directory unit
	@BUILD='$(BUILD)' UNDER='valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite,possible' \
		tests/run unit

# `coroner watch` for SECONDS beside a storm of forks: it grows neither in memory nor in descriptors.
SECONDS ?= 600
check-soak: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(abspath $(BUILD))' tests/soak/run --seconds '$(SECONDS)'

# Every verdict that is called proven, held against a second look; REFUTE_LOOKS a source.
REFUTE_LOOKS ?= 2000
check-refute: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(abspath $(BUILD))' tests/refute/run --looks $(REFUTE_LOOKS)

# Every system call of every command made to fail once, and too little memory; FAULTS=--core: a part of it.
FAULTS ?=
check-faults: deps-check
	@$(MAKE) --no-print-directory all zoo $(INJECT)
	@BUILD='$(abspath $(BUILD))' tests/faults/run $(FAULTS)

check-unit: deps-check
	@$(MAKE) --no-print-directory unit
	@BUILD='$(BUILD)' tests/run unit live

check-bats: deps-check
	@$(MAKE) --no-print-directory all zoo bench-tools
	@BUILD='$(BUILD)' tests/run bats

LOOKS ?= 1000
check-looks: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(BUILD)' CORONER_LOOKS='$(LOOKS)' BATS_TEST_TIMEOUT=2400 tests/run tests/reaped.bats

check-fuzz: deps-fuzz
	@$(MAKE) --no-print-directory fuzz
	@BUILD='$(BUILD)' tests/run fuzz

# Without its installer, which would fetch a browser: Debian's is used.
PUPPETEER := $(BUILD)/puppeteer
$(PUPPETEER)/node_modules/puppeteer-core/package.json:
	@mkdir -p $(PUPPETEER)
	$(call say,NPM,$@)npm install --silent --no-fund --no-audit --prefix $(PUPPETEER) puppeteer-core@24.10.0

check-containers: deps-containers
	@$(MAKE) --no-print-directory all static zoo bench-tools $(PUPPETEER)/node_modules/puppeteer-core/package.json
	@BUILD='$(BUILD)' tests/run containers

# coroner reap killed at random instants, KILLS times for each of SEEDS, which are at it at once; and a quarter as often
# the child of it that holds the thread.
KILLS ?= 500
SEEDS ?= 1 2 3 4
check-kills: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(BUILD)' KILLS='$(KILLS)' SEEDS='$(SEEDS)' BATS_TEST_TIMEOUT=1800 tests/run -f ' killed' tests/reap.bats

# Real programs under load, while zombies are taken from them.
check-programs: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(BUILD)' tests/run programs

# tests/attack.bats with every attack so often; `make check` tries each twice.
ATTACK_RUNS ?= 50
check-attack: deps-check
	@$(MAKE) --no-print-directory all zoo bench-tools
	@BUILD='$(BUILD)' ATTACK_RUNS='$(ATTACK_RUNS)' BATS_TEST_TIMEOUT=1800 tests/run tests/attack.bats

# tests/mixes.bats with so many.
MIXES ?= 200
check-mixes: deps-check
	@$(MAKE) --no-print-directory all zoo
	@BUILD='$(BUILD)' MIXES='$(MIXES)' BATS_TEST_TIMEOUT=1800 tests/run tests/mixes.bats

# Packages, images and manifests, built and tried as people do.
check-delivery: deps-check
	@$(MAKE) --no-print-directory all static zoo
	@BUILD='$(BUILD)' tests/run delivery

# The Debian packages as a builder and Debian's CI see them; SUITES: of tests/run, for autopkgtest.
SUITES ?= bats
check-deb: deb
	@BUILD='$(BUILD)' tests/delivery/deps
	@tests/delivery/in-debian '$(BUILD)' $(SUITES)

# Each line of the README that installs coroner, followed by a user of a bare Debian.
check-install:
	@BUILD='$(BUILD)' tests/delivery/deps
	@tests/delivery/as-told '$(BUILD)'

check-vm: deps-build
	@$(MAKE) --no-print-directory static zoo
	@BUILD='$(BUILD)' VM_FULL='$(VM_FULL)' VM_SUITES='$(VM_SUITES)' tests/run vm

# The whole takes some minutes. BENCH_SIZES: so many processes, several numbers; from where pid_max or threads-max
# is too small these are raised while it runs. BENCH_ROUNDS: how often each command is timed.
BENCH_SIZES ?= 2400 24000
BENCH_ROUNDS ?= 5
bench: deps-bench
	@$(MAKE) --no-print-directory all bench-tools
	@BUILD='$(BUILD)' tests/bench/run $(BENCH_ROUNDS) $(BENCH_SIZES)

# The README's pictures and screens anew, from real runs.
pictures: deps-check
	@$(MAKE) --no-print-directory all zoo
	@tests/pictures '$(BUILD)'
	@mv '$(BUILD)/tree.svg' '$(BUILD)/watch.svg' man
	@tests/put-screens '$(BUILD)/screens.txt' README.md README.zh-CN.md

lint: deps-lint
	@$(MAKE) --no-print-directory WERROR=1 all
	@tests/lint

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

completions: all
	completions/generate $(CORONER)

# --- install ---------------------------------------------------------------------------------

prefix ?= $(PREFIX)
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
datarootdir ?= $(prefix)/share
datadir ?= $(datarootdir)
mandir ?= $(datarootdir)/man
docdir ?= $(datarootdir)/doc/coroner
# A distribution's /usr has its configuration in /etc; systemd looks for both of them.
sysconfdir ?= $(if $(filter /usr,$(prefix)),,$(prefix))/etc
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
bashdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d

# MODE:FILE:TO, the one list of what is installed.
INSTALLED = 755:$(CORONER):$(bindir)/coroner \
	$(foreach n,1 5,$(foreach f,$(wildcard man/*.$(n)),644:$(f):$(mandir)/man$(n)/$(notdir $(f)))) \
	$(foreach f,$(wildcard man/*.schema.json),644:$(f):$(datadir)/coroner/$(notdir $(f))) \
	644:completions/coroner.bash:$(bashdir)/coroner \
	644:completions/_coroner:$(zshdir)/_coroner \
	644:completions/coroner.fish:$(fishdir)/coroner.fish \
	$(foreach u,service timer,644:deploy/systemd/coroner-metrics.$(u):$(unitdir)/coroner-metrics.$(u)) \
	644:deploy/systemd/coroner.default:$(sysconfdir)/default/coroner \
	644:deploy/systemd/coroner.sysusers.conf:$(sysusersdir)/coroner.conf \
	644:deploy/systemd/coroner.tmpfiles.conf:$(tmpfilesdir)/coroner.conf \
	644:deploy/prometheus/coroner.rules.yml:$(docdir)/examples/coroner.rules.yml

# What is built is installed as it is, even with other flags than now: `sudo make install` compiles nothing.
install: $(if $(wildcard $(CORONER)),,all)
	@set -e; for i in $(INSTALLED); do \
		mode=$${i%%:*} from=$${i#*:}; to=$${from#*:} from=$${from%%:*}; \
		echo "install $(DESTDIR)$$to"; \
		install -D -m "$$mode" "$$from" '$(DESTDIR)'"$$to"; \
	done
	@sed -i 's,/usr/bin/coroner,$(bindir)/coroner,; s,/etc/default/coroner,$(sysconfdir)/default/coroner,' \
		'$(DESTDIR)$(unitdir)/coroner-metrics.service'

# Directories of its own go too; those of others stay.
uninstall:
	@for i in $(INSTALLED); do echo "rm $(DESTDIR)$${i##*:}"; rm -f '$(DESTDIR)'"$${i##*:}"; done
	@rmdir '$(DESTDIR)$(datadir)/coroner' '$(DESTDIR)$(docdir)/examples' '$(DESTDIR)$(docdir)' 2>/dev/null || :

include deploy/deploy.mk

clean:
	rm -rf $(BUILD)

help:
	@echo 'all run demo check lint bench static install uninstall clean deps'
	@echo 'check-unit check-bats check-sanitize check-tsan check-valgrind check-soak check-faults check-looks check-refute check-fuzz check-vm check-containers check-programs check-kills check-delivery check-deb check-install check-attack check-mixes dist distcheck deb rpm image format completions pictures'
