// SPDX-License-Identifier: MIT
// boolean_t, the truth value of the Mach ABI: 32 bits wide in every message and structure.
// New code that is not part of the ABI uses bool.
#ifndef MACH_BOOLEAN_H
#define MACH_BOOLEAN_H

typedef unsigned int boolean_t;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

_Static_assert(sizeof(boolean_t) == 4, "boolean_t is 32 bits in the ABI");

#endif
