// SPDX-License-Identifier: MIT
// Fuzz target: any bytes as a loader's information. What is found must lie inside of them. The size of the whole is put right.
#include "multiboot.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static void must(bool good)
{
	if (!good)
		abort();
}

static void must_lie_in(const uint8_t *info, uint32_t size, const void *at, size_t length)
{
	const uint8_t *from = at;
	must(from >= info + 16 && from <= info + size && length <= (size_t)(info + size - from));
}

static int fuzz_multiboot(const uint8_t *data, size_t size)
{
	struct multiboot found;
	if (size < 8 || size > MULTIBOOT_SIZE_MOST)
		return 0;
	uint32_t count = (uint32_t)size, words = 0;
	uint64_t address, bytes;
	bool ram;
	must(multiboot_size(data) <= MULTIBOOT_SIZE_MOST);
	uint8_t *info = malloc(size); // so that reads beyond it are seen
	memcpy(info, data, size);
	if (multiboot_read(info, count, &found) == NULL) {
		if (found.command_line)
			must_lie_in(info, count, found.command_line, strlen(found.command_line) + 1);
		if (found.rsdp)
			must_lie_in(info, count, found.rsdp, found.rsdp_size);
		must(found.module_count <= MULTIBOOT_MODULES);
		for (uint32_t i = 0; i < found.module_count; i++)
			must(found.modules[i].end >= found.modules[i].start);
		while (multiboot_memory(&found, words, &address, &bytes, &ram))
			words++;
		must(words <= size / 24);
	}
	free(info);
	return 0;
}
FUZZ_TARGET(fuzz_multiboot)
