// SPDX-License-Identifier: MIT
// Patterns of file names. Facts: Libc's <glob.h>, <fnmatch.h>, <ftw.h>.
#ifndef DARWIN_INCLUDE_GLOB_H
#define DARWIN_INCLUDE_GLOB_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct stat;
typedef struct {
	size_t gl_pathc;
	int gl_matchc;
	size_t gl_offs;
	int gl_flags;
	char **gl_pathv;
	void *functions[6];
} glob_t;
enum { GLOB_APPEND = 1, GLOB_DOOFFS = 2, GLOB_MARK = 8, GLOB_NOCHECK = 0x10, GLOB_BRACE = 0x80, GLOB_NOMATCH = -3 };
int glob(const char *, int, int (*)(const char *, int), glob_t *) __asm__("_glob$INODE64");
#ifdef __BLOCKS__
int glob_b(const char *, int, int (^)(const char *, int), glob_t *) __asm__("_glob_b$INODE64");
#endif
void globfree(glob_t *) __asm__("_globfree$INODE64");
enum { FNM_NOMATCH = 1, FNM_NOESCAPE = 1, FNM_PATHNAME = 2, FNM_PERIOD = 4, FNM_CASEFOLD = 16 };
int fnmatch(const char *, const char *, int);
struct FTW {
	int base, level;
};
enum { FTW_F, FTW_D, FTW_DNR, FTW_DP, FTW_NS, FTW_SL, FTW_SLN, FTW_PHYS = 1, FTW_DEPTH = 4 };
int nftw(const char *, int (*)(const char *, const struct stat *, int, struct FTW *), int, int) __asm__("_nftw$INODE64");
#ifdef __cplusplus
}
#endif

#endif
