// SPDX-License-Identifier: MIT
// What libc++'s headers need besides.
#ifndef DARWIN_INCLUDE_CXX_STRING_H
#define DARWIN_INCLUDE_CXX_STRING_H

#include_next <string.h>

#ifdef __cplusplus
extern "C" {
#endif
void *memmove(void *, const void *, size_t), *memchr(const void *, int, size_t);
char *strncpy(char *, const char *, size_t), *strcat(char *, const char *), *strncat(char *, const char *, size_t), *strpbrk(const char *, const char *);
char *strtok(char *, const char *), *strdup(const char *);
int strcoll(const char *, const char *);
size_t strxfrm(char *, const char *, size_t), strcspn(const char *, const char *), strspn(const char *, const char *);
#ifdef __cplusplus
}
#endif

#endif
