// SPDX-License-Identifier: MIT
// Writes the DWARF frames of a function of an image; see unwind.h.
//
// Facts: LSB 5.0, "Exception Frames" (.eh_frame; the augmentation zPLR); DWARF 4, section 6.4 (call frame instructions).
// Functions that have DWARF in the file (__eh_frame) keep their instructions, behind new heads.
// 1. What was written once is found again in `records`, whose lists only grow: readers need no lock. Two threads may write the same.
#include "unwind.h"

#include "image.h"
#include "reader.h"

#include "../libsystem/report.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct frames {
	const struct image *image;
	uint8_t *at;
	size_t used, room, fde;
};

static void put(struct frames *frames, const void *bytes, size_t size)
{
	if (frames->used + size > frames->room) {
		frames->room = (frames->room + size) * 2 + 128;
		frames->at = realloc(frames->at, frames->room);
		if (!frames->at)
			report_fatal("unwind tables: no memory");
	}
	if (size)
		memcpy(frames->at + frames->used, bytes, size);
	frames->used += size;
}

static void put_byte(struct frames *frames, uint8_t byte)
{
	put(frames, &byte, 1);
}

static void put_word(struct frames *frames, uint32_t word)
{
	put(frames, &word, 4);
}

static void put_address(struct frames *frames, uint64_t address)
{
	put(frames, &address, 8);
}

static void put_uleb(struct frames *frames, uint64_t value)
{
	do {
		put_byte(frames, (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0)));
		value >>= 7;
	} while (value);
}

static size_t record_begin(struct frames *frames)
{
	size_t start = frames->used;
	put_word(frames, 0);
	return start;
}

static void record_end(struct frames *frames, size_t start)
{
	while (frames->used % 8)
		put_byte(frames, 0); // DW_CFA_nop
	uint32_t length = (uint32_t)(frames->used - start - 4);
	memcpy(frames->at + start, &length, 4);
}

// The head of a CIE "zPLR": absolute addresses everywhere. 0 as personality: none ("zLR").
static size_t cie_begin(struct frames *frames, uint64_t personality, uint64_t code_align, uint8_t data_align,
			uint8_t return_register)
{
	size_t start = record_begin(frames);
	put_word(frames, 0);
	put_byte(frames, 1);
	put(frames, personality ? "zPLR" : "zLR", personality ? 5 : 4);
	put_uleb(frames, code_align);
	put_byte(frames, data_align); // an SLEB of one byte
	put_byte(frames, return_register);
	put_uleb(frames, personality ? 11 : 2);
	if (personality) {
		put_byte(frames, 0); // DW_EH_PE_absptr
		put_address(frames, personality);
	}
	put_byte(frames, 0);
	put_byte(frames, 0);
	return start;
}

static size_t fde_begin(struct frames *frames, size_t cie, uint64_t start, uint64_t size, uint64_t lsda)
{
	size_t record = frames->fde = record_begin(frames);
	put_word(frames, (uint32_t)(frames->used - cie));
	put_address(frames, start);
	put_address(frames, size);
	put_uleb(frames, 8);
	put_address(frames, lsda);
	return record;
}

enum {
	CFA_DEF_CFA = 0x0c,
	CFA_OFFSET = 0x80,
	CFA_OFFSET_EXTENDED_SF = 0x11,
	ALIGN_MINUS_8 = 0x78,
	RETURN_ADDRESS = 16
};

static void put_row(struct frames *frames, uint64_t personality, uint64_t start, uint64_t size, uint64_t lsda,
		    const struct unwind_row *row)
{
	size_t cie = cie_begin(frames, personality, 1, ALIGN_MINUS_8, RETURN_ADDRESS);
	put_byte(frames, CFA_OFFSET | RETURN_ADDRESS);
	put_uleb(frames, 1); // at CFA - 8
	record_end(frames, cie);
	size_t fde = fde_begin(frames, cie, start, size, lsda);
	put_byte(frames, CFA_DEF_CFA);
	put_uleb(frames, row->cfa_register);
	put_uleb(frames, (uint64_t)row->cfa_offset);
	for (unsigned i = 0; i < row->count; i++) {
		put_byte(frames, CFA_OFFSET | row->saved[i].number);
		put_uleb(frames, (uint64_t)(-row->saved[i].offset / 8));
	}
	record_end(frames, fde);
}

// ---- DWARF of the file ----------------------------------------------------------------------------------------------

