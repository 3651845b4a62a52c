// SPDX-License-Identifier: MIT
// Property lists in XML, written as macOS writes them: keys in order, a tab for each level. See plist.h.
#include "cfstring.h"
#include "gregorian.h"
#include "plist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_value(const void *object, unsigned level, struct bytes *to);

static void indent(unsigned level, struct bytes *to)
{
	for (unsigned i = 0; i < level; i++)
		bytes_add_text(to, "\t");
}

static void write_escaped(const void *string, const char *element, struct bytes *to)
{
	char *text = string_to_utf8(string);
	bytes_add_format(to, "<%s>", element);
	for (const char *at = text; *at;) {
		size_t plain = strcspn(at, "&<>");
		bytes_add(to, at, plain);
		at += plain;
		if (*at)
			bytes_add_text(to, *at == '&' ? "&amp;" : *at == '<' ? "&lt;" : "&gt;");
		at += *at != '\0';
	}
	bytes_add_format(to, "</%s>\n", element);
	free(text);
}

// Lines of 76 letters less eight for each level, as macOS breaks them.
static void write_data(const struct data *data, unsigned level, struct bytes *to)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *bytes = darwin_CFDataGetBytePtr(data);
	size_t size = (size_t)darwin_CFDataGetLength(data), room = 76 - 8 * (level < 8 ? level : 8), column = 0;
	bytes_add_text(to, "<data>\n");
	for (size_t i = 0; i < size; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0) |
				 (i + 2 < size ? bytes[i + 2] : 0);
		char four[4] = {letters[group >> 18], letters[group >> 12 & 63],
				i + 1 < size ? letters[group >> 6 & 63] : '=',
				i + 2 < size ? letters[group & 63] : '='};
		if (column == 0)
			indent(level, to);
		bytes_add(to, four, 4);
		column += 4;
		if (column + 4 > room || i + 3 >= size) {
			bytes_add_text(to, "\n");
			column = 0;
		}
	}
	indent(level, to);
	bytes_add_text(to, "</data>\n");
}

static void write_number(const struct number *number, struct bytes *to)
{
	double value = number_value(number);
	bool real = number_is_real(number);
	bytes_add_text(to, real ? "<real>" : "<integer>");
	if (real && isinf(value))
		bytes_add_text(to, value < 0 ? "-infinity" : "+infinity");
	else if (real && isnan(value))
		bytes_add_text(to, "nan");
	else
		object_describe(number, to);
	bytes_add_text(to, real ? "</real>\n" : "</integer>\n");
}

static void write_date(const void *object, struct bytes *to)
{
	struct gregorian date = gregorian_of(darwin_CFDateGetAbsoluteTime(object));
	bytes_add_format(to, "<date>%04d-%02d-%02dT%02d:%02d:%02dZ</date>\n", date.year, date.month, date.day,
			 date.hour, date.minute, (int)date.second);
}

static void write_array(const struct array *array, unsigned level, struct bytes *to)
{
	int64_t count = darwin_CFArrayGetCount(array);
	bytes_add_text(to, count ? "<array>\n" : "<array/>\n");
	for (int64_t i = 0; i < count; i++) {
		indent(level + 1, to);
		write_value(darwin_CFArrayGetValueAtIndex(array, i), level + 1, to);
	}
	if (count)
		indent(level, to);
	bytes_add_text(to, count ? "</array>\n" : "");
}

static int compare_keys(const void *left, const void *right)
{
	int64_t darwin_CFStringCompare(const void *a, const void *b, uint64_t options);
	return (int)darwin_CFStringCompare(*(const void *const *)left, *(const void *const *)right, 0);
}

static void write_dictionary(const struct dictionary *dictionary, unsigned level, struct bytes *to)
{
	size_t count = (size_t)darwin_CFDictionaryGetCount(dictionary);
	const void **keys = malloc((count + 1) * sizeof(*keys));
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(dictionary, keys, NULL);
	qsort(keys, count, sizeof(*keys), compare_keys);
	bytes_add_text(to, count ? "<dict>\n" : "<dict/>\n");
	for (size_t i = 0; i < count; i++) {
		indent(level + 1, to);
		write_escaped(keys[i], "key", to);
		indent(level + 1, to);
		write_value(darwin_CFDictionaryGetValue(dictionary, keys[i]), level + 1, to);
	}
	if (count)
		indent(level, to);
	bytes_add_text(to, count ? "</dict>\n" : "");
	free(keys);
}

static void write_uid(const struct uid *uid, unsigned level, struct bytes *to)
{
	bytes_add_text(to, "<dict>\n");
	indent(level + 1, to);
	bytes_add_text(to, "<key>CF$UID</key>\n");
	indent(level + 1, to);
	bytes_add_format(to, "<integer>%lu</integer>\n", (unsigned long)uid_value(uid));
	indent(level, to);
	bytes_add_text(to, "</dict>\n");
}

static void write_value(const void *object, unsigned level, struct bytes *to)
{
	const struct object_type *type = object_type(object);
	if (type == &string_type)
		write_escaped(object, "string", to);
	else if (type == &dictionary_type)
		write_dictionary(object, level, to);
	else if (type == &array_type)
		write_array(object, level, to);
	else if (type == &data_type)
		write_data(object, level, to);
	else if (type == &number_type)
		write_number(object, to);
	else if (type == &date_type)
		write_date(object, to);
	else if (type == &uid_type)
		write_uid(object, level, to);
	else
		bytes_add_text(to, darwin_CFBooleanGetValue(object) ? "<true/>\n" : "<false/>\n");
}

void plist_write_xml(const void *object, struct bytes *to)
{
	bytes_add_text(
		to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
		"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n");
	write_value(object, 0, to);
	bytes_add_text(to, "</plist>\n");
}
