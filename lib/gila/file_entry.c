// SPDX-License-Identifier: MIT
// Directory entries on the wire; see file_entry.h.
#include <gila/file_entry.h>
#include <gila/file_name.h>

#include <string.h>

static size_t padded(size_t length) { return sizeof(struct file_entry) + ((length + 7) & ~(size_t)7); }

bool file_entry_put(uint8_t *to, size_t room, size_t *used, const struct file_entry *entry, const char *name)
{
	size_t size = padded(entry->name_length);
	if (size > room - *used)
		return false;
	memset(to + *used, 0, size);
	memcpy(to + *used, entry, sizeof(*entry));
	memcpy(to + *used + sizeof(*entry), name, entry->name_length);
	*used += size;
	return true;
}

bool file_entry_take(const uint8_t *from, size_t size, size_t *used, struct file_entry *entry,
		     char name[FILE_NAME_MAX + 1], kern_return_t *error)
{
	*error = KERN_SUCCESS;
	if (*used == size)
		return false;
	*error = FILE_DAMAGED;
	if (*used > size || size - *used < sizeof(*entry))
		return false;
	memcpy(entry, from + *used, sizeof(*entry));
	if (entry->name_length > FILE_NAME_MAX || padded(entry->name_length) > size - *used)
		return false;
	memcpy(name, from + *used + sizeof(*entry), entry->name_length);
	name[entry->name_length] = 0;
	if (file_name_check(name, entry->name_length) || entry->type < FILE_TYPE_FILE || entry->type > FILE_TYPE_LINK)
		return false;
	*used += padded(entry->name_length);
	*error = KERN_SUCCESS;
	return true;
}
