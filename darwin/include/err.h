// SPDX-License-Identifier: MIT
// Messages about errors. Facts: err(3).
#ifndef DARWIN_INCLUDE_ERR_H
#define DARWIN_INCLUDE_ERR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
void warn(const char *, ...), warnx(const char *, ...);
void warnc(int, const char *, ...);
void err(int, const char *, ...) __attribute__((noreturn));
#ifdef __cplusplus
}
#endif

#endif
