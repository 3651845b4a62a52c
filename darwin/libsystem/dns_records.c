// SPDX-License-Identifier: MIT
// dns_sd.h, what goes without an answer: there is no mDNSResponder, and each call about services on the local network says so (addresses of
// names: dns_service.c); names and TXT records are made and read here. Facts: mDNSResponder's dns_sd.h (errors, kDNSServiceMaxDomainName 1009), RFC 6763.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NO_ERROR = 0, UNKNOWN = -65537, NO_MEMORY = -65539, BAD_PARAM = -65540, INVALID = -65549, NO_SUCH_KEY = -65556, NOT_RUNNING = -65563 };
enum { NAME_ROOM = 1009 };

#define ASKS(name) int32_t darwin_DNSService##name(void **reference) { return *reference = NULL, NOT_RUNNING; }
ASKS(Browse)
ASKS(Resolve)
ASKS(Register)
ASKS(EnumerateDomains)
ASKS(NATPortMappingCreate)

int32_t darwin_DNSServiceGetProperty(const char *property, void *to, uint32_t *size) { return (void)property, (void)to, (void)size, NOT_RUNNING; }

// ---- names: in a label a dot, a backslash and what is no character stand behind backslashes -------------------------

static bool append_label(char *to, size_t *used, const char *label)
{
	for (; *label; label++) {
		unsigned char c = (unsigned char)*label;
		char escaped[5];
		if (c <= ' ')
			snprintf(escaped, sizeof(escaped), "\\%03u", c);
		else
			snprintf(escaped, sizeof(escaped), c == '.' || c == '\\' ? "\\%c" : "%c", c);
		size_t size = strlen(escaped);
		if (*used + size + 2 > NAME_ROOM)
			return false;
		memcpy(to + *used, escaped, size);
		*used += size;
	}
	to[(*used)++] = '.';
	return true;
}

int32_t darwin_DNSServiceConstructFullName(char *to, const char *service, const char *type, const char *domain)
{
	size_t used = 0, type_length = type ? strlen(type) : 0, length = domain ? strlen(domain) : 0;
	if (!to || type_length < 6 || length == 0)
		return BAD_PARAM;
	if (service && *service && !append_label(to, &used, service))
		return BAD_PARAM;
	bool type_dot = type[type_length - 1] != '.', dot = domain[length - 1] != '.';
	if (used + type_length + length + 3 > NAME_ROOM)
		return BAD_PARAM;
	snprintf(to + used, NAME_ROOM - used, "%s%s%s%s", type, type_dot ? "." : "", domain, dot ? "." : "");
	return NO_ERROR;
}

// ---- TXT records: strings with their length in front, key or key=value ----------------------------------------------

struct record { // TXTRecordRef: 16 bytes, here a pointer and two numbers
	uint8_t *bytes;
	uint16_t room, used;
	uint8_t own, pad[3]; // own: the bytes are to be freed
};

void darwin_TXTRecordCreate(struct record *record, uint16_t room, void *bytes)
{
	*record = (struct record){bytes, bytes ? room : 0, 0, 0, {0}};
}

void darwin_TXTRecordDeallocate(struct record *record)
{
	if (record->own)
		free(record->bytes);
}

// The string that begins with the key; its length byte is at the place returned. NULL: none.
static const uint8_t *key_find(uint16_t size, const uint8_t *bytes, const char *key)
{
	size_t length = strlen(key);
	for (const uint8_t *at = bytes; at < bytes + size && at + 1 + *at <= bytes + size; at += 1 + *at)
		if (*at >= length && strncasecmp((const char *)at + 1, key, length) == 0 && (*at == length || at[1 + length] == '='))
			return at;
	return NULL;
}

int32_t darwin_TXTRecordRemoveValue(struct record *record, const char *key)
{
	uint8_t *at = (uint8_t *)(uintptr_t)key_find(record->used, record->bytes, key);
	if (!at)
		return NO_SUCH_KEY;
	uint16_t size = (uint16_t)(1 + *at);
	memmove(at, at + size, (size_t)(record->bytes + record->used - (at + size)));
	record->used = (uint16_t)(record->used - size);
	return NO_ERROR;
}

int32_t darwin_TXTRecordSetValue(struct record *record, const char *key, uint8_t size, const void *value)
{
	size_t length = strlen(key), whole = length + (value ? 1u + size : 0);
	for (const char *at = key; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '=')
			return INVALID;
	if (length == 0 || whole > 255)
		return INVALID;
	darwin_TXTRecordRemoveValue(record, key);
	if (record->used + whole + 1 > record->room) {
		size_t room = record->used + whole + 64;
		uint8_t *more = room > UINT16_MAX ? NULL : malloc(room);
		if (!more)
			return NO_MEMORY;
		memcpy(more, record->bytes, record->used);
		if (record->own)
			free(record->bytes);
		*record = (struct record){more, (uint16_t)room, record->used, 1, {0}};
	}
	uint8_t *at = record->bytes + record->used;
	*at = (uint8_t)whole;
	memcpy(at + 1, key, length);
	if (value) {
		at[1 + length] = '=';
		memcpy(at + 2 + length, value, size);
	}
	record->used = (uint16_t)(record->used + whole + 1);
	return NO_ERROR;
}

uint16_t darwin_TXTRecordGetLength(const struct record *record) { return record->used; }
const void *darwin_TXTRecordGetBytesPtr(const struct record *record) { return record->bytes; }
int darwin_TXTRecordContainsKey(uint16_t size, const void *bytes, const char *key) { return key_find(size, bytes, key) != NULL; }

const void *darwin_TXTRecordGetValuePtr(uint16_t size, const void *bytes, const char *key, uint8_t *value_size)
{
	const uint8_t *at = key_find(size, bytes, key);
	size_t length = strlen(key);
	if (!at || *at == length)
		return NULL;
	*value_size = (uint8_t)(*at - length - 1);
	return at + 2 + length;
}

uint16_t darwin_TXTRecordGetCount(uint16_t size, const void *bytes)
{
	uint16_t count = 0;
	for (const uint8_t *at = bytes, *end = at + size; at < end && at + 1 + *at <= end; at += 1 + *at)
		count++;
	return count;
}

int32_t darwin_TXTRecordGetItemAtIndex(uint16_t size, const void *bytes, uint16_t index, uint16_t key_room, char *key, uint8_t *value_size, const void **value)
{
	const uint8_t *at = bytes, *end = at + size;
	for (; index > 0 && at < end; index--)
		at += 1 + *at;
	if (at >= end || at + 1 + *at > end)
		return INVALID;
	const uint8_t *equals = memchr(at + 1, '=', *at);
	size_t length = equals ? (size_t)(equals - at - 1) : *at;
	if (length >= key_room)
		return NO_MEMORY;
	memcpy(key, at + 1, length);
	key[length] = '\0';
	*value = equals ? equals + 1 : NULL;
	*value_size = equals ? (uint8_t)(*at - length - 1) : 0;
	return NO_ERROR;
}
