// SPDX-License-Identifier: MIT
// What the metal's loader does: an ELF image mapped segment by segment, and the initial stack (System V ABI, "Process Initialization").
#include "metal.h"

#include <elf.h>
#include <fcntl.h>
#include <gila/auxv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define PAGE UINT64_C(4096)
#define STACK_SIZE (UINT64_C(8) << 20)
#define IMAGE_MOST (UINT64_C(64) << 20)

void metal_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("metal: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	exit(125);
}

static int protection(uint32_t flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

static void map_segment(const char *path, int file, uint64_t base, const Elf64_Phdr *segment)
{
	uint64_t start = segment->p_vaddr & ~(PAGE - 1), end = segment->p_vaddr + segment->p_memsz;
	uint64_t size = ((end + PAGE - 1) & ~(PAGE - 1)) - start;
	char *at = mmap((void *)(base + start), size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); // NOLINT
	if (at == MAP_FAILED ||
	    pread(file, at + (segment->p_vaddr - start), segment->p_filesz, (off_t)segment->p_offset) != (ssize_t)segment->p_filesz ||
	    mprotect(at, size, protection(segment->p_flags)) != 0)
		metal_fail("%s: a segment cannot be mapped", path);
}

struct metal_image metal_load(const char *path)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[32];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || pread(file, &header, sizeof(header), 0) != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_type != ET_DYN || header.e_phnum > 32 ||
	    pread(file, segments, header.e_phnum * sizeof(*segments), (off_t)header.e_phoff) !=
		    (ssize_t)(header.e_phnum * sizeof(*segments)))
		metal_fail("%s is no static-PIE program", path);
	uint64_t base = (uint64_t)(uintptr_t)mmap(NULL, IMAGE_MOST, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct metal_image image = {.base = base, .entry = base + header.e_entry, .header_count = header.e_phnum};
	for (int i = 0; i < header.e_phnum; i++) {
		if (segments[i].p_type != PT_LOAD)
			continue;
		if (segments[i].p_vaddr + segments[i].p_memsz > IMAGE_MOST)
			metal_fail("%s is too large", path);
		map_segment(path, file, base, &segments[i]);
		image.size = segments[i].p_vaddr + segments[i].p_memsz;
		if (segments[i].p_offset == 0)
			image.headers = base + segments[i].p_vaddr + header.e_phoff;
	}
	close(file);
	uint64_t end = (image.size + PAGE - 1) & ~(PAGE - 1);
	munmap((void *)(base + end), IMAGE_MOST - end); // NOLINT
	return image;
}

// ---- The stack -------------------------------------------------------------------------------------------------------

static uint64_t push(uint64_t *top, const void *data, size_t size)
{
	*top -= size;
	memcpy((void *)*top, data, size); // NOLINT
	return *top;
}

uint64_t metal_stack(const struct metal_image *program, const struct metal_image *library, int argc, char **argv)
{
	static uint64_t words[256];
	unsigned count = 0;
	uint8_t random[16];
	uint64_t top = (uint64_t)(uintptr_t)mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
						 -1, 0) + STACK_SIZE;
	if (argc > 64 || getrandom(random, sizeof(random), 0) != sizeof(random))
		metal_fail("too many arguments");
	words[count++] = (uint64_t)argc;
	for (int i = 0; i < argc; i++)
		words[count++] = push(&top, argv[i], strlen(argv[i]) + 1);
	words[count++] = 0;
	for (char **variable = environ; *variable && count < 150; variable++)
		words[count++] = push(&top, *variable, strlen(*variable) + 1);
	words[count++] = 0;
	uint64_t aux[][2] = {
		{AT_PHDR, program->headers}, {AT_PHENT, sizeof(Elf64_Phdr)}, {AT_PHNUM, program->header_count},
		{AT_ENTRY, program->entry}, {AT_BASE, 0}, {AT_PAGESZ, PAGE}, {AT_RANDOM, push(&top, random, sizeof(random))},
		{AT_HWCAP, getauxval(AT_HWCAP)}, {AT_HWCAP2, getauxval(AT_HWCAP2)}, {AT_CLKTCK, 100}, {AT_UID, 0}, {AT_EUID, 0},
		{AT_GID, 0}, {AT_EGID, 0}, {AT_SECURE, 0}, {AT_EXECFN, words[1]}, {AT_GILA, 1},
		{AT_GILA_LINUX, library->base}, {AT_NULL, 0},
	};
	memcpy(words + count, aux, sizeof(aux));
	count += sizeof(aux) / sizeof(aux[0][0]);
	top = (top - count * 8) & ~UINT64_C(15);
	memcpy((void *)top, words, count * 8); // NOLINT
	return top;
}
