// SPDX-License-Identifier: MIT
// Words of the command line; see word.h.
#include "word.h"

#include <string.h>

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 32) : NULL;
	return at ? (int)(at - digits) : -1;
}

bool word_decode(char *word)
{
	char *to = word;
	for (const char *from = word; *from; from++) {
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		int high = digit(from[1]), low = high < 0 ? -1 : digit(from[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = 0;
	return true;
}

bool word_join(char *const *words, int count, char *to, size_t room)
{
	size_t used = 0;
	for (int i = 0; i < count; i++) {
		size_t length = strlen(words[i]);
		if (length + 2 > room - used)
			return false;
		if (i > 0)
			to[used++] = ' ';
		memcpy(to + used, words[i], length);
		used += length;
	}
	to[used] = 0;
	return count > 0;
}
