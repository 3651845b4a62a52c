// SPDX-License-Identifier: MIT
// Strings.
#ifndef DARWIN_INCLUDE_STRING_H
#define DARWIN_INCLUDE_STRING_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
size_t strlen(const char *);
int strcmp(const char *, const char *);
int strncmp(const char *, const char *, size_t);
char *strrchr(const char *, int);
char *strcpy(char *, const char *);
char *strchr(const char *, int);
char *strstr(const char *, const char *);
size_t strlcpy(char *, const char *, size_t);
char *strerror(int);
#ifdef __cplusplus
}
#endif

#endif
