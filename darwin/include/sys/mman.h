// SPDX-License-Identifier: MIT
// Mappings. Facts: xnu's bsd/sys/mman.h.
#ifndef DARWIN_INCLUDE_SYS_MMAN_H
#define DARWIN_INCLUDE_SYS_MMAN_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANON = 0x1000 };
#define MAP_FAILED ((void *)-1)
void *mmap(void *, size_t, int, int, int, off_t);
int munmap(void *, size_t);
int mprotect(void *, size_t, int);
#ifdef __cplusplus
}
#endif

#endif
