// SPDX-License-Identifier: MIT
#ifndef DARWIN_PROCESS_H
#define DARWIN_PROCESS_H

// To be called before the program starts: what it registers for exit and fork then comes before what is registered here.
void process_begin(void);

#endif
