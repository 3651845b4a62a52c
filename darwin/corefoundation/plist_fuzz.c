// SPDX-License-Identifier: MIT
// Any bytes as a property list: what is read is written in both formats, and reads as the same.
#include "plist.h"

#include <gila/fuzz.h>
#include <stdlib.h>

static void check_return(const void *object, enum plist_format format)
{
	struct bytes bytes = {0};
	struct plist_failure failure;
	enum plist_format found;
	if (!plist_write(object, format, &bytes))
		__builtin_trap();
	const void *back = plist_read(bytes.at, bytes.count, &found, &failure);
	if (format == PLIST_BINARY && (!back || !darwin_CFEqual(object, back)))
		__builtin_trap();
	darwin_CFRelease(back); // XML has no place for some letters and fractions of a second
	free(bytes.at);
}

static int fuzz_plist(const uint8_t *data, size_t size)
{
	struct plist_failure failure;
	enum plist_format format;
	const void *object = plist_read(data, size, &format, &failure);
	if (!object != !!failure.reason)
		__builtin_trap();
	if (!object)
		return 0;
	check_return(object, PLIST_XML);
	check_return(object, PLIST_BINARY);
	darwin_CFRelease(object);
	return 0;
}
FUZZ_TARGET(fuzz_plist)
