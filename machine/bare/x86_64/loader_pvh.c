// SPDX-License-Identifier: MIT
// What a PVH loader leaves (xen/include/public/arch-x86/hvm/start_info.h). It has no framebuffer.
#include "loader.h"

#include "cpu.h"

#define START_MAGIC 0x336ec578u
#define MEMORY_RAM 1u
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

void loader_read_pvh(uint32_t address)
{
	const struct start_info *info = direct(address);
	if (info->magic != START_MAGIC || info->version < 1 || info->memory_map_entries == 0)
		panic("the loader left no PVH start info with a memory map (magic %x, version %u)", info->magic,
		      info->version);
	if (info->memory_map >= LOADER_LIMIT || info->module_list >= LOADER_LIMIT || info->command_line >= LOADER_LIMIT)
		panic("what the loader tells lies beyond 4 GiB");
	loader.name = "PVH";
	loader.rsdp = info->rsdp;
	const struct start_memory *map = direct(info->memory_map);
	for (uint32_t i = 0; i < info->memory_map_entries; i++)
		if (map[i].type == MEMORY_RAM)
			ram_add(map[i].address, map[i].size);
	if (info->command_line)
		loader_take_command_line(direct(info->command_line));
	const struct start_module *list = direct(info->module_list);
	for (uint32_t i = 0; i < info->modules && i < MODULES_MOST; i++)
		loader_take_module(i, list[i].address, list[i].size);
}
