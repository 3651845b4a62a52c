// SPDX-License-Identifier: MIT
// Load commands and sections of an image in memory, from its header.
#ifndef DARWIN_SECTIONS_H
#define DARWIN_SECTIONS_H

#include "../loader/format.h"

#include <stddef.h>

// The first command of that kind which has that size at least, or NULL. The loader checked sizes when it mapped the image.
const void *sections_command(const void *header, uint32_t command, size_t size);
// The next command that names a library, after that one (NULL: the first).
const struct macho_dylib_command *sections_next_dylib(const void *header, const struct macho_dylib_command *after);
// Where a section lies, and its size; NULL: there is none.
void *sections_data(const void *header, const char *segment, const char *section, unsigned long *size);

#endif
