// SPDX-License-Identifier: MIT
// Fuzz target: any bytes as a program. What is accepted must lie inside the file and not overlap.
#include "elf.h"

#include <gila/fuzz.h>
#include <stdlib.h>

static void must(bool good)
{
	if (!good)
		abort();
}

static int fuzz_elf(const uint8_t *data, size_t size)
{
	struct elf_program program;
	if (elf_read(data, size, 62, &program) != NULL)
		return 0;
	uint64_t last = 0;
	for (unsigned i = 0; i < program.count; i++) {
		const struct elf_segment *s = &program.segments[i];
		must(s->address >= last && s->end > s->address && s->end <= ELF_SPAN_MOST + ELF_PAGE);
		must(s->address % ELF_PAGE == 0 && s->end % ELF_PAGE == 0);
		must(s->data_offset <= size && s->data_size <= size - s->data_offset);
		must(s->data_address >= s->address && s->data_address + s->data_size <= s->end);
		must(!(s->prot & VM_PROT_WRITE) || !(s->prot & VM_PROT_EXECUTE));
		last = s->end;
	}
	must(program.count > 0 && program.entry < program.span && program.span == last);
	return 0;
}
FUZZ_TARGET(fuzz_elf)
