// SPDX-License-Identifier: MIT
// Words of the kernel's command line that are meant for init.
//
//   exec=COMMANDS   the last one: runs `gila -c COMMANDS` instead of a prompt, then ends the system with its exit status.
//                   Either one word in which blanks are written %20, as in URLs, and "%" is %25; or several words as they
//                   are, which one blank each will separate.
//   config=PATH     another configuration in the image than /system/cfg/init.toml
//   root=DEVICE     what the seat that is mounted at / has as its argument device= instead of what the configuration says, in the
//                   words of servers/volumes (LABEL=..., UUID=..., blk/0p1); written as in URLs
#ifndef INIT_WORD_H
#define INIT_WORD_H

#include <stdbool.h>
#include <stddef.h>

// Joins `count` words with blanks in `to`. False: they do not fit.
bool word_join(char *const *words, int count, char *to, size_t room);
// Replaces %XX in place. False: a % without two hexadecimal digits, or %00.
bool word_decode(char *word);

#endif
