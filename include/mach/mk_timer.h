// SPDX-License-Identifier: MIT
// mk_timer: a port that receives a message when a deadline passes. Layout of macOS <mach/mk_timer.h>; the calls are
// in <mach/mach_traps.h>.
#ifndef MACH_MK_TIMER_H
#define MACH_MK_TIMER_H

#include <mach/message.h>

#define MK_TIMER_NORMAL 0
#define MK_TIMER_CRITICAL 1

#pragma pack(push, 4)
typedef struct mk_timer_expire_msg {
	mach_msg_header_t header;
	uint64_t unused[3];
} mk_timer_expire_msg_t;
#pragma pack(pop)

_Static_assert(sizeof(mk_timer_expire_msg_t) == 48, "timer message");

#endif
