// SPDX-License-Identifier: MIT
// Classes of wide characters, as libc++'s headers need them. Facts: Libc's <wctype.h>.
#ifndef DARWIN_INCLUDE_WCTYPE_H
#define DARWIN_INCLUDE_WCTYPE_H

#include <ctype.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned wctype_t;
typedef int wctrans_t;
int iswalnum(wint_t), iswalpha(wint_t), iswblank(wint_t), iswcntrl(wint_t), iswdigit(wint_t), iswgraph(wint_t), iswlower(wint_t);
int iswprint(wint_t), iswpunct(wint_t), iswspace(wint_t), iswupper(wint_t), iswxdigit(wint_t), iswctype(wint_t, wctype_t);
wint_t towlower(wint_t), towupper(wint_t), towctrans(wint_t, wctrans_t);
wctype_t wctype(const char *);
wctrans_t wctrans(const char *);
#ifdef __cplusplus
}
#endif

#endif
