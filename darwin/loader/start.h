// SPDX-License-Identifier: MIT
#ifndef DARWIN_START_H
#define DARWIN_START_H

struct image;

// Runs initialisers and the program, which gets these words and this process' environment.
_Noreturn void start_program(struct image *image, int count, char **words);

#endif
