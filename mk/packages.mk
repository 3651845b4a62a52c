# SPDX-License-Identifier: MIT
# Debian packages. `make packages` installs what is missing, if it may; mk/packages.txt names each with its reason.

PACKAGES_STAMP := build/packages.stamp

$(PACKAGES_STAMP): mk/packages.txt tools/packages.sh
	@mkdir -p $(@D)
	@tools/packages.sh mk/packages.txt
	@touch $@

.PHONY: packages
packages: $(PACKAGES_STAMP)
