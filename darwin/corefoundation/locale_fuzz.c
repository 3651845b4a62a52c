// SPDX-License-Identifier: MIT
// Any bytes as the name of a locale: what it was put together from comes apart again as the same.
#include "locale.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static int fuzz_locale(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	if (!name)
		return 0;
	memcpy(name, data, size);
	name[size] = '\0';
	struct string *canonical = locale_canonical(name, '_');
	struct dictionary *parts = locale_parts(name);
	struct string *joined = locale_join(parts, '_');
	if (string_length(canonical) > size || string_length(joined) > 4 * size + 8)
		__builtin_trap();
	darwin_CFRelease(canonical);
	darwin_CFRelease(joined);
	darwin_CFRelease(parts);
	free(name);
	return 0;
}
FUZZ_TARGET(fuzz_locale)
