// SPDX-License-Identifier: MIT
// What libc++'s headers need.
#ifndef DARWIN_INCLUDE_CXX_SCHED_H
#define DARWIN_INCLUDE_CXX_SCHED_H

#ifdef __cplusplus
extern "C" {
#endif
int sched_yield(void);
#ifdef __cplusplus
}
#endif

#endif
