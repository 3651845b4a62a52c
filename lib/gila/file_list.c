// SPDX-License-Identifier: MIT
// Walks over directories; see file.h.
#include <gila/file.h>

#include <abi/file.h>
#include <gila/file_entry.h>
#include <string.h>

kern_return_t gila_list_begin(struct gila_list *list, const char *path)
{
	struct gila_place place;
	struct file_info info;
	mach_port_t root;
	memset(list, 0, offsetof(struct gila_list, bytes));
	kern_return_t error = gila_place_find(path, &place);
	if (error || !place.seat[0])
		return error;
	error = gila_seat(place.seat, &root);
	return error ? error
		     : file_open(root, place.rest, FILE_OPEN_READ | FILE_OPEN_DIRECTORY, &list->directory, &info);
}

// The first components of the mounts' paths, each once; `cookie` counts mounts.
static kern_return_t next_mount(struct gila_list *list)
{
	char path[FILE_PATH_MAX + 1], seat[SEAT_NAME_MAX + 1];
	for (; gila_mount_at((unsigned)list->cookie, path, seat); list->cookie++) {
		size_t length = strcspn(path, "/");
		bool seen = length == 0 || length > FILE_NAME_MAX;
		char other[FILE_PATH_MAX + 1];
		for (unsigned i = 0; !seen && i < list->cookie && gila_mount_at(i, other, seat); i++)
			seen = strcspn(other, "/") == length && memcmp(path, other, length) == 0;
		if (seen)
			continue;
		list->cookie++;
		memcpy(list->name, path, length);
		list->name[length] = 0;
		list->entry = (struct file_entry){.type = FILE_TYPE_DIRECTORY, .name_length = (uint32_t)length};
		return KERN_SUCCESS;
	}
	list->done = true;
	return KERN_SUCCESS;
}

kern_return_t gila_list_next(struct gila_list *list)
{
	kern_return_t error = KERN_SUCCESS;
	if (list->directory == MACH_PORT_NULL)
		return next_mount(list);
	while (!file_entry_take(list->bytes, list->size, &list->used, &list->entry, list->name, &error)) {
		mach_msg_type_number_t count = sizeof(list->bytes);
		uint64_t before = list->cookie;
		list->done = list->last;
		if (error || list->done)
			return error;
		error = file_list(list->directory, before, &list->cookie, list->bytes, &count);
		if (error)
			return error;
		list->used = 0;
		list->size = count;
		list->last = list->cookie == 0;
		if (count == 0 && !list->last)
			return FILE_DAMAGED; // it would go on like this for ever
	}
	return KERN_SUCCESS;
}

void gila_list_end(struct gila_list *list)
{
	gila_port_drop(list->directory);
	list->directory = MACH_PORT_NULL;
}
