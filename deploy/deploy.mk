# SPDX-License-Identifier: MIT
#
# What people install who have no checkout: a release, packages, images. Included by the Makefile.
#
#   make dist       build/dist: tarball, static files, what they hold (SPDX), checksums
#   make distcheck  the tarball, unpacked elsewhere: built as a distribution does, checked, installed, uninstalled
#   make deb rpm    packages of the tarball (packages.mk)
#   make image      build/image/oci: an index of images from scratch; ENGINE=docker loads one instead
#
# Honoured: ARCHES (of static files and images), SOURCE_DATE_EPOCH, DISTCHECK (suites of tests/run), ENGINE.

ARCHES ?= $(MACHINE)
DISTCHECK ?= unit live bats
ENGINE ?= buildah

.PHONY: dist distcheck image deps-image deps-release

RELEASE := coroner-$(VERSION)
DIST := $(BUILD)/dist
TARBALL := $(DIST)/$(RELEASE).tar.gz

# In a container a checkout is another user's; what its configuration may run, its Makefile may, too.
GIT := git -c safe.directory='*'
# The day of the last change; in an unpacked release the one that its files carry.
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell $(GIT) log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile))
# As files() of tests/lint.
RELEASED = $(if $(wildcard .git),$(GIT) ls-files -z,find . -path './$(BUILD)' -prune -o -path ./build -prune -o ! -type d -printf '%P\0')

deb_arch = $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(1)))
static_of = $(DIST)/$(1)/coroner-static

# What building takes for each of ARCHES.
deps-release:
	@set -e; for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch deps-build; done

# Each by a make of its own: a release is what these flags make, whatever was built before with others.
dist: deps-release $(TARBALL)
	@set -e; for arch in $(ARCHES); do \
		$(MAKE) --no-print-directory BUILD='$(DIST)/'$$arch ARCH=$$arch CFLAGS='-O2 -g' CPPFLAGS= LDFLAGS= static; \
		file='$(DIST)/$(RELEASE)-'$$arch; \
		$(STRIP_ANY) -o "$$file" '$(DIST)/'$$arch/coroner-static; \
		deploy/sbom '$(VERSION)' "$$file" '$(DIST)/'$$arch '$(EPOCH)' >"$$file.spdx.json"; \
	done
	@cd '$(DIST)' && sha256sum $(RELEASE).tar.gz $(foreach a,$(ARCHES),$(RELEASE)-$(a) $(RELEASE)-$(a).spdx.json) >SHA256SUMS
	@cat '$(DIST)/SHA256SUMS'
STRIP_ANY = $$(command -v $$arch-linux-gnu-strip || echo strip)

$(TARBALL): FORCE
	@mkdir -p $(@D)
	$(call say,TAR,$@)$(RELEASED) >$@.files && LC_ALL=C sort -z $@.files | tar --create --null --no-recursion --files-from=- \
		--transform='s,^,$(RELEASE)/,' --mtime='@$(EPOCH)' --owner=0 --group=0 --numeric-owner \
		--mode=u=rwX,go=rX --format=ustar --file=- | gzip -9n >$@ && rm $@.files

# The flags of a distribution, and its link time optimisation.
DISTFLAGS = CFLAGS="$$(dpkg-buildflags --get CFLAGS) -flto=auto" CPPFLAGS="$$(dpkg-buildflags --get CPPFLAGS)" \
	LDFLAGS="$$(dpkg-buildflags --get LDFLAGS) -flto=auto"

distcheck: $(TARBALL)
	@rm -rf '$(BUILD)/distcheck' && mkdir -p '$(BUILD)/distcheck/root'
	@tar -C '$(BUILD)/distcheck' -xf $(TARBALL)
	@set -e; root=$$(cd '$(BUILD)/distcheck/root' && pwd); cd '$(BUILD)/distcheck/$(RELEASE)'; \
		unset MAKEFLAGS MFLAGS MAKELEVEL BUILD WERROR; \
		make -j2 CI=true $(DISTFLAGS) all; \
		make -j2 CI=true $(DISTFLAGS) check DEPS=0 T='$(DISTCHECK)'; \
		make -s DESTDIR="$$root" PREFIX=/usr install; \
		"$$root/usr/bin/coroner" --version; \
		make -s DESTDIR="$$root" PREFIX=/usr uninstall; \
		left=$$(find "$$root" ! -type d); [ -z "$$left" ] || { echo "left: $$left" >&2; exit 1; }
	@echo 'distcheck: $(RELEASE).tar.gz builds, passes, installs and goes'

# --- images ----------------------------------------------------------------------------------

IMAGE := $(BUILD)/image
IMAGE_NAME ?= coroner:$(VERSION)

# buildah is installed where it lacks; another engine, and its daemon, its user has.
deps-image: deps-release
	$(if $(filter buildah,$(ENGINE)),$(call install_missing,buildah:buildah))
	@command -v $(firstword $(ENGINE)) >/dev/null || { echo 'coroner: there is no $(firstword $(ENGINE)) here' >&2; exit 1; }

image: deps-image
	@set -e; for arch in $(ARCHES); do \
		case $$arch in x86_64) oci=amd64 ;; aarch64) oci=arm64 ;; *) oci=$$arch ;; esac; \
		$(MAKE) --no-print-directory BUILD='$(DIST)/'$$arch ARCH=$$arch CFLAGS='-O2 -g' CPPFLAGS= LDFLAGS= static; \
		mkdir -p '$(IMAGE)/'$$oci; \
		$(STRIP_ANY) -o '$(IMAGE)/'$$oci/coroner '$(DIST)/'$$arch/coroner-static; \
		touch -d '@$(EPOCH)' '$(IMAGE)/'$$oci/coroner; \
	done
	@deploy/image/build '$(ENGINE)' '$(IMAGE)' '$(IMAGE_NAME)' '$(VERSION)' '$(EPOCH)'

include deploy/packages.mk
