// SPDX-License-Identifier: MIT
// Topics of the bus; see topic.h.
#include <gila/topic.h>

#include <ctype.h>
#include <string.h>

bool topic_valid(const char *text, bool pattern)
{
	size_t length = strlen(text);
	if (length == 0 || length > BUS_TOPIC_MAX || text[0] == '/' || text[length - 1] == '/' || strstr(text, "//"))
		return false;
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-+:@,/", *at) && !(pattern && *at == '*'))
			return false;
	return true;
}

bool topic_match(const char *pattern, const char *topic)
{
	// Going back to the last star is enough: an earlier one could only match less of what is left.
	const char *star = NULL, *resume = NULL;
	while (*topic) {
		if (*pattern == '*') {
			star = pattern++;
			resume = topic;
		} else if (*pattern == *topic) {
			pattern++;
			topic++;
		} else if (star) {
			pattern = star + 1;
			topic = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
