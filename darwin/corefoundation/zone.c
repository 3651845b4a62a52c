// SPDX-License-Identifier: MIT
// The format of the time zone database (RFC 8536): the block with 64 bits, or that with 32 if the file has no other.
#include "timezone.h"

#include <stdlib.h>
#include <string.h>

struct zone_head {
	uint8_t version;
	uint32_t utc_marks, standard_marks, leaps, times, types, letters;
};
enum { HEAD_SIZE = 44, TYPE_SIZE = 6, MOST_TIMES = 20000 };

static uint64_t big(const uint8_t *bytes, unsigned size)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static bool head_read(const uint8_t *bytes, size_t size, struct zone_head *head)
{
	if (size < HEAD_SIZE || memcmp(bytes, "TZif", 4) != 0)
		return false;
	*head = (struct zone_head){bytes[4],
				   (uint32_t)big(bytes + 20, 4),
				   (uint32_t)big(bytes + 24, 4),
				   (uint32_t)big(bytes + 28, 4),
				   (uint32_t)big(bytes + 32, 4),
				   (uint32_t)big(bytes + 36, 4),
				   (uint32_t)big(bytes + 40, 4)};
	return head->types > 0 && head->types <= 256 && head->times <= MOST_TIMES && head->letters <= 4096 &&
	       head->leaps <= 4096 && head->utc_marks <= 256 && head->standard_marks <= 256;
}

static size_t body_size(const struct zone_head *head, unsigned width)
{
	return (size_t)head->times * (width + 1) + (size_t)head->types * TYPE_SIZE + head->letters +
	       (size_t)head->leaps * (width + 4) + head->standard_marks + head->utc_marks;
}

static struct zone_rule rule_of(const struct zone_head *head, const uint8_t *types, uint8_t index)
{
	const uint8_t *type = types + (index < head->types ? index : 0) * TYPE_SIZE,
		      *letters = types + head->types * TYPE_SIZE;
	struct zone_rule rule = {INT64_MIN, (int32_t)big(type, 4), type[4] != 0, ""};
	for (size_t i = 0; i + 1 < sizeof(rule.name) && type[5] + i < head->letters && letters[type[5] + i]; i++)
		rule.name[i] = (char)letters[type[5] + i];
	return rule;
}

bool zone_read(const uint8_t *bytes, size_t size, struct zone_rules *rules)
{
	struct zone_head head;
	unsigned width = 4;
	*rules = (struct zone_rules){.count = 0};
	if (!head_read(bytes, size, &head))
		return false;
	if (head.version >= '2') {
		size_t skipped = HEAD_SIZE + body_size(&head, 4);
		if (skipped > size || !head_read(bytes + skipped, size - skipped, &head))
			return false;
		bytes += skipped;
		size -= skipped;
		width = 8;
	}
	if (size - HEAD_SIZE < body_size(&head, width))
		return false;
	const uint8_t *times = bytes + HEAD_SIZE, *indices = times + head.times * width, *types = indices + head.times;
	rules->first = rule_of(&head, types, 0);
	rules->rules = malloc((head.times + 1) * sizeof(*rules->rules));
	if (!rules->rules)
		return false;
	for (uint32_t i = 0; i < head.times; i++) {
		struct zone_rule rule = rule_of(&head, types, indices[i]);
		uint64_t from = big(times + i * width, width);
		rule.from = width == 8 ? (int64_t)from : (int32_t)from;
		rules->rules[rules->count++] = rule;
	}
	const char *line = (const char *)bytes + HEAD_SIZE + body_size(&head, width), *end = (const char *)bytes + size;
	const char *line_end =
		end - line > 1 && line[0] == '\n' ? memchr(line + 1, '\n', (size_t)(end - line - 1)) : NULL;
	if (width == 8 && line_end && line_end > line + 1)
		zone_footer_read(line + 1, (size_t)(line_end - line - 1),
				 &rules->footer); // without one the last rule goes on
	return true;
}

// The index of the first rule that begins later.
static size_t rules_after(const struct zone_rules *rules, double seconds)
{
	size_t low = 0, high = rules->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if ((double)rules->rules[middle].from <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_rule zone_rule_at(const struct zone_rules *rules, double seconds)
{
	double next;
	size_t after = rules_after(rules, seconds);
	if (rules->footer.there && after == rules->count)
		return zone_footer_at(&rules->footer, seconds, &next);
	return after ? rules->rules[after - 1] : rules->first;
}

bool zone_next(const struct zone_rules *rules, double seconds, double *next)
{
	size_t after = rules_after(rules, seconds);
	*next = 0;
	if (after < rules->count)
		*next = (double)rules->rules[after].from;
	else if (rules->footer.there)
		zone_footer_at(&rules->footer, seconds, next);
	return *next != 0;
}
