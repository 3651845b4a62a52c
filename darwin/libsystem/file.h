// SPDX-License-Identifier: MIT
// What the files about files share.
#ifndef DARWIN_FILE_H
#define DARWIN_FILE_H

int file_at_to_host(int folder); // AT_FDCWD
int file_flags_to_host(int darwin);

#endif
