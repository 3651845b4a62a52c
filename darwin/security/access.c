// SPDX-License-Identifier: MIT
// SecAccessControl, SecAccess, SecTrustedApplication: when an item may be used and by whom, as programs say it. Nothing here locks or asks:
// it is kept for the program alone.
// Facts: Apple's SecAccessControl.h.
#include "certificate.h"

#include <string.h>

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

// ---- SecAccess, SecTrustedApplication: who may use an item without asking. Facts: SecAccess.h, SecTrustedApplication.h ----

struct access {
	struct object head;
	const void *descriptor; // [I] how the item is called in questions
	const void *trusted;	// [I] the applications, or NULL
};

static void list_destroy(struct object *object)
{
	darwin_CFRelease(((struct access *)object)->descriptor);
	darwin_CFRelease(((struct access *)object)->trusted);
}

static const struct object_type list_type = {.name = "SecAccess", .destroy = list_destroy};

uint64_t darwin_SecAccessGetTypeID(void)
{
	return (uintptr_t)&list_type;
}

int32_t darwin_SecAccessCreate(const void *descriptor, const struct array *trusted, struct access **made)
{
	if (!descriptor || !made)
		return SEC_PARAM;
	*made = object_make(&list_type, sizeof(**made));
	(*made)->descriptor = darwin_CFRetain(descriptor);
	(*made)->trusted = darwin_CFRetain(trusted);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainItemSetAccess(const void *item, const void *access)
{
	return item && access ? SEC_SUCCESS : SEC_PARAM;
}

struct application {
	struct object head;
	const void *path; // CFData, ended by a NUL
};

static void application_destroy(struct object *object)
{
	darwin_CFRelease(((struct application *)object)->path);
}

static const struct object_type application_type = {.name = "SecTrustedApplication", .destroy = application_destroy};

uint64_t darwin_SecTrustedApplicationGetTypeID(void)
{
	return (uintptr_t)&application_type;
}

int darwin_NSGetExecutablePath(char *to, uint32_t *size);

// NULL: the program itself.
int32_t darwin_SecTrustedApplicationCreateFromPath(const char *path, struct application **made)
{
	char own[4096];
	uint32_t size = sizeof(own);
	if (!made || (!path && darwin_NSGetExecutablePath(own, &size) != 0))
		return SEC_PARAM;
	path = path ? path : own;
	*made = object_make(&application_type, sizeof(**made));
	(*made)->path = darwin_CFDataCreate(NULL, (const uint8_t *)path, (int64_t)strlen(path) + 1);
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustedApplicationCopyData(const struct application *application, const void **path)
{
	*path = darwin_CFRetain(application->path);
	return SEC_SUCCESS;
}
