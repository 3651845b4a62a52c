// SPDX-License-Identifier: MIT
// Grants: see grants.h.
//
// Covering is decided by matching the narrower pattern as if it were a name: names contain no *, so a * in it can only
// be taken in by a * of the wider one, and then every name that the narrower matches is matched by the wider too.
#include "grants.h"

#include <gila/seat.h>

struct grants grants_none = {.references = 1, .count = 0};
static const char grants_anything[] = "*";
struct grants grants_all = {.references = 1, .count = 1, .patterns = {grants_anything}};

static size_t text_length(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

struct grants *grants_create(const char *const *patterns, uint32_t count)
{
	size_t size = sizeof(struct grants) + count * sizeof(const char *);
	for (uint32_t i = 0; i < count; i++)
		size += text_length(patterns[i]) + 1;
	struct grants *grants = kalloc(&account_kernel, size);
	if (!grants)
		return NULL;
	atomic_init(&grants->references, 1);
	grants->count = count;
	grants->size = size;
	char *text = (char *)&grants->patterns[count];
	for (uint32_t i = 0; i < count; i++) {
		size_t length = text_length(patterns[i]) + 1;
		memcpy(text, patterns[i], length);
		grants->patterns[i] = text;
		text += length;
	}
	return grants;
}

struct grants *grants_reference(struct grants *grants)
{
	atomic_fetch_add_explicit(&grants->references, 1, memory_order_relaxed);
	return grants;
}

void grants_release(struct grants *grants)
{
	if (!grants || atomic_fetch_sub_explicit(&grants->references, 1, memory_order_acq_rel) != 1)
		return;
	assert(grants != &grants_none && grants != &grants_all);
	kfree(&account_kernel, grants, grants->size);
}

bool grants_match(const char *pattern, const char *text)
{
	// The usual walk with one point of return: after a * the text is tried from each place on, last * first.
	const char *star = NULL, *from = NULL;
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == 0;
}

bool grants_allow(const struct grants *grants, const char *name)
{
	for (uint32_t i = 0; i < grants->count; i++)
		if (grants_match(grants->patterns[i], name))
			return true;
	return false;
}

const char *grants_find_excess(const struct grants *grants, const char *const *patterns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!grants_allow(grants, patterns[i]))
			return patterns[i];
	return NULL;
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_punctuation(char c)
{
	return c == '.' || c == '_' || c == '-' || c == '+' || c == ':' || c == '@' || c == ',';
}

bool grants_name_valid(const char *text, bool pattern)
{
	char before = '/';
	size_t length = 0;
	for (; text[length]; length++) {
		char c = text[length];
		bool first = before == '/';
		if (length == SEAT_NAME_MAX)
			return false;
		if (c == '/' ? first : !is_alphanumeric(c) && !(pattern && c == '*') && (first || !is_punctuation(c)))
			return false;
		before = c;
	}
	return length > 0 && before != '/';
}
