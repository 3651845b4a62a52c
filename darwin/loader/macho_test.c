// SPDX-License-Identifier: MIT
// The parser: what it finds, and that each kind of damage is refused with place and reason.
#include "macho_sample.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>

static struct sample sample;
static struct macho macho;
static struct macho_error error;

static bool refuses(const char *text)
{
	if (macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error))
		return false;
	if (!strstr(error.text, text))
		printf("it says: %s\n", error.text);
	return strstr(error.text, text) != NULL;
}

TEST(a_program_is_described)
{
	sample_make(&sample);
	CHECK(macho_parse(&macho, sample.bytes, sizeof(sample.bytes), &error));
	CHECK_EQ(macho.segment_count, 4);
	CHECK_EQ(macho.low, SAMPLE_BASE);
	CHECK_EQ(macho.high, SAMPLE_BASE + 4 * 4096);
	CHECK_EQ(macho.entry, SAMPLE_BASE + 2048);
	CHECK_EQ(macho.dylib_count, 1);
	CHECK(strcmp(macho.dylibs[0].name, "/usr/lib/libSystem.B.dylib") == 0);
	CHECK_EQ(macho.bind.size, 64);
	CHECK(macho_segment_of(&macho, SAMPLE_BASE + 4096, 8192) == &macho.segments[2]);
	CHECK(!macho_segment_of(&macho, SAMPLE_BASE + 4096, 8193));
	CHECK(!macho_segment_of(&macho, 16, 8)); // __PAGEZERO is no memory
}

// Each prefix, in memory of its own so that the sanitizer sees a byte too many.
TEST(every_file_that_is_cut_short_is_refused)
{
	sample_make(&sample);
	for (size_t size = 0; size < sizeof(sample.bytes); size += size < 1024 ? 1 : 61) {
		uint8_t *copy = malloc(size + (size == 0));
		memcpy(copy, sample.bytes, size);
		bool fine = macho_parse(&macho, copy, size, &error);
		free(copy);
		CHECK(!fine);
		CHECK(error.text[0] != '\0');
	}
}

TEST(other_processors_are_named)
{
	struct macho_header *header = (void *)sample.bytes;
	sample_make(&sample);
	header->cpu = MACHO_CPU_ARM64;
	CHECK(refuses("header: it is for arm64"));
	sample_make(&sample);
	header->magic = MACHO_MAGIC_32;
	header->cpu = MACHO_CPU_X86;
	CHECK(refuses("i386 (32 bits)"));
	sample_make(&sample);
	header->magic = 0x12345678;
	CHECK(refuses("no Mach-O file"));
	sample_make(&sample);
	header->file_type = 1;
	CHECK(refuses("file type 1"));
}

static uint32_t big(uint32_t value)
{
	return __builtin_bswap32(value);
}

TEST(a_universal_file_has_its_slice)
{
	static uint8_t whole[4096 + SAMPLE_SIZE];
	uint32_t *words = (void *)whole;
	sample_make(&sample);
	memcpy(whole + 4096, sample.bytes, SAMPLE_SIZE);
	const uint32_t head[] = {MACHO_FAT, 2,	  MACHO_CPU_ARM64, 0, 4096, 100, 12, MACHO_CPU_X86_64,
				 3,	    4096, SAMPLE_SIZE,	   12};
	for (size_t i = 0; i < sizeof(head) / 4; i++)
		words[i] = big(head[i]);
	CHECK(macho_parse(&macho, whole, sizeof(whole), &error));
	CHECK_EQ(macho.slice, 4096);
	CHECK(macho.bytes == whole + 4096);
	words[9] = big(8192); // the slice's offset: it would end behind the file
	CHECK(!macho_parse(&macho, whole, sizeof(whole), &error) && strstr(error.text, "slice 1 lies outside"));
	words[9] = big(4097);
	words[10] = big(SAMPLE_SIZE - 1);
	CHECK(!macho_parse(&macho, whole, sizeof(whole), &error) && strstr(error.text, "does not begin at a page"));
	words[7] = big(MACHO_CPU_ARM64);
	CHECK(!macho_parse(&macho, whole, sizeof(whole), &error) && strstr(error.text, "no slice is for x86_64"));
	words[1] = big(39);
	CHECK(!macho_parse(&macho, whole, 100, &error) && strstr(error.text, "longer than the file"));
}

TEST(segments_are_checked)
{
	struct macho_segment_command *text = (void *)(sample.bytes + sizeof(struct macho_header) +
						      sizeof(struct macho_segment_command)),
				     *data;
	sample_make(&sample);
	data = (void *)(sample.bytes + sample.data);
	data->file_offset = 1 << 20;
	CHECK(refuses("segment __DATA: offset 1048576"));
	sample_make(&sample);
	data->address = SAMPLE_BASE;
	CHECK(refuses("overlaps"));
	sample_make(&sample);
	data->address += 8;
	CHECK(refuses("does not begin at a page"));
	sample_make(&sample);
	data->memory_size = 100;
	CHECK(refuses("more bytes in the file"));
	sample_make(&sample);
	data->memory_size = UINT64_MAX - 4096;
	CHECK(refuses("beyond the addresses"));
	sample_make(&sample);
	data->sections = 1000;
	CHECK(refuses("more sections"));
	sample_make(&sample);
	text->file_offset = 4096;
	CHECK(refuses("does not begin with the header"));
}

TEST(commands_are_checked)
{
	struct macho_header *header = (void *)sample.bytes;
	sample_make(&sample);
	((struct macho_main_command *)(void *)(sample.bytes + sample.main))->entry = 5000; // in __DATA
	CHECK(refuses("entry point"));
	sample_make(&sample);
	((struct macho_info_command *)(void *)(sample.bytes + sample.info))->bind = 1 << 30;
	CHECK(refuses("LC_DYLD_INFO, bind"));
	sample_make(&sample);
	((struct macho_command *)(void *)(sample.bytes + sample.info))->size = 8;
	CHECK(refuses("wrong size 8"));
	sample_make(&sample);
	((struct macho_command *)(void *)(sample.bytes + sample.info))->command = (uint32_t)LC_REQ_DYLD | 0x77;
	CHECK(refuses("0x80000077"));
	sample_make(&sample);
	header->commands = 1000;
	CHECK(refuses("beyond their end"));
	sample_make(&sample);
	struct macho_encryption_command encryption = {.command = LC_ENCRYPTION_INFO_64, .method = 1};
	sample_add(&sample, &encryption, sizeof(encryption));
	CHECK(refuses("encrypted"));
	sample_make(&sample);
	struct macho_dylib_command dylib = {.command = LC_LOAD_DYLIB,
					    .name = 24}; // a name that begins where the command ends
	sample_add(&sample, &dylib, sizeof(dylib));
	CHECK(refuses("library 2 has no end"));
}
