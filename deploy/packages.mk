# SPDX-License-Identifier: MIT
#
# Packages of the tarball of `make dist`: make deb, make rpm. Included by deploy.mk.

.PHONY: deb rpm deps-deb deps-rpm

deps-deb:
	$(call install_missing,$(DEPS_BUILD) build-essential libcmocka-dev:pc=cmocka debhelper:dh dpkg-dev:dpkg-buildpackage fakeroot:fakeroot)

DEB := $(BUILD)/deb
deb: deps-deb $(TARBALL)
	@rm -rf '$(DEB)' && mkdir -p '$(DEB)'
	@cp $(TARBALL) '$(DEB)/coroner_$(VERSION).orig.tar.gz'
	@tar -C '$(DEB)' -xf $(TARBALL)
	@cp -r deploy/debian '$(DEB)/$(RELEASE)/debian'
	@cd '$(DEB)/$(RELEASE)' && unset MAKEFLAGS MFLAGS MAKELEVEL BUILD WERROR && \
		SOURCE_DATE_EPOCH='$(EPOCH)' dpkg-buildpackage -us -uc
	@ls '$(DEB)'/*.deb

deps-rpm:
	$(call install_missing,$(DEPS_BUILD) rpm:rpmbuild)

RPM := $(BUILD)/rpm
rpm: deps-rpm $(TARBALL)
	@rm -rf '$(RPM)' && mkdir -p '$(RPM)'
	@unset MAKEFLAGS MFLAGS MAKELEVEL BUILD WERROR; \
		SOURCE_DATE_EPOCH='$(EPOCH)' rpmbuild -bb $(if $(wildcard /etc/debian_version),--nodeps) \
		--define '_topdir $(abspath $(RPM))' --define '_sourcedir $(abspath $(DIST))' \
		--define 'version_ $(VERSION)' deploy/rpm/coroner.spec
	@find '$(RPM)/RPMS' -name '*.rpm'