enum { PE_ABSPTR = 0, PE_UDATA4 = 3, PE_SDATA4 = 0x0b, PE_PCREL = 0x10, PE_INDIRECT = 0x80, PE_OMIT = 0xff };

struct dwarf {
	struct reader reader;
	uint64_t code_align, data_align;
	uint8_t pointer_encoding, lsda_encoding, return_register;
	uint64_t personality;
	bool augmented;
	struct macho_range initial; // instructions of the CIE
};

// A pointer of .eh_frame; the section is read in memory, so that what is relative to the place is right.
static uint64_t read_pointer(struct reader *reader, uint8_t encoding)
{
	uint64_t place = (uintptr_t)reader->at, value = 0;
	int32_t narrow;
	size_t size = (encoding & 0x0f) == PE_SDATA4 || (encoding & 0x0f) == PE_UDATA4 ? 4 : 8;
	if ((size_t)(reader->end - reader->at) < size) {
		reader->bad = true;
		return 0;
	}
	memcpy(size == 4 ? (void *)&narrow : (void *)&value, reader->at, size);
	if (size == 4)
		value = (encoding & 0x0f) == PE_SDATA4 ? (uint64_t)(int64_t)narrow : (uint32_t)narrow;
	reader->at += size;
	if (value && (encoding & 0x70) == PE_PCREL)
		value += place;
	if (value && (encoding & PE_INDIRECT))
		memcpy(&value, (const void *)(uintptr_t)value, 8);
	return value;
}

// The record that begins there, behind its length. Empty: damaged.
static struct reader record_at(const uint8_t *section, const uint8_t *end, const uint8_t *at)
{
	uint32_t length = 0;
	if (at < section || at > end || (size_t)(end - at) < 4)
		return (struct reader){NULL, NULL, true};
	memcpy(&length, at, 4);
	if (length < 4 || length > (size_t)(end - at) - 4)
		return (struct reader){NULL, NULL, true};
	return (struct reader){at + 4, at + 4 + length, false};
}

static bool read_cie(struct dwarf *dwarf, struct reader reader)
{
	reader.at += 4; // the id, 0
	uint8_t version = reader_byte(&reader);
	const char *augmentation = reader_string(&reader);
	dwarf->code_align = reader_uleb(&reader);
	dwarf->data_align = (uint64_t)reader_sleb(&reader);
	dwarf->return_register = version == 1 ? reader_byte(&reader) : (uint8_t)reader_uleb(&reader);
	dwarf->lsda_encoding = PE_OMIT;
	dwarf->augmented = augmentation[0] == 'z';
	if (dwarf->augmented) {
		uint64_t size = reader_uleb(&reader);
		const uint8_t *instructions = reader.at + size;
		if (size > (uint64_t)(reader.end - reader.at))
			return false;
		for (const char *letter = augmentation + 1; *letter; letter++) {
			if (*letter == 'P') {
				uint8_t encoding = reader_byte(&reader);
				dwarf->personality = read_pointer(&reader, encoding);
			} else if (*letter == 'L')
				dwarf->lsda_encoding = reader_byte(&reader);
			else if (*letter == 'R')
				dwarf->pointer_encoding = reader_byte(&reader);
		}
		reader.at = instructions;
	}
	dwarf->initial = (struct macho_range){reader.at, (size_t)(reader.end - reader.at)};
	return !reader.bad;
}

// The function's FDE lies at that offset of __eh_frame.
static void put_dwarf(struct frames *frames, uint32_t offset)
{
	const struct macho *macho = &frames->image->macho;
	const uint8_t *section = image_at(frames->image, macho->eh_frame), *end = section + macho->eh_frame_size;
	struct dwarf dwarf = {.pointer_encoding = PE_ABSPTR};
	uint32_t back = 0;
	if (macho->eh_frame_size == 0 || offset > macho->eh_frame_size)
		return;
	struct reader reader = record_at(section, end, section + offset);
	if (reader.bad)
		return;
	memcpy(&back, reader.at, 4);
	if (back == 0 || back > (size_t)(reader.at - section))
		return;
	struct reader cie_reader = record_at(section, end, reader.at - back);
	if (cie_reader.bad || !read_cie(&dwarf, cie_reader))
		return;
	reader.at += 4;
	uint64_t start = read_pointer(&reader, dwarf.pointer_encoding),
		 size = read_pointer(&reader, dwarf.pointer_encoding & 0x0f), lsda = 0;
	if (dwarf.augmented) {
		uint64_t length = reader_uleb(&reader);
		const uint8_t *instructions = reader.at + length;
		if (length > (uint64_t)(reader.end - reader.at))
			return;
		if (dwarf.lsda_encoding != PE_OMIT && length > 0)
			lsda = read_pointer(&reader, dwarf.lsda_encoding);
		reader.at = instructions;
	}
	if (reader.bad)
		return;
	size_t cie = cie_begin(frames, dwarf.personality, dwarf.code_align, (uint8_t)(dwarf.data_align & 0x7f),
			       dwarf.return_register);
	put(frames, dwarf.initial.at, dwarf.initial.size);
	record_end(frames, cie);
	size_t fde = fde_begin(frames, cie, start, size, lsda);
	put(frames, reader.at, (size_t)(reader.end - reader.at));
	record_end(frames, fde);
}

