// SPDX-License-Identifier: MIT
// Complaints: lines in the log about what clients do wrong, at most a few a second, so that a client that does it at
// full speed fills neither the log nor the time of others.
//
//     static struct complaint complaint;
//     if (complaint_allowed(&complaint)) log_line(...);
// What was left out is counted, and said with the next line that is let through. Locks: none.
#ifndef KERNEL_DEBUG_COMPLAINT_H
#define KERNEL_DEBUG_COMPLAINT_H

#include "../core/base.h"

#define COMPLAINTS_PER_SECOND 10u

struct complaint {
	_Atomic uint64_t second; // that `count` is about
	_Atomic uint32_t count;
	_Atomic uint32_t left_out;
};

bool must_check complaint_allowed(struct complaint *complaint);

#endif
