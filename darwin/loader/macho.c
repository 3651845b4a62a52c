// SPDX-License-Identifier: MIT
// Reads a Mach-O file; see macho.h.
#include "macho.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool macho_refuse(struct macho_error *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return false;
}

static uint32_t first_word(const void *bytes)
{
	uint32_t word;
	memcpy(&word, bytes, sizeof(word));
	return word;
}

bool macho_is(const void *bytes, size_t size)
{
	if (size < 8)
		return false;
	uint32_t magic = first_word(bytes), big = __builtin_bswap32(magic);
	if (big == MACHO_FAT || big == MACHO_FAT_64)
		// A Java class begins the same; its next word is a version beyond 40, this one a small count.
		return __builtin_bswap32(first_word((const char *)bytes + 4)) < 40;
	return magic == MACHO_MAGIC_64 || magic == MACHO_MAGIC_32 || big == MACHO_MAGIC_64 || big == MACHO_MAGIC_32;
}

static bool inside(uint64_t offset, uint64_t size, uint64_t whole)
{
	return offset <= whole && size <= whole - offset;
}

static const char *cpu_name(uint32_t cpu)
{
	return cpu == MACHO_CPU_ARM64 ? "arm64"
	       : cpu == MACHO_CPU_X86 ? "i386 (32 bits)"
	       : cpu == 18	      ? "PowerPC"
				      : "another processor";
}

// Narrows the macho to the x86_64 slice of a universal file.
static bool choose_slice(struct macho *macho, struct macho_error *error)
{
	uint32_t magic = __builtin_bswap32(first_word(macho->bytes));
	if (magic != MACHO_FAT && magic != MACHO_FAT_64)
		return true;
	bool wide = magic == MACHO_FAT_64;
	size_t entry = wide ? sizeof(struct macho_fat_slice_64) : sizeof(struct macho_fat_slice);
	uint32_t count = __builtin_bswap32(first_word(macho->bytes + 4)), other = 0;
	if (!inside(8, (uint64_t)count * entry, macho->size))
		return macho_refuse(error, "universal header: its table of %u slices is longer than the file", count);
	for (uint32_t i = 0; i < count; i++) {
		struct macho_fat_slice_64 slice = {0};
		memcpy(&slice, macho->bytes + 8 + i * entry, entry);
		uint64_t offset = __builtin_bswap64(slice.offset), size = __builtin_bswap64(slice.size);
		if (!wide) {
			struct macho_fat_slice narrow;
			memcpy(&narrow, macho->bytes + 8 + i * entry, entry);
			offset = __builtin_bswap32(narrow.offset), size = __builtin_bswap32(narrow.size);
		}
		other = __builtin_bswap32(slice.cpu);
		if (other != MACHO_CPU_X86_64)
			continue;
		if (!inside(offset, size, macho->size) || size < sizeof(struct macho_header))
			return macho_refuse(error, "universal header: slice %u lies outside the file", i);
		if (offset % MACHO_PAGE)
			return macho_refuse(error, "universal header: slice %u does not begin at a page", i);
		macho->bytes += offset;
		macho->slice = offset;
		macho->size = size;
		return true;
	}
	return macho_refuse(error, "universal header: no slice is for x86_64 (the last of %u is for %s)", count,
			    cpu_name(other));
}

static bool read_header(struct macho *macho, struct macho_header *header, struct macho_error *error)
{
	memcpy(header, macho->bytes, sizeof(*header));
	if (header->magic == MACHO_MAGIC_32)
		return macho_refuse(error, "header: it is for %s, not x86_64", cpu_name(header->cpu));
	if (header->magic != MACHO_MAGIC_64)
		return macho_refuse(error, "header: it is no 64-bit little-endian Mach-O file");
	if (header->cpu != MACHO_CPU_X86_64)
		return macho_refuse(error, "header: it is for %s, not x86_64", cpu_name(header->cpu));
	if (header->file_type != MACHO_EXECUTE && header->file_type != MACHO_DYLIB && header->file_type != MACHO_BUNDLE)
		return macho_refuse(error, "header: file type %u is neither a program nor a library",
				    header->file_type);
	if (!inside(sizeof(*header), header->commands_size, macho->size))
		return macho_refuse(error, "header: load commands of %u bytes are longer than the file",
				    header->commands_size);
	macho->file_type = header->file_type;
	macho->flags = header->flags;
	return true;
}

