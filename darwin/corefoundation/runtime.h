// SPDX-License-Identifier: MIT
// Types that programs define (CFRuntime.h of CoreFoundation's open source): their functions instead of ours.
#ifndef DARWIN_RUNTIME_H
#define DARWIN_RUNTIME_H

#include "object.h"

void runtime_destroy(struct object *object);
bool runtime_equal(const void *left, const void *right);
uint64_t runtime_hash(const void *object);
void runtime_describe(const void *object, struct bytes *to);

#endif
