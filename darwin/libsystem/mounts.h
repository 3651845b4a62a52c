// SPDX-License-Identifier: MIT
// What is mounted.
#ifndef DARWIN_MOUNTS_H
#define DARWIN_MOUNTS_H

#include "abi.h"

#include <stdbool.h>

// The file system that holds the file: a name from the folder, or "" for the descriptor itself. False: errno (the host's) says why.
bool mount_find(int folder, const char *name, struct darwin_statfs *to);

#endif
