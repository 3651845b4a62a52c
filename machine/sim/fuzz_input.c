// SPDX-License-Identifier: MIT
// Bytes of a fuzz input as values, and user memory of all degrees of validity; see fuzz.h.
//
#include "fuzz.h"

#include <string.h>


uint8_t fuzz_u8(struct fuzz_bytes *bytes)
{
	if (bytes->left == 0)
		return 0;
	bytes->left--;
	return *bytes->at++;
}

uint32_t fuzz_u32(struct fuzz_bytes *bytes)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < 4; i++)
		value |= (uint32_t)fuzz_u8(bytes) << (8 * i);
	return value;
}

uint64_t fuzz_u64(struct fuzz_bytes *bytes)
{
	uint64_t low = fuzz_u32(bytes);
	return low | (uint64_t)fuzz_u32(bytes) << 32;
}

uint64_t fuzz_number(struct fuzz_bytes *bytes)
{
	static const uint64_t edges[] = {0,          1,          2,          3,          4,          7,           8,
					 15,         16,         17,         24,         28,         32,          36,
					 63,         64,         100,        127,        128,        255,         256,
					 1000,       1023,       1024,       4095,       4096,       4097,        8192,
					 16384,      65535,      65536,      0x7fff0000, 0x7fffffff, 0x80000000,  0xfffff000,
					 0xfffffffe, 0xffffffff, 1ull << 32, 1ull << 47, 1ull << 62, 1ull << 63,  ~0ull - 4095,
					 ~0ull - 1,  ~0ull,      1000000,    1000000000, 0x20000000, 0x100000000ull};
	uint8_t how = fuzz_u8(bytes);
	if (how < 96)
		return edges[how % (sizeof(edges) / sizeof(*edges))];
	if (how < 160)
		return (uint64_t)1 << (how & 63);
	if (how < 192)
		return fuzz_u8(bytes);
	return how < 224 ? fuzz_u32(bytes) : fuzz_u64(bytes);
}

uint64_t fuzz_tame(uint64_t value)
{
	uint64_t offset = value - SIM_SPACES_BASE;
	if (value < SIM_SPACES_BASE || offset >= SIM_SPACES_LIMIT * SIM_SPACE_SIZE)
		return value;
	return offset % SIM_SPACE_SIZE < FUZZ_HALF ? value + FUZZ_HALF : value;
}

void fuzz_tame_bytes(void *data, size_t size)
{
	for (size_t at = 0; at + sizeof(uint64_t) <= size; at += 4) {
		uint64_t value;
		memcpy(&value, (char *)data + at, sizeof(value));
		value = fuzz_tame(value);
		memcpy((char *)data + at, &value, sizeof(value));
	}
}

bool fuzz_poke(uint64_t address, const void *data, size_t size)
{
	return md_task_write(sim_self(), address, data, size) == KERN_SUCCESS;
}

bool fuzz_peek(uint64_t address, void *data, size_t size)
{
	return md_task_read(sim_self(), data, address, size) == KERN_SUCCESS;
}

uint64_t fuzz_place(const struct fuzz_actor *actor, struct fuzz_bytes *bytes)
{
	uint8_t how = fuzz_u8(bytes);
	uint64_t start = actor->task->playground;
	if (how & 128)
		start = fuzz.tasks[how % fuzz.task_count].playground;
	switch (how & 15) {
	case 0:
		return start + FUZZ_FREE;
	case 1:
		return start + FUZZ_FREE + MD_PAGE_SIZE;
	case 2:
		return start + FUZZ_FREE + MD_PAGE_SIZE * 4 - 1;
	case 3:
		return start + FUZZ_EDGE;
	case 4:
		return start + FUZZ_EDGE + MD_PAGE_SIZE - 3;
	case 5:
		return start + FUZZ_CONSTANT;
	case 6:
		return start + 2 * FUZZ_BUFFER * (FUZZ_ACTORS - 1);
	case 7:
		return start + FUZZ_HALF - MD_PAGE_SIZE;
	case 8:
		return start + FUZZ_HALF;
	case 9:
		return fuzz_tame(fuzz_u64(bytes));
	case 10:
		return SIM_PAGES_BASE;
	case 11:
		return ~UINT64_C(0) - MD_PAGE_SIZE + 1;
	default:
		return start + FUZZ_FREE + (uint64_t)MD_PAGE_SIZE * fuzz_u8(bytes);
	}
}

uint64_t fuzz_user(struct fuzz_actor *actor, struct fuzz_bytes *bytes, size_t size, const void *content)
{
	static const uint8_t zeros[256];
	uint8_t filler[256];
	size_t room = (size + 15) & ~(size_t)15;
	if (room > FUZZ_BUFFER - actor->used)
		actor->used = 0;
	uint64_t address = actor->buffer + FUZZ_BUFFER + actor->used;
	actor->used += room <= FUZZ_BUFFER / 2 ? (unsigned)room : 0;
	uint8_t how = fuzz_u8(bytes);
	switch (how & 15) {
	case 1:
		return 0;
	case 2: // its end is not there
		address = actor->task->playground + FUZZ_EDGE + MD_PAGE_SIZE - (size > 1 ? size / 2 : 0);
		break;
	case 3: // just there
		address = actor->task->playground + FUZZ_EDGE + MD_PAGE_SIZE - (size < MD_PAGE_SIZE ? size : MD_PAGE_SIZE);
		break;
	case 4:
		return actor->task->playground + FUZZ_CONSTANT;
	case 5:
		return SIM_PAGES_BASE;
	case 6:
		address += 1;
		break;
	case 7:
		return fuzz_place(actor, bytes);
	default:
		break;
	}
	// What does not fit is written as far as it does.
	size_t fits = size < sizeof(filler) || content ? size : sizeof(filler);
	if (!content) {
		memset(filler, 0, sizeof(filler));
		for (size_t i = 0; i < fits && bytes->left > 0; i++)
			filler[i] = fuzz_u8(bytes);
		fuzz_tame_bytes(filler, sizeof(filler));
		content = fits ? filler : zeros;
	}
	if (!fuzz_poke(address, content, fits) && fits > 1)
		(void)fuzz_poke(address, content, fits / 2);
	return address;
}
