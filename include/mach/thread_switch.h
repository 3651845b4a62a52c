// SPDX-License-Identifier: MIT
// Options of the thread_switch trap. Values of macOS <mach/thread_switch.h>.
#ifndef MACH_THREAD_SWITCH_H
#define MACH_THREAD_SWITCH_H

#define SWITCH_OPTION_NONE 0	// yield
#define SWITCH_OPTION_DEPRESS 1 // at lowest priority for option_time milliseconds
#define SWITCH_OPTION_WAIT 2	// sleep for option_time milliseconds

#endif
