// SPDX-License-Identifier: MIT
// Export tries; see trie.h.
#include "trie.h"

#include "reader.h"

enum { KIND = 3, WEAK = 4, REEXPORT = 8, RESOLVER = 16 };

static bool trie_read(struct reader *reader, struct trie_export *found)
{
	uint64_t flags = reader_uleb(reader);
	*found = (struct trie_export){.kind = flags & KIND, .weak = flags & WEAK, .imported = ""};
	if (flags & REEXPORT) {
		found->ordinal = (unsigned)reader_uleb(reader);
		found->imported = reader_string(reader);
	} else {
		found->offset = reader_uleb(reader);
		if (flags & RESOLVER)
			found->resolver = reader_uleb(reader);
	}
	return !reader->bad;
}

// Goes along the edge that the name continues with. NULL: there is none.
static const char *trie_edge(struct reader *reader, const char *name, uint64_t *node)
{
	for (unsigned edges = reader_byte(reader); edges > 0 && !reader->bad; edges--) {
		const char *edge = reader_string(reader);
		size_t length = strlen(edge);
		uint64_t to = reader_uleb(reader);
		if (!reader->bad && length > 0 && strncmp(edge, name, length) == 0) {
			*node = to;
			return name + length;
		}
	}
	return NULL;
}

bool trie_find(struct macho_range trie, const char *name, struct trie_export *found)
{
	uint64_t node = 0;
	for (;;) { // ends, because every edge eats at least one byte of the name
		if (node >= trie.size)
			return false;
		struct reader reader = {trie.at + node, trie.at + trie.size, false};
		uint64_t size = reader_uleb(&reader);
		if (reader.bad || size > (uint64_t)(reader.end - reader.at))
			return false;
		if (!*name)
			return size > 0 && trie_read(&reader, found);
		reader.at += size;
		name = trie_edge(&reader, name, &node);
		if (!name)
			return false;
	}
}
