// SPDX-License-Identifier: MIT
// Where the boot image is, and whether it looks like one.
#ifndef CLI_HOST_IMAGE_H
#define CLI_HOST_IMAGE_H

#include "../text.h"

// Appends the path: `given` if it is not NULL, else gila.tar.lzma beside this program.
void image_path(struct text *path, const char *given);
// NULL: it can be read and begins as an LZMA archive does; else why not.
const char *image_check(const char *path);

#endif
