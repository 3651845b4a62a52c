// SPDX-License-Identifier: MIT
// binfmt_misc: Linux' kernel runs Mach-O files with this program, so that `./esbuild` and Linux programs that run it work.
#ifndef DARWIN_REGISTER_H
#define DARWIN_REGISTER_H

#include <stdbool.h>

// The folder is where binfmt_misc is mounted, or NULL. Returns the exit status; says what is wrong.
int register_add(const char *folder);
int register_remove(const char *folder);
// Whether Linux' kernel started this process for a file: its words are then the file, its own name for itself, its arguments.
bool register_started(void);
// A path of this program, also where /proc is not mounted. NULL: it cannot be told.
const char *register_loader(void);

#endif
