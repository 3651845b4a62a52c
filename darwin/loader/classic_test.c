// SPDX-License-Identifier: MIT
// Tables of LC_DYSYMTAB: what they mean, that they count only where there is nothing newer, and that damage ends in a refusal.
#include "fixups.h"
#include "macho_sample.h"

#include <gila/test.h>

enum { SYMBOLS = SAMPLE_LINKEDIT, STRINGS = SYMBOLS + 64, INDIRECT = STRINGS + 64, EXTERNAL = INDIRECT + 64, LOCAL = EXTERNAL + 32 };
static const uint64_t data = SAMPLE_BASE + 4096;

static struct sample sample;
static struct macho macho;
static struct macho_error error;
static size_t tables; // the offset of LC_DYSYMTAB

static struct {
	unsigned rebases, binds, points;
	uint64_t rebased, pointed, target;
	struct fixup_bind bind;
} seen;

static bool on_rebase(void *context, uint64_t address)
{
	seen.rebases++;
	seen.rebased = address;
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
	seen.pointed = address;
	seen.target = target;
	return true;
}

static uint64_t on_read(void *context, uint64_t address)
{
	return 5;
}

static const struct fixup_calls calls = {NULL, on_rebase, on_bind, on_point, on_read};

static struct macho_dysymtab_command *tables_of(void)
{
	return (void *)(sample.bytes + tables);
}

static void put_tables(void)
{
	static const struct macho_symbol symbols[] = {{1, 1, 0, 1 << 8, 0}, {6, 1, 0, 1 << 8 | 0x40, 0}, {12, 0xf, 1, 0, data + 8}};
	static const uint32_t indirect[] = {9, 0, 0x80000000, 0x40000000, 2};
	static const struct macho_relocation external = {32, 1, 0, 3, 1, 0}, local = {40, 0, 0, 3, 0, 0};
	memcpy(sample.bytes + SYMBOLS, symbols, sizeof(symbols));
	memcpy(sample.bytes + STRINGS, "\0_one\0_twoo\0_own", 17);
	memcpy(sample.bytes + INDIRECT, indirect, sizeof(indirect));
	memcpy(sample.bytes + EXTERNAL, &external, sizeof(external));
	memcpy(sample.bytes + LOCAL, &local, sizeof(local));
}

// A program with four pointers at the start of __DATA, whose indirect symbols begin at the second, and one relocation of each kind.
static void begin(void)
{
	memset(&seen, 0, sizeof(seen));
	sample_make(&sample);
	struct macho_header *header = (void *)sample.bytes;
	header->flags |= MACHO_TWO_LEVEL;
	struct macho_command *info = (void *)(sample.bytes + sample.info);
	info->command = LC_BUILD_VERSION; // one that is passed over
	// The section lies in the command of __DATA: what follows moves up.
	const size_t room = sizeof(struct macho_section_command), at = sample.data + sizeof(struct macho_segment_command);
	memmove(sample.bytes + at + room, sample.bytes + at, 1024);
	struct macho_segment_command *segment = (void *)(sample.bytes + sample.data);
	segment->sections = 1;
	segment->size += (uint32_t)room;
	sample.used += room;
	sample.info += room;
	struct macho_section_command section = {.address = data, .size = 32, .flags = SECTION_POINTERS, .reserved1 = 1};
	memcpy(section.section, "__nl_symbol_ptr", 15);
	memcpy(sample.bytes + at, &section, room);
	struct macho_symtab_command symbols = {LC_SYMTAB, 0, SYMBOLS, 3, STRINGS, 17};
	sample_add(&sample, &symbols, sizeof(symbols));
	struct macho_dysymtab_command command = {.command = LC_DYSYMTAB, .indirect = INDIRECT, .indirect_count = 5,
						 .external = EXTERNAL, .external_count = 1, .relocations = LOCAL, .relocation_count = 1};
	tables = sample_add(&sample, &command, sizeof(command));
	put_tables();
}

static bool walk(void)
{
	return macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error) && fixups_classic(&macho, &calls, &error);
}

TEST(classic_tables_say_which_pointer_is_for_which_symbol)
{
	begin();
	CHECK(walk());
	CHECK_EQ(seen.binds, 2);
	CHECK_EQ(seen.bind.address, data + 32); // the external relocation, the last
	CHECK(strcmp(seen.bind.symbol, "_twoo") == 0 && seen.bind.weak_import);
	CHECK_EQ(seen.bind.addend, 5);
	CHECK_EQ(seen.bind.ordinal, 1);
	CHECK_EQ(seen.points, 1);
	CHECK_EQ(seen.pointed, data + 24);
	CHECK_EQ(seen.target, data + 8);
	CHECK_EQ(seen.rebases, 2);
	CHECK_EQ(seen.rebased, data + 40);
}

TEST(classic_symbols_of_a_flat_program_are_of_any_library)
{
	begin();
	((struct macho_header *)(void *)sample.bytes)->flags = 0;
	CHECK(walk());
	CHECK_EQ(seen.bind.ordinal, ORDINAL_FLAT);
}

TEST(classic_tables_do_not_count_beside_newer_ones)
{
	begin();
	((struct macho_command *)(void *)(sample.bytes + sample.info))->command = (uint32_t)LC_DYLD_INFO_ONLY;
	CHECK(walk());
	CHECK_EQ(seen.binds + seen.points + seen.rebases, 0);
}

static bool with_relocation(size_t at, struct macho_relocation relocation)
{
	begin();
	memcpy(sample.bytes + at, &relocation, sizeof(relocation));
	return walk();
}

TEST(classic_damage_is_refused)
{
	begin();
	tables_of()->indirect_count = 4; // one pointer more than indirect symbols
	CHECK(!walk() && strstr(error.text, "more pointers"));
	begin();
	sample.bytes[INDIRECT + 4] = 3;
	CHECK(!walk() && strstr(error.text, "no symbol 3"));
	begin();
	sample.bytes[SYMBOLS] = 17; // a name behind the strings
	CHECK(!walk() && strstr(error.text, "has no end"));
	begin();
	sample.bytes[SYMBOLS + 7] = 2; // of the second library
	CHECK(!walk() && strstr(error.text, "library 2"));
	CHECK(!with_relocation(EXTERNAL, (struct macho_relocation){-8, 0, 0, 3, 1, 0}));
	CHECK(!with_relocation(LOCAL, (struct macho_relocation){8192 - 7, 0, 0, 3, 0, 0}));
	CHECK(!with_relocation(LOCAL, (struct macho_relocation){0, 0, 0, 2, 0, 0}));
	CHECK(!with_relocation(LOCAL, (struct macho_relocation){0, 0, 1, 3, 0, 0}));
	CHECK(!with_relocation(LOCAL, (struct macho_relocation){0, 0, 0, 3, 1, 0}));
	CHECK(!with_relocation(EXTERNAL, (struct macho_relocation){0, 0, 0, 3, 1, 1}));
	CHECK(with_relocation(LOCAL, (struct macho_relocation){8192 - 8, 0, 0, 3, 0, 0}));
	begin();
	tables_of()->external = SAMPLE_SIZE - 4;
	CHECK(!macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
}
