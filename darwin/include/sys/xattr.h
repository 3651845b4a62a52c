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
int removefile(const char *, void *, unsigned);
#ifdef __cplusplus
}
#endif

#endif
