// SPDX-License-Identifier: MIT
#include "multiboot.h"

#include <gila/test.h>
#include <string.h>

static uint8_t info[512];
static uint32_t filled;
static struct multiboot found;

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void begin(void)
{
	memset(info, 0, sizeof(info));
	filled = 8;
}

// A tag of `size` bytes behind its header; its first byte there.
static uint8_t *tag(uint32_t type, uint32_t size)
{
	uint8_t *at = info + filled;
	put32(at, type);
	put32(at + 4, size + 8);
	filled += (size + 8 + 7) & ~7u;
	return at + 8;
}

static const char *read_all(void)
{
	tag(0, 0);
	put32(info, filled);
	return multiboot_read(info, multiboot_size(info), &found);
}

TEST(multiboot_reads_what_grub_leaves)
{
	uint64_t address, size;
	bool ram;
	begin();
	memcpy(tag(1, 7), "exec=ps", 8); // its zero is behind the tag
	memcpy(tag(1, 8), "exec=ps", 8);
	uint8_t *module = tag(3, 9);
	put32(module, 0x200000), put32(module + 4, 0x234567);
	uint8_t *map = tag(6, 8 + 2 * 24);
	put32(map, 24);
	put32(map + 8, 0x100000), put32(map + 16, 0x7f00000), put32(map + 24, 1);
	put32(map + 32, 0xfffc0000), put32(map + 40, 0x40000), put32(map + 48, 2);
	memcpy(tag(14, 20), "RSD PTR old", 11);
	memcpy(tag(15, 36), "RSD PTR new", 11);
	uint8_t *screen = tag(8, 30);
	put32(screen, 0x80000000), put32(screen + 4, 1), put32(screen + 8, 4096), put32(screen + 12, 1024), put32(screen + 16, 768);
	memcpy(screen + 20, (uint8_t[]){32, 1, 0, 0, 16, 8, 8, 8, 0, 8}, 10);
	CHECK(read_all() == NULL);
	CHECK(found.command_line && strcmp(found.command_line, "exec=ps") == 0);
	CHECK_EQ(found.module_count, 1);
	CHECK(found.modules[0].start == 0x200000 && found.modules[0].end == 0x234567);
	CHECK(multiboot_memory(&found, 0, &address, &size, &ram) && address == 0x100000 && size == 0x7f00000 && ram);
	CHECK(multiboot_memory(&found, 1, &address, &size, &ram) && address == 0xfffc0000 && size == 0x40000 && !ram);
	CHECK(!multiboot_memory(&found, 2, &address, &size, &ram));
	CHECK(found.rsdp_size == 36 && memcmp(found.rsdp, "RSD PTR new", 11) == 0);
	CHECK(found.framebuffer.address == UINT64_C(0x180000000) && found.framebuffer.stride == 4096);
	CHECK(found.framebuffer.width == 1024 && found.framebuffer.height == 768 && found.framebuffer.bits == 32);
	CHECK(found.framebuffer.pixels == MULTIBOOT_RGB && found.framebuffer.red == 16 && found.framebuffer.green == 8);
	CHECK(found.framebuffer.blue == 0 && found.framebuffer.blue_bits == 8);
}

TEST(multiboot_has_the_newer_root_pointer_whatever_the_order)
{
	begin();
	memcpy(tag(15, 36), "RSD PTR new", 11);
	memcpy(tag(14, 20), "RSD PTR old", 11);
	CHECK(read_all() == NULL && found.rsdp_size == 36);
	begin();
	memcpy(tag(14, 20), "RSD PTR old", 11);
	tag(15, 35);
	CHECK(read_all() == NULL && found.rsdp_size == 20);
}

TEST(multiboot_leaves_out_tags_that_are_too_short)
{
	begin();
	memset(tag(1, 8), 'x', 8);
	tag(3, 7);
	put32(tag(3, 8), 1); // ends before it begins
	tag(6, 7);
	put32(tag(6, 8 + 24), 23);
	tag(8, 23);
	tag(14, 19);
	tag(77, 5);
	CHECK(read_all() == NULL);
	CHECK(!found.command_line && found.module_count == 0 && !found.map && !found.rsdp && found.framebuffer.width == 0);
	begin();
	for (unsigned i = 0; i < MULTIBOOT_MODULES + 1; i++)
		tag(3, 8);
	CHECK(read_all() == NULL && found.module_count == MULTIBOOT_MODULES);
}

TEST(multiboot_refuses_lists_that_do_not_end)
{
	begin();
	tag(77, 8);
	put32(info, filled);
	CHECK(multiboot_read(info, multiboot_size(info), &found) != NULL);
	put32(info + 12, 7);
	CHECK(multiboot_read(info, filled, &found) != NULL);
	put32(info + 12, filled);
	CHECK(multiboot_read(info, filled, &found) != NULL);
	put32(info + 12, 0xfffffffc);
	CHECK(multiboot_read(info, filled, &found) != NULL);
	put32(info, 8);
	CHECK_EQ(multiboot_size(info), 0);
	put32(info, MULTIBOOT_SIZE_MOST + 4);
	CHECK_EQ(multiboot_size(info), 0);
}
