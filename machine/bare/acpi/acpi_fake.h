// SPDX-License-Identifier: MIT
// Physical memory with tables in it, for tests and the fuzz target: fake_load reads a dump, fake_begin and fake_table build
// tables one by one. What lies between the pieces is no memory. A dump (tests/corpus/acpi; tools/acpi-capture.py makes
// them) is: the root pointer's address (u64; 0: to be searched for), then pieces: address (u64), size (u32), the bytes.
#ifndef MACHINE_BARE_ACPI_FAKE_H
#define MACHINE_BARE_ACPI_FAKE_H

#include "acpi_table.h"

#define FAKE_PIECES 64u
#define FAKE_ROOM (1u << 20)

struct fake {
	struct acpi_access access;
	uint64_t rsdp;
	uint32_t count, used;
	struct {
		uint64_t address;
		uint32_t size;
		uint8_t *bytes;
	} pieces[FAKE_PIECES];
	uint8_t room[FAKE_ROOM];
	uint32_t lines; // that were logged
	const char *what, *reason; // of the last one
};

static inline const uint8_t *fake_map(void *context, uint64_t address, size_t size)
{
	struct fake *fake = context;
	for (uint32_t i = 0; i < fake->count; i++) {
		uint64_t offset = address - fake->pieces[i].address;
		if (offset < fake->pieces[i].size && size <= fake->pieces[i].size - offset)
			return fake->pieces[i].bytes + offset;
	}
	return NULL;
}

static inline void fake_log(void *context, const char *what, uint64_t address, const char *reason)
{
	struct fake *fake = context;
	fake->lines++;
	fake->what = what;
	fake->reason = reason;
}

static inline void fake_begin(struct fake *fake)
{
	fake->access = (struct acpi_access){.context = fake, .map = fake_map, .log = fake_log};
	fake->count = fake->used = fake->lines = 0;
	fake->rsdp = 0;
	fake->what = fake->reason = "";
}

// Memory at `address`; NULL: no room.
static inline uint8_t *fake_piece(struct fake *fake, uint64_t address, uint32_t size)
{
	if (fake->count == FAKE_PIECES || size > FAKE_ROOM - fake->used)
		return NULL;
	uint8_t *bytes = fake->room + fake->used;
	fake->pieces[fake->count].address = address;
	fake->pieces[fake->count].size = size;
	fake->pieces[fake->count++].bytes = bytes;
	fake->used += size;
	return bytes;
}

// The same for tests, which have room.
static inline uint8_t *fake_memory(struct fake *fake, uint64_t address, uint32_t size)
{
	uint8_t *bytes = fake_piece(fake, address, size);
	if (!bytes)
		__builtin_trap();
	memset(bytes, 0, size);
	return bytes;
}

// Puts the byte right that makes the sum of all of them zero.
static inline void fake_sum(uint8_t *bytes, uint32_t size, uint8_t *byte)
{
	uint8_t sum = 0;
	*byte = 0;
	for (uint32_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	*byte = (uint8_t)-sum;
}

static inline void fake_put(uint8_t *at, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

// A table of `size` bytes, zero behind signature and length; fake_close puts its sum right when it has been filled.
static inline uint8_t *fake_table(struct fake *fake, uint64_t address, const char *signature, uint32_t size)
{
	uint8_t *bytes = fake_memory(fake, address, size);
	memcpy(bytes, signature, 4);
	fake_put(bytes + 4, size, 4);
	return bytes;
}

static inline void fake_close(uint8_t *table) { fake_sum(table, acpi_u32(table + 4), table + 9); }

// Reads a dump as far as it goes. With `repair`, the sums of all that could be a table or root pointer are put right.
static inline void fake_load(struct fake *fake, const uint8_t *data, size_t size, bool repair)
{
	fake_begin(fake);
	if (size < 8)
		return;
	fake->rsdp = acpi_u64(data);
	for (size_t at = 8; size - at >= 12;) {
		uint64_t address = acpi_u64(data + at);
		uint32_t length = acpi_u32(data + at + 8);
		at += 12;
		if (length > size - at)
			length = (uint32_t)(size - at);
		uint8_t *bytes = fake_piece(fake, address, length);
		if (!bytes)
			break;
		memcpy(bytes, data + at, length);
		at += length;
		if (repair && length >= 36 && memcmp(bytes, "RSD PTR ", 8) == 0) {
			fake_sum(bytes, 20, bytes + 8);
			fake_sum(bytes, 36, bytes + 32);
		} else if (repair && length >= 36 && acpi_u32(bytes + 4) <= length && acpi_u32(bytes + 4) >= 36) {
			fake_close(bytes);
		}
	}
}

#endif
