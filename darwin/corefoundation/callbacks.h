// SPDX-License-Identifier: MIT
// What collections do with what they hold: a program's functions, or those of objects. Facts: CFArray.h, CFDictionary.h, CFSet.h.
#ifndef DARWIN_CALLBACKS_H
#define DARWIN_CALLBACKS_H

#include "object.h"

struct callbacks { // CFArrayCallBacks and CFDictionaryValueCallBacks end before hash
	int64_t version;
	const void *(*retain)(const void *allocator, const void *value);
	void (*release)(const void *allocator, const void *value);
	const void *(*describe)(const void *value);
	uint8_t (*equal)(const void *left, const void *right);
	uint64_t (*hash)(const void *value);
};
extern const struct callbacks darwin_kCFTypeSetCallBacks;

// A copy of a program's, or with NULL of none. `hashes`: hash is there.
struct callbacks callbacks_copy(const struct callbacks *from, bool hashes);
const void *callbacks_retain(const struct callbacks *callbacks, const void *value);
void callbacks_release(const struct callbacks *callbacks, const void *value);
bool callbacks_equal(const struct callbacks *callbacks, const void *left, const void *right);
uint64_t callbacks_hash(const struct callbacks *callbacks, const void *value);
void callbacks_describe(const struct callbacks *callbacks, const void *value, struct bytes *to);

#endif
