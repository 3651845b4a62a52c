// SPDX-License-Identifier: MIT
// Mappings. Facts: xnu's bsd/sys/mman.h; mmap(2) and madvise(2) of both systems.
#include "abi.h"
#include "errno.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *darwin_mmap(void *at, size_t size, int protection, int flags, int file, int64_t offset)
{
	int host = flags & (DARWIN_MAP_SHARED | DARWIN_MAP_PRIVATE | DARWIN_MAP_FIXED); // the same bits
	if (flags & DARWIN_MAP_ANON) {
		host |= MAP_ANONYMOUS | MAP_NORESERVE; // Darwin counts memory when it is touched: Haskell's programs map a terabyte
		file = -1; // on Darwin it is a tag for the mapping
	}
	if (flags & DARWIN_MAP_NORESERVE)
		host |= MAP_NORESERVE;
	void *got = mmap(at, size, protection & 7, host, file, offset);
	if (got == MAP_FAILED)
		errno_result(-1);
	return got;
}

int darwin_munmap(void *at, size_t size)
{
	return (int)errno_result(munmap(at, size));
}

int darwin_mprotect(void *at, size_t size, int protection)
{
	return (int)errno_result(mprotect(at, size, protection & 7));
}

int darwin_msync(void *at, size_t size, int flags)
{
	// MS_ASYNC 1, MS_INVALIDATE 2, MS_SYNC 0x10 (Linux: 4)
	return (int)errno_result(msync(at, size, (flags & 3) | (flags & 0x10 ? MS_SYNC : 0)));
}

int darwin_mlock(const void *at, size_t size)
{
	return (int)errno_result(mlock(at, size));
}

int darwin_munlock(const void *at, size_t size)
{
	return (int)errno_result(munlock(at, size));
}

int darwin_madvise(void *at, size_t size, int advice)
{
	switch (advice) {
	case 0: case 1: case 2: case 3: // NORMAL, RANDOM, SEQUENTIAL, WILLNEED
		return (int)errno_result(madvise(at, size, advice));
	case 4: // DONTNEED: only a hint on Darwin, where the contents stay
		return 0;
	case 5: case 7: // FREE, FREE_REUSABLE: what is read later may be zero
		return (int)errno_result(madvise(at, size, MADV_FREE));
	case 6: case 8: // ZERO_WIRED_PAGES, FREE_REUSE
		return 0;
	default:
		return errno_set(DARWIN_EINVAL);
	}
}

int darwin_posix_madvise(void *at, size_t size, int advice)
{
	return darwin_madvise(at, size, advice) < 0 ? DARWIN_EINVAL : 0;
}

// ---- malloc: the host's, whose failures are Darwin's ENOMEM ---------------------------------------------------------

void *darwin_malloc(size_t size)
{
	void *block = malloc(size);
	if (!block)
		errno_set(DARWIN_ENOMEM);
	return block;
}

void *darwin_calloc(size_t count, size_t size)
{
	void *block = calloc(count, size);
	if (!block)
		errno_set(DARWIN_ENOMEM);
	return block;
}

void *darwin_realloc(void *block, size_t size)
{
	void *new = realloc(block, size ? size : 1); // Darwin's gives a block for size 0
	if (!new)
		errno_set(DARWIN_ENOMEM);
	return new;
}

void *darwin_reallocf(void *block, size_t size)
{
	void *new = darwin_realloc(block, size);
	if (!new)
		free(block);
	return new;
}

int darwin_posix_memalign(void **block, size_t align, size_t size)
{
	return errno_to_darwin(posix_memalign(block, align, size));
}

void darwin_memset_pattern16(void *to, const void *pattern, size_t size)
{
	uint8_t *at = to;
	for (; size >= 16; size -= 16, at += 16)
		memcpy(at, pattern, 16);
	memcpy(at, pattern, size);
}
