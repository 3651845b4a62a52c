// SPDX-License-Identifier: MIT
// What the files about files share.
#ifndef DARWIN_FILE_H
#define DARWIN_FILE_H

#include <stdint.h>

int file_at_to_host(int folder); // AT_FDCWD
int file_flags_to_host(int darwin);
// Flags of st_flags by Linux' STATX_ATTR_*.
uint32_t file_flags_of(uint64_t attributes);

#endif
