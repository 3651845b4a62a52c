// SPDX-License-Identifier: MIT
// Any bytes as a base and a reference, apart at the first NUL.
#include "url_parts.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

static int fuzz_url(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *nul = memchr(text, '\0', size);
	size_t first = nul ? (size_t)(nul - text) : size;
	struct url_parts base, reference;
	struct bytes to = {0}, plain = {0};
	if (!url_take_apart(text, first, &base))
		return 0;
	if (nul && url_take_apart(nul + 1, size - first - 1, &reference)) {
		url_resolve(&base, &reference, &to);
		url_unescape((const char *)to.at, to.count, "/", &plain);
		if (plain.count > to.count || to.count > size + 8)
			__builtin_trap();
	}
	free(to.at);
	free(plain.at);
	return 0;
}
FUZZ_TARGET(fuzz_url)
