// SPDX-License-Identifier: MIT
// Authorization: nobody can be asked for a password, so none is given. Facts: Apple's Authorization.h.
#include <stddef.h>
#include <stdint.h>

enum { AUTHORIZATION_SUCCESS = 0, AUTHORIZATION_INVALID_REFERENCE = -60002, AUTHORIZATION_DENIED = -60005 };

// With no rights asked for it is only a handle, which is nobody's here either.
int32_t darwin_AuthorizationCreate(const void *rights, const void *environment, uint32_t flags, void **authorization)
{
	if (authorization)
		*authorization = NULL;
	return AUTHORIZATION_DENIED;
}

int32_t darwin_AuthorizationFree(void *authorization, uint32_t flags)
{
	return authorization ? AUTHORIZATION_INVALID_REFERENCE : AUTHORIZATION_SUCCESS;
}

int32_t darwin_AuthorizationExecuteWithPrivileges(void *authorization, const char *path, uint32_t options,
						  char *const *arguments, void **pipe)
{
	return AUTHORIZATION_DENIED;
}
