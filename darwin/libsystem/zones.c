// SPDX-License-Identifier: MIT
// malloc's zones and sizes. Facts: libmalloc's <malloc/malloc.h>, malloc_size(3), malloc_good_size(3), malloc_zone_malloc(3).
//
// There is one heap, the host's; a zone that a program makes has its name and functions, and its blocks come out of that heap.
#include "errno.h"

#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *darwin_malloc(size_t size);
void *darwin_calloc(size_t count, size_t size);
void *darwin_realloc(void *block, size_t size);

struct zone { // as in <malloc/malloc.h>: programs call through the pointers
	void *reserved1, *reserved2;
	size_t (*size)(struct zone *, const void *);
	void *(*malloc)(struct zone *, size_t);
	void *(*calloc)(struct zone *, size_t, size_t);
	void *(*valloc)(struct zone *, size_t);
	void (*free)(struct zone *, void *);
	void *(*realloc)(struct zone *, void *, size_t);
	void (*destroy)(struct zone *);
	const char *name;
	unsigned (*batch_malloc)(struct zone *, size_t, void **, unsigned);
	void (*batch_free)(struct zone *, void **, unsigned);
	void *introspection;
	uint32_t version;
	void *(*memalign)(struct zone *, size_t, size_t);
	void (*free_definite_size)(struct zone *, void *, size_t);
	size_t (*pressure_relief)(struct zone *, size_t);
	int (*claimed)(struct zone *, void *);
};

size_t darwin_malloc_size(const void *block)
{
	return malloc_usable_size((void *)(uintptr_t)block);
}

// What a block of that size would have: the host's blocks are multiples of 16 with a word of their own.
size_t darwin_malloc_good_size(size_t size)
{
	return size <= 24 ? 24 : ((size + 8 + 15) & ~(size_t)15) - 8;
}

void *darwin_valloc(size_t size)
{
	void *block = aligned_alloc(4096, (size + 4095) & ~(size_t)4095);
	if (!block)
		errno_set(DARWIN_ENOMEM);
	return block;
}

// Facts: aligned_alloc(3): the size must be a multiple of the alignment, which must be a power of two of at least a pointer.
void *darwin_aligned_alloc(size_t align, size_t size)
{
	if (align < sizeof(void *) || (align & (align - 1)) || size % align)
		return errno_set(DARWIN_EINVAL), NULL;
	void *block = aligned_alloc(align, size);
	if (!block)
		errno_set(DARWIN_ENOMEM);
	return block;
}

// ---- zones ----------------------------------------------------------------------------------------------------------

size_t darwin_malloc_zone_size(struct zone *zone, const void *block) { return (void)zone, darwin_malloc_size(block); }
void *darwin_malloc_zone_malloc(struct zone *zone, size_t size) { return (void)zone, darwin_malloc(size); }
void *darwin_malloc_zone_calloc(struct zone *zone, size_t count, size_t size) { return (void)zone, darwin_calloc(count, size); }
void *darwin_malloc_zone_valloc(struct zone *zone, size_t size) { return (void)zone, darwin_valloc(size); }
void darwin_malloc_zone_free(struct zone *zone, void *block) { (void)zone, free(block); }
void *darwin_malloc_zone_realloc(struct zone *zone, void *block, size_t size) { return (void)zone, darwin_realloc(block, size); }

void *darwin_malloc_zone_memalign(struct zone *zone, size_t align, size_t size)
{
	void *block;
	(void)zone;
	return posix_memalign(&block, align, size) ? NULL : block;
}

unsigned darwin_malloc_zone_batch_malloc(struct zone *zone, size_t size, void **blocks, unsigned count)
{
	unsigned made = 0;
	(void)zone;
	while (made < count && (blocks[made] = malloc(size)))
		made++;
	return made;
}

void darwin_malloc_zone_batch_free(struct zone *zone, void **blocks, unsigned count)
{
	(void)zone;
	while (count > 0)
		free(blocks[--count]);
}

static void zone_free_sized(struct zone *zone, void *block, size_t size)
{
	(void)zone, (void)size;
	free(block);
}

size_t darwin_malloc_zone_pressure_relief(struct zone *zone, size_t goal)
{
	(void)zone, (void)goal;
	malloc_trim(0);
	return 0;
}

int darwin_malloc_zone_claimed(struct zone *zone, void *block)
{
	(void)zone;
	return block != NULL;
}

static void zone_keep(struct zone *zone)
{
	(void)zone; // the default zone stays
}

#define ZONE_FUNCTIONS                                                                                                 \
	.size = darwin_malloc_zone_size, .malloc = darwin_malloc_zone_malloc, .calloc = darwin_malloc_zone_calloc,     \
	.valloc = darwin_malloc_zone_valloc, .free = darwin_malloc_zone_free, .realloc = darwin_malloc_zone_realloc,   \
	.destroy = zone_keep, .batch_malloc = darwin_malloc_zone_batch_malloc,                                         \
	.batch_free = darwin_malloc_zone_batch_free, .version = 10, .memalign = darwin_malloc_zone_memalign,           \
	.free_definite_size = zone_free_sized, .pressure_relief = darwin_malloc_zone_pressure_relief,                  \
	.claimed = darwin_malloc_zone_claimed
