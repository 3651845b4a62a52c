// SPDX-License-Identifier: MIT
// SecAccessControl: when an item may be used, as programs say it. Nothing here locks: it is kept and not asked for.
// Facts: Apple's SecAccessControl.h.
#include "certificate.h"

struct access_control {
	struct object head;
	const void *protection; // [I]
	uint64_t flags;		// [I]
};

static void access_destroy(struct object *object)
{
	darwin_CFRelease(((struct access_control *)object)->protection);
}

static const struct object_type access_type = {.name = "SecAccessControl", .destroy = access_destroy};

uint64_t darwin_SecAccessControlGetTypeID(void)
{
	return (uintptr_t)&access_type;
}

struct access_control *darwin_SecAccessControlCreateWithFlags(const void *allocator, const void *protection,
							      uint64_t flags, struct object **error)
{
	if (!protection) {
		if (error)
			*error = error_make("NSOSStatusErrorDomain", SEC_PARAM, "A protection is needed.");
		return NULL;
	}
	struct access_control *access = object_make(&access_type, sizeof(*access));
	access->protection = darwin_CFRetain(protection);
	access->flags = flags;
	return access;
}
