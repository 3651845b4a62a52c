// SPDX-License-Identifier: MIT
// The opcodes of LC_DYLD_INFO: two small byte-code machines, one that lists pointers to move, one that lists symbols to bind.
// Facts: REBASE_OPCODE_* and BIND_OPCODE_* in <mach-o/loader.h>.
#include "fixups.h"
#include "reader.h"

enum { OPCODE = 0xf0, IMMEDIATE = 0x0f };
enum { TYPE_POINTER = 1 };

bool fixups_place(const struct macho *macho, uint64_t address)
{
	const struct macho_segment *segment = macho_segment_of(macho, address, 8);
	return segment && (segment->protection & 2);
}

static bool segment_start(const struct macho *macho, unsigned index, uint64_t *address)
{
	if (index >= macho->segment_count)
		return false;
	*address = macho->segments[index].address;
	return true;
}

struct rebase {
	const struct macho *macho;
	const struct fixup_calls *calls;
	struct macho_error *error;
	struct reader reader;
	uint64_t address;
	bool placed; // a segment was chosen
};

static bool rebase_times(struct rebase *state, uint64_t count, uint64_t skip)
{
	for (uint64_t i = 0; i < count; i++) {
		if (!state->placed || !fixups_place(state->macho, state->address))
			return macho_refuse(state->error, "rebase: address 0x%llx is in no segment that can be written",
					    (unsigned long long)state->address);
		if (!state->calls->rebase(state->calls->context, state->address))
			return false;
		state->address += 8 + skip;
	}
	return true;
}

static bool rebase_step(struct rebase *state, uint8_t byte)
{
	struct reader *reader = &state->reader;
	uint8_t immediate = byte & IMMEDIATE;
	uint64_t count;
	switch (byte & OPCODE) {
	case 0x10: // SET_TYPE_IMM
		return immediate == TYPE_POINTER ||
		       macho_refuse(state->error, "rebase: type %u is not for x86_64", immediate);
	case 0x20: // SET_SEGMENT_AND_OFFSET_ULEB
		if (!segment_start(state->macho, immediate, &state->address))
			return macho_refuse(state->error, "rebase: there is no segment %u", immediate);
		state->placed = true;
		state->address += reader_uleb(reader);
		return true;
	case 0x30: // ADD_ADDR_ULEB
		state->address += reader_uleb(reader);
		return true;
	case 0x40: // ADD_ADDR_IMM_SCALED
		state->address += immediate * 8u;
		return true;
	case 0x50: // DO_REBASE_IMM_TIMES
		return rebase_times(state, immediate, 0);
	case 0x60: // DO_REBASE_ULEB_TIMES
		return rebase_times(state, reader_uleb(reader), 0);
	case 0x70: // DO_REBASE_ADD_ADDR_ULEB
		return rebase_times(state, 1, reader_uleb(reader));
	case 0x80: // DO_REBASE_ULEB_TIMES_SKIPPING_ULEB
		count = reader_uleb(reader);
		return rebase_times(state, count, reader_uleb(reader));
	default: return macho_refuse(state->error, "rebase: opcode 0x%02x is not known", byte);
	}
}

bool fixups_rebase(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error)
{
	struct rebase state = {macho, calls, error, reader_of(macho->rebase), 0, false};
	while (reader_more(&state.reader)) {
		uint8_t byte = reader_byte(&state.reader);
		if (byte == 0) // DONE; what follows is padding
			break;
		if (!rebase_step(&state, byte))
			return false;
	}
	return !state.reader.bad || macho_refuse(error, "rebase: the opcodes end inside a number");
}

struct bind {
	const struct macho *macho;
	const struct fixup_calls *calls;
	struct macho_error *error;
	struct reader reader;
	struct fixup_bind bind;
	bool placed;
	bool weak_table;
};

static bool bind_once(struct bind *state, uint64_t add)
{
	if (!state->placed || !fixups_place(state->macho, state->bind.address))
		return macho_refuse(state->error, "bind: address 0x%llx is in no segment that can be written",
				    (unsigned long long)state->bind.address);
	if (!state->bind.symbol)
		return macho_refuse(state->error, "bind: a pointer without a symbol");
	if (!state->weak_table && state->bind.ordinal > (int)state->macho->dylib_count)
		return macho_refuse(state->error, "bind: %s is of library %d, there are %u", state->bind.symbol,
				    state->bind.ordinal, state->macho->dylib_count);
	if (!state->calls->bind(state->calls->context, &state->bind))
		return false;
	state->bind.address += 8 + add;
	return true;
}

