// SPDX-License-Identifier: MIT
// XPC's objects with one value; see xpc.h. Facts: <xpc/xpc.h>: dates are nanoseconds since 1970; a descriptor is a duplicate.
#include "xpc.h"

#include "locales.h"
#include "printf.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define XPC_DEFINE(name) const struct xpc_type darwin_xpc_type_##name = {#name, {0}};
XPC_TYPES(XPC_DEFINE)
#define TYPE(name) (&darwin_xpc_type_##name)

struct xpc_object darwin_xpc_bool_true = {TYPE(bool), 0, {1}}, darwin_xpc_bool_false = {TYPE(bool), 0, {0}};
static struct xpc_object null_object = {TYPE(null), 0, {0}};

struct xpc_object *xpc_make(const struct xpc_type *type)
{
	struct xpc_object *object = calloc(1, sizeof(*object));
	if (object) {
		object->type = type;
		object->references = 1;
	}
	return object;
}

struct xpc_object *darwin_xpc_retain(struct xpc_object *object)
{
	if (object && object->references > 0)
		atomic_fetch_add(&object->references, 1);
	return object;
}

void darwin_xpc_release(struct xpc_object *object)
{
	if (!object || object->references == 0 || atomic_fetch_sub(&object->references, 1) > 1)
		return;
	if (object->type == TYPE(data) || object->type == TYPE(string))
		free(object->bytes.at);
	if (object->type == TYPE(array) || object->type == TYPE(dictionary))
		xpc_list_free(object);
	if (object->type == TYPE(fd))
		close((int)object->number);
	if (object->type == TYPE(connection))
		xpc_connection_free(object->connection);
	free(object);
}

const struct xpc_type *darwin_xpc_get_type(const struct xpc_object *object) { return object->type; }
const char *darwin_xpc_type_get_name(const struct xpc_type *type) { return type->name; }

// ---- to make and to read; of another type a value is 0 --------------------------------------------------------------

struct xpc_object *darwin_xpc_null_create(void) { return &null_object; }
struct xpc_object *darwin_xpc_bool_create(bool value) { return value ? &darwin_xpc_bool_true : &darwin_xpc_bool_false; }
bool darwin_xpc_bool_get_value(const struct xpc_object *object) { return object->type == TYPE(bool) && object->number; }

#define SCALAR(name, kind, field)                                                                                      \
	struct xpc_object *darwin_xpc_##name##_create(kind value)                                                      \
	{                                                                                                              \
		struct xpc_object *object = xpc_make(TYPE(name));                                                      \
		if (object)                                                                                            \
			object->field = value;                                                                         \
		return object;                                                                                         \
	}                                                                                                              \
	kind darwin_xpc_##name##_get_value(const struct xpc_object *object)                                            \
	{                                                                                                              \
		return object->type == TYPE(name) ? object->field : 0;                                                 \
	}
SCALAR(int64, int64_t, number)
SCALAR(uint64, uint64_t, natural)
SCALAR(double, double, real)
SCALAR(date, int64_t, number)

