// SPDX-License-Identifier: MIT
// Programs; see program.h. Formats: System V ABI, "Object Files" and "Program Loading" (gABI 4.1); elf(5).
#include <gila/program.h>

#include <elf.h>
#include <gila/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 64u
#define SPACE_MAX (UINT64_C(1) << 32) // bytes that a program's segments may span

// The header of this very program, which says what kind of machine this is (ld's symbol).
extern const Elf64_Ehdr own_header __asm__("__ehdr_start") __attribute__((visibility("hidden")));

static const char *check_header(const Elf64_Ehdr *header, size_t size)
{
	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return "it is no ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_ident[EI_VERSION] != EV_CURRENT || header->e_machine != own_header.e_machine)
		return "it is an ELF file for another kind of machine";
	if (header->e_type == ET_EXEC)
		return "it wants to be at a fixed address (ET_EXEC): programs are static-PIE";
	if (header->e_type != ET_DYN)
		return "it is an ELF file, but no program";
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > SEGMENTS_MAX ||
	    header->e_phoff > size || (uint64_t)header->e_phnum * sizeof(Elf64_Phdr) > size - header->e_phoff)
		return "its program headers are damaged";
	return NULL;
}

static const char *check_segment(const Elf64_Phdr *segment, size_t size)
{
	if (segment->p_offset > size || segment->p_filesz > size - segment->p_offset)
		return "it is cut off: a segment lies outside of the file";
	if (segment->p_filesz > segment->p_memsz || segment->p_memsz > SPACE_MAX || segment->p_vaddr > SPACE_MAX)
		return "a segment has impossible sizes";
	if ((segment->p_flags & PF_W) && (segment->p_flags & PF_X))
		return "a segment is both writable and executable";
	return NULL;
}

const char *gila_program_check(const void *data, size_t size)
{
	Elf64_Ehdr header = {0};
	bool entered = false;
	memcpy(&header, data, size < sizeof(header) ? size : sizeof(header));
	const char *why = check_header(&header, size);
	for (unsigned i = 0; !why && i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		memcpy(&segment, (const char *)data + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type == PT_INTERP)
			why = "it is linked dynamically (PT_INTERP): programs are static-PIE";
		else if (segment.p_type == PT_LOAD)
			why = check_segment(&segment, size);
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) && header.e_entry >= segment.p_vaddr &&
		    header.e_entry - segment.p_vaddr < segment.p_filesz)
			entered = true;
	}
	return why || entered ? why : "its entry point is in no executable segment";
}

kern_return_t gila_program_load(const char *path, mach_port_t *memory, char reason[GILA_REASON_MAX])
{
	char *data = NULL;
	size_t size = 0;
	*memory = MACH_PORT_NULL;
	kern_return_t error = gila_path_load(path, GILA_PROGRAM_MAX, &data, &size);
	snprintf(reason, GILA_REASON_MAX, "%s", error ? gila_error_text(error) : "");
	if (error)
		return error;
	const char *why = gila_program_check(data, size);
	if (why) {
		snprintf(reason, GILA_REASON_MAX, "%s", why);
		error = KERN_INVALID_ARGUMENT;
	} else {
		error = gila_memory_make(size, memory);
		if (!error)
			error = gila_memory_put(*memory, 0, data, size);
		snprintf(reason, GILA_REASON_MAX, "%s", error ? gila_error_text(error) : "");
	}
	free(data);
	if (error && *memory != MACH_PORT_NULL) {
		gila_port_drop(*memory);
		*memory = MACH_PORT_NULL;
	}
	return error;
}
