// SPDX-License-Identifier: MIT
// Backtraces. Facts: Libc's <execinfo.h>.
#ifndef DARWIN_INCLUDE_EXECINFO_H
#define DARWIN_INCLUDE_EXECINFO_H

#ifdef __cplusplus
extern "C" {
#endif
int backtrace(void **, int);
char **backtrace_symbols(void *const *, int);
void backtrace_symbols_fd(void *const *, int, int);
#ifdef __cplusplus
}
#endif

#endif
