// SPDX-License-Identifier: MIT
// The file library against ext2, in one process: stubs, dispatcher, handlers, file system and store as they are, on images of mke2fs.
#include "ext2.h"
#include "fs_test.h"

#include <abi/file.h>
#include <abi/file_server.h>
#include <gila/file.h>
#include <serve/serve_fake.h>

// For all tests of this program: e2fsck takes a small time of deletion for the number of an inode.
__attribute__((constructor)) static void set_clock(void) { fake_calendar = INT64_C(1700000000) * 1000000000; }
