# SPDX-License-Identifier: MIT
#
# GNU make, no configure step. `make help` lists the targets.
#
# Honoured: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS DESTDIR PREFIX, and
#   BPF=0                        build without the BPF census (no clang, no bpftool needed)
#   SANITIZE=address,undefined   build with these sanitizers
#   WERROR=1                     warnings are errors (the default when CI=true)
#   BUILD=DIR                    build elsewhere than in build/
#   V=1                          show the commands

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/sh

VERSION := 1.0.0

CLANG ?= clang
PKG_CONFIG ?= pkg-config
BPFTOOL ?= $(firstword $(wildcard $(addsuffix /bpftool,$(subst :, ,$(PATH)) /usr/sbin /sbin)) bpftool)
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
BUILD ?= build
BPF ?= 1
V ?= 0
SANITIZE ?=
WERROR ?= $(if $(filter true 1,$(CI)),1,0)

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
BPF_SRC := $(wildcard src/census/census.bpf.c)
# libproc2 is loaded when it is asked; a static binary has it built in.
SHARED_SRC := src/inspect/libproc2_shared.c
STATIC_SRC := src/inspect/libproc2_static.c
SRC := $(filter-out %.bpf.c $(STATIC_SRC),$(ALL_SRC))
OBJECTS := $(SRC:src/%.c=$(OBJ)/%.o)
STATIC_OBJECTS := $(filter-out $(SHARED_SRC:src/%.c=$(OBJ)/%.o),$(OBJECTS)) $(STATIC_SRC:src/%.c=$(OBJ)/%.o)

