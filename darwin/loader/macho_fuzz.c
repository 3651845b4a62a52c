// SPDX-License-Identifier: MIT
// Any bytes as a Mach-O file: parsed, all fixups walked, names looked up, unwind tables read.
#include "fixups.h"
#include "trie.h"
#include "unwind.h"

#include <gila/fuzz.h>
#include <string.h>

#define CALLS 4096u // a file of a few bytes may ask for more pointers than there is time for

struct walk {
	const struct macho *macho;
	unsigned calls;
};

static bool on_address(void *context, uint64_t address)
{
	struct walk *walk = context;
	if (!fixups_place(walk->macho, address))
		__builtin_trap();
	return ++walk->calls < CALLS;
}

static bool on_bind(void *context, const struct fixup_bind *bind)
{
	struct walk *walk = context;
	if (bind->ordinal > (int)walk->macho->dylib_count || bind->ordinal < ORDINAL_WEAK ||
	    strlen(bind->symbol) > walk->macho->size)
		__builtin_trap();
	return on_address(context, bind->address);
}

static bool on_point(void *context, uint64_t address, uint64_t target, uint8_t high8)
{
	return on_address(context, address);
}

// What would be in memory: the file's bytes.
static uint64_t on_read(void *context, uint64_t address)
{
	const struct walk *walk = context;
	const struct macho_segment *segment = macho_segment_of(walk->macho, address, 8);
	uint64_t value = 0;
	if (!segment)
		__builtin_trap();
	uint64_t offset = address - segment->address;
	if (offset + 8 <= segment->file_size)
		memcpy(&value, walk->macho->bytes + segment->file_offset + offset, 8);
	return value;
}

static void find_functions(const struct macho *macho)
{
	uint64_t offset = 0;
	for (unsigned i = 0; i < 256; i++) {
		struct unwind_function function;
		struct unwind_row row;
		if (!compact_find(macho->unwind, offset, &function)) {
			offset += 1 + (offset >> 2);
			continue;
		}
		if (function.start > offset || function.start + function.size <= offset)
			__builtin_trap(); // it has the address
		compact_row(function.encoding, NULL, 0, &row);
		offset = function.start + function.size;
	}
}

static int fuzz_macho(const uint8_t *data, size_t size)
{
	static struct macho macho;
	struct macho_error error = {""};
	struct walk walk = {&macho, 0};
	const struct fixup_calls calls = {&walk, on_address, on_bind, on_point, on_read};
	struct trie_export found;
	if (!macho_parse(&macho, data, size, &error)) {
		if (!error.text[0])
			__builtin_trap(); // each refusal has a reason
		return 0;
	}
	fixups_rebase(&macho, &calls, &error);
	for (int table = FIXUPS_BIND; table <= FIXUPS_WEAK; table++)
		fixups_bind(&macho, table, &calls, &error);
	fixups_chained(&macho, &calls, &error);
	fixups_classic(&macho, &calls, &error);
	trie_find(macho.exports, "_main", &found);
	trie_find(macho.exports, "__mh_execute_header", &found);
	find_functions(&macho);
	return 0;
}

FUZZ_TARGET(fuzz_macho)
