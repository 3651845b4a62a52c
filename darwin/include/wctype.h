// SPDX-License-Identifier: MIT
// Classes of wide characters. Facts: Libc's <wctype.h>, <_wctype.h>.
#ifndef DARWIN_INCLUDE_WCTYPE_H
#define DARWIN_INCLUDE_WCTYPE_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned wctype_t;
int iswalpha(int);
int iswupper(int);
int iswspace(int);
int towupper(int);
int towlower(int);
wctype_t wctype(const char *);
int iswctype(int, wctype_t);
#ifdef __cplusplus
}
#endif

#endif
