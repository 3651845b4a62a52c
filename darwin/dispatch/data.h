// SPDX-License-Identifier: MIT
// Data of libdispatch: bytes that do not change, in one piece or as a row of parts of others.
#ifndef DARWIN_DISPATCH_DATA_H
#define DARWIN_DISPATCH_DATA_H

#include "block.h"
#include "object.h"

struct dispatch_data;

struct data_part {
	struct dispatch_data *leaf;
	size_t offset, size;
};

// Bytes from malloc, which are freed with it.
struct dispatch_data *data_of_malloc(void *bytes, size_t size);
struct dispatch_data *darwin_dispatch_data_create_concat(struct dispatch_data *left, struct dispatch_data *right);
struct dispatch_data *darwin_dispatch_data_create_subrange(struct dispatch_data *data, size_t offset, size_t size);
size_t darwin_dispatch_data_get_size(const struct dispatch_data *data);
extern struct dispatch_data darwin_dispatch_data_empty;
// The bytes from the offset on that lie together; NULL: there are none.
const uint8_t *data_bytes_at(const struct dispatch_data *data, size_t offset, size_t *size);
void data_release(struct dispatch_data *data); // or NULL

#endif
