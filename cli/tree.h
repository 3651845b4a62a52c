// SPDX-License-Identifier: MIT
// Names in a directory, for commands that go through whole trees.
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "text.h"

#include <mach/kern_return.h>
#include <stdbool.h>

#define TREE_DEPTH_MAX 64u // directories within each other; a path is not longer than FILE_PATH_MAX anyway

// The names in the directory, each ended by a NUL, one behind the other, appended to `names`.
kern_return_t tree_names(const char *path, struct text *names);
// Appends "/" and the last component of `from` to `path`.
void tree_join(struct text *path, const char *from);

#endif
