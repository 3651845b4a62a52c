// SPDX-License-Identifier: MIT
// Streams. Facts: Libc's <stdio.h>: FILE begins with the next byte and the bytes left.
#ifndef DARWIN_INCLUDE_STDIO_H
#define DARWIN_INCLUDE_STDIO_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct __sFILE {
	unsigned char *_p;
	int _r, _w;
	short _flags, _file;
	char rest[136];
} FILE;
extern FILE *__stdinp, *__stdoutp, *__stderrp;
#define stdin __stdinp
#define stdout __stdoutp
#define stderr __stderrp
#define EOF (-1)
int __srget(FILE *);
int __swbuf(int, FILE *);
#define getc_unlocked(f) (--(f)->_r < 0 ? __srget(f) : (int)*(f)->_p++)
#define putc_unlocked(c, f) (--(f)->_w >= 0 ? (*(f)->_p++ = (unsigned char)(c)) : __swbuf((c), (f)))
int printf(const char *, ...);
int fprintf(FILE *, const char *, ...);
int snprintf(char *, size_t, const char *, ...);
int puts(const char *);
int fputs(const char *, FILE *);
int fflush(FILE *);
int setvbuf(FILE *, char *, int, size_t);
FILE *fopen(const char *, const char *);
int fclose(FILE *);
char *fgets(char *, int, FILE *);
size_t fread(void *, size_t, size_t, FILE *);
size_t fwrite(const void *, size_t, size_t, FILE *);
int remove(const char *);
int rename(const char *, const char *);
void perror(const char *);
#ifdef __cplusplus
}
#endif

#endif
