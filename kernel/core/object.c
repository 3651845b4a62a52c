// SPDX-License-Identifier: MIT
// Reference counts of kernel objects; see object.h.
#include "object.h"

bool object_reference_if_alive(struct object *object)
{
	uint32_t count = atomic_load_explicit(&object->references, memory_order_relaxed);
	while (count > 0) {
		if (atomic_compare_exchange_weak_explicit(&object->references, &count, count + 1,
							  memory_order_acquire, memory_order_relaxed))
			return true;
	}
	return false;
}

void object_release(struct object *object)
{
	uint32_t before = atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel);
	assert(before > 0);
	if (before == 1)
		object->kind->destroy(object);
}
