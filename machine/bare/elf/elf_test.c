// SPDX-License-Identifier: MIT
#include "elf.h"

#include <gila/test.h>
#include <string.h>

#define MACHINE 62
#define PLACE 64u // of the program headers

// A program of text and data, as bytes; fields are changed by their offsets in the file (gABI, "ELF Header", "Program
// Header").
static uint8_t file[8192];
static struct elf_program program;

static void put(unsigned at, uint64_t value, unsigned size) { memcpy(file + at, &value, size); }

static void put_segment(unsigned i, uint32_t flags, uint64_t offset, uint64_t address, uint64_t file_size, uint64_t memory_size)
{
	unsigned at = PLACE + 56 * i;
	put(at, 1, 4);
	put(at + 4, flags, 4);
	put(at + 8, offset, 8);
	put(at + 16, address, 8);
	put(at + 32, file_size, 8);
	put(at + 40, memory_size, 8);
}

static void begin(void)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "\x7f" "ELF\2\1\1", 7);
	put(16, 3, 2);
	put(18, MACHINE, 2);
	put(24, 0x1010, 8);
	put(32, PLACE, 8);
	put(54, 56, 2);
	put(56, 3, 2);
	put_segment(0, 4, 0, 0, 0x200, 0x200);
	put_segment(1, 5, 0x1000, 0x1000, 0x300, 0x300);
	put_segment(2, 6, 0x1300, 0x2300, 0x100, 0x2000);
}

static bool accepted(void) { return elf_read(file, sizeof(file), MACHINE, &program) == NULL; }

TEST(elf_reads_segments)
{
	begin();
	CHECK(accepted());
	CHECK_EQ(program.count, 3);
	CHECK_EQ(program.entry, 0x1010);
	CHECK_EQ(program.headers, PLACE);
	CHECK_EQ(program.header_count, 3);
	CHECK_EQ(program.segments[1].prot, VM_PROT_READ | VM_PROT_EXECUTE);
	CHECK_EQ(program.segments[2].address, 0x2000);
	CHECK_EQ(program.segments[2].end, 0x5000);
	CHECK_EQ(program.segments[2].data_address, 0x2300);
	CHECK_EQ(program.segments[2].data_size, 0x100);
	CHECK_EQ(program.span, 0x5000);
}

TEST(elf_refuses_what_is_no_program)
{
	begin();
	CHECK(elf_read(file, 63, MACHINE, &program) != NULL);
	CHECK(elf_read(file, sizeof(file), 183, &program) != NULL);
	file[0] = 0;
	CHECK(!accepted());
	begin();
	put(16, 2, 2); // not position-independent
	CHECK(!accepted());
	begin();
	put(PLACE, 3, 4); // an interpreter
	CHECK(!accepted());
	begin();
	put(56, 0, 2); // no segments
	CHECK(!accepted());
	begin();
	put(24, 0x2300, 8); // the entry is data
	CHECK(!accepted());
}

TEST(elf_refuses_what_lies_outside)
{
	begin();
	put(32, sizeof(file) - 56, 8);
	CHECK(!accepted());
	begin();
	put(32, UINT64_MAX - 7, 8);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, sizeof(file) - 0x80, 0x2300, 0x100, 0x100);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, UINT64_MAX - 0x80, 0x2300, 0x100, 0x100);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, 0x1300, UINT64_MAX - 0x1000, 0x100, 0x2000);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, 0x1300, 0x2300, 0x100, UINT64_MAX);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, 0x1300, 0x2300, 0x100, 0x80); // more in the file than in memory
	CHECK(!accepted());
}

TEST(elf_refuses_segments_that_share_pages_or_are_written_and_run)
{
	begin();
	put_segment(2, 6, 0x1300, 0x1300, 0x100, 0x100);
	CHECK(!accepted());
	begin();
	put_segment(2, 6, 0x1300, 0, 0x100, 0x100); // out of order
	CHECK(!accepted());
	begin();
	put_segment(1, 7, 0x1000, 0x1000, 0x300, 0x300);
	CHECK(!accepted());
}
