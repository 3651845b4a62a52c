// SPDX-License-Identifier: MIT
// Processes, variables of the system, file systems. Facts: xnu's libproc.h, bsd/sys/{sysctl,mount,proc_info}.h.
#ifndef DARWIN_INCLUDE_LIBPROC_H
#define DARWIN_INCLUDE_LIBPROC_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct proc_taskinfo {
	unsigned long pti_virtual_size, pti_resident_size, pti_total_user, pti_total_system, pti_threads_user, pti_threads_system;
	int rest[9], pti_threadnum, pti_numrunning, pti_priority;
};
int proc_pidfdinfo(int, int, int, void *, int);
int proc_listpidspath(unsigned, unsigned, const char *, unsigned, void *, int);
int proc_regionfilename(int, unsigned long, void *, unsigned);
int proc_pidpath(int, void *, unsigned);
int proc_name(int, void *, unsigned);
int proc_listallpids(void *, int);
int proc_listchildpids(int, void *, int);
int proc_pidinfo(int, int, unsigned long, void *, int);
int sysctl(int *, unsigned, void *, size_t *, void *, size_t);
int sysctlnametomib(const char *, int *, size_t *);
int sysctlbyname(const char *, void *, size_t *, void *, size_t);
struct statfs {
	unsigned f_bsize;
	int f_iosize;
	unsigned long f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	int f_fsid[2];
	unsigned f_owner, f_type, f_flags, f_fssubtype;
	char f_fstypename[16], f_mntonname[1024], f_mntfromname[1024];
	unsigned f_reserved[8];
};
int statfs(const char *, struct statfs *) __asm__("_statfs$INODE64");
int fstatfs(int, struct statfs *) __asm__("_fstatfs$INODE64");
int getmntinfo(struct statfs **, int) __asm__("_getmntinfo$INODE64");
#ifdef __cplusplus
}
#endif

#endif
