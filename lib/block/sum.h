// SPDX-License-Identifier: MIT
// Sums of requests, replies and data: XXH3 with 64 bits (xxhash 0.8, doc/xxhash_spec.md), in one place so that both sides agree.
#ifndef BLOCK_SUM_H
#define BLOCK_SUM_H

#include <gila/block.h>
#include <stddef.h>

// Of all fields but `sum`, and of the page list if there is one.
uint64_t block_sum_request(const struct block_request *request, const uint32_t *pages);
uint64_t block_sum_reply(const struct block_reply *reply);
// Of the data, piece after piece. The request must have been checked: all pieces lie in the data area.
uint64_t block_sum_data(const uint8_t *data, const struct block_request *request, const uint32_t *pages);

#endif
