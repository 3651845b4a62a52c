// SPDX-License-Identifier: MIT
// Any bytes as a keychain's file and as the name of an algorithm.
#include "algorithm.h"
#include "keychain_format.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static void check_name(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size);
	struct key_algorithm algorithm;
	if (name && key_algorithm_read(name, &algorithm) &&
	    algorithm.signs + algorithm.encrypts + algorithm.exchanges != 1)
		__builtin_trap();
	free(name);
}

static int fuzz_keychain(const uint8_t *data, size_t size)
{
	struct keychain_format format;
	if (size)
		check_name(data, size);
	if (!keychain_format_read(data, size, &format))
		return 0;
	if (!format.items != !!format.box)
		__builtin_trap();
	for (int64_t i = 0; format.items && i < darwin_CFArrayGetCount(format.items); i++)
		if (string_length(dictionary_get(darwin_CFArrayGetValueAtIndex(format.items, i), "class")) > size)
			__builtin_trap();
	darwin_CFRelease(format.list);
	return 0;
}
FUZZ_TARGET(fuzz_keychain)
