// SPDX-License-Identifier: MIT
// Characters that can be seen, and back. Facts: vis(3), unvis(3) of Darwin.
#ifndef DARWIN_INCLUDE_VIS_H
#define DARWIN_INCLUDE_VIS_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { VIS_OCTAL = 1, VIS_CSTYLE = 2, VIS_SP = 4, VIS_TAB = 8, VIS_NL = 0x10, VIS_WHITE = 0x1c, VIS_HTTPSTYLE = 0x80, UNVIS_END = 0x800 };
enum { UNVIS_VALID = 1, UNVIS_VALIDPUSH = 2, UNVIS_NOCHAR = 3, UNVIS_SYNBAD = -1 };
char *vis(char *, int, int, int);
int strvis(char *, const char *, int);
int strnvis(char *, size_t, const char *, int);
int strvisx(char *, const char *, size_t, int);
int strsvis(char *, const char *, int, const char *);
int stravis(char **, const char *, int);
int unvis(char *, int, int *, int);
int strunvis(char *, const char *);
int strnunvis(char *, size_t, const char *);
int strunvisx(char *, const char *, int);
#ifdef __cplusplus
}
#endif

#endif
