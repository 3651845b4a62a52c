// SPDX-License-Identifier: MIT
// Attributes of files, copies. Facts: xnu's bsd/sys/{xattr,attr}.h, <copyfile.h>.
#ifndef DARWIN_INCLUDE_SYS_XATTR_H
#define DARWIN_INCLUDE_SYS_XATTR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
ssize_t getxattr(const char *, const char *, void *, size_t, unsigned, int);
int setxattr(const char *, const char *, const void *, size_t, unsigned, int);
ssize_t listxattr(const char *, char *, size_t, int);
int removexattr(const char *, const char *, int);
enum { XATTR_CREATE = 2, XATTR_REPLACE = 4 };
struct attrlist {
	unsigned short bitmapcount, reserved;
	unsigned commonattr, volattr, dirattr, fileattr, forkattr;
};
enum { ATTR_CMN_NAME = 1, ATTR_CMN_OBJTYPE = 8, ATTR_CMN_MODTIME = 0x400, ATTR_FILE_DATALENGTH = 0x200 };
int getattrlist(const char *, void *, void *, size_t, unsigned);
int setattrlist(const char *, void *, void *, size_t, unsigned);
enum { COPYFILE_STAT = 2, COPYFILE_DATA = 8, COPYFILE_RECURSIVE = 1 << 15, COPYFILE_EXCL = 1 << 17 };
int copyfile(const char *, const char *, void *, unsigned);
enum { COPYFILE_XATTR = 4, COPYFILE_CHECK = 1 << 16, COPYFILE_CLONE = 1 << 24, COPYFILE_CLONE_FORCE = 1 << 25, COPYFILE_DATA_SPARSE = 1 << 27, COPYFILE_STATE_STATUS_CB = 6, COPYFILE_STATE_STATUS_CTX = 7, COPYFILE_STATE_COPIED = 8 };
enum { COPYFILE_RECURSE_FILE = 1, COPYFILE_RECURSE_DIR, COPYFILE_RECURSE_DIR_CLEANUP, COPYFILE_COPY_DATA, COPYFILE_START = 1, COPYFILE_FINISH, COPYFILE_ERR, COPYFILE_PROGRESS, COPYFILE_CONTINUE = 0, COPYFILE_SKIP, COPYFILE_QUIT };
void *copyfile_state_alloc(void);
int copyfile_state_free(void *);
int copyfile_state_set(void *, unsigned, const void *);
int copyfile_state_get(void *, unsigned, void *);
int clonefile(const char *, const char *, unsigned);
int removefile(const char *, void *, unsigned);
void *removefile_state_alloc(void);
int removefile_state_free(void *);
int removefile_state_set(void *, unsigned, const void *);
int removefile_state_get(void *, unsigned, void *);
int removefileat(int, const char *, void *, unsigned);
#ifdef __cplusplus
}
#endif

#endif
