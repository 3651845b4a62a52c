// SPDX-License-Identifier: MIT
// The head of every kernel object: a kind and a reference count. A kind is a table of what differs: how to destroy it
// and how it prints itself. Objects are freed when the last reference goes; what ends an object's *life* (a port that
// dies, a task that is terminated) is a state of the object.
#ifndef KERNEL_CORE_OBJECT_H
#define KERNEL_CORE_OBJECT_H

#include "base.h"

struct object;

struct object_kind {
	const char *name;
	// Frees it: the last reference is gone. No lock is held.
	void (*destroy)(struct object *object);
	// One line for people, without a line end.
	void (*print)(struct object *object, char *to, size_t room);
};

struct object {
	const struct object_kind *kind;
	_Atomic uint32_t references;
};

static inline void object_init(struct object *object, const struct object_kind *kind)
{
	object->kind = kind;
	atomic_init(&object->references, 1);
}

static inline void object_reference(struct object *object)
{
	uint32_t before = atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
	assert(before > 0 && before < UINT32_MAX / 2);
}

// True when the object was still alive and now has one more reference: for look-ups in tables that hold none.
bool must_check object_reference_if_alive(struct object *object);
void object_release(struct object *object);
// One more where somebody else is known to have one.
static inline void object_reference_shared(struct object *object)
{
	atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}
// One less where somebody else is known to have one.
static inline void object_release_shared(struct object *object)
{
	atomic_fetch_sub_explicit(&object->references, 1, memory_order_release);
}

#endif
