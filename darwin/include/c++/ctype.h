// SPDX-License-Identifier: MIT
// Characters, as libc++'s headers need them. Facts: Libc's <_ctype.h>: classes are bits of 32.
#ifndef DARWIN_INCLUDE_CXX_CTYPE_H
#define DARWIN_INCLUDE_CXX_CTYPE_H

#include <sys/types.h>

typedef unsigned __uint32_t;

#ifdef __cplusplus
extern "C" {
#endif
#define _CTYPE_A 0x100
#define _CTYPE_C 0x200
#define _CTYPE_D 0x400
#define _CTYPE_G 0x800
#define _CTYPE_L 0x1000
#define _CTYPE_P 0x2000
#define _CTYPE_S 0x4000
#define _CTYPE_U 0x8000
#define _CTYPE_X 0x10000
#define _CTYPE_B 0x20000
#define _CTYPE_R 0x40000
int isalnum(int), isalpha(int), isblank(int), iscntrl(int), isdigit(int), isgraph(int), islower(int), isprint(int), ispunct(int);
int isspace(int), isupper(int), isxdigit(int), tolower(int), toupper(int);
static inline int isascii(int c) { return (c & ~0x7f) == 0; }
#ifdef __cplusplus
}
#endif

#endif
