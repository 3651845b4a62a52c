// SPDX-License-Identifier: MIT
// Interposing: tuples of a library replace functions for all other images. Facts: dyld's <mach-o/dyld-interposing.h>: a section
// __DATA,__interpose of pairs of pointers, the replacement and what it replaces.
#include "image.h"

#include <stdlib.h>

struct tuple {
	void *replacement, *replaced;
	const struct image *image;
};
static struct tuple *tuples; // [image_lock]
static size_t tuple_count;

bool interpose_has(const struct image *image)
{
	for (unsigned i = 0; i < image->macho.section_count; i++)
		if (image->macho.sections[i].type == SECTION_INTERPOSING)
			return true;
	return false;
}

void interpose_register(const struct image *image)
{
	for (unsigned i = 0; i < image->macho.section_count; i++) {
		const struct macho_section *section = &image->macho.sections[i];
		if (section->type != SECTION_INTERPOSING)
			continue;
		size_t count = section->size / 16;
		void *const *pairs = image_at(image, section->address);
		struct tuple *grown = realloc(tuples, (tuple_count + count) * sizeof(*tuples));
		if (!grown)
			return;
		tuples = grown;
		for (size_t j = 0; j < count; j++)
			tuples[tuple_count++] = (struct tuple){pairs[2 * j], pairs[2 * j + 1], image};
	}
}

void *interpose(const struct image *image, void *address)
{
	for (size_t i = 0; i < tuple_count; i++)
		if (tuples[i].replaced == address && tuples[i].image != image)
			return tuples[i].replacement;
	return address;
}
