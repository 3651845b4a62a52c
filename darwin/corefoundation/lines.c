// SPDX-License-Identifier: MIT
// Lines and paragraphs of strings. Facts: CFString.h (CFStringGetLineBounds, CFStringGetParagraphBounds): a line ends with
// LF, CR, CR LF, U+0085, U+2028 or U+2029, a paragraph with LF, CR, CR LF or U+2029.
#include "cfstring.h"

// How many units end a line that begin there; 0: none do.
static size_t ending(const void *string, size_t at, size_t length, bool paragraphs)
{
	uint16_t unit = string_unit(string, at);
	if (unit == '\r')
		return at + 1 < length && string_unit(string, at + 1) == '\n' ? 2 : 1;
	if (unit == '\n' || unit == 0x2029)
		return 1;
	return !paragraphs && (unit == 0x85 || unit == 0x2028);
}

static void bounds(const void *string, struct range range, bool paragraphs, int64_t *begin, int64_t *end,
		   int64_t *contents_end)
{
	size_t length = string_length(string), first = (size_t)range.start, last = first + (size_t)range.count, ended;
	if (range.start < 0 || range.count < 0 || last > length)
		return;
	bool in_crlf = first > 0 && first < length && string_unit(string, first) == '\n' &&
		       string_unit(string, first - 1) == '\r';
	first -= in_crlf;
	while (first > 0 && !ending(string, first - 1, length, paragraphs))
		first--;
	if (range.count > 0 && ending(string, last - 1, length, paragraphs))
		last--; // the range's last line is the one that ends there
	if (last > 0 && last < length && string_unit(string, last) == '\n' && string_unit(string, last - 1) == '\r')
		last--;
	while (last < length && !(ended = ending(string, last, length, paragraphs)))
		last++;
	if (begin)
		*begin = (int64_t)first;
	if (contents_end)
		*contents_end = (int64_t)last;
	if (end)
		*end = (int64_t)(last < length ? last + ended : last);
}

// The lines that the range touches: where the first begins, where the last ends with and without what ends it.
void darwin_CFStringGetLineBounds(const void *string, struct range range, int64_t *begin, int64_t *end,
				  int64_t *contents_end)
{
	bounds(string, range, false, begin, end, contents_end);
}

void darwin_CFStringGetParagraphBounds(const void *string, struct range range, int64_t *begin, int64_t *end,
				       int64_t *contents_end)
{
	bounds(string, range, true, begin, end, contents_end);
}
