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
FILE *fopen(const char *, const char *);
int fclose(FILE *);
char *fgets(char *, int, FILE *);
size_t fread(void *, size_t, size_t, FILE *);
size_t fwrite(const void *, size_t, size_t, FILE *);
int remove(const char *);
int rename(const char *, const char *);
void perror(const char *);
int sprintf(char *, const char *, ...);
int asprintf(char **, const char *, ...);
int dprintf(int, const char *, ...);
int scanf(const char *, ...);
int fscanf(FILE *, const char *, ...);
int sscanf(const char *, const char *, ...);
int __snprintf_chk(char *, size_t, int, size_t, const char *, ...);
FILE *fdopen(int, const char *);
FILE *freopen(const char *, const char *, FILE *);
FILE *fmemopen(void *, size_t, const char *);
FILE *open_memstream(char **, size_t *);
FILE *funopen(const void *, int (*)(void *, char *, int), int (*)(void *, const char *, int), off_t (*)(void *, off_t, int), int (*)(void *));
FILE *popen(const char *, const char *);
int pclose(FILE *);
FILE *tmpfile(void);
char *fgetln(FILE *, size_t *);
ssize_t getline(char **, size_t *, FILE *);
ssize_t getdelim(char **, size_t *, int, FILE *);
int ungetc(int, FILE *);
int fgetc(FILE *);
int fputc(int, FILE *);
int feof(FILE *);
int ferror(FILE *);
void clearerr(FILE *);
int fseeko(FILE *, off_t, int);
off_t ftello(FILE *);
int fgetpos(FILE *, off_t *);
int fsetpos(FILE *, const off_t *);
int setvbuf(FILE *, char *, int, size_t);
void rewind(FILE *);
int fgetwc(FILE *);
int fputwc(int, FILE *);
int ungetwc(int, FILE *);
#define feof_unlocked(f) (((f)->_flags & 0x20) != 0)
#define ferror_unlocked(f) (((f)->_flags & 0x40) != 0)
#ifdef __cplusplus
}
#endif

#endif
