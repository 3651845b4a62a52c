// SPDX-License-Identifier: MIT
#ifndef DARWIN_PROCESS_H
#define DARWIN_PROCESS_H

// To be registered before the program starts, so that it runs after all that the program registers: destructors of the thread's
// variables, terminators of images.
void process_at_exit(void);

#endif
