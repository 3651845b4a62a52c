// SPDX-License-Identifier: MIT
// Opcodes, chained fixups, export tries: what they mean, and that damage ends in a refusal.
#include "fixups.h"
#include "macho_sample.h"
#include "trie.h"

#include <gila/test.h>

static struct sample sample;
static struct macho macho;
static struct macho_error error;

// What the calls were told.
static struct {
	unsigned rebases, binds, points;
	uint64_t last;
	struct fixup_bind bind;
	uint64_t target;
} seen;

static bool on_rebase(void *context, uint64_t address)
{
	seen.rebases++;
	seen.last = address;
	return true;
}

static bool on_bind(void *context, const struct fixup_bind *bind)
{
	seen.binds++;
	seen.bind = *bind;
	return true;
}

static bool on_point(void *context, uint64_t address, uint64_t target, uint8_t high8)
{
	seen.points++;
	seen.target = target;
	return true;
}

static uint64_t on_read(void *context, uint64_t address)
{
	uint64_t value = 0;
	uint64_t offset = address - SAMPLE_BASE;
	if (offset + 8 <= SAMPLE_SIZE)
		memcpy(&value, sample.bytes + offset, 8);
	return value;
}

static const struct fixup_calls calls = {NULL, on_rebase, on_bind, on_point, on_read};

static void begin(const void *rebase, size_t rebase_size, const void *bind, size_t bind_size)
{
	memset(&seen, 0, sizeof(seen));
	sample_make(&sample);
	memcpy(sample.bytes + SAMPLE_LINKEDIT, rebase, rebase_size);
	memcpy(sample.bytes + SAMPLE_LINKEDIT + 64, bind, bind_size);
	if (!macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error))
		macho.segment_count = 0;
}
#define REBASE(text) begin(text, sizeof(text) - 1, "", 0)
#define BIND(text) begin("", 0, text, sizeof(text) - 1)

TEST(rebase_opcodes_list_pointers)
{
	REBASE("\x11\x22\x10\x53\x30\x08\x60\x02\x71\x08\x00"); // segment 2 + 16: three, skip 8, two, one and 8 more
	CHECK(fixups_rebase(&macho, &calls, &error));
	CHECK_EQ(seen.rebases, 6);
	CHECK_EQ(seen.last, SAMPLE_BASE + 4096 + 16 + 3 * 8 + 8 + 2 * 8);
	REBASE("\x11\x22\x00\x80\x03\x18\x00"); // three, 24 bytes between
	CHECK(fixups_rebase(&macho, &calls, &error));
	CHECK_EQ(seen.rebases, 3);
	CHECK_EQ(seen.last, SAMPLE_BASE + 4096 + 64);
}

TEST(rebase_opcodes_that_leave_the_data_are_refused)
{
	REBASE("\x11\x21\x00\x51"); // __TEXT cannot be written
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x11\x51"); // no segment yet
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x11\x22\xf9\x3f\x51"); // one byte too far
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x11\x2f\x00\x51"); // no such segment
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x12\x22\x00\x51"); // a 32-bit pointer
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x11\x22\x00\x60\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"); // very many
	CHECK(!fixups_rebase(&macho, &calls, &error));
	REBASE("\x11\xf0");
	CHECK(!fixups_rebase(&macho, &calls, &error));
}

