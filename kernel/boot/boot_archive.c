// SPDX-License-Identifier: MIT
// The boot archive: unpacked once, indexed, resident; see boot.h.
//
// The unpacked archive is kernel memory. The memory object that bootfs maps is made (as a copy) when it is first asked
// for: a system without bootfs does not pay for it. Immutable after boot_open_archive, so nothing here is locked.
#include "boot.h"

#include "../core/alloc.h"
#include "../memory/memory_port.h"
#include "archive.h"
#include "lzma.h"

#define UNPACKED_LIMIT (UINT64_C(1) << 30)
#define UNPACKED_GUESS 8u // times the packed size, for an archive that does not say

static struct archive archive;
static const void *unpacked; // NULL: no archive
static size_t unpacked_size;
static struct memory *_Atomic object; // a reference; NULL: not made yet

static _Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void refuse(const char *format, ...)
{
	char reason[512];
	va_list list;
	va_start(list, format);
	format_text_list(reason, sizeof(reason), format, list);
	va_end(list);
	log_line("boot", "the boot archive cannot be used: %s", reason);
	md_end(MD_END_FAILED, 1);
}

static void *allocate(size_t size, const char *what)
{
	void *memory = kalloc_raw(&account_kernel, size);
	if (!memory)
		refuse("no memory for %s of %zu bytes", what, size);
	return memory;
}

// Unpacks into `room` bytes. LZMA_TOO_LARGE leaves nothing behind, so that the caller may try a larger room.
static enum lzma_status unpack(const void *packed, size_t packed_size, size_t room, struct lzma_state *state)
{
	void *data = allocate(room, "the unpacked archive");
	size_t written = 0;
	enum lzma_status status = lzma_decode(packed, packed_size, data, room, &written, state);
	if (status != LZMA_OK) {
		kfree(&account_kernel, data, room);
		return status;
	}
	unpacked = data;
	unpacked_size = written;
	return LZMA_OK;
}

static void unpack_archive(const void *packed, size_t packed_size)
{
	struct lzma_header header;
	enum lzma_status status = lzma_header(packed, packed_size, &header);
	if (status != LZMA_OK)
		refuse("%s", lzma_status_name(status));
	bool known = header.size != LZMA_UNKNOWN_SIZE;
	if (known && (header.size == 0 || header.size > UNPACKED_LIMIT))
		refuse("it says that it unpacks to %llu bytes", (unsigned long long)header.size);
	uint64_t room = known ? header.size : (uint64_t)packed_size * UNPACKED_GUESS;
	struct lzma_state *state = allocate(sizeof(*state), "the decoder");
	for (;;) {
		status = unpack(packed, packed_size, room, state);
		if (known || status != LZMA_TOO_LARGE || room >= UNPACKED_LIMIT)
			break;
		room *= 2;
	}
	if (status != LZMA_OK)
		refuse("%s, at byte %zu of %zu", lzma_status_name(status), state->consumed, packed_size);
	kfree(&account_kernel, state, sizeof(*state));
}

static _Noreturn void refuse_archive(const struct archive_error *error)
{
	refuse("%s, at byte %zu of the unpacked archive%s%s", archive_error_reason(error), error->offset,
	       error->path[0] ? ": " : "", error->path);
}

bool boot_open_archive(void)
{
	const void *packed;
	size_t packed_size, index_size;
	struct archive_error error;
	md_boot_archive(&packed, &packed_size);
	if (!packed)
		return false;
	if (packed_size == 0)
		refuse("it is empty");
	unpack_archive(packed, packed_size);
	if (archive_measure(unpacked, unpacked_size, &index_size, &error) != ARCHIVE_OK)
		refuse_archive(&error);
	void *index = allocate(index_size, "the archive's index");
	if (archive_open(&archive, unpacked, unpacked_size, index, index_size, &error) != ARCHIVE_OK)
		refuse_archive(&error);
	log_line("boot", "archive: %zu bytes, unpacked %zu, %u files and directories", packed_size, unpacked_size,
		 archive.count);
	return true;
}

bool boot_find_file(const char *path, const void **data, size_t *size)
{
	const struct archive_node *node;
	size_t length = 0;
	while (path[length])
		length++;
	if (!unpacked || archive_resolve(&archive, path, length, &node) != ARCHIVE_OK || node->type != TAR_FILE)
		return false;
	*data = node->data;
	*size = node->size;
	return true;
}

// The object, made if need be; NULL: no memory.
static struct memory *archive_object(void)
{
	struct memory *made, *known = atomic_load(&object);
	if (known)
		return known;
	if (memory_create(&account_kernel, unpacked_size, &made) != KERN_SUCCESS)
		return NULL;
	if (memory_write(made, 0, unpacked, unpacked_size) != KERN_SUCCESS) {
		memory_release(made);
		return NULL;
	}
	memory_seal(made);
	if (atomic_compare_exchange_strong(&object, &known, made))
		return made;
	memory_release(made);
	return known;
}

struct right boot_archive_make_send(void)
{
	struct memory *memory = unpacked ? archive_object() : NULL;
	return memory ? memory_make_send(memory) : (struct right){NULL, RIGHT_NONE};
}
