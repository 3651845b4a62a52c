// SPDX-License-Identifier: MIT
// The table; see names.h.
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 256u

struct named {
	struct named *next;
	mach_port_t port;
	char name[];
};

static struct named *buckets[BUCKETS];
static unsigned count;

// FNV-1a.
static struct named **bucket_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return &buckets[hash % BUCKETS];
}

mach_port_t names_find(const char *name)
{
	for (const struct named *named = *bucket_of(name); named; named = named->next)
		if (strcmp(named->name, name) == 0)
			return named->port;
	return MACH_PORT_NULL;
}

int names_add(const char *name, mach_port_t port)
{
	size_t size = strlen(name) + 1;
	if (names_find(name) != MACH_PORT_NULL)
		return BOOTSTRAP_ACTIVE;
	struct named *named = count < NAMES_MOST ? malloc(sizeof(*named) + size) : NULL, **bucket = bucket_of(name);
	if (!named)
		return BOOTSTRAP_NO_MEMORY;
	named->port = port;
	memcpy(named->name, name, size);
	named->next = *bucket;
	*bucket = named;
	count++;
	return 0;
}

unsigned names_drop(mach_port_t port)
{
	unsigned before = count;
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct named **at = &buckets[i]; *at;) {
			struct named *named = *at;
			if (named->port != port) {
				at = &named->next;
				continue;
			}
			*at = named->next;
			free(named);
			count--;
		}
	return before - count;
}
