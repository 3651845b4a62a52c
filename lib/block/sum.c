// SPDX-License-Identifier: MIT
// Sums; see sum.h.
#include "sum.h"

#define XXH_INLINE_ALL
#define XXH_NO_INLINE_HINTS 1 // gcc -Og refuses them
#include <xxhash.h>

uint64_t block_sum_request(const struct block_request *request, const uint32_t *pages)
{
	uint64_t sum = XXH3_64bits(request, offsetof(struct block_request, sum));
	if (request->pieces > 1)
		sum = XXH3_64bits_withSeed(pages, request->pieces * sizeof(*pages), sum);
	return sum;
}

uint64_t block_sum_reply(const struct block_reply *reply)
{
	return XXH3_64bits(reply, offsetof(struct block_reply, sum));
}

uint64_t block_sum_data(const uint8_t *data, const struct block_request *request, const uint32_t *pages)
{
	size_t left = (size_t)request->count * BLOCK_SECTOR;
	if (request->pieces <= 1)
		return XXH3_64bits(data + request->place, left);
	XXH3_state_t state;
	XXH3_64bits_reset(&state);
	for (uint32_t i = 0; i < request->pieces; i++) {
		size_t size = left < request->piece_size ? left : request->piece_size;
		XXH3_64bits_update(&state, data + (size_t)pages[i] * BLOCK_PAGE, size);
		left -= size;
	}
	return XXH3_64bits_digest(&state);
}
