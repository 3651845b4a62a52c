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
long strtol(const char *, char **, int);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
#ifdef __cplusplus
}
#endif

#endif
