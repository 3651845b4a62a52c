// SPDX-License-Identifier: MIT
// Images: see image.h.
#include "image.h"

#include "../boot/boot.h"
#include "../memory/memory.h"

static _Atomic uint64_t last_id;

static struct image *image_create(const void *data, size_t size, void *copy)
{
	struct image *image = kalloc(&account_kernel, sizeof(*image));
	if (!image)
		return NULL;
	atomic_init(&image->references, 1);
	image->id = copy ? atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1 : 0;
	image->data = data;
	image->size = size;
	image->copy = copy;
	return image;
}

bool image_in_archive(const char *path)
{
	const void *data;
	size_t size;
	return boot_find_file(path, &data, &size);
}

kern_return_t image_find(const char *path, struct image **image)
{
	const void *data;
	size_t size;
	if (!boot_find_file(path, &data, &size))
		return KERN_NOT_FOUND;
	*image = image_create(data, size, NULL);
	return *image ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t image_copy(struct memory *memory, struct image **image)
{
	uint64_t size = memory_size(memory);
	if (size > IMAGE_SIZE_LIMIT)
		return KERN_INVALID_ARGUMENT;
	void *copy = kalloc_raw(&account_kernel, size);
	if (!copy)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = memory_read(memory, 0, copy, size);
	if (!error) {
		*image = image_create(copy, size, copy);
		error = *image ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	}
	if (error)
		kfree(&account_kernel, copy, size);
	return error;
}

struct image *image_reference(struct image *image)
{
	atomic_fetch_add_explicit(&image->references, 1, memory_order_relaxed);
	return image;
}

void image_release(struct image *image)
{
	if (!image || atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) != 1)
		return;
	kfree(&account_kernel, image->copy, image->size);
	kfree(&account_kernel, image, sizeof(*image));
}