static bool take_range(struct macho *macho, struct macho_range *range, uint64_t offset, uint64_t size, const char *what,
		       struct macho_error *error)
{
	if (!inside(offset, size, macho->size))
		return macho_refuse(error, "%s: offset %llu and size %llu lie outside the file", what,
				    (unsigned long long)offset, (unsigned long long)size);
	*range = (struct macho_range){size ? macho->bytes + offset : NULL, (size_t)size};
	return true;
}

static bool keep_section(struct macho *macho, const struct macho_segment *segment,
			 const struct macho_section_command *from, struct macho_error *error)
{
	uint32_t type = from->flags & 0xff;
	if (!macho_segment_mapped(segment)) // what debuggers read
		return true;
	if (from->address < segment->address ||
	    !inside(from->address - segment->address, from->size, segment->memory_size))
		return macho_refuse(error, "section %.16s,%.16s lies outside its segment", from->segment,
				    from->section);
	bool text = strcmp(segment->name, "__TEXT") == 0;
	if (text && strncmp(from->section, "__unwind_info", 16) == 0)
		return take_range(macho, &macho->unwind, segment->file_offset + (from->address - segment->address),
				  from->size, "section __unwind_info", error);
	if (text && strncmp(from->section, "__eh_frame", 16) == 0) {
		macho->eh_frame = from->address;
		macho->eh_frame_size = from->size;
	}
	bool interposes = type == SECTION_INTERPOSING || strncmp(from->section, "__interpose", 16) == 0;
	bool pointers = type == SECTION_POINTERS || type == SECTION_LAZY_POINTERS;
	bool wanted = interposes || pointers || type == SECTION_INITIALISERS || type == SECTION_TERMINATORS ||
		      type == SECTION_INITIALISER_OFFSETS ||
		      (type >= SECTION_TLS_REGULAR && type <= SECTION_TLS_VARIABLES);
	if (!wanted || from->size == 0)
		return true;
	if (macho->section_count == MACHO_SECTIONS)
		return macho_refuse(error,
				    "load commands: more than %u sections of initialisers, thread-local variables and the like",
				    MACHO_SECTIONS);
	struct macho_section *section = &macho->sections[macho->section_count++];
	*section = (struct macho_section){.address = from->address, .size = from->size, .type = interposes ? SECTION_INTERPOSING : type, .first = pointers ? from->reserved1 : 0};
	memcpy(section->name, from->section, 16);
	return true;
}

static bool check_segment(const struct macho *macho, const struct macho_segment *segment, struct macho_error *error)
{
	if (segment->address % MACHO_PAGE || segment->file_offset % MACHO_PAGE)
		return macho_refuse(error, "segment %s does not begin at a page", segment->name);
	if (segment->memory_size > (uint64_t)1 << 46 || segment->address > (uint64_t)1 << 46)
		return macho_refuse(error, "segment %s lies beyond the addresses of a program", segment->name);
	if (segment->file_size > segment->memory_size)
		return macho_refuse(error, "segment %s has more bytes in the file than in memory", segment->name);
	if (!inside(segment->file_offset, segment->file_size, macho->size))
		return macho_refuse(error,
				    "segment %s: offset %llu and size %llu lie outside the file (is it cut short?)",
				    segment->name, (unsigned long long)segment->file_offset,
				    (unsigned long long)segment->file_size);
	if (segment->address < macho->high)
		return macho_refuse(error, "segment %s overlaps the one before it", segment->name);
	if (macho->high == 0 && (segment->file_offset != 0 || segment->file_size < sizeof(struct macho_header)))
		return macho_refuse(error, "segment %s, the first, does not begin with the header", segment->name);
	return true;
}

