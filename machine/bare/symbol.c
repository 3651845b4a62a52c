// SPDX-License-Identifier: MIT
// Names of functions, for backtraces. The table is made by tools/kernel-symbols.py from the first pass of the link and
// linked in by the second: count, then address and offset of the name for each function, ascending, then the names.
#include "bare.h"

struct symbol {
	uint32_t address; // minus kernel_text
	uint32_t name;    // offset into the names
};

extern const char kernel_text[], kernel_rodata[];
// Weak: the first pass has none.
extern const uint32_t symbol_count __attribute__((weak));
extern const struct symbol symbol_table[] __attribute__((weak));
extern const char symbol_names[] __attribute__((weak));

const char *symbol_find(uint64_t address, uint64_t *offset)
{
	uint64_t start = (uintptr_t)kernel_text;
	if (!&symbol_count || symbol_count == 0 || address < start || address >= (uintptr_t)kernel_rodata)
		return NULL;
	uint32_t from = 0, to = symbol_count;
	while (to - from > 1) {
		uint32_t middle = from + (to - from) / 2;
		if (start + symbol_table[middle].address <= address)
			from = middle;
		else
			to = middle;
	}
	if (start + symbol_table[from].address > address)
		return NULL;
	*offset = address - start - symbol_table[from].address;
	return symbol_names + symbol_table[from].name;
}
