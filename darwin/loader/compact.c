// SPDX-License-Identifier: MIT
// Darwin's compact unwind information. Facts: <mach-o/compact_unwind_encoding.h>.
#include "unwind.h"

#include <string.h>

struct header {
	uint32_t version, encodings, encoding_count, personalities, personality_count, index, index_count;
};
struct index_entry {
	uint32_t function, page, lsdas;
};
struct lsda_entry {
	uint32_t function, lsda;
};
struct page_header { // a compressed page has all, a regular one the first three
	uint32_t kind;
	uint16_t entries, count, encodings, encoding_count;
};
enum { PAGE_REGULAR = 2, PAGE_COMPRESSED = 3 };
enum {
	HAS_LSDA = 0x40000000,
	MODE = 0x0f000000,
	MODE_RBP = 0x01000000,
	MODE_STACK = 0x02000000,
	MODE_STACK_CODE = 0x03000000,
	MODE_DWARF = 0x04000000
};

struct walk {
	struct macho_range table;
	struct header header;
	bool (*call)(void *, const struct unwind_function *);
	void *context;
	struct unwind_function last; // waits until the next tells where it ends
	bool have_last, stopped;
};

static bool take(const struct walk *walk, uint64_t offset, void *to, size_t size)
{
	if (offset > walk->table.size || size > walk->table.size - offset)
		return false;
	memcpy(to, walk->table.at + offset, size);
	return true;
}

static void deliver(struct walk *walk, uint64_t end)
{
	if (!walk->have_last || walk->stopped)
		return;
	walk->last.size = end > walk->last.start ? end - walk->last.start : 0;
	if (walk->last.encoding != 0 && walk->last.size > 0 && !walk->call(walk->context, &walk->last))
		walk->stopped = true;
	walk->have_last = false;
}

// The lists of LSDAs of two index entries follow each other; each is sorted by function.
static bool find_lsda(const struct walk *walk, const struct index_entry *index, const struct index_entry *next,
		      uint32_t function, uint64_t *lsda)
{
	uint32_t low = 0,
		 high = next->lsdas > index->lsdas ? (next->lsdas - index->lsdas) / sizeof(struct lsda_entry) : 0;
	struct lsda_entry entry;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!take(walk, index->lsdas + middle * (uint64_t)sizeof(entry), &entry, sizeof(entry)))
			return false;
		if (entry.function == function) {
			*lsda = entry.lsda;
			return true;
		}
		if (entry.function < function)
			low = middle + 1;
		else
			high = middle;
	}
	*lsda = 0;
	return true;
}

static bool note(struct walk *walk, const struct index_entry *index, const struct index_entry *next, uint32_t function,
		 uint32_t encoding)
{
	uint32_t personality = encoding >> 28 & 3, pointer = 0;
	deliver(walk, function);
	walk->last = (struct unwind_function){.start = function, .encoding = encoding & ~0x80000000u};
	walk->have_last = true;
	if ((encoding & HAS_LSDA) && !find_lsda(walk, index, next, function, &walk->last.lsda))
		return false;
	if (personality > 0) {
		if (personality > walk->header.personality_count ||
		    !take(walk, walk->header.personalities + (personality - 1) * 4ull, &pointer, 4))
			return false;
		walk->last.personality = pointer;
	}
	return true;
}

static bool walk_regular(struct walk *walk, const struct index_entry *index, const struct index_entry *next,
			 const struct page_header *page)
{
	struct {
		uint32_t function, encoding;
	} entry;
	for (uint32_t i = 0; i < page->count; i++)
		if (!take(walk, (uint64_t)index->page + page->entries + i * 8ull, &entry, sizeof(entry)) ||
		    !note(walk, index, next, entry.function, entry.encoding))
			return false;
	return true;
}

static bool walk_compressed(struct walk *walk, const struct index_entry *index, const struct index_entry *next,
			    const struct page_header *page)
{
	for (uint32_t i = 0; i < page->count; i++) {
		uint32_t entry, encoding;
		if (!take(walk, (uint64_t)index->page + page->entries + i * 4ull, &entry, 4))
			return false;
		uint32_t number = entry >> 24;
		bool common = number < walk->header.encoding_count;
		uint64_t at = common ? walk->header.encodings + number * 4ull
				     : (uint64_t)index->page + page->encodings +
					       (number - walk->header.encoding_count) * 4ull;
		if ((!common && number - walk->header.encoding_count >= page->encoding_count) ||
		    !take(walk, at, &encoding, 4) ||
		    !note(walk, index, next, index->function + (entry & 0xffffff), encoding))
			return false;
	}
	return true;
}

