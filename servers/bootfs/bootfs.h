// SPDX-License-Identifier: MIT
// The bootfs server: the files of the boot archive, which nobody can change.
//
// Requests come in through the functions of abi/file_server.h (bootfs.c); rq->context is a struct serve whose context is a
// struct bootfs. The archive is a sealed memory object of the kernel, mapped here.
#ifndef BOOTFS_BOOTFS_H
#define BOOTFS_BOOTFS_H

#include <kernel/boot/archive.h>
#include <mach/port.h>

struct bootfs {
	mach_port_t memory;      // [I] the tar archive
	const uint8_t *data;     // [I] the same, mapped
	struct archive archive;  // [I] its index
};

// Makes the index of `size` bytes at fs->data. False, with the reason in `error` (its status is ARCHIVE_NO_MEMORY when
// that is what lacks).
bool bootfs_open(struct bootfs *fs, size_t size, struct archive_error *error) __attribute__((warn_unused_result));
void bootfs_close(struct bootfs *fs);

#endif
