// SPDX-License-Identifier: MIT
// Reader of tar archives in memory (see tar.h for the interface and the sources of the format).
//
// An entry is: extension headers ('x' pax, 'L' and 'K' GNU long names, 'g' global pax), then its own header, then its
// data, each padded to blocks of 512 bytes.
//
// Invariants:
// 1. t->next <= t->size; every number from the archive is compared with what is left before it is added.
// 2. What this reader cannot represent is refused, not skipped: a tree that was unpacked is the tree that was packed.
#include "tar.h"

#include <stdbool.h>

// The header's fields (POSIX: ustar Header Block).
#define NAME 0u, 100u
#define MODE 100u, 8u
#define SIZE 124u, 12u
#define CHECKSUM_AT 148u
#define CHECKSUM_SIZE 8u
#define TYPE_AT 156u
#define LINK_NAME 157u, 100u
#define MAGIC_AT 257u
#define PREFIX 345u, 155u

// Kinds of extension headers, bits of tar.extensions.
#define EXTENSION_PAX 1u
#define EXTENSION_LONG_PATH 2u
#define EXTENSION_LONG_LINK 4u

#define NO_SIZE UINT64_MAX

const char *tar_status_name(enum tar_status status)
{
	switch (status) {
	case TAR_OK: return "good";
	case TAR_END: return "end of the archive";
	case TAR_MISSING_END: return "truncated: no end-of-archive blocks";
	case TAR_BAD_CHECKSUM: return "wrong header checksum";
	case TAR_BAD_MAGIC: return "not a POSIX or GNU tar header";
	case TAR_BAD_NUMBER: return "malformed number in the header";
	case TAR_BAD_SIZE: return "size reaches beyond the archive, or does not fit the type";
	case TAR_BAD_PATH: return "empty path, or zero byte in it";
	case TAR_ESCAPING_PATH: return "path escapes the archive (absolute or with \"..\")";
	case TAR_PATH_TOO_LONG: return "path too long or too deep";
	case TAR_BAD_LINK: return "malformed target of a symbolic link";
	case TAR_BAD_TYPE: return "unsupported type of entry";
	case TAR_BAD_EXTENSION: return "malformed pax or long-name header";
	}
	return "unknown tar status";
}

void tar_init(struct tar *t, const void *data, size_t size)
{
	t->data = data;
	t->size = size;
	t->where = 0;
	t->next = 0;
	t->status = TAR_OK;
	t->path[0] = 0;
}

static size_t text_length(const char *text, size_t most)
{
	size_t length = 0;
	while (length < most && text[length] != 0)
		length++;
	return length;
}

// True when the `length` bytes at `text` are the string `literal`.
static bool text_is(const char *text, size_t length, const char *literal)
{
	return length == text_length(literal, SIZE_MAX) && __builtin_memcmp(text, literal, length) == 0;
}

static bool text_starts(const char *text, size_t length, const char *literal)
{
	size_t n = text_length(literal, SIZE_MAX);
	return length >= n && __builtin_memcmp(text, literal, n) == 0;
}

static struct tar_text field_text(const uint8_t *header, size_t at, size_t size)
{
	const char *text = (const char *)header + at;
	return (struct tar_text){text, text_length(text, size)};
}

// Reads an octal field (spaces, digits, then a space, a zero or the field's end), or a GNU base-256 one (a first byte
// of 0x80, then a big-endian number).
static bool field_number(const uint8_t *header, size_t at, size_t size, uint64_t *out)
{
	const uint8_t *p = header + at, *end = p + size;
	uint64_t value = 0;
	if (*p >= 0x80) {
		if (*p != 0x80)
			return false;
		while (++p < end) {
			if (value >> 55 != 0)
				return false;
			value = value << 8 | *p;
		}
		*out = value;
		return true;
	}
	while (p < end && *p == ' ')
		p++;
	const uint8_t *digits = p;
	while (p < end && *p >= '0' && *p <= '7')
		value = value << 3 | (uint64_t)(*p++ - '0');
	if (p == digits || (p < end && *p != ' ' && *p != 0))
		return false;
	*out = value;
	return true;
}

static bool block_is_zero(const uint8_t *block)
{
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i] != 0)
			return false;
	return true;
}

// The checksum counts the checksum field itself as spaces.
static enum tar_status header_check(const uint8_t *header)
{
	uint64_t stated, sum = 0;
	if (!field_number(header, CHECKSUM_AT, CHECKSUM_SIZE, &stated))
		return TAR_BAD_CHECKSUM;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i - CHECKSUM_AT < CHECKSUM_SIZE ? ' ' : header[i];
	if (sum != stated)
		return TAR_BAD_CHECKSUM;
	const char *magic = (const char *)header + MAGIC_AT;
	if (!text_starts(magic, 8, "ustar  ") && !(text_starts(magic, 8, "ustar") && magic[5] == 0))
		return TAR_BAD_MAGIC;
	return TAR_OK;
}

