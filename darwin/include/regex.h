// SPDX-License-Identifier: MIT
// Regular expressions. Facts: Libc's <regex.h>: positions have 64 bits.
#ifndef DARWIN_INCLUDE_REGEX_H
#define DARWIN_INCLUDE_REGEX_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef long long regoff_t;
typedef struct {
	int re_magic;
	size_t re_nsub;
	const char *re_endp;
	void *re_g;
} regex_t;
typedef struct {
	regoff_t rm_so, rm_eo;
} regmatch_t;
enum { REG_EXTENDED = 1, REG_ICASE = 2, REG_NOSUB = 4, REG_NEWLINE = 8, REG_NOSPEC = 0x10, REG_NOTBOL = 1, REG_STARTEND = 4, REG_NOMATCH = 1, REG_EBRACK = 7 };
int regcomp(regex_t *, const char *, int);
int regexec(const regex_t *, const char *, size_t, regmatch_t *, int);
size_t regerror(int, const regex_t *, char *, size_t);
void regfree(regex_t *);
#ifdef __cplusplus
}
#endif

#endif
