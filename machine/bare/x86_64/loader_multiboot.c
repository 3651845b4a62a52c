// SPDX-License-Identifier: MIT
// What a multiboot2 loader leaves: ../multiboot reads it. The information stays where it is, for the copy of ACPI's root pointer.
#include "loader.h"

#include "cpu.h"

void loader_read_multiboot(uint32_t address)
{
	struct multiboot found;
	uint64_t at, size;
	bool ram;
	const uint8_t *info = direct(address);
	uint32_t total = multiboot_size(info);
	const char *reason = total == 0 || total > LOADER_LIMIT - address ? "its size" : multiboot_read(info, total, &found);
	if (reason)
		panic("the loader's multiboot2 information cannot be used: %s", reason);
	if (!found.map)
		panic("the loader left no memory map");
	loader.name = "multiboot2";
	for (uint32_t i = 0; multiboot_memory(&found, i, &at, &size, &ram); i++)
		if (ram)
			ram_add(at, size);
	ram_reserve(address, total);
	loader.rsdp = found.rsdp ? direct_physical(found.rsdp) : 0;
	loader.framebuffer = found.framebuffer;
	if (found.command_line)
		loader_take_command_line(found.command_line);
	for (uint32_t i = 0; i < found.module_count; i++)
		loader_take_module(i, found.modules[i].start, found.modules[i].end - found.modules[i].start);
}