// Appends a path's components to what `out` holds already.
static enum tar_status path_append(const char *path, size_t length, char *out, size_t *out_length, unsigned *depth)
{
	for (size_t at = 0; at < length;) {
		size_t end = at;
		while (end < length && path[end] != '/')
			end++;
		const char *name = path + at;
		size_t size = end - at;
		at = end + 1;
		if (size == 0 || text_is(name, size, "."))
			continue;
		if (text_is(name, size, ".."))
			return TAR_ESCAPING_PATH;
		if (text_length(name, size) != size)
			return TAR_BAD_PATH;
		size_t slash = *out_length > 0;
		if (size > TAR_NAME_MAX || ++*depth > TAR_DEPTH_MAX || *out_length + slash + size > TAR_PATH_MAX)
			return TAR_PATH_TOO_LONG;
		if (slash)
			out[(*out_length)++] = '/';
		__builtin_memcpy(out + *out_length, name, size);
		*out_length += size;
	}
	out[*out_length] = 0;
	return TAR_OK;
}

enum tar_status tar_path_normalise(const char *path, size_t length, char *out, size_t *out_length)
{
	unsigned depth = 0;
	*out_length = 0;
	if (length > 0 && path[0] == '/')
		return TAR_ESCAPING_PATH;
	return path_append(path, length, out, out_length, &depth);
}

// The entry's path: from an extension header, else from the header's prefix (POSIX only) and name. `*is_directory` says
// that it ends in "/", which is how archives older than POSIX mark a directory.
static enum tar_status entry_path(struct tar *t, const uint8_t *header, size_t *length, bool *ends_in_slash)
{
	struct tar_text name = t->long_path.text ? t->long_path : field_text(header, NAME);
	struct tar_text prefix = {NULL, 0};
	unsigned depth = 0;
	enum tar_status status = TAR_OK;
	*length = 0;
	if (!t->long_path.text && header[MAGIC_AT + 5] == 0)
		prefix = field_text(header, PREFIX);
	*ends_in_slash = name.length > 0 && name.text[name.length - 1] == '/';
	if (prefix.length + name.length == 0)
		return TAR_BAD_PATH;
	if ((prefix.length > 0 ? prefix.text[0] : name.text[0]) == '/')
		return TAR_ESCAPING_PATH;
	if (prefix.length > 0)
		status = path_append(prefix.text, prefix.length, t->path, length, &depth);
	if (status == TAR_OK)
		status = path_append(name.text, name.length, t->path, length, &depth);
	return status;
}

// Reads one pax record, "LENGTH KEY=VALUE\n", at `p`; returns its length, or 0 when it is malformed.
static size_t pax_record(const char *p, size_t left, struct tar_text *key, struct tar_text *value)
{
	size_t length = 0, at = 0;
	while (at < left && p[at] >= '0' && p[at] <= '9' && length <= left)
		length = length * 10 + (size_t)(p[at++] - '0');
	if (at == 0 || at >= left || p[at] != ' ' || length > left || length < at + 3 || p[length - 1] != '\n')
		return 0;
	key->text = p + ++at;
	while (at < length - 1 && p[at] != '=')
		at++;
	key->length = (size_t)(p + at - key->text);
	if (at == length - 1 || key->length == 0)
		return 0;
	value->text = p + at + 1;
	value->length = length - 1 - (at + 1);
	return length;
}

static bool pax_number(struct tar_text value, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < value.length; i++) {
		if (value.text[i] < '0' || value.text[i] > '9' || *out > (uint64_t)INT64_MAX / 10 - 1)
			return false;
		*out = *out * 10 + (uint64_t)(value.text[i] - '0');
	}
	return true;
}

// Takes what concerns this reader from a pax header: path, linkpath and size. Other keys (times, owners, extended
// attributes) do not change the tree, except those of sparse files, whose data are not what they seem. An empty value
// means that the header's field counts.
static enum tar_status pax_apply(struct tar *t, bool global, struct tar_text key, struct tar_text value)
{
	bool path = text_is(key.text, key.length, "path"), link = text_is(key.text, key.length, "linkpath");
	bool size = text_is(key.text, key.length, "size");
	if (text_starts(key.text, key.length, "GNU.sparse."))
		return TAR_BAD_TYPE;
	if (!(path || link || size) || value.length == 0)
		return TAR_OK;
	struct tar_text *text = path ? &t->long_path : &t->long_link;
	if (global || (size ? t->long_size != NO_SIZE : text->text != NULL))
		return TAR_BAD_EXTENSION;
	if (!size)
		*text = value;
	else if (!pax_number(value, &t->long_size))
		return TAR_BAD_NUMBER;
	return TAR_OK;
}

