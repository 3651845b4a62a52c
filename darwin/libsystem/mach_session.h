// SPDX-License-Identifier: MIT
// The session's kernel of Gila. mach_session_begin says how it is found, and started if there is none; this happens at
// the first trap.
#ifndef DARWIN_MACH_SESSION_H
#define DARWIN_MACH_SESSION_H

#define MACH_SESSION_IDLE 10 // seconds without programs after which it ends, unless GILA_IDLE says otherwise

void mach_session_begin(void);

#endif
