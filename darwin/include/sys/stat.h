// SPDX-License-Identifier: MIT
// File status. Facts: xnu's bsd/sys/stat.h, with 64-bit inode numbers.
#ifndef DARWIN_INCLUDE_SYS_STAT_H
#define DARWIN_INCLUDE_SYS_STAT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct stat {
	dev_t st_dev;
	mode_t st_mode;
	nlink_t st_nlink;
	ino_t st_ino;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev;
	struct timespec st_atimespec, st_mtimespec, st_ctimespec, st_birthtimespec;
	off_t st_size, st_blocks;
	int st_blksize;
	unsigned st_flags, st_gen;
	int st_lspare;
	long long st_qspare[2];
};
int stat(const char *, struct stat *) __asm__("_stat$INODE64");
int lstat(const char *, struct stat *) __asm__("_lstat$INODE64");
int fstat(int, struct stat *) __asm__("_fstat$INODE64");
int mkdir(const char *, mode_t);
int chmod(const char *, mode_t);
enum { S_IFCHR = 0020000 };
#define S_ISDIR(mode) (((mode) & 0170000) == 0040000)
#define S_ISREG(mode) (((mode) & 0170000) == 0100000)
#define S_ISLNK(mode) (((mode) & 0170000) == 0120000)
#ifdef __cplusplus
}
#endif

#endif
