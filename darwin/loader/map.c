// SPDX-License-Identifier: MIT
// Maps the segments of an image, with the file's own protections.
//
// An image goes to its own addresses if nobody is there (then no pointer has to be moved, and its data stays shared with the file),
// else, if it may be moved, to where Linux has room.
#include "image.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static int host_protection(uint32_t protection)
{
	return (protection & 1 ? PROT_READ : 0) | (protection & 2 ? PROT_WRITE : 0) | (protection & 4 ? PROT_EXEC : 0);
}

// Reserves the addresses of the whole image.
static bool map_reserve(struct image *image, struct macho_error *error)
{
	const struct macho *macho = &image->macho;
	size_t size = macho->high - macho->low;
	void *want = (void *)(uintptr_t)macho->low, *got = MAP_FAILED;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	if (macho->low >= 1u << 16)
		got = mmap(want, size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
	if (got != MAP_FAILED && got != want) { // a kernel that does not know MAP_FIXED_NOREPLACE
		munmap(got, size);
		got = MAP_FAILED;
	}
	if (got == MAP_FAILED && macho->file_type == MACHO_EXECUTE && !(macho->flags & MACHO_PIE))
		return macho_refuse(error, "segments: the addresses from %p on are taken, and it cannot be moved",
				    want);
	if (got == MAP_FAILED)
		got = mmap(NULL, size, PROT_NONE, flags, -1, 0);
	if (got == MAP_FAILED)
		return macho_refuse(error, "segments: no room for %zu bytes: %s", size, strerror(errno));
	image->slide = (uintptr_t)got - macho->low;
	return true;
}

static bool map_segment(struct image *image, const struct macho_segment *segment, int file, struct macho_error *error)
{
	int protection = host_protection(segment->protection);
	uint8_t *at = image_at(image, segment->address);
	size_t from_file = segment->file_size, pages = (from_file + MACHO_PAGE - 1) & ~(size_t)(MACHO_PAGE - 1);
	size_t whole = (segment->memory_size + MACHO_PAGE - 1) & ~(size_t)(MACHO_PAGE - 1);
	size_t rest = segment->memory_size - from_file;
	if (pages > whole)
		pages = whole;
	if (pages > 0 && mmap(at, pages, protection, MAP_PRIVATE | MAP_FIXED, file,
			      (off_t)(image->macho.slice + segment->file_offset)) == MAP_FAILED)
		return macho_refuse(error, "segment %s cannot be mapped: %s", segment->name, strerror(errno));
	// What lies behind the segment in the file does not belong to it.
	if (rest > 0 && pages > from_file && (protection & PROT_WRITE))
		memset(at + from_file, 0, pages - from_file < rest ? pages - from_file : rest);
	if (whole > pages &&
	    mmap(at + pages, whole - pages, protection, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return macho_refuse(error, "segment %s: no memory: %s", segment->name, strerror(errno));
	return true;
}

bool image_map(struct image *image, int file, struct macho_error *error)
{
	const struct macho *macho = &image->macho;
	if (!map_reserve(image, error))
		return false;
	for (unsigned i = 0; i < macho->segment_count; i++)
		if (macho_segment_mapped(&macho->segments[i]) && !map_segment(image, &macho->segments[i], file, error))
			return false;
	return true;
}

bool image_protect(struct image *image, struct macho_error *error)
{
	for (unsigned i = 0; i < image->macho.segment_count; i++) {
		const struct macho_segment *segment = &image->macho.segments[i];
		if (!macho_segment_mapped(segment) || !(segment->flags & SEGMENT_READ_ONLY))
			continue;
		if (mprotect(image_at(image, segment->address), segment->memory_size, PROT_READ) < 0)
			return macho_refuse(error, "segment %s cannot be made read-only: %s", segment->name,
					    strerror(errno));
	}
	return true;
}