static bool bind_times(struct bind *state)
{
	uint64_t count = reader_uleb(&state->reader), skip = reader_uleb(&state->reader);
	for (uint64_t i = 0; i < count; i++)
		if (!bind_once(state, skip))
			return false;
	return true;
}

static bool bind_symbol(struct bind *state, uint8_t flags)
{
	state->bind.symbol = reader_string(&state->reader);
	state->bind.weak_import = flags & 1;
	return true;
}

static bool bind_segment(struct bind *state, uint8_t index)
{
	if (!segment_start(state->macho, index, &state->bind.address))
		return macho_refuse(state->error, "bind: there is no segment %u", index);
	state->placed = true;
	state->bind.address += reader_uleb(&state->reader);
	return true;
}

static bool bind_ordinal(struct bind *state, uint64_t ordinal)
{
	if (ordinal > state->macho->dylib_count)
		return macho_refuse(state->error, "bind: there is no library %llu", (unsigned long long)ordinal);
	state->bind.ordinal = (int)ordinal;
	return true;
}

static bool bind_step(struct bind *state, uint8_t byte)
{
	uint8_t immediate = byte & IMMEDIATE;
	switch (byte & OPCODE) {
	case 0x10: // SET_DYLIB_ORDINAL_IMM
		return bind_ordinal(state, immediate);
	case 0x20: // SET_DYLIB_ORDINAL_ULEB
		return bind_ordinal(state, reader_uleb(&state->reader));
	case 0x30: // SET_DYLIB_SPECIAL_IMM: the immediate is the low half of a negative number
		state->bind.ordinal = immediate ? (int8_t)(0xf0 | immediate) : 0;
		return state->bind.ordinal >= ORDINAL_WEAK ||
		       macho_refuse(state->error, "bind: special library %d is not known", state->bind.ordinal);
	case 0x40: // SET_SYMBOL_TRAILING_FLAGS_IMM
		return bind_symbol(state, immediate);
	case 0x50: // SET_TYPE_IMM
		return immediate == TYPE_POINTER ||
		       macho_refuse(state->error, "bind: type %u is not for x86_64", immediate);
	case 0x60: // SET_ADDEND_SLEB
		state->bind.addend = reader_sleb(&state->reader);
		return true;
	case 0x70: // SET_SEGMENT_AND_OFFSET_ULEB
		return bind_segment(state, immediate);
	case 0x80: // ADD_ADDR_ULEB
		state->bind.address += reader_uleb(&state->reader);
		return true;
	case 0x90: // DO_BIND
		return bind_once(state, 0);
	case 0xa0: // DO_BIND_ADD_ADDR_ULEB
		return bind_once(state, reader_uleb(&state->reader));
	case 0xb0: // DO_BIND_ADD_ADDR_IMM_SCALED
		return bind_once(state, immediate * 8u);
	case 0xc0: // DO_BIND_ULEB_TIMES_SKIPPING_ULEB
		return bind_times(state);
	default: return macho_refuse(state->error, "bind: opcode 0x%02x is not known", byte);
	}
}

bool fixups_bind(const struct macho *macho, enum fixups_table table, const struct fixup_calls *calls,
		 struct macho_error *error)
{
	struct macho_range range = table == FIXUPS_BIND	  ? macho->bind
				   : table == FIXUPS_LAZY ? macho->lazy_bind
							  : macho->weak_bind;
	struct bind state = {
		macho, calls, error, reader_of(range), {.lazy = table == FIXUPS_LAZY}, false, table == FIXUPS_WEAK};
	if (table == FIXUPS_WEAK)
		state.bind.ordinal = ORDINAL_WEAK;
	while (reader_more(&state.reader)) {
		uint8_t byte = reader_byte(&state.reader);
		if (byte == 0) { // DONE: the end, but in the lazy table only the end of one symbol
			if (table != FIXUPS_LAZY)
				break;
			continue;
		}
		if (!bind_step(&state, byte))
			return false;
	}
	return !state.reader.bad || macho_refuse(error, "bind: the opcodes end inside a number or a name");
}