struct xpc_object *darwin_xpc_date_create_from_current(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return darwin_xpc_date_create(now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
}

static struct xpc_object *bytes_make(const struct xpc_type *type, const void *from, size_t size)
{
	struct xpc_object *object = xpc_make(type);
	if (object && !(object->bytes.at = malloc(size + 1))) {
		free(object);
		object = NULL;
	}
	if (!object)
		return NULL;
	memcpy(object->bytes.at, size > 0 ? from : "", size);
	object->bytes.at[size] = 0;
	object->bytes.size = size;
	return object;
}

struct xpc_object *darwin_xpc_data_create(const void *from, size_t size) { return bytes_make(TYPE(data), from, size); }
struct xpc_object *darwin_xpc_string_create(const char *text) { return bytes_make(TYPE(string), text, strlen(text)); }
size_t darwin_xpc_data_get_length(const struct xpc_object *object) { return object->type == TYPE(data) ? object->bytes.size : 0; }
const void *darwin_xpc_data_get_bytes_ptr(const struct xpc_object *object) { return object->type == TYPE(data) ? object->bytes.at : NULL; }
size_t darwin_xpc_string_get_length(const struct xpc_object *object) { return object->type == TYPE(string) ? object->bytes.size : 0; }
const char *darwin_xpc_string_get_string_ptr(const struct xpc_object *object)
{
	return object->type == TYPE(string) ? (const char *)object->bytes.at : NULL;
}

size_t darwin_xpc_data_get_bytes(const struct xpc_object *object, void *to, size_t offset, size_t size)
{
	if (object->type != TYPE(data) || offset > object->bytes.size)
		return 0;
	size_t left = object->bytes.size - offset, copied = size < left ? size : left;
	memcpy(to, object->bytes.at + offset, copied);
	return copied;
}

struct xpc_object *darwin_xpc_string_create_with_format_and_arguments(const char *format, va_list arguments)
{
	char *text = NULL;
	struct xpc_object *object = print_to_block(&text, locale_current(), format, arguments) >= 0 ? darwin_xpc_string_create(text) : NULL;
	free(text);
	return object;
}

struct xpc_object *darwin_xpc_string_create_with_format(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct xpc_object *object = darwin_xpc_string_create_with_format_and_arguments(format, arguments);
	va_end(arguments);
	return object;
}

struct xpc_object *darwin_xpc_uuid_create(const uint8_t uuid[16])
{
	struct xpc_object *object = xpc_make(TYPE(uuid));
	if (object)
		memcpy(object->uuid, uuid, 16);
	return object;
}

const uint8_t *darwin_xpc_uuid_get_bytes(const struct xpc_object *object) { return object->type == TYPE(uuid) ? object->uuid : NULL; }

struct xpc_object *darwin_xpc_fd_create(int file)
{
	int copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
	struct xpc_object *object = copy >= 0 ? xpc_make(TYPE(fd)) : NULL;
	if (object)
		object->number = copy;
	else if (copy >= 0)
		close(copy);
	return object;
}

int darwin_xpc_fd_dup(const struct xpc_object *object)
{
	return object->type == TYPE(fd) ? fcntl((int)object->number, F_DUPFD_CLOEXEC, 0) : -1;
}

// ---- all types ------------------------------------------------------------------------------------------------------

bool darwin_xpc_equal(const struct xpc_object *one, const struct xpc_object *other);

static bool lists_equal(const struct xpc_object *one, const struct xpc_object *other)
{
	struct xpc_object *darwin_xpc_dictionary_get_value(const struct xpc_object *dictionary, const char *key);
	if (one->list.count != other->list.count)
		return false;
	for (size_t i = 0; i < one->list.count; i++) {
		const struct xpc_object *value = one->list.keys ? darwin_xpc_dictionary_get_value(other, one->list.keys[i]) : other->list.values[i];
		if (!value || !darwin_xpc_equal(one->list.values[i], value))
			return false;
	}
	return true;
}

bool darwin_xpc_equal(const struct xpc_object *one, const struct xpc_object *other)
{
	if (one == other)
		return true;
	if (one->type != other->type)
		return false;
	if (one->type == TYPE(array) || one->type == TYPE(dictionary))
		return lists_equal(one, other);
	if (one->type == TYPE(data) || one->type == TYPE(string))
		return one->bytes.size == other->bytes.size && memcmp(one->bytes.at, other->bytes.at, one->bytes.size) == 0;
	if (one->type == TYPE(uuid))
		return memcmp(one->uuid, other->uuid, 16) == 0;
	return one->type != TYPE(connection) && one->type != TYPE(fd) && one->natural == other->natural;
}

static void describe(FILE *to, const struct xpc_object *object, int depth)
{
	fprintf(to, "<%s: %p> { ", object->type->name, (const void *)object);
	if (object->type == TYPE(array) || object->type == TYPE(dictionary)) {
		fprintf(to, "count = %zu, %s =\n", object->list.count, object->type == TYPE(array) ? "contents" : "transaction: 0, voucher = 0x0, contents");
		for (size_t i = 0; i < object->list.count; i++) {
			fprintf(to, "%*s", 4 * depth + 4, "");
			if (object->list.keys)
				fprintf(to, "\"%s\" => ", object->list.keys[i]);
			else
				fprintf(to, "%zu: ", i);
			describe(to, object->list.values[i], depth + 1);
			fputc('\n', to);
		}
		fprintf(to, "%*s}", 4 * depth, "");
		return;
	}
	if (object->type == TYPE(string))
		fprintf(to, "length = %zu, contents = \"%s\" }", object->bytes.size, (const char *)object->bytes.at);
	else if (object->type == TYPE(data))
		fprintf(to, "length = %zu bytes }", object->bytes.size);
	else if (object->type == TYPE(double))
		fprintf(to, "%f }", object->real);
	else if (object->type == TYPE(bool))
		fprintf(to, "%s }", object->number ? "true" : "false");
	else
		fprintf(to, "%lld }", (long long)object->number);
}

char *darwin_xpc_copy_description(const struct xpc_object *object)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	describe(to, object, 0);
	fclose(to);
	return text;
}

size_t darwin_xpc_hash(const struct xpc_object *object)
{
	uint64_t hash = 14695981039346656037u; // FNV-1a
	const uint8_t *at = object->uuid;
	size_t size = object->type == TYPE(uuid) ? 16 : 8;
	if (object->type == TYPE(data) || object->type == TYPE(string)) {
		at = object->bytes.at;
		size = object->bytes.size;
	} else if (object->type == TYPE(array) || object->type == TYPE(dictionary)) {
		at = (const uint8_t *)&object->list.count;
		size = sizeof(object->list.count);
	}
	while (size-- > 0)
		hash = (hash ^ *at++) * 1099511628211u;
	return hash;
}
