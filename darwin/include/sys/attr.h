// SPDX-License-Identifier: MIT
// Attributes of files and volumes. Facts: xnu's bsd/sys/attr.h, getattrlist(2), getattrlistbulk(2).
#ifndef DARWIN_INCLUDE_SYS_ATTR_H
#define DARWIN_INCLUDE_SYS_ATTR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct attrlist;
enum { ATTR_CMN_OWNERID = 0x8000, ATTR_CMN_ACCESSMASK = 0x20000, ATTR_CMN_FILEID = 0x2000000, ATTR_CMN_PARENTID = 0x4000000, ATTR_DIR_ENTRYCOUNT = 2, ATTR_VOL_MOUNTPOINT = 0x1000 };
#define ATTR_CMN_ERROR 0x20000000u
#define ATTR_CMN_RETURNED_ATTRS 0x80000000u
#define ATTR_VOL_INFO 0x80000000u
#define ATTR_VOL_CAPABILITIES 0x20000u
int getattrlistbulk(int, void *, void *, size_t, uint64_t);
int getattrlistat(int, const char *, void *, void *, size_t, unsigned long);
ssize_t __getdirentries64(int, void *, size_t, off_t *);
#ifdef __cplusplus
}
#endif

#endif
