// SPDX-License-Identifier: MIT
// Boot: the order in which the kernel comes up (boot.c), the boot archive kept unpacked (boot_archive.c), and the end
// (shutdown.c).
//
// Files of the archive stay where they are, for ever: boot_find_file copies nothing. The archive as a whole is the
// memory object behind the name kernel/archive, which bootfs maps and reads with the same tar code.
#ifndef KERNEL_BOOT_BOOT_H
#define KERNEL_BOOT_BOOT_H

#include "../ipc/right.h"
#include <machine/md.h>

// Unpacks the machine's archive; may be called once. False: there is none. A damaged one ends the machine, with a line
// that says where and why.
bool boot_open_archive(void);
// The file at `path`, symbolic links followed; false: none there.
bool must_check boot_find_file(const char *path, const void **data, size_t *size);
// A send right to the sealed memory object with the unpacked archive; NONE: no memory, or no archive.
struct right boot_archive_make_send(void) must_check;

// Ends all tasks, then the machine with `status`. Returns at once; the first caller wins.
void shutdown_begin(const char *who, enum md_end how, int status);
// Whether the end has been asked for.
bool shutdown_has_begun(void);

#endif
