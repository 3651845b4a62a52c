// SPDX-License-Identifier: MIT
// What the files of libproc share. Facts: xnu's bsd/sys/proc_info.h.
#ifndef DARWIN_PROC_INFO_H
#define DARWIN_PROC_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { FILE_VNODE = 1, FILE_SOCKET = 2, FILE_KQUEUE = 5, FILE_PIPE = 6 }; // PROX_FDTYPE_*

struct vnode_status { // struct vinfo_stat
	uint32_t device;
	uint16_t mode, links;
	uint64_t inode;
	uint32_t user, group;
	int64_t times[8]; // accessed, modified, changed, born: seconds, nanoseconds
	int64_t size, blocks;
	int32_t block_size;
	uint32_t flags, generation, special;
	int64_t spare[2];
};
struct vnode_information { // struct vnode_info
	struct vnode_status status;
	int32_t type, pad, volume[2];
};
struct vnode_path { // struct vnode_info_path
	struct vnode_information vnode;
	char path[1024];
};

void proc_status_of(const struct stat *from, struct vnode_status *to);
void proc_vnode_of(const struct stat *from, struct vnode_information *to);
// PROX_FDTYPE_* by what the link in /proc/PID/fd says.
int proc_descriptor_type(const char *target);
// proc_threads.c: threads and memory. Bytes written; 0 and errno.
int proc_threads_list(int id, void *to, int size);
int proc_thread_describe(int id, uint64_t thread, void *to, int size);
int proc_region_describe(int id, uint64_t address, bool with_path, void *to, int size);

#endif
