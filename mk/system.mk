# SPDX-License-Identifier: MIT
# Programs of the whole-system tests (tests/programs) and of the bench: clients that run on the host, servers for images of
# their own. `make V=... system` makes what tests/system/*.sh need, `make bench` what bench/run.sh needs.

TG         := $(G)/tests
TESTFLAGS  := -I$(TG)/include -Itests/programs
PROBE_GEN  := $(TG)/include/abi/probe.h $(TG)/include/abi/probe_server.h $(TG)/probe_user.c $(TG)/probe_server.c

$(TG)/include/abi/probe_server.h: tests/programs/probe.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit server-header --output $@ $<
$(TG)/include/abi/probe.h: tests/programs/probe.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit user-header --output $@ $<
$(TG)/probe_user.c: tests/programs/probe.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit user-source --header abi/probe.h --output $@ $<
$(TG)/probe_server.c: tests/programs/probe.defs $(GDEFS_SRC)
	@mkdir -p $(@D)
	$(GDEFS) --emit server-source --header abi/probe_server.h --output $@ $<

# ---- Clients: build/V/system/NAME --------------------------------------------------------------------------------------
TEST_PROGRAMS      := accounts blockio buscalm calm clientkill darling forked hammer hostile largeio probe_call recipes stuck victim
objects.darling    := raw
objects.hostile    := raw
objects.victim     := raw victim_lib victim_raw
$(B)/system/o/%.o: tests/programs/%.c $(PROBE_GEN) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) $(TESTFLAGS) -D_GNU_SOURCE -DGILA_HOST $(SANFLAGS) -c $< -o $@
$(B)/system/o/probe_user.o: $(TG)/probe_user.c $(PROBE_GEN) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) $(TESTFLAGS) -D_GNU_SOURCE -DGILA_HOST $(SANFLAGS) -c $< -o $@
define test_program
$(B)/system/$(1): $(patsubst %,$(B)/system/o/%.o,$(1) $(objects.$(1)) client probe_user) $(B)/host/libgila.a
	$$(CC) $$(SANFLAGS) -o $$@ $$^ -lpthread
endef
$(foreach program,$(TEST_PROGRAMS),$(eval $(call test_program,$(program))))

