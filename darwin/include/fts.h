// SPDX-License-Identifier: MIT
// Walks through trees. Facts: Libc's <fts.h>.
#ifndef DARWIN_INCLUDE_FTS_H
#define DARWIN_INCLUDE_FTS_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct stat;
typedef struct _ftsent {
	struct _ftsent *fts_cycle, *fts_parent, *fts_link;
	long fts_number;
	void *fts_pointer;
	char *fts_accpath, *fts_path;
	int fts_errno, fts_symfd;
	unsigned short fts_pathlen, fts_namelen;
	ino_t fts_ino;
	dev_t fts_dev;
	nlink_t fts_nlink;
	short fts_level;
	unsigned short fts_info, fts_flags, fts_instr;
	struct stat *fts_statp;
	char fts_name[1];
} FTSENT;
typedef struct fts FTS;
enum { FTS_LOGICAL = 2, FTS_NOCHDIR = 4, FTS_PHYSICAL = 0x10 };
enum { FTS_D = 1, FTS_DC, FTS_DEFAULT, FTS_DNR, FTS_DOT, FTS_DP, FTS_ERR, FTS_F, FTS_INIT, FTS_NS, FTS_NSOK, FTS_SL, FTS_SLNONE };
enum { FTS_AGAIN = 1, FTS_FOLLOW, FTS_NOINSTR, FTS_SKIP };
FTS *fts_open(char *const *, int, int (*)(const FTSENT **, const FTSENT **)) __asm__("_fts_open$INODE64");
#ifdef __BLOCKS__
FTS *fts_open_b(char *const *, int, int (^)(const FTSENT **, const FTSENT **)) __asm__("_fts_open_b$INODE64");
#endif
FTSENT *fts_read(FTS *) __asm__("_fts_read$INODE64");
FTSENT *fts_children(FTS *, int) __asm__("_fts_children$INODE64");
int fts_set(FTS *, FTSENT *, int) __asm__("_fts_set$INODE64");
int fts_close(FTS *) __asm__("_fts_close$INODE64");
#ifdef __cplusplus
}
#endif

#endif
