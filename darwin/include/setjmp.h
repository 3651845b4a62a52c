// SPDX-License-Identifier: MIT
// Jumps. Facts: Libc's <setjmp.h>: 37 ints on x86_64.
#ifndef DARWIN_INCLUDE_SETJMP_H
#define DARWIN_INCLUDE_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif
typedef int jmp_buf[37];
int setjmp(jmp_buf) __attribute__((returns_twice));
void longjmp(jmp_buf, int) __attribute__((noreturn));
#ifdef __cplusplus
}
#endif

#endif
