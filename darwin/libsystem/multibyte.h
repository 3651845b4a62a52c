// SPDX-License-Identifier: MIT
// Characters in bytes: UTF-8, or each byte a character.
#ifndef DARWIN_MULTIBYTE_H
#define DARWIN_MULTIBYTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What is known of a character that is not whole; the beginning of Darwin's mbstate_t, all zero at first.
struct multibyte_state {
	uint32_t value; // bits so far
	uint8_t left;	// bytes to come
	uint8_t size;	// bytes of the whole
};

#define MULTIBYTE_WRONG ((size_t)-1) // EILSEQ
#define MULTIBYTE_SHORT ((size_t)-2) // all bytes belong to a character that goes on
// As mbrtowc: bytes used, 0 for the character 0, or one of the above. `to` may be NULL.
size_t multibyte_decode(bool utf8, const char *from, size_t size, uint32_t *to, struct multibyte_state *state);
// As wcrtomb: bytes written, at most 4, or MULTIBYTE_WRONG.
size_t multibyte_encode(bool utf8, uint32_t character, char *to);

#endif
