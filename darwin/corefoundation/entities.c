// SPDX-License-Identifier: MIT
// Text of XML: characters as entities and back. Facts: CFXMLParser.h; XML 1.0, 4.1 and 4.6.
#include "cfstring.h"

#include "unicode.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	char letter;
	const char *name;
} entities[] = {{'<', "lt"}, {'>', "gt"}, {'&', "amp"}, {'"', "quot"}, {'\'', "apos"}};

struct string *darwin_CFStringCreateMutable(const void *allocator, int64_t most);

static void add_units(struct string *to, const uint16_t *units, size_t count)
{
	string_replace(to, to->count, 0, units, count);
}

static void add_entity(struct string *to, const char *name)
{
	uint16_t units[12] = {'&'};
	size_t count = 1;
	for (; *name; name++)
		units[count++] = (uint8_t)*name;
	units[count++] = ';';
	add_units(to, units, count);
}

struct string *darwin_CFXMLCreateStringByEscapingEntities(const void *allocator, const void *string,
							  const struct dictionary *more)
{
	struct string *to = darwin_CFStringCreateMutable(NULL, 0);
	for (size_t i = 0; i < string_length(string); i++) {
		uint16_t unit = string_unit(string, i);
		size_t which = 0;
		while (which < 5 && entities[which].letter != unit)
			which++;
		if (which < 5)
			add_entity(to, entities[which].name);
		else
			add_units(to, &unit, 1);
	}
	to->changes = false;
	return to;
}

// The point that a name without its & and ; stands for: of the five, or #ddd, or #xhhh. 0: it is none.
static uint32_t entity_point(const char *name)
{
	for (size_t i = 0; i < 5; i++)
		if (strcmp(entities[i].name, name) == 0)
			return (uint8_t)entities[i].letter;
	if (name[0] != '#')
		return 0;
	bool hexadecimal = name[1] == 'x' || name[1] == 'X';
	const char *digits = name + 1 + hexadecimal;
	if (!*digits || digits[strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789")])
		return 0;
	unsigned long value = strtoul(digits, NULL, hexadecimal ? 16 : 10);
	return value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : (uint32_t)value;
}

// How many units the entity has that begins there; 0: it is none, and stays.
static size_t entity_take(const void *string, size_t at, const struct dictionary *more, struct string *to)
{
	char name[32];
	uint16_t units[2];
	size_t size = 0;
	while (size < sizeof(name) - 1 && at + 1 + size < string_length(string) &&
	       string_unit(string, at + 1 + size) < 0x80 && string_unit(string, at + 1 + size) != ';') {
		name[size] = (char)string_unit(string, at + 1 + size);
		size++;
	}
	name[size] = '\0';
	if (at + 1 + size >= string_length(string) || string_unit(string, at + 1 + size) != ';')
		return 0;
	uint32_t point = entity_point(name);
	const void *other = !point && more ? dictionary_get(more, name) : NULL;
	if (point)
		add_units(to, units, unicode_to_utf16(point, units));
	for (size_t i = 0; other && i < string_length(other); i++) {
		uint16_t unit = string_unit(other, i);
		add_units(to, &unit, 1);
	}
	return point || other ? size + 2 : 0;
}

struct string *darwin_CFXMLCreateStringByUnescapingEntities(const void *allocator, const void *string,
							    const struct dictionary *more)
{
	struct string *to = darwin_CFStringCreateMutable(NULL, 0);
	for (size_t i = 0, taken; i < string_length(string); i += taken) {
		uint16_t unit = string_unit(string, i);
		taken = unit == '&' ? entity_take(string, i, more, to) : 0;
		if (taken == 0) {
			add_units(to, &unit, 1);
			taken = 1;
		}
	}
	to->changes = false;
	return to;
}
