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
char *strcpy(char *, const char *);
char *strchr(const char *, int);
char *strstr(const char *, const char *);
size_t strlcpy(char *, const char *, size_t);
char *strerror(int);
char *strsep(char **, const char *);
char *strnstr(const char *, const char *, size_t);
size_t strlcat(char *, const char *, size_t);
int strncmp(const char *, const char *, size_t);
int memset_s(void *, size_t, int, size_t);
void memset_pattern4(void *, const void *, size_t);
int timingsafe_bcmp(const void *, const void *, size_t);
void strmode(int, char *);
size_t __strlcpy_chk(char *, const char *, size_t, size_t);
#ifdef __cplusplus
}
#endif

#endif
