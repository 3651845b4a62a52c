// SPDX-License-Identifier: MIT
// The server in one process with its clients, for tests in other files than ext2_test.c, which has the kernel (lib/serve/serve_fake.h).
#ifndef EXT2_EXT2_TEST_H
#define EXT2_EXT2_TEST_H

#include "ext2.h"
#include "fs_test.h"

struct rig *ext2_rig(void);
struct ext2 *ext2_server(void);
bool ext2_begin(const char *arguments); // of mke2fs
bool ext2_end(void);                    // true: a clean file system, nothing left over
bool ext2_take_over(void);              // the server ends, and another one takes over
bool ext2_lose_power(void);             // and mounts again
bool ext2_turn(void);                   // what the server does between requests; false: nothing waits
void ext2_hold(bool hold);              // answers that come later are not waited for: MACH_RCV_TIMED_OUT
kern_return_t ext2_answer(void);        // what was answered last
unsigned ext2_answers(void);            // that came later, so far
void ext2_settle(void);                 // notifications that are due are delivered
void ext2_pass(uint64_t time);          // it does

#endif
