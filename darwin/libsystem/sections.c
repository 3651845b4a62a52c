// SPDX-License-Identifier: MIT
// Sections of images in memory; see sections.h. Facts: cctools' <mach-o/getsect.h>, getsectiondata(3), getsegmentdata(3).
#include "sections.h"

#include "../loader/image.h"

#include <string.h>

// Walks the commands; NULL at the end.
static const struct macho_command *next_command(const struct macho_header *header, const struct macho_command *command)
{
	const char *begin = (const char *)(header + 1), *end = begin + header->commands_size;
	const char *at = command ? (const char *)command + command->size : begin;
	const struct macho_command *next = (const struct macho_command *)at;
	if (at + sizeof(*next) > end || next->size < sizeof(*next) || at + next->size > end)
		return NULL;
	return next;
}

const void *sections_command(const void *header, uint32_t command, size_t size)
{
	const struct macho_command *at = NULL;
	while (header && (at = next_command(header, at)))
		if (at->command == command && at->size >= size)
			return at;
	return NULL;
}

const struct macho_dylib_command *sections_next_dylib(const void *header, const struct macho_dylib_command *after)
{
	const struct macho_command *at = (const struct macho_command *)after;
	while ((at = next_command(header, at)))
		if ((at->command == LC_LOAD_DYLIB || at->command == (uint32_t)LC_LOAD_WEAK_DYLIB ||
		     at->command == (uint32_t)LC_REEXPORT_DYLIB || at->command == (uint32_t)LC_LOAD_UPWARD_DYLIB) &&
		    at->size > sizeof(*after))
			return (const struct macho_dylib_command *)at;
	return NULL;
}

static const struct macho_segment_command *find_segment(const void *header, const char *name)
{
	const struct macho_command *at = NULL;
	while ((at = next_command(header, at))) {
		const struct macho_segment_command *segment = (const struct macho_segment_command *)at;
		if (at->command == LC_SEGMENT_64 && strncmp(segment->name, name, 16) == 0)
			return segment;
	}
	return NULL;
}

// How far the image was moved: by where its header lies and where the file has it.
static int64_t slide_of(const void *header)
{
	const struct macho_segment_command *text = find_segment(header, "__TEXT");
	return text ? (int64_t)((uintptr_t)header - text->address) : 0;
}

static const struct macho_section_command *find_section(const void *header, const char *segment_name, const char *name)
{
	const struct macho_segment_command *segment = find_segment(header, segment_name);
	const struct macho_section_command *sections = segment ? (const void *)(segment + 1) : NULL;
	for (uint32_t i = 0; segment && i < segment->sections; i++)
		if (strncmp(sections[i].section, name, 16) == 0)
			return &sections[i];
	return NULL;
}

void *sections_data(const void *header, const char *segment, const char *section, unsigned long *size)
{
	const struct macho_section_command *found = header ? find_section(header, segment, section) : NULL;
	if (size)
		*size = found ? found->size : 0;
	return found ? (void *)(uintptr_t)(found->address + (uint64_t)slide_of(header)) : NULL;
}

void *darwin_getsectiondata(const void *header, const char *segment, const char *section, unsigned long *size)
{
	return sections_data(header, segment, section, size);
}

void *darwin_getsegmentdata(const void *header, const char *name, unsigned long *size)
{
	const struct macho_segment_command *segment = find_segment(header, name);
	*size = segment ? segment->memory_size : 0;
	return segment ? (void *)(uintptr_t)(segment->address + (uint64_t)slide_of(header)) : NULL;
}

const void *darwin_getsectbynamefromheader_64(const void *header, const char *segment, const char *section)
{
	return find_section(header, segment, section);
}

// The address is the file's: getsectdata(3).
void *darwin_getsectdatafromheader_64(const void *header, const char *segment, const char *section, unsigned long *size)
{
	const struct macho_section_command *found = find_section(header, segment, section);
	*size = found ? found->size : 0;
	return found ? (void *)(uintptr_t)found->address : NULL;
}

// Of the program.
const void *darwin_getsectbyname(const char *segment, const char *section)
{
	return find_section(image_at(images[0], images[0]->macho.base), segment, section);
}

const void *darwin_getsegbyname(const char *name)
{
	return find_segment(image_at(images[0], images[0]->macho.base), name);
}

void *darwin_getsectdata(const char *segment, const char *section, unsigned long *size)
{
	return darwin_getsectdatafromheader_64(image_at(images[0], images[0]->macho.base), segment, section, size);
}
