// SPDX-License-Identifier: MIT
// An image's table of symbols: which image and which symbol an address belongs to, for dladdr and backtraces; exports of an image that has no
// trie of them. Facts: struct nlist_64 in <mach-o/nlist.h>.
#include "image.h"

#include <string.h>

enum { SYMBOL_DEBUG = 0xe0, SYMBOL_TYPE = 0x0e, SYMBOL_SECTION = 0x0e, SYMBOL_EXTERNAL = 1 };

struct image *image_of(const void *address)
{
	for (unsigned i = 0; i < image_count; i++) {
		uint64_t at = (uintptr_t)address - images[i]->slide;
		if (at >= images[i]->macho.low && at < images[i]->macho.high)
			return images[i];
	}
	return NULL;
}

// Of what is defined in a section. NULL: it is none, or its name is not in the table of strings.
static const char *symbol_get(const struct macho *macho, size_t index, struct macho_symbol *symbol)
{
	memcpy(symbol, macho->symbols.at + index * sizeof(*symbol), sizeof(*symbol));
	if ((symbol->type & SYMBOL_DEBUG) || (symbol->type & SYMBOL_TYPE) != SYMBOL_SECTION)
		return NULL;
	if (symbol->name >= macho->strings.size ||
	    !memchr(macho->strings.at + symbol->name, 0, macho->strings.size - symbol->name))
		return NULL;
	return (const char *)macho->strings.at + symbol->name;
}

void *image_symbol_find(const struct image *image, const char *wanted)
{
	const struct macho *macho = &image->macho;
	for (size_t i = 0; i < macho->symbols.size / sizeof(struct macho_symbol); i++) {
		struct macho_symbol symbol;
		const char *name = symbol_get(macho, i, &symbol);
		if (name && (symbol.type & SYMBOL_EXTERNAL) && strcmp(name, wanted) == 0)
			return image_at(image, symbol.value);
	}
	return NULL;
}

const char *image_symbol_of(const struct image *image, const void *address, const void **start)
{
	const struct macho *macho = &image->macho;
	uint64_t at = (uintptr_t)address - image->slide, best = 0;
	const char *found = NULL;
	for (size_t i = 0; i < macho->symbols.size / sizeof(struct macho_symbol); i++) {
		struct macho_symbol symbol;
		const char *name = symbol_get(macho, i, &symbol);
		if (!name || symbol.value > at || symbol.value < best)
			continue;
		best = symbol.value;
		found = name;
	}
	if (found)
		*start = image_at(image, best);
	return found;
}