static bool take_segment(struct macho *macho, const uint8_t *at, uint32_t size, struct macho_error *error)
{
	struct macho_segment_command from;
	memcpy(&from, at, sizeof(from));
	if ((uint64_t)from.sections * sizeof(struct macho_section_command) > size - sizeof(from))
		return macho_refuse(error, "segment %.16s has more sections than its command", from.name);
	struct macho_segment segment = {.address = from.address,
					.memory_size = from.memory_size,
					.file_offset = from.file_offset,
					.file_size = from.file_size,
					.protection = from.protection,
					.flags = from.flags};
	memcpy(segment.name, from.name, 16);
	if (macho->segment_count == MACHO_SEGMENTS)
		return macho_refuse(error, "load commands: more than %u segments", MACHO_SEGMENTS);
	if (macho_segment_mapped(&segment)) {
		if (!check_segment(macho, &segment, error))
			return false;
		if (macho->high == 0)
			macho->low = macho->base = from.address;
		macho->high = from.address + ((from.memory_size + MACHO_PAGE - 1) & ~(uint64_t)(MACHO_PAGE - 1));
	}
	macho->segments[macho->segment_count++] = segment;
	for (uint32_t i = 0; i < from.sections; i++) {
		struct macho_section_command section;
		memcpy(&section, at + sizeof(from) + i * sizeof(section), sizeof(section));
		if (!keep_section(macho, &segment, &section, error))
			return false;
	}
	return true;
}

// A string inside a command.
static const char *take_string(const uint8_t *at, uint32_t size, uint32_t offset)
{
	return offset < size && memchr(at + offset, 0, size - offset) ? (const char *)at + offset : NULL;
}

static bool take_dylib(struct macho *macho, const uint8_t *at, uint32_t size, struct macho_error *error)
{
	struct macho_dylib_command from;
	memcpy(&from, at, sizeof(from));
	const char *name = take_string(at, size, from.name);
	if (!name)
		return macho_refuse(error, "load commands: the name of library %u has no end", macho->dylib_count + 1);
	if (from.command == LC_ID_DYLIB) {
		macho->id = name;
		return true;
	}
	if (macho->dylib_count == MACHO_DYLIBS)
		return macho_refuse(error, "load commands: more than %u libraries", MACHO_DYLIBS);
	enum macho_dylib_kind kind = from.command == (uint32_t)LC_LOAD_WEAK_DYLIB     ? MACHO_DYLIB_WEAK
				     : from.command == (uint32_t)LC_REEXPORT_DYLIB    ? MACHO_DYLIB_REEXPORT
				     : from.command == (uint32_t)LC_LOAD_UPWARD_DYLIB ? MACHO_DYLIB_UPWARD
										      : MACHO_DYLIB_NEEDED;
	macho->dylibs[macho->dylib_count++] = (struct macho_dylib){name, kind};
	return true;
}

static bool take_rpath(struct macho *macho, const uint8_t *at, uint32_t size, struct macho_error *error)
{
	struct macho_string_command from;
	memcpy(&from, at, sizeof(from));
	const char *path = take_string(at, size, from.string);
	if (!path || macho->rpath_count == MACHO_RPATHS)
		return macho_refuse(error, "load commands: LC_RPATH %u is too many or has no end",
				    macho->rpath_count + 1);
	macho->rpaths[macho->rpath_count++] = path;
	return true;
}

static bool take_info(struct macho *macho, const uint8_t *at, struct macho_error *error)
{
	struct macho_info_command from;
	memcpy(&from, at, sizeof(from));
	macho->has_fixups = true;
	return take_range(macho, &macho->rebase, from.rebase, from.rebase_size, "LC_DYLD_INFO, rebase", error) &&
	       take_range(macho, &macho->bind, from.bind, from.bind_size, "LC_DYLD_INFO, bind", error) &&
	       take_range(macho, &macho->weak_bind, from.weak, from.weak_size, "LC_DYLD_INFO, weak bind", error) &&
	       take_range(macho, &macho->lazy_bind, from.lazy, from.lazy_size, "LC_DYLD_INFO, lazy bind", error) &&
	       take_range(macho, &macho->exports, from.exports, from.exports_size, "LC_DYLD_INFO, exports", error);
}

static bool take_symtab(struct macho *macho, const uint8_t *at, struct macho_error *error)
{
	struct macho_symtab_command from;
	memcpy(&from, at, sizeof(from));
	return take_range(macho, &macho->symbols, from.symbols, (uint64_t)from.count * sizeof(struct macho_symbol),
			  "LC_SYMTAB, symbols", error) &&
	       take_range(macho, &macho->strings, from.strings, from.strings_size, "LC_SYMTAB, strings", error);
}

