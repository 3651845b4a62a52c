// SPDX-License-Identifier: MIT
// Wide characters. Facts: Libc's <wchar.h>: wchar_t has 32 bits, mbstate_t 128 bytes.
#ifndef DARWIN_INCLUDE_WCHAR_H
#define DARWIN_INCLUDE_WCHAR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef int wint_t;
typedef union {
	char bytes[128];
	long long align;
} mbstate_t;
#define WEOF ((wint_t)-1)
struct tm;
size_t mbrtowc(wchar_t *, const char *, size_t, mbstate_t *);
size_t wcrtomb(char *, wchar_t, mbstate_t *);
size_t mbsrtowcs(wchar_t *, const char **, size_t, mbstate_t *);
size_t wcsrtombs(char *, const wchar_t **, size_t, mbstate_t *);
size_t mbsnrtowcs(wchar_t *, const char **, size_t, size_t, mbstate_t *);
int mbsinit(const mbstate_t *);
size_t mbstowcs(wchar_t *, const char *, size_t);
size_t wcstombs(char *, const wchar_t *, size_t);
int mbtowc(wchar_t *, const char *, size_t);
wint_t btowc(int);
int wctob(wint_t);
size_t wcslen(const wchar_t *);
int wcscmp(const wchar_t *, const wchar_t *);
size_t wcslcpy(wchar_t *, const wchar_t *, size_t);
long wcstol(const wchar_t *, wchar_t **, int);
double wcstod(const wchar_t *, wchar_t **);
int wcwidth(wchar_t);
int swprintf(wchar_t *, size_t, const wchar_t *, ...);
int swscanf(const wchar_t *, const wchar_t *, ...);
wint_t nextwctype(wint_t, unsigned);
int fwscanf(struct __sFILE *, const wchar_t *, ...);
wchar_t *fgetwln(struct __sFILE *, size_t *);
#ifdef __cplusplus
}
#endif

#endif
