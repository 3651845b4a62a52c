// SPDX-License-Identifier: MIT
#ifndef DARWIN_START_H
#define DARWIN_START_H

#include <stdbool.h>

struct image;

// Runs initialisers and the program, which gets these words and this process' environment.
_Noreturn void start_program(struct image *image, int count, char **words);

// System calls that the program makes by itself are caught (libsystem/raw.h), whatever its file says. Set before it starts.
extern bool start_raw;

#endif
