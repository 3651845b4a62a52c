// SPDX-License-Identifier: MIT
#ifndef DARWIN_COMMPAGE_H
#define DARWIN_COMMPAGE_H

// Maps the commpage; before any code of the program runs.
void commpage_map(void);
// Times, too, for programs that read them there and do not know how else: it takes two milliseconds.
void commpage_times(void);

#endif
