// SPDX-License-Identifier: MIT
// Memory as programs use it: small and large blocks, growing ones, maps that are protected and given up.
#include "guest.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static uint64_t seed = 88172645463325252u; // printed by nobody: always the same
static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

bool test_malloc(void)
{
	static struct {
		unsigned char *at, value;
		size_t size;
	} blocks[200];
	for (int round = 0; round < 20000; round++) {
		unsigned i = next_random() % 200;
		for (size_t j = 0; j < blocks[i].size; j += 97)
			MUST(blocks[i].at[j] == blocks[i].value);
		size_t size = next_random() % (next_random() % 50 == 0 ? 400000 : 2000) + 1;
		unsigned char *at = realloc(blocks[i].at, size);
		MUST(at);
		for (size_t j = 0; j < blocks[i].size && j < size; j += 97)
			MUST(at[j] == blocks[i].value);
		blocks[i].at = at;
		blocks[i].size = size;
		blocks[i].value = (unsigned char)round;
		memset(at, round, size);
	}
	for (int i = 0; i < 200; i++)
		free(blocks[i].at);
	malloc_trim(0);
	for (int i = 0; i < 10; i++) {
		unsigned char *zero = calloc(1, 300000);
		MUST(zero);
		for (size_t j = 0; j < 300000; j++)
			MUST(zero[j] == 0);
		memset(zero, 1, 300000);
		free(zero);
	}
	return true;
}

static bool remap_works(void)
{
	char *at = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(at != MAP_FAILED);
	for (int i = 0; i < 8; i++)
		at[i * PAGE] = (char)(i + 1);
	// Something in the way, so that it has to move.
	MUST(mmap(at + 4 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at + 4 * PAGE);
	char *moved = mremap(at, 4 * PAGE, 40 * PAGE, MREMAP_MAYMOVE);
	MUST(moved != MAP_FAILED && moved != at);
	for (int i = 0; i < 4; i++)
		MUST(moved[i * PAGE] == i + 1);
	MUST(moved[39 * PAGE] == 0);
	MUST(mremap(moved, 40 * PAGE, PAGE, 0) == moved);
	MUST(moved[0] == 1);
	errno = 0;
	MUST(mremap(at + 4 * PAGE, PAGE, 2 * PAGE, 0) == MAP_FAILED && errno == ENOMEM);
	MUST(munmap(moved, PAGE) == 0 && munmap(at + 4 * PAGE, 4 * PAGE) == 0);
	return true;
}

bool test_mapping(void)
{
	char *at = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(at != MAP_FAILED);
	MUST(mprotect(at + PAGE, 4 * PAGE, PROT_READ | PROT_WRITE) == 0);
	memset(at + PAGE, 7, 4 * PAGE);
	MUST(madvise(at, 4 * PAGE, MADV_DONTNEED) == 0); // the guard page before it stays one
	MUST(at[PAGE] == 0 && at[4 * PAGE - 1] == 0 && at[4 * PAGE] == 7);
	at[PAGE] = 1;
	MUST(madvise(at, 4 * PAGE, 12345) != 0 && errno == EINVAL);
	MUST(mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
	MUST(mmap(NULL, PAGE, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EACCES);
	MUST(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
	MUST(munmap(at, 16 * PAGE) == 0 && munmap(at, 16 * PAGE) == 0);
	MUST(munmap(at + 1, PAGE) != 0 && errno == EINVAL);
	char *end = sbrk(0);
	MUST(sbrk(100000) == end && (char *)sbrk(0) == end + 100000);
	memset(end, 5, 100000);
	MUST(sbrk(-100000) == end + 100000 && sbrk(0) == end);
	MUST(sbrk(50000) == end && end[2 * PAGE] == 0); // given back, and fresh now
	return remap_works();
}
