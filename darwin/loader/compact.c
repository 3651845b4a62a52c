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

struct table {
	struct macho_range range;
	struct header header;
};

struct page {
	const struct table *table;
	uint32_t at, function; // in the table; of compressed pages, what functions are counted from
	struct page_header header;
};

static bool take(const struct table *table, uint64_t offset, void *to, size_t size)
{
	if (offset > table->range.size || size > table->range.size - offset)
		return false;
	memcpy(to, table->range.at + offset, size);
	return true;
}

static bool index_at(const struct table *table, uint32_t number, struct index_entry *entry)
{
	return take(table, table->header.index + number * (uint64_t)sizeof(*entry), entry, sizeof(*entry));
}

// The last entry of the index that begins at or before the function, and the one behind it, where its functions end.
static bool find_index(const struct table *table, uint64_t offset, struct index_entry *index, struct index_entry *next)
{
	uint32_t low = 0, high = table->header.index_count > 0 ? table->header.index_count - 1 : 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!index_at(table, middle, index))
			return false;
		if (index->function <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && index_at(table, low - 1, index) && index_at(table, low, next) && index->page != 0 &&
	       offset < next->function;
}

static bool page_entry(const struct page *page, uint32_t number, uint64_t *function, uint32_t *encoding)
{
	uint32_t entry[2], common = page->table->header.encoding_count;
	if (page->header.kind == PAGE_REGULAR) {
		if (!take(page->table, (uint64_t)page->at + page->header.entries + number * 8ull, entry, 8))
			return false;
		*function = entry[0], *encoding = entry[1];
		return true;
	}
	if (!take(page->table, (uint64_t)page->at + page->header.entries + number * 4ull, entry, 4))
		return false;
	*function = (uint64_t)page->function + (entry[0] & 0xffffff);
	uint32_t which = entry[0] >> 24;
	if (which < common)
		return take(page->table, page->table->header.encodings + which * 4ull, encoding, 4);
	return which - common < page->header.encoding_count &&
	       take(page->table, (uint64_t)page->at + page->header.encodings + (which - common) * 4ull, encoding, 4);
}

static bool find_entry(const struct page *page, uint64_t offset, uint64_t end, struct unwind_function *found)
{
	uint32_t low = 0, high = page->header.count, encoding;
	uint64_t function;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!page_entry(page, middle, &function, &encoding))
			return false;
		if (function <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || !page_entry(page, low - 1, &found->start, &found->encoding))
		return false;
	if (low < page->header.count && !page_entry(page, low, &end, &encoding))
		return false;
	found->size = end - found->start;
	return found->start <= offset && offset < end;
}

// The lists of LSDAs of two index entries follow each other; each is sorted by function.
static bool find_lsda(const struct table *table, const struct index_entry *index, const struct index_entry *next,
		      struct unwind_function *found)
{
	uint32_t low = 0,
		 high = next->lsdas > index->lsdas ? (next->lsdas - index->lsdas) / sizeof(struct lsda_entry) : 0;
	struct lsda_entry entry;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!take(table, index->lsdas + middle * (uint64_t)sizeof(entry), &entry, sizeof(entry)))
			return false;
		if (entry.function == found->start) {
			found->lsda = entry.lsda;
			return true;
		}
		if (entry.function < found->start)
			low = middle + 1;
		else
			high = middle;
	}
	return true;
}

static bool find_personality(const struct table *table, struct unwind_function *found)
{
	uint32_t number = found->encoding >> 28 & 3, pointer;
	if (number == 0)
		return true;
	if (number > table->header.personality_count ||
	    !take(table, table->header.personalities + (number - 1) * 4ull, &pointer, 4))
		return false;
	found->personality = pointer;
	return true;
}

bool compact_find(struct macho_range range, uint64_t offset, struct unwind_function *found)
{
	struct table table = {.range = range};
	struct index_entry index, next;
	memset(found, 0, sizeof(*found));
	if (!take(&table, 0, &table.header, sizeof(table.header)) || table.header.version != 1 ||
	    !find_index(&table, offset, &index, &next))
		return false;
	struct page page = {&table, index.page, index.function, {0}};
	if (!take(&table, index.page, &page.header, 8) ||
	    (page.header.kind == PAGE_COMPRESSED && !take(&table, index.page, &page.header, sizeof(page.header))) ||
	    (page.header.kind != PAGE_REGULAR && page.header.kind != PAGE_COMPRESSED))
		return false;
	if (!find_entry(&page, offset, next.function, found) ||
	    ((found->encoding & HAS_LSDA) && !find_lsda(&table, &index, &next, found)) ||
	    !find_personality(&table, found))
		return false;
	found->encoding &= ~0x80000000u;
	return found->encoding != 0;
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
