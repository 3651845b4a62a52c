// SPDX-License-Identifier: MIT
// Objects; see object.h. Facts: <dispatch/object.h>.
#include "object.h"

#include "queue.h"

#include "../libsystem/report.h"

#include <stdlib.h>

void *dispatch_object_new(size_t size, const struct dispatch_class *class)
{
	struct dispatch_object *object = calloc(1, size);
	if (object) {
		object->class = class;
		object->references = object->users = 1;
	}
	return object;
}

void dispatch_object_ref(struct dispatch_object *object)
{
	atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}

void dispatch_object_unref(struct dispatch_object *object)
{
	if (atomic_fetch_sub(&object->references, 1) != 1 || object->users >= DISPATCH_FOREVER_USERS / 2)
		return;
	struct dispatch_queue *target = object->target ? object->target : dispatch_root_default();
	if (object->finalizer && object->context)
		dispatch_queue_add(target, object->context, object->finalizer);
	if (object->class->destroy)
		object->class->destroy(object);
	if (object->target)
		dispatch_object_unref(&object->target->head);
	free(object);
}

bool dispatch_object_is_queue(const struct dispatch_object *object)
{
	return object->class->kind <= DISPATCH_SOURCE;
}

void darwin_dispatch_retain(struct dispatch_object *object)
{
	if (object->users < DISPATCH_FOREVER_USERS / 2)
		atomic_fetch_add_explicit(&object->users, 1, memory_order_relaxed);
}

void darwin_dispatch_release(struct dispatch_object *object)
{
	if (object->users >= DISPATCH_FOREVER_USERS / 2)
		return;
	int32_t before = atomic_fetch_sub(&object->users, 1);
	if (before < 1)
		report_fatal("dispatch: an object was released more often than retained");
	if (before > 1)
		return;
	if (object->class->abandon)
		object->class->abandon(object);
	dispatch_object_unref(object);
}

void *darwin_dispatch_get_context(const struct dispatch_object *object)
{
	return object->context;
}

void darwin_dispatch_set_context(struct dispatch_object *object, void *context)
{
	object->context = context;
}

void darwin_dispatch_set_finalizer_f(struct dispatch_object *object, void (*finalizer)(void *))
{
	object->finalizer = finalizer;
}

void darwin_dispatch_set_target_queue(struct dispatch_object *object, struct dispatch_queue *target)
{
	if (object->class->kind == DISPATCH_ROOT || object->class->kind == DISPATCH_MAIN)
		return; // they keep theirs
	if (target)
		dispatch_object_ref(&target->head);
	struct dispatch_queue *before = dispatch_object_is_queue(object)
						? dispatch_queue_retarget((struct dispatch_queue *)object, target)
						: atomic_exchange(&object->target, target);
	if (before)
		dispatch_object_unref(&before->head);
}

void darwin_dispatch_suspend(struct dispatch_object *object)
{
	if (dispatch_object_is_queue(object))
		dispatch_queue_suspend((struct dispatch_queue *)object);
}

// A source is made inactive; its first resume was its activation before dispatch_activate came.
void darwin_dispatch_resume(struct dispatch_object *object)
{
	if (dispatch_object_is_queue(object) && dispatch_queue_resume((struct dispatch_queue *)object) &&
	    object->class->activate)
		object->class->activate(object);
}

void darwin_dispatch_activate(struct dispatch_object *object)
{
	if (dispatch_object_is_queue(object) && dispatch_queue_activate((struct dispatch_queue *)object) &&
	    object->class->activate)
		object->class->activate(object);
}
