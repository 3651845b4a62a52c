// SPDX-License-Identifier: MIT
// CFError: a domain, a code, and a dictionary that may have texts. Facts: CFError.h.
#include "constant.h"

#include <stdlib.h>
#include <string.h>

struct error {
	struct object head;
	int64_t code;
	const void *domain;
	const struct dictionary *information;
};

CONSTANT(darwin_kCFErrorDomainPOSIX, "NSPOSIXErrorDomain");
CONSTANT(darwin_kCFErrorDomainOSStatus, "NSOSStatusErrorDomain");
CONSTANT(darwin_kCFErrorDomainMach, "NSMachErrorDomain");
CONSTANT(darwin_kCFErrorDomainCocoa, "NSCocoaErrorDomain");
CONSTANT(darwin_kCFErrorLocalizedDescriptionKey, "NSLocalizedDescription");
CONSTANT(darwin_kCFErrorLocalizedFailureKey, "NSLocalizedFailure");
CONSTANT(darwin_kCFErrorLocalizedFailureReasonKey, "NSLocalizedFailureReason");
CONSTANT(darwin_kCFErrorLocalizedRecoverySuggestionKey, "NSLocalizedRecoverySuggestion");
CONSTANT(darwin_kCFErrorDescriptionKey, "NSDescription");
CONSTANT(darwin_kCFErrorUnderlyingErrorKey, "NSUnderlyingError");
CONSTANT(darwin_kCFErrorURLKey, "NSURL");
CONSTANT(darwin_kCFErrorFilePathKey, "NSFilePath");

char *darwin_strerror(int code);
struct string *darwin_CFErrorCopyDescription(const struct error *error);

static void error_destroy(struct object *object)
{
	darwin_CFRelease(((struct error *)object)->domain);
	darwin_CFRelease(((struct error *)object)->information);
}

static bool error_equal(const struct object *left, const struct object *right)
{
	const struct error *a = (const struct error *)left, *b = (const struct error *)right;
	return a->code == b->code && darwin_CFEqual(a->domain, b->domain) &&
	       darwin_CFEqual(a->information, b->information);
}

static uint64_t error_hash(const struct object *object)
{
	return (uint64_t)((const struct error *)object)->code;
}

static void error_describe(const struct object *object, struct bytes *to)
{
	const struct error *error = (const struct error *)object;
	struct string *text = darwin_CFErrorCopyDescription(error);
	bytes_add_text(to, "Error Domain=");
	object_describe(error->domain, to);
	bytes_add_format(to, " Code=%ld \"", (long)error->code);
	object_describe(text, to);
	bytes_add_text(to, "\"");
	darwin_CFRelease(text);
}

static const struct object_type error_type = {"CFError", error_destroy, error_equal, error_hash, error_describe, NULL};

struct error *darwin_CFErrorCreate(const void *allocator, const void *domain, int64_t code,
				   const struct dictionary *information)
{
	struct error *error = object_make(&error_type, sizeof(*error));
	error->code = code;
	error->domain = darwin_CFRetain(domain);
	error->information = information ? darwin_CFRetain(information) : dictionary_make();
	return error;
}

struct error *darwin_CFErrorCreateWithUserInfoKeysAndValues(const void *allocator, const void *domain, int64_t code,
							    const void *const *keys, const void *const *values,
							    int64_t count)
{
	struct dictionary *information = dictionary_make();
	for (int64_t i = 0; i < count; i++)
		darwin_CFDictionarySetValue(information, keys[i], values[i]);
	struct error *error = darwin_CFErrorCreate(allocator, domain, code, information);
	darwin_CFRelease(information);
	return error;
}

struct object *error_make(const char *domain, int64_t code, const char *text)
{
	struct string *name = string_from_text(domain);
	struct dictionary *information = dictionary_make();
	dictionary_put(information, "NSLocalizedDescription", string_from_text(text));
	struct error *error = darwin_CFErrorCreate(NULL, name, code, information);
	darwin_CFRelease(name);
	darwin_CFRelease(information);
	return &error->head;
}

uint64_t darwin_CFErrorGetTypeID(void)
{
	return (uintptr_t)&error_type;
}

int64_t darwin_CFErrorGetCode(const struct error *error)
{
	return error->code;
}

const void *darwin_CFErrorGetDomain(const struct error *error)
{
	return error->domain;
}

const void *darwin_CFErrorCopyUserInfo(const struct error *error)
{
	return darwin_CFRetain(error->information);
}

struct string *darwin_CFErrorCopyDescription(const struct error *error)
{
	const void *text = dictionary_get(error->information, "NSLocalizedDescription"),
		   *reason = dictionary_get(error->information, "NSLocalizedFailureReason");
	if (text)
		return (struct string *)(uintptr_t)darwin_CFRetain(text);
	struct bytes bytes = {0};
	bytes_add_text(&bytes, "The operation couldn\xe2\x80\x99t be completed. ");
	if (reason)
		object_describe(reason, &bytes);
	else if (string_is(error->domain, "NSPOSIXErrorDomain"))
		bytes_add_text(&bytes, darwin_strerror((int)error->code));
	else {
		bytes_add_text(&bytes, "(");
		object_describe(error->domain, &bytes);
		bytes_add_format(&bytes, " error %ld.)", (long)error->code);
	}
	struct string *made = string_from_utf8((const char *)bytes.at, bytes.count);
	free(bytes.at);
	return made;
}

static const void *text_copy(const struct error *error, const char *key)
{
	const void *text = dictionary_get(error->information, key);
	return text ? darwin_CFRetain(text) : NULL;
}

const void *darwin_CFErrorCopyFailureReason(const struct error *error)
{
	return text_copy(error, "NSLocalizedFailureReason");
}

const void *darwin_CFErrorCopyRecoverySuggestion(const struct error *error)
{
	return text_copy(error, "NSLocalizedRecoverySuggestion");
}
