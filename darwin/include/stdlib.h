// SPDX-License-Identifier: MIT
// Memory, environment, the end of a program.
#ifndef DARWIN_INCLUDE_STDLIB_H
#define DARWIN_INCLUDE_STDLIB_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void free(void *);
void abort(void) __attribute__((noreturn));
void exit(int) __attribute__((noreturn));
int atexit(void (*)(void));
char *getenv(const char *);
int setenv(const char *, const char *, int);
int atoi(const char *);
long strtol(const char *, char **, int);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void qsort_r(void *, size_t, size_t, void *, int (*)(void *, const void *, const void *));
int heapsort(void *, size_t, size_t, int (*)(const void *, const void *));
int mergesort(void *, size_t, size_t, int (*)(const void *, const void *));
int radixsort(const unsigned char **, int, const unsigned char *, unsigned);
long long strtonum(const char *, long long, long long, const char **);
double strtod(const char *, char **);
int mkstemp(char *);
int mkstemps(char *, int);
char *mkdtemp(char *);
char *mktemp(char *);
int system(const char *);
void *aligned_alloc(size_t, size_t);
void *valloc(size_t);
unsigned arc4random_uniform(unsigned);
#ifdef __BLOCKS__
void qsort_b(void *, size_t, size_t, int (^)(const void *, const void *));
int mergesort_b(void *, size_t, size_t, int (^)(const void *, const void *));
void *bsearch_b(const void *, const void *, size_t, size_t, int (^)(const void *, const void *));
int atexit_b(void (^)(void));
#endif
int getsubopt(char **, char *const *, char **);
#ifdef __cplusplus
}
#endif

#endif