static bool take_dysymtab(struct macho *macho, const uint8_t *at, struct macho_error *error)
{
	const uint64_t one = sizeof(struct macho_relocation);
	struct macho_dysymtab_command from;
	memcpy(&from, at, sizeof(from));
	return take_range(macho, &macho->indirect, from.indirect, (uint64_t)from.indirect_count * sizeof(uint32_t),
			  "LC_DYSYMTAB, indirect symbols", error) &&
	       take_range(macho, &macho->external_relocations, from.external, from.external_count * one,
			  "LC_DYSYMTAB, external relocations", error) &&
	       take_range(macho, &macho->local_relocations, from.relocations, from.relocation_count * one,
			  "LC_DYSYMTAB, local relocations", error);
}

static bool take_thread(struct macho *macho, const uint8_t *at, struct macho_error *error)
{
	struct macho_thread_command from;
	memcpy(&from, at, sizeof(from));
	if (from.flavor != MACHO_THREAD_STATE_64 || from.words * 4 != sizeof(from.registers))
		return macho_refuse(error, "LC_UNIXTHREAD: no state of an x86_64 thread");
	macho->entry_kind = MACHO_ENTRY_THREAD;
	macho->entry = from.registers[MACHO_THREAD_RIP];
	return true;
}

static bool take_linkedit(struct macho *macho, struct macho_range *range, const uint8_t *at, const char *what,
			  struct macho_error *error)
{
	struct macho_linkedit_command from;
	memcpy(&from, at, sizeof(from));
	return take_range(macho, range, from.offset, from.length, what, error);
}

static bool take_encryption(const uint8_t *at, struct macho_error *error)
{
	struct macho_encryption_command from;
	memcpy(&from, at, sizeof(from));
	return from.method == 0 ||
	       macho_refuse(error, "LC_ENCRYPTION_INFO_64: it is encrypted (method %u)", from.method);
}

static bool take_main(struct macho *macho, const uint8_t *at)
{
	struct macho_main_command from;
	memcpy(&from, at, sizeof(from));
	macho->entry_kind = MACHO_ENTRY_MAIN;
	macho->entry = from.entry; // an offset until all segments are known
	macho->stack_size = from.stack_size;
	return true;
}

// Commands that the loader uses, and how long they are at least.
static size_t least_size(uint32_t command)
{
	switch (command) {
	case LC_SEGMENT_64: return sizeof(struct macho_segment_command);
	case LC_LOAD_DYLIB:
	case LC_ID_DYLIB:
	case LC_LAZY_LOAD_DYLIB:
	case (uint32_t)LC_LOAD_WEAK_DYLIB:
	case (uint32_t)LC_REEXPORT_DYLIB:
	case (uint32_t)LC_LOAD_UPWARD_DYLIB: return sizeof(struct macho_dylib_command);
	case (uint32_t)LC_RPATH: return sizeof(struct macho_string_command);
	case LC_DYLD_INFO:
	case (uint32_t)LC_DYLD_INFO_ONLY: return sizeof(struct macho_info_command);
	case LC_SYMTAB: return sizeof(struct macho_symtab_command);
	case LC_DYSYMTAB: return sizeof(struct macho_dysymtab_command);
	case LC_UUID: return sizeof(struct macho_uuid_command);
	case LC_UNIXTHREAD: return sizeof(struct macho_thread_command);
	case LC_ENCRYPTION_INFO_64: return sizeof(struct macho_encryption_command);
	case (uint32_t)LC_MAIN: return sizeof(struct macho_main_command);
	case (uint32_t)LC_DYLD_EXPORTS_TRIE:
	case (uint32_t)LC_DYLD_CHAINED_FIXUPS: return sizeof(struct macho_linkedit_command);
	default: return sizeof(struct macho_command);
	}
}

