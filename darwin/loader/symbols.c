// SPDX-License-Identifier: MIT
// Which image and which symbol an address belongs to, for dladdr and backtraces. Facts: struct nlist_64 in <mach-o/nlist.h>.
#include "image.h"

#include <string.h>

enum { SYMBOL_DEBUG = 0xe0, SYMBOL_TYPE = 0x0e, SYMBOL_SECTION = 0x0e };

struct image *image_of(const void *address)
{
	for (unsigned i = 0; i < image_count; i++) {
		uint64_t at = (uintptr_t)address - images[i]->slide;
		if (at >= images[i]->macho.low && at < images[i]->macho.high)
			return images[i];
	}
	return NULL;
}

const char *image_symbol_of(const struct image *image, const void *address, const void **start)
{
	const struct macho *macho = &image->macho;
	uint64_t at = (uintptr_t)address - image->slide, best = 0;
	const char *name = NULL;
	for (size_t i = 0; i < macho->symbols.size / sizeof(struct macho_symbol); i++) {
		struct macho_symbol symbol;
		memcpy(&symbol, macho->symbols.at + i * sizeof(symbol), sizeof(symbol));
		if ((symbol.type & SYMBOL_DEBUG) || (symbol.type & SYMBOL_TYPE) != SYMBOL_SECTION ||
		    symbol.value > at || symbol.value < best)
			continue;
		if (symbol.name >= macho->strings.size ||
		    !memchr(macho->strings.at + symbol.name, 0, macho->strings.size - symbol.name))
			continue;
		best = symbol.value;
		name = (const char *)macho->strings.at + symbol.name;
	}
	if (name)
		*start = image_at(image, best);
	return name;
}
