// SPDX-License-Identifier: MIT
// Directories. Facts: xnu's bsd/sys/dirent.h, with 64-bit inode numbers.
#ifndef DARWIN_INCLUDE_DIRENT_H
#define DARWIN_INCLUDE_DIRENT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct dirent {
	ino_t d_ino;
	unsigned long long d_seekoff;
	unsigned short d_reclen, d_namlen;
	unsigned char d_type;
	char d_name[1024];
};
typedef struct DIR DIR;
enum { DT_DIR = 4, DT_REG = 8, DT_LNK = 10 };
DIR *opendir(const char *) __asm__("_opendir$INODE64");
struct dirent *readdir(DIR *) __asm__("_readdir$INODE64");
int closedir(DIR *);
#ifdef __BLOCKS__
int scandir_b(const char *, struct dirent ***, int (^)(const struct dirent *), int (^)(const struct dirent **, const struct dirent **)) __asm__("_scandir_b$INODE64");
#endif
#ifdef __cplusplus
}
#endif

#endif
