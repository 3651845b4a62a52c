# SPDX-License-Identifier: MIT
# The Darwin personality: gila-darwin, which `gila run` executes; stubs for the linker, Darwin test programs.

DARWIN_SRC := $(filter-out %_test.c %_fuzz.c,$(wildcard darwin/*/*.c))
$(G)/darwin_table.S: darwin/symbols.tsv darwin/libraries.tsv tools/darwin/symbols.py
	@mkdir -p $(@D)
	tools/darwin/symbols.py table $@
$(G)/darwin_libraries.c: darwin/symbols.tsv darwin/libraries.tsv tools/darwin/symbols.py
	@mkdir -p $(@D)
	tools/darwin/symbols.py libraries $@
$(G)/darwin_unicode.c: tools/darwin/unicode.py
	@mkdir -p $(@D)
	tools/darwin/unicode.py $@
build/darwin-stubs/stamp: darwin/symbols.tsv darwin/libraries.tsv tools/darwin/symbols.py
	tools/darwin/symbols.py tbd $(@D)
	@touch $@
build/darwin-symbols.md: darwin/symbols.tsv darwin/libraries.tsv tools/darwin/symbols.py
	tools/darwin/symbols.py coverage $@

# The server of names, which macOS programs bring along (darwin/libsystem/bootstrap.c).
$(B)/gila-bootstrap: $(B)/image/bootstrap
	@cp $< $@

# Functions that programs call are declared nowhere: the table binds them. The table itself knows addresses alone.
# No stack protector, no red zone tricks: ordinary code. -rdynamic is not needed: names come from the table.
DARWINFLAGS := $(INCLUDES) -D_GNU_SOURCE -fPIE -Wno-missing-prototypes -fno-builtin-malloc -Wno-psabi
darwin_objects = $(patsubst %,$(B)/darwin/%.o,$(basename $(patsubst $(G)/%,gen/%,$(1))))
$(B)/darwin/gen/%.o: $(G)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DARWINFLAGS) -fno-builtin -c $< -o $@
$(B)/darwin/gen/%.o: $(G)/%.S
	@mkdir -p $(@D)
	$(CC) -c $< -o $@
$(B)/darwin/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(DARWINFLAGS) -c $< -o $@
# Frames that a program's backtrace passes through: its handlers, starts of threads and of the program are called from there.
$(foreach f,libsystem/signal libsystem/thread loader/start,$(B)/darwin/darwin/$f.o): CFLAGS += -fno-omit-frame-pointer
# The C library is all that is loaded at the start; functions of the others are found at their first call, by whoever calls them.
DARWIN_OBJECTS := $(call darwin_objects,$(DARWIN_SRC) $(G)/darwin_table.S $(G)/darwin_libraries.c $(G)/darwin_unicode.c)
darwin_library = $(shell $(CC) -print-file-name=$(1))
$(B)/darwin/late.S: $(DARWIN_OBJECTS) tools/darwin/late.py
	tools/darwin/late.py $@ $(call darwin_library,libc.so.6) $(call darwin_library,libgcc_s.so.1):_Unwind_ $(call darwin_library,libm.so.6) \
		$(call darwin_library,libcrypto.so.3) $(call darwin_library,libssl.so.3) -- $(DARWIN_OBJECTS)
$(B)/darwin/late.o: $(B)/darwin/late.S
	$(CC) -c $< -o $@
# libgila is how it reaches the session's kernel. What has a name of C++ stands in for Debian's libc++'s, also there (darwin/cxx).
$(B)/gila-darwin: $(DARWIN_OBJECTS) $(B)/darwin/late.o $(B)/user/libgila.a
	$(CC) -pie -Wl,-z,lazy,-z,pack-relative-relocs,--export-dynamic-symbol='_Unwind_*',--export-dynamic-symbol='_Z[NT]*' -o $@ $^

# Own programs for Darwin, by Debian's clang and ld64.lld; well-known tools from npm beside their Linux builds.
.PHONY: test-darwin test-macos test-macos-more test-macos-runtimes bench-macos
test-darwin: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila build/darwin-stubs/stamp
	@for script in $(wildcard tests/darwin/*.sh); do echo $$script; bash $$script || failed=1; done; test -z "$$failed"
test-macos: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila
	@python3 tests/darwin/macos.py $(if $(ONLY),--only $(ONLY),--table docs/macos-programs.md)
	@$(if $(ONLY),,python3 tests/darwin/many.py)
# More programs, fewer uses each.
test-macos-more: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila
	@python3 tests/darwin/macos.py --more $(if $(ONLY),--only $(ONLY),--table docs/macos-programs.md)
# Language runtimes and databases.
test-macos-runtimes: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila
	@python3 tests/darwin/runtimes.py $(if $(ONLY),--only $(ONLY),--table docs/macos-programs.md)
bench-macos: $(PACKAGES_STAMP)
	@$(MAKE) --no-print-directory -s V=release build/gila build/release/measure
	@python3 bench/macos/bench.py build/release/measure $(if $(ONLY),--only $(ONLY)) $(if $(RUNS),--runs $(RUNS)) $(if $(LARGE),--large)
$(B)/measure: bench/macos/measure.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -o $@ $<
