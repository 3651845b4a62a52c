// SPDX-License-Identifier: MIT
// From boot.S to kern_main: what the loader left (xen/include/public/arch-x86/hvm/start_info.h), memory, CPU 0, clocks.
#include "cpu.h"

#include "../cpu_state.h"
#include "firmware.h"
#include "paging.h"
#include "smp.h"

#define START_MAGIC 0x336ec578u
#define MEMORY_RAM 1u
#define LOW_MEMORY UINT64_C(0x100000) // the firmware's, and the trampoline's
#define BOOT_LIMIT UINT64_C(0x100000000)
#define COMMAND_LINE_SIZE 4096u
#define MODULES_MOST 8u

struct start_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, command_line, rsdp, memory_map; // physical
	uint32_t memory_map_entries, reserved;                // from version 1 on
};
struct start_module {
	uint64_t address, size, command_line, reserved;
};
struct start_memory {
	uint64_t address, size;
	uint32_t type, reserved;
};

extern const char kernel_end[];
static char command_line[COMMAND_LINE_SIZE];
static uint64_t rsdp_hint;

_Noreturn void boot_start(uint32_t start_info, uint64_t first_tick);

static void take_memory(const struct start_info *info)
{
	const struct start_memory *map = direct(info->memory_map);
	for (uint32_t i = 0; i < info->memory_map_entries; i++)
		if (map[i].type == MEMORY_RAM)
			ram_add(map[i].address, map[i].size);
	ram_reserve(0, LOW_MEMORY);
	ram_reserve(LOW_MEMORY, (uintptr_t)kernel_end - KERNEL_VIRTUAL - LOW_MEMORY);
}

// Text in physical memory: no longer than there is room, cut off at what the boot tables map.
static void take_command_line(uint64_t address)
{
	const char *text = direct(address);
	for (size_t i = 0; address && address < BOOT_LIMIT - COMMAND_LINE_SIZE && i < COMMAND_LINE_SIZE - 1 && text[i]; i++)
		command_line[i] = text[i];
	boot_facts.command_line = command_line;
}

// The first module is the archive.
static void take_modules(const struct start_info *info)
{
	const struct start_module *list = direct(info->module_list);
	for (uint32_t i = 0; i < info->modules && i < MODULES_MOST; i++) {
		if (list[i].address >= BOOT_LIMIT || list[i].size > BOOT_LIMIT - list[i].address)
			panic("module %u of the loader lies beyond 4 GiB", i);
		ram_reserve(list[i].address, list[i].size);
		if (i == 0) {
			boot_facts.archive = direct(list[i].address);
			boot_facts.archive_size = list[i].size;
		}
	}
}

uint64_t boot_rsdp_hint(void) { return rsdp_hint; }

_Noreturn void boot_start(uint32_t start_info, uint64_t first_tick)
{
	cpu_state_init();
	cpu_features_find();
	cpu_setup(&cpu_blocks[0]);
	idt_init();
	idt_load();
	serial_init();
	const struct start_info *info = direct(start_info);
	if (info->magic != START_MAGIC || info->version < 1 || info->memory_map_entries == 0)
		panic("the loader left no PVH start info with a memory map (magic %x, version %u)", info->magic,
		      info->version);
	rsdp_hint = info->rsdp;
	take_memory(info);
	take_command_line(info->command_line);
	take_modules(info);
	paging_init();
	frames_init();
	// The loader may have put it where the firmware says that it keeps something (QEMU does, with many disks).
	if (boot_facts.archive && !paging_map_direct(direct_physical(boot_facts.archive), boot_facts.archive_size, false))
		panic("no memory to map the archive");
	clock_init();
	apic_init();
	apic_setup();
	apic_calibrate();
	firmware_init();
	smp_find();
	ioapic_init();
	devices_init();
	log_line("metal", "%lu MiB of memory, %u CPUs, clock by %s%s%s", ram_size() >> 20, md_cpu_count(), clock_source(),
		 cpu_features.hypervisor[0] ? ", under " : "", cpu_features.hypervisor);
	log_line("metal", "the clock was started %lu ticks after the first instruction, %lu of them to measure it",
		 clock_base() - first_tick, clock_measuring());
	kern_main();
}
