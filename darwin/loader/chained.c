// SPDX-License-Identifier: MIT
// LC_DYLD_CHAINED_FIXUPS: pointers that are linked to each other, a chain for each page.
// Facts: <mach-o/fixup-chains.h>. x86_64 programs use the formats 2 (targets are addresses) and 6 (offsets from the header).
#include "fixups.h"

#include <string.h>

enum { POINTER_64 = 2, POINTER_64_OFFSET = 6 };
enum { START_NONE = 0xffff, START_MULTI = 0x8000 };
enum { IMPORT = 1, IMPORT_ADDEND = 2, IMPORT_ADDEND64 = 3 };

struct header {
	uint32_t version, starts, imports, symbols, import_count, import_format, symbol_format;
};

struct chained {
	const struct macho *macho;
	const struct fixup_calls *calls;
	struct macho_error *error;
	struct header header;
	uint16_t format;
};

static bool chained_take(const struct macho *macho, uint64_t offset, void *to, size_t size)
{
	if (offset > macho->chained.size || size > macho->chained.size - offset)
		return false;
	memcpy(to, macho->chained.at + offset, size);
	return true;
}

static bool chained_symbol(struct chained *state, uint64_t name, struct fixup_bind *bind)
{
	const struct macho_range *range = &state->macho->chained;
	uint64_t at = state->header.symbols + name;
	if (at >= range->size || !memchr(range->at + at, 0, range->size - at))
		return macho_refuse(state->error, "chained fixups: the name of a symbol has no end");
	bind->symbol = (const char *)range->at + at;
	return true;
}

static bool chained_import(struct chained *state, uint32_t index, struct fixup_bind *bind)
{
	uint64_t table = state->header.imports, low = 0, addend64 = 0;
	uint32_t word = 0;
	int32_t addend = 0;
	bool there;
	if (index >= state->header.import_count)
		return macho_refuse(state->error, "chained fixups: there is no import %u", index);
	if (state->header.import_format == IMPORT_ADDEND64) { // ordinal 16, weak 1, reserved 15, name 32; addend 64
		there = chained_take(state->macho, table + index * 16ull, &low, 8) &&
			chained_take(state->macho, table + index * 16ull + 8, &addend64, 8);
		bind->ordinal = (int16_t)low;
		bind->weak_import = low >> 16 & 1;
		bind->addend += (int64_t)addend64;
		return there ? chained_symbol(state, low >> 32, bind)
			     : macho_refuse(state->error, "chained fixups: the imports have no end");
	}
	// ordinal 8, weak 1, name 23; the second form has a 32-bit addend behind it
	uint64_t step = state->header.import_format == IMPORT ? 4 : 8;
	there = chained_take(state->macho, table + index * step, &word, 4) &&
		(step == 4 || chained_take(state->macho, table + index * step + 4, &addend, 4));
	if (!there)
		return macho_refuse(state->error, "chained fixups: the imports have no end");
	bind->ordinal = (int8_t)word;
	bind->weak_import = word >> 8 & 1;
	bind->addend += addend;
	return chained_symbol(state, word >> 9, bind);
}

static bool chained_bind(struct chained *state, uint64_t address, uint64_t value)
{
	struct fixup_bind bind = {.address = address, .addend = (int64_t)(value >> 24 & 0xff)};
	if (!chained_import(state, value & 0xffffff, &bind))
		return false;
	if (bind.ordinal > (int)state->macho->dylib_count || bind.ordinal < ORDINAL_WEAK)
		return macho_refuse(state->error, "chained fixups: %s is of library %d, there are %u", bind.symbol,
				    bind.ordinal, state->macho->dylib_count);
	return state->calls->bind(state->calls->context, &bind);
}

static bool chained_chain(struct chained *state, uint64_t address, uint64_t end)
{
	for (;;) {
		if (address > end - 8 || !fixups_place(state->macho, address))
			return macho_refuse(state->error, "chained fixups: a chain leaves its page at 0x%llx",
					    (unsigned long long)address);
		uint64_t value = state->calls->read(state->calls->context, address);
		uint64_t next = value >> 51 & 0xfff; // in steps of 4 bytes
		if (value >> 63) {
			if (!chained_bind(state, address, value))
				return false;
		} else {
			uint64_t target = value & 0xfffffffffull;
			if (state->format == POINTER_64_OFFSET)
				target += state->macho->base;
			if (!state->calls->point(state->calls->context, address, target, (uint8_t)(value >> 36)))
				return false;
		}
		if (!next)
			return true;
		address += next * 4;
	}
}

struct starts {
	uint32_t size;
	uint16_t page_size, format;
	uint64_t offset;
	uint32_t limit;
	uint16_t pages;
} __attribute__((packed));

static bool chained_segment(struct chained *state, uint64_t at)
{
	struct starts starts;
	if (!chained_take(state->macho, at, &starts, sizeof(starts)))
		return macho_refuse(state->error, "chained fixups: the starts of a segment lie outside");
	if (starts.format != POINTER_64 && starts.format != POINTER_64_OFFSET)
		return macho_refuse(state->error, "chained fixups: pointer format %u is not for x86_64", starts.format);
	if (starts.page_size < 8 || starts.offset > (uint64_t)1 << 46)
		return macho_refuse(state->error, "chained fixups: a segment with pages of %u bytes at 0x%llx",
				    starts.page_size, (unsigned long long)starts.offset);
	state->format = starts.format;
	for (uint32_t page = 0; page < starts.pages; page++) {
		uint16_t start;
		if (!chained_take(state->macho, at + sizeof(starts) + page * 2ull, &start, sizeof(start)))
			return macho_refuse(state->error, "chained fixups: the starts of a segment have no end");
		if (start == START_NONE)
			continue;
		if (start & START_MULTI)
			return macho_refuse(state->error,
					    "chained fixups: several chains in a page are not for x86_64");
		uint64_t address = state->macho->base + starts.offset + (uint64_t)page * starts.page_size;
		// A pointer may reach over the end of its page.
		if (!chained_chain(state, address + start, address + starts.page_size + 8))
			return false;
	}
	return true;
}

bool fixups_chained(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error)
{
	struct chained state = {.macho = macho, .calls = calls, .error = error};
	uint32_t segments, offset;
	if (!macho->chained.size)
		return true;
	if (!chained_take(macho, 0, &state.header, sizeof(state.header)) ||
	    !chained_take(macho, state.header.starts, &segments, 4))
		return macho_refuse(error, "chained fixups: the header lies outside");
	if (state.header.version != 0 || state.header.symbol_format != 0 || state.header.import_format < IMPORT ||
	    state.header.import_format > IMPORT_ADDEND64)
		return macho_refuse(
			error,
			"chained fixups: version %u with imports of format %u and names of format %u is not known",
			state.header.version, state.header.import_format, state.header.symbol_format);
	if (segments > MACHO_SEGMENTS)
		return macho_refuse(error, "chained fixups: %u segments", segments);
	for (uint32_t i = 0; i < segments; i++) {
		if (!chained_take(macho, state.header.starts + 4 + i * 4ull, &offset, 4))
			return macho_refuse(error, "chained fixups: the list of segments has no end");
		if (offset && !chained_segment(&state, (uint64_t)state.header.starts + offset))
			return false;
	}
	return true;
}
