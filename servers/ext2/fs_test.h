// SPDX-License-Identifier: MIT
// A file system made by mke2fs on a disk in memory (store_fake.h), mounted and looked at with e2fsck and debugfs.
#ifndef EXT2_FS_TEST_H
#define EXT2_FS_TEST_H

#include "fs.h"
#include "store_fake.h"

struct rig {
	struct fake_disk disk;
	struct block_client client;
	struct fs *fs;
	bool read_only;
	char folder[64]; // for files of the host, removed by rig_free
};

// Runs a command of the host, /sbin in its path, with RIG in its environment being the folder. Its exit status.
int rig_run(const struct rig *rig, const char *format, ...) __attribute__((format(printf, 2, 3)));
// mke2fs with these arguments; `source` (a folder, "": none) is what it holds. False: it failed.
bool rig_make(struct rig *rig, const char *arguments, const char *source, uint64_t kib, uint64_t seed);
void rig_free(struct rig *rig);
#define RIG_CACHE (UINT64_C(8) << 20)
bool rig_mount(struct rig *rig);
// The server ends, its memory stays: the next mount takes over.
void rig_leave(struct rig *rig);
// The power goes: the next mount finds only what is on the disk.
void rig_power_loss(struct rig *rig);
// Leaves a clean file system, and looks at the disk's image with `e2fsck -fn`. NULL: it is clean; else what is wrong.
const char *rig_check(struct rig *rig);
// The image as a file of the host, "$RIG/image".
bool rig_save(const struct rig *rig);

#endif