ZOO_HELPERS := $(wildcard tests/zoo/zoo.c tests/zoo/zoo_*.c)
ZOO_OBJECTS := $(ZOO_HELPERS:tests/zoo/%.c=$(BUILD)/zoo-obj/%.o)
ZOO := $(patsubst tests/zoo/%.c,$(BUILD)/zoo/%,$(filter-out $(ZOO_HELPERS),$(wildcard tests/zoo/*.c)))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
BENCH := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
# One program of several files: grows random trees and asks coroner about them (tests/reaper.bats).
FOREST_SRC := $(wildcard tests/inherit/*.c)
FOREST := $(if $(FOREST_SRC),$(BUILD)/inherit/forest)
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

WITH_BPF := $(if $(and $(BPF_SRC),$(filter-out 0 no,$(BPF))),1,0)
SKELETON := $(if $(filter 1,$(WITH_BPF)),$(GEN)/census.lskel.h)
SYSCALL_NAMES := $(GEN)/syscall_names.h

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

# = and not :=, so that `make deps` and `make clean` do not ask pkg-config.
BASE_CFLAGS := -std=gnu17 -pthread $(WARNINGS) $(HARDENING)
BASE_CPPFLAGS := -Isrc -I$(GEN) -D_GNU_SOURCE= -DWITH_BPF=$(WITH_BPF) -DCORONER_VERSION='"$(VERSION)"'
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(LINKED) 2>/dev/null)
PKG_STATIC_LIBS = $(shell $(PKG_CONFIG) --static --libs $(PACKAGES) 2>/dev/null)
DEPFLAGS = -MMD -MP -MT $@ -MF $(@:.o=.d)

COMPILE = $(CC) $(BASE_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(BASE_CFLAGS) -fPIE $(CFLAGS) $(FORTIFY) $(SANITIZERS)
LINK = $(CC) $(BASE_CFLAGS) -pie -Wl,-z,relro,-z,now $(CFLAGS) $(SANITIZERS) $(LDFLAGS)
LINK_STATIC = $(CC) $(BASE_CFLAGS) -static-pie -Wl,-z,relro,-z,now $(CFLAGS) $(LDFLAGS)
# The zoo and the bench helpers are what is looked at, not what is tested: no sanitizers there.
COMPILE_TOOL = $(CC) -std=gnu17 -D_GNU_SOURCE= -pthread $(WARNINGS) -O2 -g
BPF_CFLAGS := -O2 -g -target bpf -Wall $(if $(filter 1,$(WERROR)),-Werror) -Isrc
BPF_INCLUDES = -I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

# --- what is missing, said once and by name --------------------------------------------------

have = $(shell command -v $(1) 2>/dev/null)
debian_package = $(patsubst jansson,libjansson-dev,$(patsubst libcap,libcap-dev,$(patsubst libproc2,libproc2-dev,$(1))))
MISSING_PACKAGES = $(if $(call have,$(PKG_CONFIG)),$(foreach p,$(PACKAGES),$(shell \
	$(PKG_CONFIG) --exists $(p) 2>/dev/null || echo $(call debian_package,$(p)))),pkg-config)
MISSING_BPF = $(if $(SKELETON),$(if $(call have,$(CLANG)),,clang) $(if $(call have,$(BPFTOOL)),,bpftool) \
	$(if $(wildcard /usr/include/bpf/bpf_helpers.h),,libbpf-dev))

# --- build -----------------------------------------------------------------------------------

.PHONY: all run demo check check-unit check-bats check-fuzz check-vm check-containers lint bench \
	install uninstall clean deps deps-build deps-demo deps-check deps-lint deps-fuzz static zoo unit bench-tools \
	fuzz fuzz-targets format completions pictures preflight help FORCE

all: $(CORONER)

preflight:
	$(if $(call have,$(firstword $(CC))),,$(error there is no compiler "$(CC)" here))
	@missing='$(strip $(MISSING_PACKAGES))'; bpf='$(strip $(MISSING_BPF))'; \
	if [ -n "$$missing" ]; then \
		echo "coroner: cannot build without these Debian packages: $$missing" >&2; fi; \
	if [ -n "$$bpf" ]; then \
		echo "coroner: the BPF census needs these Debian packages: $$bpf (make BPF=0 builds without it)" >&2; fi; \
	if [ -n "$$missing$$bpf" ]; then \
		echo "coroner: 'make deps' installs what is missing" >&2; exit 1; fi

# Changed flags, compilers or lists of files rebuild what they touch. The text goes through the
# environment, so quotes in it need no care; the file changes only when the text does.
$(BUILD)/flags: export FLAGS_TEXT = $(COMPILE) $(CC_VERSION) $(LINK) $(PKG_LIBS) $(LDLIBS)
$(BUILD)/sources: export FLAGS_TEXT = $(ALL_SRC)
$(BUILD)/bpf-flags: export FLAGS_TEXT = $(CLANG) $(BPF_CFLAGS) $(BPFTOOL)
CC_VERSION = $(shell $(CC) --version 2>/dev/null | head -n 1)
$(BUILD)/flags $(BUILD)/sources $(BUILD)/bpf-flags: FORCE | preflight
	@mkdir -p $(@D)
	@printf '%s\n' "$$FLAGS_TEXT" | cmp -s - $@ || printf '%s\n' "$$FLAGS_TEXT" >$@

$(sort $(OBJECTS) $(STATIC_OBJECTS)): $(OBJ)/%.o: src/%.c $(BUILD)/flags $(SYSCALL_NAMES) | $(SKELETON)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(DEPFLAGS) -c -o $@ $<

$(CORONER): $(OBJECTS) $(BUILD)/flags $(BUILD)/sources
	$(call say,LINK,$@)$(LINK) -o $@ $(OBJECTS) $(PKG_LIBS) $(LDLIBS)

$(LIB): $(filter-out $(OBJ)/main.o,$(OBJECTS)) $(BUILD)/flags $(BUILD)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

static: $(BUILD)/coroner-static

$(BUILD)/coroner-static: $(STATIC_OBJECTS) $(BUILD)/flags $(BUILD)/sources
	$(if $(SANITIZE),$(error a static binary cannot hold sanitizers: make static without SANITIZE))
	$(call say,LINK,$@)$(LINK_STATIC) -o $@ $(STATIC_OBJECTS) $(PKG_STATIC_LIBS) $(LDLIBS)

# The compiler's own list for the architecture it builds for: [0] = "read", ...
$(SYSCALL_NAMES): $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,GEN,$@)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM $(CPPFLAGS) - | \
		awk '{ v[$$2] = $$3 } END { for (n in v) if (n ~ /^__NR_/) { \
			x = v[n] in v ? v[v[n]] : v[n]; if (x ~ /^[0-9]+$$/) print x, substr(n, 6) } }' | sort -n | \
		awk '!seen[$$1]++ { printf "[%d] = \"%s\",\n", $$1, $$2 }' >$@.new
	@grep -q '"wait4"' $@.new || { echo "coroner: $(CC) knows no system call numbers" >&2; exit 1; }
	@cmp -s $@.new $@ && rm $@.new && touch $@ || mv $@.new $@

$(BUILD)/census.bpf.o: src/census/census.bpf.c $(BUILD)/bpf-flags
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDES) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<

# A light skeleton: no libbpf at run time. The pragma keeps our warnings out of bpftool's code.
$(GEN)/census.lskel.h: $(BUILD)/census.bpf.o
	@mkdir -p $(@D)
	$(call say,SKEL,$@){ printf '#pragma GCC system_header\n#include <errno.h>\n' && \
		$(BPFTOOL) gen skeleton -L $< name census_bpf; } >$@

# --- what the tests need ---------------------------------------------------------------------

zoo: $(ZOO) $(FOREST) ; @:
unit: $(UNIT) ; @:
bench-tools: $(BENCH) ; @:

$(ZOO_OBJECTS): $(BUILD)/zoo-obj/%.o: tests/zoo/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,ZOO,$<)$(COMPILE_TOOL) -Itests/zoo $(DEPFLAGS) -c -o $@ $<

$(ZOO): $(BUILD)/zoo/%: tests/zoo/%.c $(ZOO_OBJECTS) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,ZOO,$@)$(COMPILE_TOOL) -Itests/zoo -MMD -MP -MT $@ -MF $@.d -o $@ $< $(ZOO_OBJECTS)

$(BENCH): $(BUILD)/bench/%: tests/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BENCH,$@)$(COMPILE_TOOL) -Itests/bench -MMD -MP -MT $@ -MF $@.d -o $@ $<

$(FOREST): $(FOREST_SRC) $(wildcard tests/inherit/*.h) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,FOREST,$@)$(COMPILE_TOOL) $(shell $(PKG_CONFIG) --cflags jansson) -o $@ \
		$(FOREST_SRC) $(shell $(PKG_CONFIG) --libs jansson)

$(UNIT): $(BUILD)/unit/%: tests/unit/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,UNIT,$@)$(COMPILE) -Itests/unit -MMD -MP -MT $@ -MF $@.d -o $@ $< $(LIB) \
		$(LDFLAGS) -lcmocka $(PKG_LIBS) $(LDLIBS)

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

-include $(OBJECTS:.o=.d) $(ZOO_OBJECTS:.o=.d) $(STATIC_OBJECTS:.o=.d) $(BUILD)/census.bpf.d $(addsuffix .d,$(ZOO) $(UNIT) $(BENCH))

# --- packages: printed before they are installed, silent when there is nothing to do ---------

# PACKAGE, or PACKAGE:COMMAND where the command may come from elsewhere.
DEPS_BUILD := pkg-config:$(PKG_CONFIG) libproc2-dev libcap-dev libjansson-dev \
	$(if $(SKELETON),clang:$(CLANG) bpftool:$(BPFTOOL) libbpf-dev)
DEPS_CHECK := bats:bats libcmocka-dev jq:jq tmux:tmux python3-jsonschema mandoc:mandoc zsh:zsh \
	fish:fish bash-completion procps:ps util-linux:lsns libcap2-bin:capsh file:file strace:strace \
	prometheus:promtool prometheus-node-exporter python3-prometheus-client systemd:systemd-analyze \
	graphviz:dot
DEPS_DEMO := jq:jq
DEPS_LINT := clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck shellcheck:shellcheck mandoc:mandoc jq:jq
# libFuzzer and its sanitizers: clang only recommends them.
DEPS_FUZZ := clang:$(CLANG) libclang-rt-dev

define install_missing
@missing=; for d in $(1); do \
	p=$${d%%:*}; \
	case $$d in *:*) command -v "$${d#*:}" >/dev/null 2>&1 && continue ;; esac; \
	dpkg-query -W -f '$${db:Status-Status}\n' "$$p" 2>/dev/null | grep -qx installed && continue; \
	missing="$$missing $$p"; \
done; \
[ -n "$$missing" ] || exit 0; \
command -v apt-get >/dev/null 2>&1 || { echo "coroner: no apt-get here; needed:$$missing" >&2; exit 0; }; \
apt='env DEBIAN_FRONTEND=noninteractive apt-get'; [ "$$(id -u)" = 0 ] || apt="sudo $$apt"; \
update=; apt-cache --no-all-versions show $$missing >/dev/null 2>&1 || update="$$apt update && "; \
install="$$apt install -y --no-install-recommends$$missing"; \
echo "$$update$$install"; \
[ -z "$$update" ] || $$apt update || exit 1; \
$$install || { $$apt update && $$install; }
endef

deps-build:
	$(call install_missing,$(DEPS_BUILD))

deps-check:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_CHECK))

deps-demo:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_DEMO))

deps-lint:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_LINT))

deps:
	$(call install_missing,$(sort $(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_LINT) $(if $(FUZZ),$(DEPS_FUZZ))))

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

check: deps-check
	@$(MAKE) --no-print-directory all unit zoo bench-tools
	@BUILD='$(BUILD)' tests/run unit bats

check-unit: deps-check
	@$(MAKE) --no-print-directory unit
	@BUILD='$(BUILD)' tests/run unit

check-bats: deps-check
	@$(MAKE) --no-print-directory all zoo bench-tools
	@BUILD='$(BUILD)' tests/run bats

check-fuzz: deps-fuzz
	@$(MAKE) --no-print-directory fuzz
	@BUILD='$(BUILD)' tests/run fuzz

check-containers: deps-check
	@$(MAKE) --no-print-directory all static zoo
	@BUILD='$(BUILD)' tests/run containers

check-vm: deps-build
	@$(MAKE) --no-print-directory static zoo
	@BUILD='$(BUILD)' tests/run vm

bench: deps-check
	@$(MAKE) --no-print-directory all bench-tools
	@tests/bench/run

# The README's pictures and screens anew, from real runs.
pictures: deps-check
	@$(MAKE) --no-print-directory all zoo
	@tests/pictures '$(BUILD)'
	@mv '$(BUILD)/tree.svg' '$(BUILD)/watch.svg' man
	@tests/put-screens '$(BUILD)/screens.txt' README.md

lint: deps-lint
	@$(MAKE) --no-print-directory all
	@tests/lint

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

completions: all
	completions/generate $(CORONER)

# --- install ---------------------------------------------------------------------------------

BINDIR = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
SCHEMA = $(wildcard man/*.schema.json)

install: all
	install -d $(BINDIR) $(SHARE)/man/man1 $(SHARE)/man/man5 $(SHARE)/coroner \
		$(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -m 755 $(CORONER) $(BINDIR)/coroner
	$(if $(MAN1),install -m 644 $(MAN1) $(SHARE)/man/man1)
	$(if $(MAN5),install -m 644 $(MAN5) $(SHARE)/man/man5)
	$(if $(SCHEMA),install -m 644 $(SCHEMA) $(SHARE)/coroner)
	install -m 644 completions/coroner.bash $(SHARE)/bash-completion/completions/coroner
	install -m 644 completions/_coroner $(SHARE)/zsh/site-functions/_coroner
	install -m 644 completions/coroner.fish $(SHARE)/fish/vendor_completions.d/coroner.fish

uninstall:
	rm -f $(BINDIR)/coroner $(addprefix $(SHARE)/man/man1/,$(notdir $(MAN1))) \
		$(addprefix $(SHARE)/man/man5/,$(notdir $(MAN5))) \
		$(addprefix $(SHARE)/coroner/,$(notdir $(SCHEMA))) \
		$(SHARE)/bash-completion/completions/coroner $(SHARE)/zsh/site-functions/_coroner \
		$(SHARE)/fish/vendor_completions.d/coroner.fish
	-rmdir $(SHARE)/coroner 2>/dev/null

clean:
	rm -rf $(BUILD)

help:
	@echo 'all run demo check lint bench static install uninstall clean deps'
	@echo 'check-unit check-bats check-fuzz check-vm check-containers format completions pictures'
