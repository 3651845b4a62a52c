// SPDX-License-Identifier: MIT
// LaunchServices: there is no application that could be opened. Facts: Apple's LSOpen.h, LSInfo.h, LSConstants.h (kLSApplicationNotFoundErr).
#include "../corefoundation/object.h"

enum { APPLICATION_NOT_FOUND = -10814 };

static int32_t not_found(const void **application)
{
	if (application)
		*application = NULL;
	return APPLICATION_NOT_FOUND;
}

int32_t darwin_LSOpenFromURLSpec(const void *specification, const void **launched)
{
	return not_found(launched);
}

int32_t darwin_LSOpenCFURLRef(const void *url, const void **launched)
{
	return not_found(launched);
}

const void *darwin_LSCopyDefaultApplicationURLForURL(const void *url, uint32_t roles, struct object **error)
{
	if (error)
		*error = error_make("NSOSStatusErrorDomain", APPLICATION_NOT_FOUND, "There is no application for it.");
	return NULL;
}
