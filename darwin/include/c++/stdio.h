// SPDX-License-Identifier: MIT
// What libc++'s headers need besides.
#ifndef DARWIN_INCLUDE_CXX_STDIO_H
#define DARWIN_INCLUDE_CXX_STDIO_H

#include <stdarg.h>
#include_next <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef long long fpos_t;
#define BUFSIZ 1024
#define FILENAME_MAX 1024
#define FOPEN_MAX 20
#define L_tmpnam 1024
#define TMP_MAX 308915776
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
int vfprintf(FILE *, const char *, va_list), vprintf(const char *, va_list), vsnprintf(char *, size_t, const char *, va_list);
int vsprintf(char *, const char *, va_list), vasprintf(char **, const char *, va_list), vfscanf(FILE *, const char *, va_list);
int vscanf(const char *, va_list), vsscanf(const char *, const char *, va_list);
int getc(FILE *), putc(int, FILE *), getchar(void), putchar(int), fseek(FILE *, long, int), fileno(FILE *);
long ftell(FILE *);
void setbuf(FILE *, char *);
char *tmpnam(char *);
#ifdef __cplusplus
}
#endif

#endif
