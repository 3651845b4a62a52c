// SPDX-License-Identifier: MIT
// What libc++'s headers need besides.
#ifndef DARWIN_INCLUDE_CXX_STDLIB_H
#define DARWIN_INCLUDE_CXX_STDLIB_H

#include_next <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct {
	int quot, rem;
} div_t;
typedef struct {
	long quot, rem;
} ldiv_t;
typedef struct {
	long long quot, rem;
} lldiv_t;
#define EXIT_FAILURE 1
#define EXIT_SUCCESS 0
#define RAND_MAX 0x7fffffff
#define MB_CUR_MAX ((size_t)___mb_cur_max())
int ___mb_cur_max(void);
int atoi(const char *), rand(void), abs(int), at_quick_exit(void (*)(void)), posix_memalign(void **, size_t, size_t);
int mblen(const char *, size_t), mbtowc(wchar_t *, const char *, size_t), wctomb(char *, wchar_t);
size_t mbstowcs(wchar_t *, const char *, size_t), wcstombs(char *, const wchar_t *, size_t);
double atof(const char *);
float strtof(const char *, char **);
long double strtold(const char *, char **);
long atol(const char *), labs(long);
long long atoll(const char *), strtoll(const char *, char **, int), llabs(long long);
unsigned long strtoul(const char *, char **, int);
unsigned long long strtoull(const char *, char **, int);
void srand(unsigned), quick_exit(int) __attribute__((noreturn)), _Exit(int) __attribute__((noreturn));
void *bsearch(const void *, const void *, size_t, size_t, int (*)(const void *, const void *));
div_t div(int, int);
ldiv_t ldiv(long, long);
lldiv_t lldiv(long long, long long);
#ifdef __cplusplus
}
#endif

#endif