bool compact_walk(struct macho_range table, bool (*call)(void *context, const struct unwind_function *function),
		  void *context)
{
	struct walk walk = {.table = table, .call = call, .context = context};
	struct index_entry index, next;
	if (!take(&walk, 0, &walk.header, sizeof(walk.header)) || walk.header.version != 1)
		return false;
	for (uint32_t i = 0; i + 1 < walk.header.index_count && !walk.stopped; i++) {
		struct page_header page = {0};
		uint64_t at = walk.header.index + i * (uint64_t)sizeof(index);
		if (!take(&walk, at, &index, sizeof(index)) || !take(&walk, at + sizeof(index), &next, sizeof(next)))
			return false;
		if (index.page == 0)
			continue;
		if (!take(&walk, index.page, &page, 8) ||
		    (page.kind == PAGE_COMPRESSED && !take(&walk, index.page, &page, sizeof(page))))
			return false;
		bool fine = page.kind == PAGE_REGULAR	   ? walk_regular(&walk, &index, &next, &page)
			    : page.kind == PAGE_COMPRESSED ? walk_compressed(&walk, &index, &next, &page)
							   : false;
		if (!fine)
			return false;
		if (i + 2 == walk.header.index_count)
			deliver(&walk, next.function); // the last entry says where the last function ends
	}
	return true;
}

// ---- encodings ------------------------------------------------------------------------------------------------------

static const uint8_t dwarf_numbers[8] = {0, 3, 12, 13, 14, 15, 6, 0}; // of rbx, r12, r13, r14, r15, rbp

static void row_save(struct unwind_row *row, uint32_t compact, int64_t offset)
{
	if (compact == 0 || compact > 6 || row->count == 8)
		return;
	row->saved[row->count].number = dwarf_numbers[compact];
	row->saved[row->count++].offset = offset;
}

static void row_rbp(uint32_t encoding, struct unwind_row *row)
{
	int64_t offset = encoding >> 16 & 0xff;
	row->cfa_register = 6;
	row->cfa_offset = 16;
	row_save(row, 6, -16);
	for (unsigned i = 0; i < 5; i++)
		row_save(row, encoding >> (3 * i) & 7, -16 - offset * 8 + (int64_t)i * 8);
}

// Which registers were pushed, from the number of their permutation.
static void unpermute(uint32_t count, uint32_t permutation, uint32_t registers[6])
{
	static const uint16_t divisors[7][6] = {
		{0}, {1}, {5, 1}, {20, 4, 1}, {60, 12, 3, 1}, {120, 24, 6, 2, 1}, {120, 24, 6, 2, 1, 1}};
	bool used[7] = {false};
	for (uint32_t i = 0; i < count; i++) {
		uint32_t rank = i == 5 ? 0 : permutation / divisors[count][i];
		permutation -= rank * divisors[count][i];
		for (uint32_t number = 1; number < 7; number++) {
			if (used[number])
				continue;
			if (rank-- == 0) {
				registers[i] = number;
				used[number] = true;
				break;
			}
		}
	}
}

static bool row_stack(uint32_t encoding, const uint8_t *code, uint64_t code_size, struct unwind_row *row)
{
	int64_t size = (int64_t)(encoding >> 16 & 0xff) * 8;
	uint32_t count = encoding >> 10 & 7, registers[6] = {0};
	if ((encoding & MODE) == MODE_STACK_CODE) { // the size is the operand of a sub instruction
		uint32_t operand, at = encoding >> 16 & 0xff;
		if (!code || at + 4ull > code_size)
			return false;
		memcpy(&operand, code + at, 4);
		size = (int64_t)operand + (encoding >> 13 & 7) * 8;
	}
	if (count > 6 || size < (int64_t)(count + 1) * 8)
		return false;
	unpermute(count, encoding & 0x3ff, registers);
	row->cfa_register = 7;
	row->cfa_offset = size;
	for (uint32_t i = 0; i < count; i++)
		row_save(row, registers[i], -8 - (int64_t)(count - i) * 8);
	return true;
}

enum compact_kind compact_row(uint32_t encoding, const uint8_t *code, uint64_t code_size, struct unwind_row *row)
{
	memset(row, 0, sizeof(*row));
	switch (encoding & MODE) {
	case MODE_RBP: row_rbp(encoding, row); return COMPACT_ROW;
	case MODE_STACK:
	case MODE_STACK_CODE: return row_stack(encoding, code, code_size, row) ? COMPACT_ROW : COMPACT_NONE;
	case MODE_DWARF: return COMPACT_DWARF;
	default: return COMPACT_NONE;
	}
}
