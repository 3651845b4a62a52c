// SPDX-License-Identifier: MIT
// Images: the bytes of programs, resident in kernel memory so that recovery never waits for a server.
//
// image_find gives a program of the boot archive (nothing is copied); image_copy takes one from a memory object, for
// programs that came later. Shared by reference. Locks: none.
#ifndef KERNEL_SEAT_IMAGE_H
#define KERNEL_SEAT_IMAGE_H

#include "../core/alloc.h"

struct memory;

#define IMAGE_SIZE_LIMIT (256u << 20)

struct image {
	_Atomic uint32_t references;
	uint64_t id;      // [I] 0: of the boot archive, whose bytes stay where they are; else unlike any other image's, ever
	const void *data; // [I]
	size_t size;      // [I]
	void *copy;       // [I] `size` bytes charged to the kernel, or NULL
};

bool image_in_archive(const char *path);
// The file at `path` of the boot archive, symbolic links followed. KERN_NOT_FOUND: no such file there;
// KERN_RESOURCE_SHORTAGE.
kern_return_t must_check image_find(const char *path, struct image **image);
// KERN_INVALID_ARGUMENT: larger than IMAGE_SIZE_LIMIT. KERN_RESOURCE_SHORTAGE.
kern_return_t must_check image_copy(struct memory *memory, struct image **image);
struct image *image_reference(struct image *image);
void image_release(struct image *image); // NULL is allowed

#endif
