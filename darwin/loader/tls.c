// SPDX-License-Identifier: MIT
// Thread-local variables: each is a descriptor in the image, whose function gives the address for the calling thread.
//
// Facts: struct tlv_descriptor in <mach-o/loader.h>; the function gets the descriptor in rdi, answers in rax and keeps all other
// registers (LLVM's CSR_64_TLS_Darwin). An image's block is its template, copied when a thread first asks; the block's address is
// a value of a pthread key, so that a thread's end frees it after the destructors of what lies in it ran.
#include "image.h"

#include "../libsystem/thread.h"

#include <stdlib.h>
#include <string.h>

struct tls_descriptor {
	void *(*function)(struct tls_descriptor *);
	uint64_t key, offset;
};

struct tls_template {
	const struct image *image;
	uint64_t address, size, file_size; // of all sections of the template, from the first on
};
static struct tls_template templates[THREAD_SLOTS]; // by key; written before any thread can ask

static bool is_template(const struct macho_section *section)
{
	return section->type == SECTION_TLS_REGULAR || section->type == SECTION_TLS_ZEROFILL;
}

static void tls_measure(struct image *image, struct tls_template *template)
{
	uint64_t low = UINT64_MAX, high = 0, filled = 0;
	for (unsigned i = 0; i < image->macho.section_count; i++) {
		const struct macho_section *section = &image->macho.sections[i];
		if (!is_template(section))
			continue;
		uint64_t end = section->address + section->size;
		low = section->address < low ? section->address : low;
		high = end > high ? end : high;
		if (section->type == SECTION_TLS_REGULAR && end > filled)
			filled = end;
	}
	*template = (struct tls_template){image, low, high > low ? high - low : 0, filled > low ? filled - low : 0};
}

__attribute__((used)) static void *tls_make(const struct tls_descriptor *descriptor)
{
	const struct tls_template *template = &templates[descriptor->key];
	uint8_t *block = NULL;
	if (posix_memalign((void **)&block, 64, template->size + 1))
		abort();
	memcpy(block, image_at(template->image, template->address), template->file_size);
	memset(block + template->file_size, 0, template->size - template->file_size);
	thread_self()->slots[descriptor->key] = block;
	return block + descriptor->offset;
}

void *tls_address(struct tls_descriptor *descriptor);
__asm__(".text\n"
	".globl tls_address\n"
	".hidden tls_address\n"
	"tls_address:\n"
	"	mov 8(%rdi), %rax\n"
	"	mov %gs:(,%rax,8), %rax\n"
	"	test %rax, %rax\n"
	"	jz 1f\n"
	"	add 16(%rdi), %rax\n"
	"	ret\n"
	"1:	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	push %rdx\n"
	"	push %rcx\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %r10\n"
	"	push %r11\n"
	"	and $-16, %rsp\n"
	"	sub $512, %rsp\n"
	"	fxsave (%rsp)\n"
	"	call tls_make\n"
	"	fxrstor (%rsp)\n"
	"	lea -64(%rbp), %rsp\n"
	"	pop %r11\n"
	"	pop %r10\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rbp\n"
	"	ret\n");

bool image_tls_prepare(struct image *image, struct macho_error *error)
{
	struct tls_template template;
	tls_measure(image, &template);
	for (unsigned i = 0; i < image->macho.section_count; i++) {
		const struct macho_section *section = &image->macho.sections[i];
		if (section->type != SECTION_TLS_VARIABLES)
			continue;
		if (!image->tls_key && !(image->tls_key = thread_key_create(thread_free_block)))
			return macho_refuse(error, "thread-local variables: no key is free");
		const struct macho_segment *segment = macho_segment_of(&image->macho, section->address, section->size);
		if (!segment || !(segment->protection & 2) || section->size % sizeof(struct tls_descriptor))
			return macho_refuse(error, "section %s: no whole descriptors that can be written",
					    section->name);
		struct tls_descriptor *descriptor = image_at(image, section->address);
		for (uint64_t j = 0; j < section->size / sizeof(*descriptor); j++) {
			if (descriptor[j].offset >= template.size + (template.size == 0))
				return macho_refuse(error, "section %s: variable %llu lies outside the template",
						    section->name, (unsigned long long)j);
			descriptor[j].function = tls_address;
			descriptor[j].key = image->tls_key;
		}
	}
	if (image->tls_key)
		templates[image->tls_key] = template;
	return true;
}