static enum tar_status pax_read(struct tar *t, bool global, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		struct tar_text key, value;
		t->where = (size_t)(data - t->data) + at;
		size_t length = pax_record((const char *)data + at, size - at, &key, &value);
		if (length == 0)
			return TAR_BAD_EXTENSION;
		enum tar_status status = pax_apply(t, global, key, value);
		if (status != TAR_OK)
			return status;
		at += length;
	}
	return TAR_OK;
}

// Reads an extension header's data.
static enum tar_status extension_read(struct tar *t, char type, const uint8_t *data, size_t size)
{
	unsigned kind = type == 'L' ? EXTENSION_LONG_PATH : type == 'K' ? EXTENSION_LONG_LINK : EXTENSION_PAX;
	if (type == 'g')
		return pax_read(t, true, data, size);
	if (t->extensions & kind)
		return TAR_BAD_EXTENSION;
	t->extensions |= kind;
	if (type == 'x')
		return pax_read(t, false, data, size);
	struct tar_text *text = type == 'L' ? &t->long_path : &t->long_link;
	size_t length = text_length((const char *)data, size);
	if (text->text || length == 0)
		return TAR_BAD_EXTENSION;
	*text = (struct tar_text){(const char *)data, length};
	return TAR_OK;
}

// Fills `e` from the entry's own header.
static enum tar_status entry_read(struct tar *t, const uint8_t *header, struct tar_entry *e)
{
	bool ends_in_slash;
	uint64_t mode;
	enum tar_status status = entry_path(t, header, &e->path_length, &ends_in_slash);
	if (status != TAR_OK)
		return status;
	switch (header[TYPE_AT]) {
	case 0: case '0': case '7': e->type = ends_in_slash ? TAR_DIRECTORY : TAR_FILE; break;
	case '5': e->type = TAR_DIRECTORY; break;
	case '2': e->type = TAR_SYMLINK; break;
	default: return TAR_BAD_TYPE;
	}
	if (e->path_length == 0 && e->type != TAR_DIRECTORY)
		return TAR_BAD_PATH;
	if (e->type != TAR_FILE && e->size != 0)
		return TAR_BAD_SIZE;
	if (!field_number(header, MODE, &mode))
		return TAR_BAD_NUMBER;
	e->path = t->path;
	e->mode = mode & 07777;
	e->link = NULL;
	e->link_length = 0;
	if (e->type == TAR_SYMLINK) {
		struct tar_text link = t->long_link.text ? t->long_link : field_text(header, LINK_NAME);
		if (link.length == 0 || link.length > TAR_PATH_MAX || text_length(link.text, link.length) != link.length)
			return TAR_BAD_LINK;
		e->link = link.text;
		e->link_length = link.length;
	}
	return TAR_OK;
}

// Checks the header at t->next and where its data end, and steps over both. `*header` is NULL at the archive's end.
static enum tar_status block_next(struct tar *t, const uint8_t **header, uint64_t *size)
{
	const uint8_t *block = t->data + t->next;
	size_t left = t->size - t->next;
	t->where = t->next;
	*header = NULL;
	if (left < 2 * TAR_BLOCK)
		return TAR_MISSING_END;
	if (block_is_zero(block))
		return block_is_zero(block + TAR_BLOCK) ? TAR_END : TAR_MISSING_END;
	enum tar_status status = header_check(block);
	if (status != TAR_OK)
		return status;
	if (!field_number(block, SIZE, size))
		return TAR_BAD_NUMBER;
	uint8_t type = block[TYPE_AT];
	if (t->long_size != NO_SIZE && type != 'x' && type != 'g' && type != 'L' && type != 'K')
		*size = t->long_size;
	left -= TAR_BLOCK;
	if ((*size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK > left)
		return TAR_BAD_SIZE;
	t->next += TAR_BLOCK + (size_t)((*size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
	*header = block;
	return TAR_OK;
}

enum tar_status tar_next(struct tar *t, struct tar_entry *e)
{
	if (t->status != TAR_OK)
		return t->status;
	t->long_path = t->long_link = (struct tar_text){NULL, 0};
	t->long_size = NO_SIZE;
	t->extensions = 0;
	for (;;) {
		const uint8_t *header;
		enum tar_status status = block_next(t, &header, &e->size);
		if (status == TAR_END && t->extensions != 0)
			status = TAR_BAD_EXTENSION;
		if (status != TAR_OK)
			return t->status = status;
		const uint8_t *data = header + TAR_BLOCK;
		char type = (char)header[TYPE_AT];
		if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
			status = extension_read(t, type, data, (size_t)e->size);
			if (status != TAR_OK)
				return t->status = status;
			continue;
		}
		e->offset = t->where;
		e->data = data;
		return t->status = entry_read(t, header, e);
	}
}
