// SPDX-License-Identifier: MIT
// Reader of programs; see elf.h. Every number of the file is checked before it is used; nothing is changed.
#include "elf.h"

#include <string.h>

struct header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t size, program_header_size, program_header_count, section_header_size, section_header_count, names;
};
struct program_header {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, memory_size, alignment;
};

enum { TYPE_DYNAMIC = 3, LOAD = 1, INTERPRETER = 3 };
enum { EXECUTE = 1, WRITE = 2, READ = 4 };
// ELF, 64 bits, little-endian, version 1 (gABI, "ELF Identification")
static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

static const char *segment_add(struct elf_program *program, const struct program_header *h, size_t size)
{
	if (h->memory_size == 0)
		return NULL;
	if (h->file_size > h->memory_size || h->offset > size || h->file_size > size - h->offset)
		return "a segment lies outside of the file";
	if (h->address >= ELF_SPAN_MOST || h->memory_size > ELF_SPAN_MOST - h->address)
		return "a segment's addresses are too high";
	if ((h->flags & WRITE) && (h->flags & EXECUTE))
		return "a segment is writable and executable";
	if (program->count == ELF_SEGMENTS)
		return "it has too many segments";
	struct elf_segment *segment = &program->segments[program->count++];
	*segment = (struct elf_segment){
		.address = h->address & ~(uint64_t)(ELF_PAGE - 1),
		.end = (h->address + h->memory_size + ELF_PAGE - 1) & ~(uint64_t)(ELF_PAGE - 1),
		.data_address = h->address,
		.data_offset = h->offset,
		.data_size = h->file_size,
		.prot = (h->flags & READ ? VM_PROT_READ : 0) | (h->flags & WRITE ? VM_PROT_WRITE : 0) |
			(h->flags & EXECUTE ? VM_PROT_EXECUTE : 0),
	};
	if (segment->address < program->span)
		return "its segments overlap or are out of order";
	program->span = segment->end;
	return NULL;
}

// Where the file's program headers are in memory.
static uint64_t headers_address(const struct elf_program *program, uint64_t offset, uint64_t size)
{
	for (unsigned i = 0; i < program->count; i++) {
		const struct elf_segment *s = &program->segments[i];
		if (offset >= s->data_offset && size <= s->data_size && offset - s->data_offset <= s->data_size - size)
			return s->data_address + (offset - s->data_offset);
	}
	return 0;
}

static bool entry_is_code(const struct elf_program *program)
{
	for (unsigned i = 0; i < program->count; i++) {
		const struct elf_segment *s = &program->segments[i];
		if (program->entry >= s->address && program->entry < s->end && s->prot & VM_PROT_EXECUTE)
			return true;
	}
	return false;
}

const char *elf_read(const void *image, size_t size, uint16_t machine, struct elf_program *program)
{
	struct header header;
	if (size < sizeof(header))
		return "it is too short for an ELF file";
	memcpy(&header, image, sizeof(header));
	if (memcmp(header.ident, ident, sizeof(ident)) != 0)
		return "it is no 64-bit little-endian ELF file";
	if (header.type != TYPE_DYNAMIC || header.machine != machine)
		return header.machine != machine ? "it is for another processor" : "it is not position-independent";
	if (header.program_header_size != sizeof(struct program_header) || header.program_headers > size ||
	    header.program_header_count > (size - header.program_headers) / sizeof(struct program_header))
		return "its program headers lie outside of the file";
	*program = (struct elf_program){.entry = header.entry,
					.header_count = header.program_header_count,
					.header_size = header.program_header_size};
	for (unsigned i = 0; i < header.program_header_count; i++) {
		struct program_header h;
		memcpy(&h, (const char *)image + header.program_headers + i * sizeof(h), sizeof(h));
		if (h.type == INTERPRETER)
			return "it needs an interpreter";
		const char *error = h.type == LOAD ? segment_add(program, &h, size) : NULL;
		if (error)
			return error;
	}
	program->headers = headers_address(program, header.program_headers,
					   header.program_header_count * sizeof(struct program_header));
	if (!entry_is_code(program))
		return "its entry is not in an executable segment";
	return NULL;
}
