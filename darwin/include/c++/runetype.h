// SPDX-License-Identifier: MIT
// The table of characters. Facts: Libc's <runetype.h>.
#ifndef DARWIN_INCLUDE_CXX_RUNETYPE_H
#define DARWIN_INCLUDE_CXX_RUNETYPE_H

#include <ctype.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