static struct zone default_zone = {ZONE_FUNCTIONS, .name = "DefaultMallocZone"};

struct zone *darwin_malloc_default_zone(void)
{
	return &default_zone;
}

struct zone *darwin_malloc_zone_from_ptr(const void *block)
{
	return block ? &default_zone : NULL;
}

struct zone *darwin_malloc_create_zone(size_t start_size, unsigned flags)
{
	struct zone *zone = malloc(sizeof(*zone));
	(void)start_size, (void)flags;
	if (zone)
		*zone = (struct zone){ZONE_FUNCTIONS};
	return zone;
}

// Blocks that were not freed stay: a program that destroys a zone frees nothing else.
void darwin_malloc_destroy_zone(struct zone *zone)
{
	if (zone == &default_zone)
		return;
	free((void *)(uintptr_t)zone->name);
	free(zone);
}

void darwin_malloc_set_zone_name(struct zone *zone, const char *name)
{
	if (zone != &default_zone)
		free((void *)(uintptr_t)zone->name);
	zone->name = name ? strdup(name) : NULL;
}

const char *darwin_malloc_get_zone_name(const struct zone *zone)
{
	return zone->name;
}

// ---- the list of zones: only told, since no block of other heaps is asked for by address here ------------------------

enum { ZONES_MOST = 64 };
static struct zone *zone_list[ZONES_MOST] = {&default_zone};
struct zone **darwin_malloc_zones = zone_list;
uint32_t darwin_malloc_num_zones = 1;
static pthread_mutex_t zone_lock = PTHREAD_MUTEX_INITIALIZER; // guards both

void darwin_malloc_zone_register(struct zone *zone)
{
	pthread_mutex_lock(&zone_lock);
	if (darwin_malloc_num_zones < ZONES_MOST)
		zone_list[darwin_malloc_num_zones++] = zone;
	pthread_mutex_unlock(&zone_lock);
}

void darwin_malloc_zone_unregister(struct zone *zone)
{
	pthread_mutex_lock(&zone_lock);
	uint32_t at = 0;
	while (at < darwin_malloc_num_zones && zone_list[at] != zone)
		at++;
	if (at < darwin_malloc_num_zones)
		zone_list[at] = zone_list[--darwin_malloc_num_zones]; // the last takes its place, as on Darwin
	pthread_mutex_unlock(&zone_lock);
}

// Returns a kern_return_t. Of other tasks nothing is known.
int darwin_malloc_get_all_zones(uint32_t task, void *reader, struct zone ***zones, uint32_t *count)
{
	(void)task, (void)reader;
	*zones = zone_list;
	*count = darwin_malloc_num_zones;
	return 0;
}

int darwin_malloc_zone_check(struct zone *zone)
{
	(void)zone;
	return 1;
}

struct statistics {
	uint32_t blocks;
	size_t used, most_used, allocated;
};

static void zone_measure(struct statistics *to)
{
	struct mallinfo2 info = mallinfo2();
	*to = (struct statistics){(uint32_t)info.hblks, info.uordblks + info.hblkhd, info.uordblks + info.hblkhd, info.arena + info.hblkhd};
}

void darwin_malloc_zone_statistics(struct zone *zone, struct statistics *to)
{
	(void)zone;
	zone_measure(to);
}

struct statistics_all { // struct mstats of <malloc/malloc.h>
	size_t total, chunks_used, bytes_used, chunks_free, bytes_free;
};

struct statistics_all darwin_mstats(void)
{
	struct mallinfo2 info = mallinfo2();
	return (struct statistics_all){info.arena + info.hblkhd, 0, info.uordblks + info.hblkhd, info.ordblks, info.fordblks};
}

// ---- further allocations --------------------------------------------------------------------------------------------

void *darwin_reallocarray(void *block, size_t count, size_t size)
{
	size_t whole;
	if (__builtin_mul_overflow(count, size, &whole))
		return errno_set(DARWIN_ENOMEM), NULL;
	return darwin_realloc(block, whole);
}

// As reallocf: a block that cannot grow is freed.
void *darwin_reallocarrayf(void *block, size_t count, size_t size)
{
	void *grown = darwin_reallocarray(block, count, size);
	if (!grown && count > 0 && size > 0)
		free(block);
	return grown;
}

void darwin_malloc_make_purgeable(void *block) { (void)block; } // nothing takes it away
int darwin_malloc_make_nonpurgeable(void *block) { return (void)block, 0; }
void (*darwin_malloc_logger)(uint32_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uint32_t);