// In memory, where nothing but its own length says where it ends.
static struct reader record_alone(const uint8_t *at)
{
	uint32_t length;
	memcpy(&length, at, 4);
	return length < 0xfffffff0 ? record_at(at, at + 4 + length, at) : (struct reader){NULL, NULL, true}; // 64-bit DWARF
}

bool unwind_fde_range(const void *fde, uint64_t *start, uint64_t *size)
{
	struct dwarf dwarf = {.pointer_encoding = PE_ABSPTR};
	struct reader reader = record_alone(fde);
	uint32_t back = 0;
	if (reader.bad)
		return false;
	memcpy(&back, reader.at, 4);
	if (back == 0) // it is a CIE
		return false;
	struct reader cie = record_alone(reader.at - back);
	if (cie.bad || !read_cie(&dwarf, cie))
		return false;
	reader.at += 4;
	*start = read_pointer(&reader, dwarf.pointer_encoding);
	*size = read_pointer(&reader, dwarf.pointer_encoding & 0x0f);
	return !reader.bad;
}

// ---- all ------------------------------------------------------------------------------------------------------------

static void put_function(struct frames *frames, const struct unwind_function *function)
{
	const struct macho *macho = &frames->image->macho;
	uint64_t base = macho->base + frames->image->slide, personality = 0;
	struct unwind_row row;
	if (!macho_segment_of(macho, macho->base + function->start, function->size))
		return;
	if (function->personality && macho_segment_of(macho, macho->base + function->personality, 8))
		memcpy(&personality, (const void *)(uintptr_t)(base + function->personality), 8);
	switch (compact_row(function->encoding, (const uint8_t *)(uintptr_t)(base + function->start), function->size,
			    &row)) {
	case COMPACT_ROW:
		put_row(frames, personality, base + function->start, function->size,
			function->lsda ? base + function->lsda : 0, &row);
		break;
	case COMPACT_DWARF: put_dwarf(frames, function->encoding & 0xffffff); break;
	case COMPACT_NONE: break;
	}
}

struct record {
	struct record *next;
	uint64_t function;
	const uint8_t *fde; // NULL: the function has none
};
static _Atomic(struct record *) records[1024]; // by function

static const struct record *record_make(const struct image *image, const struct unwind_function *function,
					_Atomic(struct record *) *list)
{
	struct frames frames = {.image = image};
	struct record *record = malloc(sizeof(*record));
	if (!record)
		report_fatal("unwind tables: no memory");
	put_function(&frames, function);
	if (frames.used > 0)
		put_word(&frames, 0); // the end: readers may look at the length of the next
	*record = (struct record){NULL, image->macho.base + image->slide + function->start,
				  frames.used > 0 ? frames.at + frames.fde : NULL};
	record->next = atomic_load(list);
	while (!atomic_compare_exchange_weak(list, &record->next, record))
		;
	return record;
}

const void *unwind_find(const void *address, void **function, bool *outside)
{
	const struct image *image = image_of(address);
	struct unwind_function found;
	*outside = !image;
	if (!image || !compact_find(image->macho.unwind, (uintptr_t)address - image->slide - image->macho.base, &found))
		return NULL;
	uint64_t start = image->macho.base + image->slide + found.start;
	_Atomic(struct record *) *list = &records[(start >> 4) % (sizeof(records) / sizeof(*records))];
	const struct record *record = atomic_load(list);
	while (record && record->function != start)
		record = record->next;
	if (!record)
		record = record_make(image, &found, list);
	*function = (void *)(uintptr_t)start;
	return record->fde;
}