static bool take_command(struct macho *macho, const uint8_t *at, uint32_t command, uint32_t size,
			 struct macho_error *error)
{
	switch (command) {
	case LC_SEGMENT_64: return take_segment(macho, at, size, error);
	case LC_LOAD_DYLIB:
	case LC_ID_DYLIB:
	case LC_LAZY_LOAD_DYLIB:
	case (uint32_t)LC_LOAD_WEAK_DYLIB:
	case (uint32_t)LC_REEXPORT_DYLIB:
	case (uint32_t)LC_LOAD_UPWARD_DYLIB: return take_dylib(macho, at, size, error);
	case (uint32_t)LC_RPATH: return take_rpath(macho, at, size, error);
	case LC_DYLD_INFO:
	case (uint32_t)LC_DYLD_INFO_ONLY: return take_info(macho, at, error);
	case LC_SYMTAB: return take_symtab(macho, at, error);
	case LC_DYSYMTAB: return take_dysymtab(macho, at, error);
	case LC_UUID: macho->uuid = ((const struct macho_uuid_command *)at)->uuid; return true;
	case LC_UNIXTHREAD: return take_thread(macho, at, error);
	case LC_ENCRYPTION_INFO_64: return take_encryption(at, error);
	case (uint32_t)LC_MAIN: return take_main(macho, at);
	case (uint32_t)LC_DYLD_EXPORTS_TRIE:
		return take_linkedit(macho, &macho->exports, at, "LC_DYLD_EXPORTS_TRIE", error);
	case (uint32_t)LC_DYLD_CHAINED_FIXUPS:
		macho->has_fixups = true;
		return take_linkedit(macho, &macho->chained, at, "LC_DYLD_CHAINED_FIXUPS", error);
	default:
		return !(command & (uint32_t)LC_REQ_DYLD) ||
		       macho_refuse(error, "load commands: command 0x%x is needed to run the file and not known",
				    command);
	}
}

static bool take_commands(struct macho *macho, const struct macho_header *header, struct macho_error *error)
{
	const uint8_t *at = macho->bytes + sizeof(*header);
	uint32_t left = header->commands_size;
	for (uint32_t i = 0; i < header->commands; i++) {
		struct macho_command command;
		if (left < sizeof(command))
			return macho_refuse(error, "load commands: %u of %u are beyond their end", header->commands - i,
					    header->commands);
		memcpy(&command, at, sizeof(command));
		if (command.size < least_size(command.command) || command.size > left || command.size % 4)
			return macho_refuse(error, "load command %u (0x%x) has the wrong size %u", i, command.command,
					    command.size);
		if (!take_command(macho, at, command.command, command.size, error))
			return false;
		at += command.size;
		left -= command.size;
	}
	return true;
}

const struct macho_segment *macho_segment_of(const struct macho *macho, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < macho->segment_count; i++) {
		const struct macho_segment *segment = &macho->segments[i];
		if (macho_segment_mapped(segment) && address >= segment->address &&
		    inside(address - segment->address, size, segment->memory_size))
			return segment;
	}
	return NULL;
}

// What can be checked only when all commands are known.
static bool check_whole(struct macho *macho, struct macho_error *error)
{
	if (macho->high == 0)
		return macho_refuse(error, "load commands: there is no segment");
	if (macho->entry_kind == MACHO_ENTRY_MAIN) {
		if (macho->entry > (uint64_t)1 << 46)
			return macho_refuse(error, "LC_MAIN: the entry point lies outside the segments");
		macho->entry += macho->base;
	}
	if (macho->file_type != MACHO_EXECUTE)
		return true;
	if (macho->entry_kind == MACHO_NO_ENTRY)
		return macho_refuse(error, "load commands: a program without an entry point");
	const struct macho_segment *segment = macho_segment_of(macho, macho->entry, 1);
	if (!segment || !(segment->protection & 4))
		return macho_refuse(error, "entry point 0x%llx is in no segment that can be executed",
				    (unsigned long long)macho->entry);
	return true;
}

bool macho_parse(struct macho *macho, const void *bytes, size_t size, struct macho_error *error)
{
	struct macho_header header;
	memset(macho, 0, offsetof(struct macho, segments));
	macho->bytes = bytes;
	macho->size = size;
	if (!macho_is(bytes, size))
		return macho_refuse(error, "header: it is no Mach-O file");
	if (size < sizeof(header))
		return macho_refuse(error, "header: the file ends inside it");
	return choose_slice(macho, error) && read_header(macho, &header, error) &&
	       take_commands(macho, &header, error) && check_whole(macho, error);
}
