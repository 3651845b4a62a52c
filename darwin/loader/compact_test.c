// SPDX-License-Identifier: MIT
// Compact unwind encodings: the rows that they stand for. Facts: the comments of <mach-o/compact_unwind_encoding.h>.
#include "unwind.h"

#include <gila/test.h>
#include <string.h>

TEST(a_frame_with_rbp_has_its_registers_below_it)
{
	struct unwind_row row;
	// Four words below rbp: rbx, r12, r14, r15 from the lowest on.
	CHECK_EQ(compact_row(0x01000000 | 4 << 16 | (1 | 2 << 3 | 4 << 6 | 5 << 9), NULL, 0, &row), COMPACT_ROW);
	CHECK_EQ(row.cfa_register, 6);
	CHECK_EQ(row.cfa_offset, 16);
	CHECK_EQ(row.count, 5);
	CHECK(row.saved[0].number == 6 && row.saved[0].offset == -16);
	CHECK(row.saved[1].number == 3 && row.saved[1].offset == -48);
	CHECK(row.saved[4].number == 15 && row.saved[4].offset == -24);
}

TEST(a_frame_without_rbp_has_a_permutation)
{
	struct unwind_row row;
	// 5 words, three registers pushed, permutation 0: rbx, r12, r13.
	CHECK_EQ(compact_row(0x02000000 | 5 << 16 | 3 << 10, NULL, 0, &row), COMPACT_ROW);
	CHECK_EQ(row.cfa_register, 7);
	CHECK_EQ(row.cfa_offset, 40);
	CHECK_EQ(row.count, 3);
	CHECK(row.saved[0].number == 3 && row.saved[0].offset == -32);
	CHECK(row.saved[2].number == 13 && row.saved[2].offset == -16);
	// Two registers, permutation 1*5+3: the second of six, then the fourth of the five left.
	CHECK_EQ(compact_row(0x02000000 | 3 << 16 | 2 << 10 | 8, NULL, 0, &row), COMPACT_ROW);
	CHECK(row.saved[0].number == 12 && row.saved[1].number == 15);
}

TEST(a_large_frame_has_its_size_in_the_code)
{
	struct unwind_row row;
	const uint8_t code[] = {0x48, 0x81, 0xec, 0x00, 0x10, 0x00, 0x00}; // sub $0x1000, %rsp
	uint32_t encoding = 0x03000000 | 3 << 16 | 1 << 13; // and one word more
	CHECK_EQ(compact_row(encoding, code, sizeof(code), &row), COMPACT_ROW);
	CHECK_EQ(row.cfa_offset, 0x1008);
	CHECK_EQ(compact_row(encoding, code, 6, &row), COMPACT_NONE); // the operand is cut off
	CHECK_EQ(compact_row(0x04000123, NULL, 0, &row), COMPACT_DWARF);
	CHECK_EQ(compact_row(0, NULL, 0, &row), COMPACT_NONE);
	CHECK_EQ(compact_row(0x02000000 | 1 << 16 | 3 << 10, NULL, 0, &row), COMPACT_NONE); // no room for three
}

// One regular page with two functions, one compressed with one; an LSDA and a personality.
static const uint32_t table[] = {
	1, 28, 1, 32, 1, 36, 3,		    // version; encodings at 28, 1; personalities at 32, 1; index at 36, 3
	0x01000001,			    // the common encoding
	0x5000,				    // the personality's pointer
	0x100, 80, 72, 0x200, 104, 80, 0x300, 0, 80, // index: function, page, LSDAs
	0x100, 0x900,			    // the LSDA of 0x100
	2, 2 << 16 | 8, 0x100, 0x51000000, 0x180, 0x01000000, // regular
	3, 1 << 16 | 12, 0, 0x00000010,	    // compressed: 0x200 + 0x10, common encoding 0
};

TEST(a_function_is_found)
{
	struct macho_range range = {(const uint8_t *)table, sizeof(table)};
	struct unwind_function found;
	CHECK(compact_find(range, 0x17f, &found));
	CHECK(found.start == 0x100 && found.size == 0x80 && found.encoding == 0x51000000);
	CHECK(found.lsda == 0x900 && found.personality == 0x5000);
	CHECK(compact_find(range, 0x180, &found));
	CHECK(found.start == 0x180 && found.size == 0x80 && found.encoding == 0x01000000);
	CHECK(found.lsda == 0 && found.personality == 0);
	CHECK(compact_find(range, 0x2ff, &found));
	CHECK(found.start == 0x210 && found.size == 0xf0 && found.encoding == 0x01000001);
	CHECK(!compact_find(range, 0xff, &found));  // before all
	CHECK(!compact_find(range, 0x208, &found)); // before the first of its page
	CHECK(!compact_find(range, 0x300, &found)); // behind all
	for (size_t size = 0; size < sizeof(table); size++) // the sanitizers look
		for (uint64_t offset = 0x80; offset < 0x380; offset += 0x10)
			(void)compact_find((struct macho_range){(const uint8_t *)table, size}, offset, &found);
}
