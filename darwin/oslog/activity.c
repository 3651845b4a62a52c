// SPDX-License-Identifier: MIT
// Signposts and activities: intervals and causes of what a program does, for tools that watch it. No such tool is here, so signposts are
// disabled, and an activity is a number that is handed on. Facts: <os/signpost.h>, <os/activity.h>.
#include "../dispatch/block.h"
#include "../dispatch/object.h"

#include <stdatomic.h>
#include <stdlib.h>

// ---- signposts ------------------------------------------------------------------------------------------------------

#define SIGNPOST_NULL 0ull

uint8_t darwin_os_signpost_enabled(const void *log)
{
	(void)log;
	return false;
}

uint64_t darwin_os_signpost_id_generate(const void *log)
{
	static _Atomic uint64_t last = 0xeeeeb0b5b2b2eeee; // OS_SIGNPOST_ID_EXCLUSIVE: not one of those that are made
	return log ? ++last : SIGNPOST_NULL;
}

uint64_t darwin_os_signpost_id_make_with_pointer(const void *log, const void *pointer)
{
	return log ? (uint64_t)(uintptr_t)pointer : SIGNPOST_NULL;
}

void darwin_os_signpost_emit_with_name_impl(void *image, const void *log, uint8_t type, uint64_t id, const char *name,
					    const char *format, const uint8_t *buffer, uint32_t size)
{
	(void)image, (void)log, (void)type, (void)id, (void)name, (void)format, (void)buffer, (void)size;
}

// ---- activities -----------------------------------------------------------------------------------------------------

struct activity {
	struct dispatch_object head;
	uint64_t id, parent;
};
struct scope { // os_activity_scope_state_s: 16 bytes of the program's
	struct activity *before;
	uint64_t unused;
};
enum { ACTIVITY_DETACHED = 1, ACTIVITY_IF_NONE_PRESENT = 2 };

static const struct dispatch_class activity_class = {.kind = DISPATCH_ACTIVITY};
#define ACTIVITY_STATIC                                                                                                \
	{.head = {.class = &activity_class, .references = DISPATCH_FOREVER_USERS, .users = DISPATCH_FOREVER_USERS}}
struct activity darwin_os_activity_none = ACTIVITY_STATIC, darwin_os_activity_current = ACTIVITY_STATIC;
static __thread struct activity *current;

static struct activity *activity_real(struct activity *activity)
{
	return activity == &darwin_os_activity_current ? current : activity == &darwin_os_activity_none ? NULL : activity;
}

struct activity *darwin_os_activity_create(void *image, const char *description, struct activity *parent, uint32_t flags)
{
	static _Atomic uint64_t last;
	(void)image, (void)description;
	if ((flags & ACTIVITY_IF_NONE_PRESENT) && current)
		return (darwin_dispatch_retain(&current->head), current);
	struct activity *made = dispatch_object_new(sizeof(*made), &activity_class);
	struct activity *from = flags & ACTIVITY_DETACHED ? NULL : activity_real(parent);
	if (made) {
		made->id = ++last;
		made->parent = from ? from->id : 0;
	}
	return made;
}

void darwin_os_activity_scope_enter(struct activity *activity, struct scope *scope)
{
	*scope = (struct scope){current, 0};
	current = activity_real(activity);
}

void darwin_os_activity_scope_leave(struct scope *scope)
{
	current = scope->before;
}

void darwin_os_activity_apply_f(struct activity *activity, void *context, void (*function)(void *))
{
	struct scope scope;
	darwin_os_activity_scope_enter(activity, &scope);
	function(context);
	darwin_os_activity_scope_leave(&scope);
}

void darwin_os_activity_apply(struct activity *activity, struct block *block)
{
	darwin_os_activity_apply_f(activity, block, block_call);
}

void darwin_os_activity_initiate_f(void *image, const char *description, uint32_t flags, void *context,
				   void (*function)(void *))
{
	struct activity *made = darwin_os_activity_create(image, description, &darwin_os_activity_current, flags);
	darwin_os_activity_apply_f(made, context, function);
	darwin_dispatch_release(&made->head);
}

void darwin_os_activity_initiate(void *image, const char *description, uint32_t flags, struct block *block)
{
	darwin_os_activity_initiate_f(image, description, flags, block, block_call);
}

uint64_t darwin_os_activity_get_identifier(struct activity *activity, uint64_t *parent)
{
	struct activity *real = activity_real(activity);
	if (parent)
		*parent = real ? real->parent : 0;
	return real ? real->id : 0;
}

// It names what the user did, for the tools.
void darwin_os_activity_label_useraction(void *image, const char *description)
{
	(void)image, (void)description;
}