# The torture: a workload that checks every byte (docs/recovery.md). fake*.c is a file system for its own tests.
$(B)/system/torture: $(call host_objects,$(filter-out %_test.c tests/programs/torture/fake%.c,$(wildcard tests/programs/torture/*.c))) $(B)/host/libgila.a
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) -o $@ $^ -lm -lpthread

# The same as a program of an image, and an image whose shell it is: tests/metal/torture.sh.
$(B)/system/image/torture: $(call user_objects,$(filter-out %_test.c tests/programs/torture/fake%.c,$(wildcard tests/programs/torture/*.c))) $(B)/user/libgila.a
	@mkdir -p $(@D)
	$(CC) -static-pie -Wl,--gc-sections -o $@ $^ -lm
	strip --strip-debug $@
$(B)/system/metal-torture.tar.lzma: tests/metal/torture.manifest tests/metal/torture.toml $(IMAGE_FILES) $(B)/system/image/torture tools/mkimage.py
	python3 tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/image --define TESTS=$(B)/system/image --output $@

# ---- Servers and images ------------------------------------------------------------------------------------------------
$(B)/system/image/o/%.o: tests/programs/image/%.c $(PROBE_GEN) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) $(TESTFLAGS) -c $< -o $@
$(B)/system/image/o/probe_%.o: $(TG)/probe_%.c $(PROBE_GEN) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) $(TESTFLAGS) -c $< -o $@
$(B)/system/image/probe: $(B)/system/image/o/probe.o $(B)/system/image/o/probe_user.o $(B)/system/image/o/probe_server.o $(B)/user/libgila.a
	$(CC) -static-pie -Wl,--gc-sections -o $@ $^
# A driver, in two versions.
$(B)/system/image/o/devprobe-2.o: tests/programs/image/devprobe.c $(PROBE_GEN) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(USERFLAGS) $(TESTFLAGS) -DDEVPROBE_VERSION=2 -c $< -o $@
$(B)/system/image/devprobe $(B)/system/image/devprobe-2: $(B)/system/image/%: $(B)/system/image/o/%.o $(B)/system/image/o/probe_server.o $(B)/user/libgila.a
	$(CC) -static-pie -Wl,--gc-sections -o $@ $^
$(B)/system/image/benchserver: $(B)/user/bench/server/main.o $(B)/user/libgila.a
	@mkdir -p $(@D)
	$(CC) -static-pie -Wl,--gc-sections -o $@ $^
$(B)/system/test.tar.lzma: tests/system/manifest tests/system/init.toml $(IMAGE_FILES) $(B)/system/image/probe $(B)/system/image/devprobe $(B)/system/image/devprobe-2 tools/mkimage.py
	python3 tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/image --define TESTS=$(B)/system/image --output $@
$(B)/system/torture.tar.lzma: tests/system/torture.manifest tests/system/torture.toml tests/system/torture-drivers.toml $(IMAGE_FILES) tools/mkimage.py
	@mkdir -p $(@D)
	python3 tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/image --output $@
$(B)/system/bench.tar.lzma: bench/manifest bench/init.toml $(IMAGE_FILES) $(B)/system/image/benchserver tools/mkimage.py
	python3 tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/image --define TESTS=$(B)/system/image --output $@

# The bench of the metal (bench/metal.sh).
$(B)/system/image/metalbench: $(B)/user/bench/metal/main.o
$(B)/system/image/metaldriver: $(B)/user/bench/metal/driver.o
$(B)/system/image/metalbench $(B)/system/image/metaldriver: $(B)/user/bench/metal/count.o $(B)/user/libgila.a
	@mkdir -p $(@D)
	$(CC) -static-pie -Wl,--gc-sections -o $@ $(filter %.o,$^) $(filter %.a,$^)
	strip --strip-debug $@
$(B)/system/bench-metal.tar.lzma: bench/metal/manifest bench/metal/init.toml bench/metal/drivers.toml $(IMAGE_FILES) $(B)/system/image/benchserver $(B)/system/image/metalbench $(B)/system/image/metaldriver tools/mkimage.py
	python3 tools/mkimage.py --manifest $< --define PROGRAMS=$(B)/image --define TESTS=$(B)/system/image --output $@

$(B)/bench: $(call host_objects,$(wildcard bench/*.c)) $(B)/host/libgila.a
	$(CC) $(SANFLAGS) -o $@ $^ -lpthread

.PHONY: system bench-programs bench-metal-programs
system: $(B)/gila $(B)/gila.tar.lzma $(B)/system/test.tar.lzma $(B)/system/torture.tar.lzma $(TEST_PROGRAMS:%=$(B)/system/%) $(B)/system/torture
bench-metal-programs: $(B)/bare/kernel.elf $(B)/gila.tar.lzma $(B)/system/bench-metal.tar.lzma
bench-programs: $(B)/gila $(B)/gila.tar.lzma $(B)/bench $(B)/system/bench.tar.lzma $(B)/system/torture

# ---- lib/linux, tested on Linux: a loader that stands in for the metal, and an ordinary program (tests/system/linuxcalls.sh) ----
$(B)/system/metal: $(call user_objects,$(wildcard tests/programs/metal/*.c)) $(B)/user/libgila.a
	@mkdir -p $(@D)
	$(CC) -static-pie -o $@ $^
$(call user_objects,$(wildcard tests/programs/metal/*.c)): USERFLAGS += -fno-stack-protector
$(B)/system/guest: $(call user_objects,$(wildcard tests/programs/guest/*.c))
	@mkdir -p $(@D)
	$(CC) -static-pie -o $@ $^
system: $(B)/system/metal $(B)/system/guest $(B)/image/linux
$(B)/system/native: $(call user_objects,$(wildcard tests/programs/native/*.c)) $(B)/user/libgila.a
	@mkdir -p $(@D)
	$(CC) -static-pie -o $@ $^
system: $(B)/system/native
