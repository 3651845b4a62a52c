// SPDX-License-Identifier: MIT
// Programs: this test itself, damaged in every way that is looked for.
#include <gila/program.h>

#include <elf.h>
#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

// The smallest file that can be launched, as far as headers tell.
static struct file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	uint8_t code[64];
} good(void)
{
	struct file file = {.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
				       .e_type = ET_DYN,
				       .e_phoff = offsetof(struct file, segments),
				       .e_phentsize = sizeof(Elf64_Phdr),
				       .e_phnum = 3}};
	extern const Elf64_Ehdr own __asm__("__ehdr_start") __attribute__((visibility("hidden")));
	file.header.e_machine = own.e_machine;
	file.header.e_entry = 0x1000;
	file.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = offsetof(struct file, code),
					.p_vaddr = 0x1000, .p_filesz = 64, .p_memsz = 64};
	file.segments[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = 0x2000, .p_memsz = 0x10000};
	file.segments[2] = (Elf64_Phdr){.p_type = PT_GNU_STACK};
	return file;
}

static bool refused(const struct file *file, const char *part)
{
	const char *why = gila_program_check(file, sizeof(*file));
	return why && strstr(why, part);
}

TEST(program_that_is_right_is_taken)
{
	struct file file = good();
	CHECK(gila_program_check(&file, sizeof(file)) == NULL);
	file.header.e_entry = 0x1000 + 63;
	CHECK(gila_program_check(&file, sizeof(file)) == NULL);
}

TEST(program_that_is_wrong_is_refused_with_its_reason)
{
	struct file file = good();
	CHECK(strstr(gila_program_check("#!/bin/sh\n", 10), "no ELF"));
	file.header.e_machine = EM_S390;
	CHECK(refused(&file, "another kind of machine"));
	file = good();
	file.header.e_ident[EI_CLASS] = ELFCLASS32;
	CHECK(refused(&file, "another kind of machine"));
	file = good();
	file.header.e_type = ET_EXEC;
	CHECK(refused(&file, "fixed address"));
	file.header.e_type = ET_REL;
	CHECK(refused(&file, "no program"));
	file = good();
	file.header.e_phnum = 65;
	CHECK(refused(&file, "headers are damaged"));
	file.header.e_phnum = 4; // 4 headers fit in the file, the fourth is code
	file.header.e_phoff = UINT64_MAX - 100;
	CHECK(refused(&file, "headers are damaged"));
	file = good();
	file.header.e_phnum = 0;
	CHECK(refused(&file, "headers are damaged"));
	file = good();
	file.segments[2].p_type = PT_INTERP;
	CHECK(refused(&file, "dynamically"));
	file = good();
	file.segments[0].p_filesz = file.segments[0].p_memsz = 65;
	CHECK(refused(&file, "cut off"));
	file.segments[0].p_filesz = 64;
	file.segments[0].p_offset = UINT64_MAX;
	CHECK(refused(&file, "cut off"));
	file = good();
	file.segments[1].p_memsz = UINT64_MAX;
	CHECK(refused(&file, "impossible"));
	file = good();
	file.segments[0].p_flags |= PF_W;
	CHECK(refused(&file, "writable and executable"));
	file = good();
	file.header.e_entry = 0x1000 + 64;
	CHECK(refused(&file, "entry point"));
	file.header.e_entry = 0xfff;
	CHECK(refused(&file, "entry point"));
}

TEST(program_that_is_cut_off_is_never_read_beyond_its_end)
{
	struct file file = good();
	for (size_t size = 0; size < sizeof(file); size++) {
		void *exact = malloc(size ? size : 1); // so that ASan sees
		memcpy(exact, &file, size);
		const char *why = gila_program_check(exact, size);
		free(exact);
		CHECK(why);
	}
}
