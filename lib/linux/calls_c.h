// SPDX-License-Identifier: MIT
// Prototypes of the functions that answer Linux calls (calls.h).
#ifndef LINUX_CALLS_C_H
#define LINUX_CALLS_C_H

#include "linux.h"

#define LINUX_CALL(number, name) int64_t linux_##name(struct linux_frame *frame);
#include "calls.h"
#undef LINUX_CALL

#endif
