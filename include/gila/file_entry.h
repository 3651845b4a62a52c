// SPDX-License-Identifier: MIT
// Packs directory entries into the answer of file_list, and takes them out again.
#ifndef GILA_FILE_ENTRY_H
#define GILA_FILE_ENTRY_H

#include <gila/file_types.h>
#include <stdbool.h>

// Appends an entry at *used. False: it does not fit into `room` bytes in all; nothing is written.
bool file_entry_put(uint8_t *to, size_t room, size_t *used, const struct file_entry *entry, const char *name)
	__attribute__((warn_unused_result));

// Takes the entry at *used; `name` is zero-terminated. False at the end, or with *error FILE_DAMAGED when the bytes make
// no sense or the name is not valid: the server is not trusted.
bool file_entry_take(const uint8_t *from, size_t size, size_t *used, struct file_entry *entry,
		     char name[FILE_NAME_MAX + 1], kern_return_t *error) __attribute__((warn_unused_result));

#endif
