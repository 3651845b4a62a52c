// SPDX-License-Identifier: MIT
// From boot.S to kern_main: what the loader left (loader.h), memory, CPU 0, clocks.
#include "cpu.h"

#include "../cpu_state.h"
#include "display.h"
#include "firmware.h"
#include "loader.h"
#include "paging.h"
#include "smp.h"

#define LOW_MEMORY UINT64_C(0x100000) // the firmware's, and the trampoline's
#define COMMAND_LINE_SIZE 4096u

extern const char kernel_end[];
static char command_line[COMMAND_LINE_SIZE];
struct loader loader;

_Noreturn void boot_start(uint32_t information, uint32_t magic, uint64_t first_tick);

// Text below LOADER_LIMIT: no longer than there is room.
void loader_take_command_line(const char *text)
{
	for (size_t i = 0; i < COMMAND_LINE_SIZE - 1 && direct_physical(text + i) < LOADER_LIMIT && text[i]; i++)
		command_line[i] = text[i];
	boot_facts.command_line = command_line;
}

void loader_take_module(uint32_t index, uint64_t address, uint64_t size)
{
	if (address >= LOADER_LIMIT || size > LOADER_LIMIT - address)
		panic("module %u of the loader lies beyond 4 GiB", index);
	ram_reserve(address, size);
	if (index == 0) {
		boot_facts.archive = direct(address);
		boot_facts.archive_size = size;
	}
}

_Noreturn void boot_start(uint32_t information, uint32_t magic, uint64_t first_tick)
{
	cpu_state_init();
	cpu_features_find();
	cpu_setup(&cpu_blocks[0]);
	idt_init();
	idt_load();
	serial_init();
	if (magic == MULTIBOOT_MAGIC)
		loader_read_multiboot(information);
	else
		loader_read_pvh(information);
	ram_reserve(0, LOW_MEMORY);
	ram_reserve(LOW_MEMORY, (uintptr_t)kernel_end - KERNEL_VIRTUAL - LOW_MEMORY);
	display_find();
	display_open(LOADER_LIMIT);
	paging_init();
	display_open(UINT64_MAX);
	frames_init();
	// The loader may have put it where the firmware says that it keeps something (QEMU does, with many disks).
	if (boot_facts.archive && !paging_map_direct(direct_physical(boot_facts.archive), boot_facts.archive_size, false))
		panic("no memory to map the archive");
	clock_init();
	apic_init();
	apic_setup();
	atomic_store(&cpu_blocks[0].up, true);
	apic_calibrate();
	firmware_init();
	smp_find();
	ioapic_init();
	serial_watch();
	devices_init();
	log_line("metal", "by %s: %lu MiB of memory, %u CPUs, clock by %s%s%s", loader.name, ram_size() >> 20, md_cpu_count(),
		 clock_source(), cpu_features.hypervisor[0] ? ", under " : "", cpu_features.hypervisor);
	log_line("metal", "the clock was started %lu ticks after the first instruction, %lu of them to measure it",
		 clock_base() - first_tick, clock_measuring());
	kern_main();
}
