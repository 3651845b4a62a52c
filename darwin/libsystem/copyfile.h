// SPDX-License-Identifier: MIT
// What the files about copies share.
#ifndef DARWIN_COPYFILE_H
#define DARWIN_COPYFILE_H

#include <stdbool.h>

// Linux' FICLONE: the copy shares the blocks. False: the file system cannot.
bool file_clone(int from, int to);
// Mode, owner (if the caller may), times. 0, or -1 and errno is set.
int file_copy_status(int from, int to);

#endif