TEST(bind_opcodes_name_symbols)
{
	BIND("\x11\x41_f\0\x51\x60\x7f\x72\x08\x90\x00"); // library 1, _f, may be missing, addend -1, segment 2 + 8
	CHECK(fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	CHECK_EQ(seen.binds, 1);
	CHECK_EQ(seen.bind.ordinal, 1);
	CHECK(strcmp(seen.bind.symbol, "_f") == 0);
	CHECK(seen.bind.weak_import);
	CHECK_EQ(seen.bind.addend, -1);
	CHECK_EQ(seen.bind.address, SAMPLE_BASE + 4096 + 8);
	BIND("\x3e\x40_g\0\x51\x72\x00\xc0\x03\x08\x00"); // flat; three, 8 bytes between
	CHECK(fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	CHECK_EQ(seen.binds, 3);
	CHECK_EQ(seen.bind.ordinal, ORDINAL_FLAT);
	CHECK_EQ(seen.bind.address, SAMPLE_BASE + 4096 + 32);
}

TEST(bind_opcodes_that_are_damaged_are_refused)
{
	BIND("\x15\x40_f\0\x72\x00\x90"); // library 5 of 1
	CHECK(!fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	BIND("\x11\x72\x00\x90"); // no symbol
	CHECK(!fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	BIND("\x11\x40_f\0\x71\x00\x90"); // into __TEXT
	CHECK(!fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	begin("", 0, "", 0);
	memset(sample.bytes + SAMPLE_LINKEDIT + 64, 'x', 64); // 'x': segment 8
	CHECK(!fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
	sample.bytes[SAMPLE_LINKEDIT + 64] = 0x40; // a name without an end
	CHECK(!fixups_bind(&macho, FIXUPS_BIND, &calls, &error));
}

// ---- chained fixups -------------------------------------------------------------------------------------------------

static const uint32_t chained_words[] = {
	0,  32,		72,   76, 1, 1,
	0,  0,			     // header: starts at 32, imports at 72, names at 76, one import of format 1
	4,  0,		0,    20, 0, // starts: four segments; only the third has some, 20 bytes on
	24, 0x00061000, 4096, 0,  0 // size; pages of 4096, format 6; segment offset (64 bits); limit; then the count and the starts
};

static void chained_begin(uint64_t first, uint64_t second)
{
	sample_make(&sample);
	memset(&seen, 0, sizeof(seen));
	uint8_t *table = sample.bytes + SAMPLE_LINKEDIT + 256;
	memcpy(table, chained_words, sizeof(chained_words));
	const uint16_t pages[] = {1, 16}; // one page, whose chain begins at 16
	memcpy(table + 32 + 20 + 20 + 2, pages + 1, 2);
	uint16_t count = 1;
	memcpy(table + 32 + 20 + 20, &count, 2);
	(void)pages;
	uint32_t import = 1 | 0u << 8 | 0u << 9; // library 1, the name at 0
	memcpy(table + 76 + 4, &import, 4);
	memcpy(sample.bytes + 4096 + 16, &first, 8);
	memcpy(sample.bytes + 4096 + 24, &second, 8);
	struct macho_linkedit_command command = {
		.command = (uint32_t)LC_DYLD_CHAINED_FIXUPS, .offset = SAMPLE_LINKEDIT + 256, .length = 128};
	sample_add(&sample, &command, sizeof(command));
	uint32_t *header = (void *)table;
	header[2] = 80; // imports
	header[3] = 84; // names
	memcpy(table + 84, "_h", 3);
}

TEST(chained_fixups_are_followed)
{
	// The first: a pointer to offset 0x800, the next 8 bytes on (2 steps of 4); the second binds import 0 with addend 5.
	chained_begin(0x800 | 2ull << 51, 1ull << 63 | 5ull << 24);
	CHECK(macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
	bool fine = fixups_chained(&macho, &calls, &error);
	CHECK(fine);
	CHECK_EQ(seen.points, 1);
	CHECK_EQ(seen.target, SAMPLE_BASE + 0x800);
	CHECK_EQ(seen.binds, 1);
	CHECK_EQ(seen.bind.addend, 5);
	CHECK(strcmp(seen.bind.symbol, "_h") == 0);
}

TEST(chained_fixups_that_are_damaged_are_refused)
{
	chained_begin(0xfffull << 51, 0); // the next is beyond the page
	CHECK(macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
	CHECK(!fixups_chained(&macho, &calls, &error));
	chained_begin(1ull << 63 | 7, 0); // import 7 of 1
	CHECK(macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
	CHECK(!fixups_chained(&macho, &calls, &error));
	chained_begin(0x800, 0);
	uint32_t *header = (void *)(sample.bytes + SAMPLE_LINKEDIT + 256);
	header[1] = 0xfffffff0; // the starts
	CHECK(macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
	CHECK(!fixups_chained(&macho, &calls, &error));
	header[1] = 32;
	header[13 + 1] = 0x000c1000; // format 12 is not for this processor
	CHECK(!fixups_chained(&macho, &calls, &error));
}

// ---- exports --------------------------------------------------------------------------------------------------------

// "" -> "_a" (node 14) and "_b" below it: _a is regular at 0x10, _ab is reexported from library 1 as _x.
static const uint8_t trie[] = {0,   1, '_', 'a',	 0, 6, /* 6: */ 2, 0,	0x10, 1,
			       'b', 0, 13,  /* 13: */ 5, 8, 1, '_',	   'x', 0,    0};

TEST(exports_are_found_in_the_trie)
{
	struct macho_range range = {trie, sizeof(trie)};
	struct trie_export found;
	CHECK(trie_find(range, "_a", &found));
	CHECK_EQ(found.offset, 0x10);
	CHECK(trie_find(range, "_ab", &found));
	CHECK_EQ(found.ordinal, 1);
	CHECK(strcmp(found.imported, "_x") == 0);
	CHECK(!trie_find(range, "_", &found) && !trie_find(range, "_abc", &found) && !trie_find(range, "_c", &found) &&
	      !trie_find(range, "", &found));
}

TEST(a_damaged_trie_has_no_exports)
{
	struct trie_export found;
	for (size_t size = 0; size < sizeof(trie); size++) {
		uint8_t bytes[sizeof(trie)];
		memcpy(bytes, trie, sizeof(trie));
		bytes[size] ^= 0xff;
		trie_find((struct macho_range){bytes, sizeof(bytes)}, "_ab", &found); // the sanitizers look
		CHECK(!trie_find((struct macho_range){trie, size}, "_ab", &found) || size > 18);
	}
}
