// SPDX-License-Identifier: MIT
// The tree: memory of a document, its values, and the index of each table.
//
// All memory comes from a chain of blocks and one pool of text, counted against the limit, and goes with toml_free.
// A table is a list in file order plus a crit-bit tree over its keys (see toml_internal.h). A key is compared as a row of
// 9-bit symbols, 0x100 | byte while it lasts and 0 behind its end: so no key is a prefix of another, and NUL is a byte
// like any other.
#include "toml_internal.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SMALL 4000
#define BLOCK_LARGE 65000
#define TEXT_SLACK 48 // for the exponent that toml_number.c writes behind the digits of the last number

_Static_assert(sizeof(struct toml_block) % 8 == 0 && _Alignof(struct toml_value) <= 8, "blocks are cut in eights");

static void *document_allocate(struct toml_document *document, size_t size)
{
	if (size > document->limits.memory - document->memory)
		return NULL;
	void *memory = malloc(size);
	if (memory)
		document->memory += size;
	return memory;
}

// Zeroed memory that lives as long as the document.
static void *document_take(struct toml_document *document, size_t size)
{
	size = (size + 7) & ~(size_t)7;
	struct toml_block *block = document->blocks;
	if (!block || block->size - block->used < size) {
		// The last block is as large as the limit leaves room for, so that the limit holds to the byte.
		size_t room = block ? BLOCK_LARGE : BLOCK_SMALL, rest = document->limits.memory - document->memory;
		if (room > rest - rest % 8)
			room = rest - rest % 8;
		block = room < sizeof *block + size ? NULL : document_allocate(document, room);
		if (!block)
			return NULL;
		*block = (struct toml_block){.next = document->blocks, .size = room - sizeof *block};
		document->blocks = block;
	}
	void *memory = (char *)(block + 1) + block->used;
	block->used += size;
	memset(memory, 0, size);
	return memory;
}

static bool document_is_full(const struct toml_document *document, struct toml_error *error, struct toml_position at)
{
	struct toml_phrase limit = toml_phrase_number((int64_t)document->limits.memory);
	return toml_error_join(error, at.line, at.column, "no memory left for this document, which may use ",
			       limit.text, " bytes", (char *)NULL);
}

struct toml_document *toml_document_create(size_t length, const struct toml_limits *limits, struct toml_error *error)
{
	struct toml_document shape = {.limits = *limits};
	struct toml_document *document = document_allocate(&shape, sizeof *document);
	if (document) {
		*document = shape;
		document->text_size = length + TEXT_SLACK;
		document->text = document_allocate(document, document->text_size);
		document->root = document->text ? document_take(document, sizeof *document->root) : NULL;
	}
	if (!document || !document->root) {
		toml_free(document);
		document_is_full(&shape, error, (struct toml_position){1, 1});
		return NULL;
	}
	*document->root = (struct toml_value){.type = TOML_TABLE, .origin = TOML_HEADER, .line = 1, .column = 1,
					      .key_line = 1, .key_column = 1};
	return document;
}

void toml_free(struct toml_document *document)
{
	if (!document)
		return;
	for (struct toml_block *block = document->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(document->text);
	free(document);
}

static unsigned key_symbol(const char *key, size_t length, size_t position)
{
	return position < length ? 0x100u | (unsigned char)key[position] : 0;
}

static int branch_side(const struct toml_branch *branch, const char *key, size_t length)
{
	return (key_symbol(key, length, branch->position) & branch->mask) != 0;
}

// The only leaf that can hold the key; the table is not empty.
static struct toml_value *index_nearest(const struct toml_slot *slot, const char *key, size_t length)
{
	while (slot->branch)
		slot = &slot->branch->side[branch_side(slot->branch, key, length)];
	return slot->leaf;
}

struct toml_value *toml_value_find(const struct toml_value *table, const char *key, size_t length)
{
	if (!table->list.first)
		return NULL;
	struct toml_value *leaf = index_nearest(&table->list.index, key, length);
	return leaf->key_length == length && memcmp(leaf->key, key, length) == 0 ? leaf : NULL;
}

// Puts a value whose key is new into the index. False when there is no memory.
static bool index_insert(struct toml_document *document, struct toml_value *table, struct toml_value *value)
{
	struct toml_slot *slot = &table->list.index;
	if (!table->list.first) {
		slot->leaf = value;
		return true;
	}
	const struct toml_value *near = index_nearest(slot, value->key, value->key_length);
	struct toml_branch *branch = document_take(document, sizeof *branch);
	if (!branch)
		return false;
	size_t position = 0;
	unsigned difference;
	while (!(difference = key_symbol(value->key, value->key_length, position) ^
			      key_symbol(near->key, near->key_length, position)))
		position++;
	branch->position = (uint32_t)position;
	branch->mask = 0x100;
	while (!(difference & branch->mask))
		branch->mask >>= 1;
	while (slot->branch && (slot->branch->position < position ||
				(slot->branch->position == position && slot->branch->mask > branch->mask)))
		slot = &slot->branch->side[branch_side(slot->branch, value->key, value->key_length)];
	int side = branch_side(branch, value->key, value->key_length);
	branch->side[side] = (struct toml_slot){.leaf = value};
	branch->side[!side] = *slot;
	*slot = (struct toml_slot){.branch = branch};
	return true;
}

struct toml_value *toml_value_add(struct toml_parser *parser, struct toml_value *parent, const struct toml_name *name,
				  enum toml_type type, struct toml_position position)
{
	struct toml_document *document = parser->document;
	if (parent->depth >= document->limits.depth) {
		struct toml_phrase limit = toml_phrase_number(document->limits.depth);
		toml_error_join(parser->error, position.line, position.column,
				"expected at most ", limit.text, " levels of tables and arrays, found one more",
				(char *)NULL);
		return NULL;
	}
	struct toml_value *value = document_take(document, sizeof *value);
	if (!value) {
		document_is_full(document, parser->error, position);
		return NULL;
	}
	value->type = (uint8_t)type;
	value->depth = (uint8_t)(parent->depth + 1);
	value->line = value->key_line = position.line;
	value->column = value->key_column = position.column;
	value->parent = parent;
	if (name) {
		value->key = name->text;
		value->key_length = name->length;
		value->key_line = name->line;
		value->key_column = name->column;
		if (!index_insert(document, parent, value)) {
			document_is_full(document, parser->error, position);
			return NULL;
		}
	}
	if (parent->list.last)
		parent->list.last->next = value;
	else
		parent->list.first = value;
	parent->list.last = value;
	parent->list.count++;
	return value;
}

bool toml_text_put(struct toml_parser *parser, size_t *length, char byte)
{
	struct toml_document *document = parser->document;
	// One byte stays for the NUL of toml_text_finish. See struct toml_document for why this does not happen.
	if (document->text_used + *length + 1 >= document->text_size)
		return toml_error_join(parser->error, parser->line, parser->column,
				       "the decoded text is longer than the document", (char *)NULL);
	document->text[document->text_used + (*length)++] = byte;
	return true;
}

const char *toml_text_finish(struct toml_parser *parser, size_t length)
{
	struct toml_document *document = parser->document;
	char *text = document->text + document->text_used;
	text[length] = 0;
	document->text_used += length + 1;
	return text;
}
