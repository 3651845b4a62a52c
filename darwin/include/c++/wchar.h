// SPDX-License-Identifier: MIT
// Wide characters, as libc++'s headers need them. Facts: Libc's <wchar.h>; mbstate_t is called __mbstate_t in names of functions.
#ifndef DARWIN_INCLUDE_WCHAR_H
#define DARWIN_INCLUDE_WCHAR_H

#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef int wint_t;
typedef union {
	char __mbstate8[128];
	long long _mbstateL;
} __mbstate_t;
typedef __mbstate_t mbstate_t;
#define WEOF ((wint_t)-1)
struct tm;
wint_t btowc(int), getwc(FILE *), getwchar(void), putwc(wchar_t, FILE *), putwchar(wchar_t);

wchar_t *fgetws(wchar_t *, int, FILE *);
int fputws(const wchar_t *, FILE *), fwide(FILE *, int), wctob(wint_t), mbsinit(const mbstate_t *);
int fwprintf(FILE *, const wchar_t *, ...), fwscanf(FILE *, const wchar_t *, ...), swprintf(wchar_t *, size_t, const wchar_t *, ...);
int swscanf(const wchar_t *, const wchar_t *, ...), wprintf(const wchar_t *, ...), wscanf(const wchar_t *, ...);
int vfwprintf(FILE *, const wchar_t *, va_list), vswprintf(wchar_t *, size_t, const wchar_t *, va_list), vwprintf(const wchar_t *, va_list);
int vfwscanf(FILE *, const wchar_t *, va_list), vswscanf(const wchar_t *, const wchar_t *, va_list), vwscanf(const wchar_t *, va_list);
size_t mbrlen(const char *, size_t, mbstate_t *), mbrtowc(wchar_t *, const char *, size_t, mbstate_t *);
size_t mbsrtowcs(wchar_t *, const char **, size_t, mbstate_t *), wcrtomb(char *, wchar_t, mbstate_t *);
size_t wcsrtombs(char *, const wchar_t **, size_t, mbstate_t *), mbsnrtowcs(wchar_t *, const char **, size_t, size_t, mbstate_t *);
size_t wcsnrtombs(char *, const wchar_t **, size_t, size_t, mbstate_t *);
wchar_t *wcscat(wchar_t *, const wchar_t *), *wcschr(const wchar_t *, wchar_t), *wcscpy(wchar_t *, const wchar_t *);
wchar_t *wcsncat(wchar_t *, const wchar_t *, size_t), *wcsncpy(wchar_t *, const wchar_t *, size_t), *wcspbrk(const wchar_t *, const wchar_t *);
wchar_t *wcsrchr(const wchar_t *, wchar_t), *wcsstr(const wchar_t *, const wchar_t *), *wcstok(wchar_t *, const wchar_t *, wchar_t **);
wchar_t *wmemchr(const wchar_t *, wchar_t, size_t), *wmemcpy(wchar_t *, const wchar_t *, size_t), *wmemmove(wchar_t *, const wchar_t *, size_t);
wchar_t *wmemset(wchar_t *, wchar_t, size_t);
int wcscmp(const wchar_t *, const wchar_t *), wcscoll(const wchar_t *, const wchar_t *), wcsncmp(const wchar_t *, const wchar_t *, size_t);
int wmemcmp(const wchar_t *, const wchar_t *, size_t), wcwidth(wchar_t);
size_t wcscspn(const wchar_t *, const wchar_t *), wcsftime(wchar_t *, size_t, const wchar_t *, const struct tm *), wcslen(const wchar_t *);
size_t wcsspn(const wchar_t *, const wchar_t *), wcsxfrm(wchar_t *, const wchar_t *, size_t), wcsnlen(const wchar_t *, size_t);
double wcstod(const wchar_t *, wchar_t **);
float wcstof(const wchar_t *, wchar_t **);
long double wcstold(const wchar_t *, wchar_t **);
long wcstol(const wchar_t *, wchar_t **, int);
long long wcstoll(const wchar_t *, wchar_t **, int);
unsigned long wcstoul(const wchar_t *, wchar_t **, int);
unsigned long long wcstoull(const wchar_t *, wchar_t **, int);
#ifdef __cplusplus
}
#endif

#endif
