// SPDX-License-Identifier: MIT
// Port spaces: the table of entries, its free list, and the hash from badges to entries; see space.h.
//
// Chunk c is in segment s = log2((c >> 3) + 1), which holds 8 << s chunk pointers. Buckets grow by linear hashing: one
// bucket is split for each entry added, so nothing is ever rehashed as a whole.
#include "space.h"

#include "message.h"
#include "notify.h"

#define CHUNK_ENTRIES SPACE_CHUNK
#define CHUNK_LIMIT (8u * ((1u << SPACE_SEGMENTS) - 1))
#define FIRST_BUCKETS 64u

_Static_assert(sizeof(struct entry) == 32, "64 entries fill a 2 KiB chunk");

static struct entry no_entries[CHUNK_ENTRIES]; // never written

// ---- Chunks --------------------------------------------------------------------------------------------------------

static uint32_t chunk_segment(uint32_t chunk, uint32_t *offset)
{
	uint32_t segment = 31u - (uint32_t)__builtin_clz((chunk >> 3) + 1);
	*offset = chunk - 8u * ((1u << segment) - 1);
	return segment;
}

static struct entry *chunk_find(const struct space *space, uint32_t chunk)
{
	uint32_t offset;
	if (chunk >= CHUNK_LIMIT)
		return NULL;
	struct entry **segment = space->segments[chunk_segment(chunk, &offset)];
	return segment ? segment[offset] : NULL;
}

static inline struct entry *entry_at(const struct space *space, uint32_t index)
{
	struct entry *chunk;
	// Most tasks have few names, and these are in the first segment.
	if (likely(index < SPACE_NEAR))
		chunk = space->near[index >> SPACE_CHUNK_SHIFT];
	else
		chunk = chunk_find(space, index >> SPACE_CHUNK_SHIFT);
	return chunk ? &chunk[index & (CHUNK_ENTRIES - 1)] : NULL;
}

static void free_push(struct space *space, uint32_t index, struct entry *entry)
{
	entry->free.next = space->free_first;
	if (space->free_first)
		entry_at(space, space->free_first)->free.previous = index;
	space->free_first = index;
}

// `previous` of the first one says nothing, so that taking that one touches no other.
static void free_remove(struct space *space, uint32_t index, struct entry *entry)
{
	if (index == space->free_first) {
		space->free_first = entry->free.next;
		return;
	}
	entry_at(space, entry->free.previous)->free.next = entry->free.next;
	if (entry->free.next)
		entry_at(space, entry->free.next)->free.previous = entry->free.previous;
}

static kern_return_t chunk_add(struct space *space, uint32_t chunk)
{
	uint32_t offset, number = chunk_segment(chunk, &offset);
	struct entry ***segment = &space->segments[number];
	if (!*segment && !(*segment = kalloc(space->account, (8u << number) * sizeof(struct entry *))))
		return KERN_RESOURCE_SHORTAGE;
	// Charged by the chunk, so that the names of everyday calls cost no accounting.
	if (!account_charge(space->account, ACCOUNT_RIGHT, CHUNK_ENTRIES))
		return KERN_NO_SPACE;
	struct entry *entries = kalloc(space->account, CHUNK_ENTRIES * sizeof(struct entry));
	if (!entries) {
		account_refund(space->account, ACCOUNT_RIGHT, CHUNK_ENTRIES);
		return KERN_RESOURCE_SHORTAGE;
	}
	(*segment)[offset] = entries;
	space->chunk_count++;
	if (chunk == 0)
		space->first = entries;
	// Pushed from the end so that low names come first. Index 0 is never a name.
	for (uint32_t i = CHUNK_ENTRIES; i-- > 0;) {
		uint32_t index = (chunk << SPACE_CHUNK_SHIFT) + i;
		entries[i].name = index << 8 | SPACE_FIRST_GENERATION;
		if (index > 0)
			free_push(space, index, &entries[i]);
	}
	while (chunk_find(space, space->next_chunk))
		space->next_chunk++;
	return KERN_SUCCESS;
}

// ---- Entries -------------------------------------------------------------------------------------------------------

static void entry_take_free(struct space *space, uint32_t index, struct entry *entry)
{
	free_remove(space, index, entry);
	space->in_use++;
	entry->badge = NULL;
	entry->request = NULL;
	entry->urefs = 0;
	entry->claims = 0;
}

void space_spare_settle(struct space *space)
{
	struct entry *spare = space->spare;
	if (!spare)
		return;
	space->spare = NULL;
	free_push(space, name_index(spare->name), spare);
}

bool space_spare_fill(struct space *space)
{
	uint32_t index = space->free_first;
	if (space->spare || !index)
		return space->spare;
	space->spare = entry_at(space, index);
	free_remove(space, index, space->spare);
	return true;
}

kern_return_t entry_alloc(struct space *space, mach_port_name_t *name, struct entry **entry)
{
	space_spare_settle(space);
	if (!space->free_first) {
		if (space->next_chunk >= CHUNK_LIMIT)
			return KERN_NO_SPACE;
		kern_return_t error = chunk_add(space, space->next_chunk);
		if (error)
			return error;
	}
	uint32_t index = space->free_first;
	*entry = entry_at(space, index);
	entry_take_free(space, index, *entry);
	*name = (*entry)->name;
	return KERN_SUCCESS;
}

kern_return_t entry_alloc_name(struct space *space, mach_port_name_t name, struct entry **result)
{
	space_spare_settle(space);
	uint32_t index = name_index(name), chunk = index >> SPACE_CHUNK_SHIFT;
	if (index == 0 || !MACH_PORT_VALID(name))
		return KERN_INVALID_VALUE;
	if (chunk >= CHUNK_LIMIT)
		return KERN_NO_SPACE;
	struct entry *entry = entry_at(space, index);
	// The index may be in use under another generation: the place is taken then, too.
	if (entry && entry->type != ENTRY_FREE)
		return entry->name == name ? KERN_NAME_EXISTS : KERN_FAILURE;
	if (!entry) {
		kern_return_t error = chunk_add(space, chunk);
		if (error)
			return error;
		entry = entry_at(space, index);
	}
	entry_take_free(space, index, entry);
	entry->name = name;
	*result = entry;
	return KERN_SUCCESS;
}

void entry_free(struct space *space, mach_port_name_t name, struct entry *entry)
{
	assert(!entry->request);
	entry->type = ENTRY_FREE;
	entry->claims = 0;
	entry->name = name_after(entry->name);
	space_spare_settle(space);
	free_push(space, name_index(name), entry);
	space->in_use--;
}

// A right whose port died becomes a dead name; a request on it has brought one more user reference.
static void entry_check(struct space *space, uint32_t index, struct entry *entry)
{
	if (!(entry->type & (ENTRY_SEND | ENTRY_SEND_ONCE)) || port_alive(entry->badge->port))
		return;
	struct badge *badge = entry->badge;
	bool send = entry->type & ENTRY_SEND;
	if (send)
		space_hash_remove(space, index, entry);
	else
		entry->urefs = 1;
	if (request_expire_locked(entry) && entry->urefs < MACH_PORT_UREFS_MAX)
		entry->urefs++;
	entry->type = ENTRY_DEAD;
	entry->badge = NULL;
	if (send)
		badge_drop(badge);
	else
		send_once_used(badge->port);
}

struct entry *space_entry(struct space *space, mach_port_name_t name)
{
	uint32_t index = name_index(name);
	struct entry *entry = index ? entry_at(space, index) : NULL;
	if (!entry || entry->type == ENTRY_FREE || entry->name != name)
		return NULL;
	entry_check(space, index, entry);
	return entry;
}

struct entry *space_entry_far(struct space *space, mach_port_name_t name)
{
	struct entry *entry = space->state == SPACE_LIVE ? entry_at(space, name_index(name)) : NULL;
	return entry && entry->name == name ? entry : &no_entries[0];
}

struct entry *space_next_entry(struct space *space, uint32_t from, uint32_t *index)
{
	for (uint32_t i = from; i >> SPACE_CHUNK_SHIFT < CHUNK_LIMIT;) {
		uint32_t offset, segment = chunk_segment(i >> SPACE_CHUNK_SHIFT, &offset);
		if (!space->segments[segment]) {
			// The first chunk of the next segment.
			i = (8u * ((2u << segment) - 1)) << SPACE_CHUNK_SHIFT;
			continue;
		}
		struct entry *chunk = space->segments[segment][offset];
		if (!chunk) {
			i = ((i >> SPACE_CHUNK_SHIFT) + 1) << SPACE_CHUNK_SHIFT;
			continue;
		}
		for (;; i++) {
			struct entry *entry = &chunk[i & (CHUNK_ENTRIES - 1)];
			if (entry->type != ENTRY_FREE) {
				*index = i;
				return entry;
			}
			if ((i & (CHUNK_ENTRIES - 1)) == CHUNK_ENTRIES - 1)
				break;
		}
		i++;
	}
	return NULL;
}

// ---- From badges to entries ----------------------------------------------------------------------------------------

static uint32_t badge_hash(const struct badge *badge)
{
	return (uint32_t)(((uint64_t)(uintptr_t)badge >> 4) * 0x9e3779b97f4a7c15ull >> 32);
}

static uint32_t *bucket_at(const struct space *space, uint32_t bucket)
{
	if (bucket < FIRST_BUCKETS)
		return &space->buckets[0][bucket];
	uint32_t segment = 32u - (uint32_t)__builtin_clz(bucket / FIRST_BUCKETS);
	return &space->buckets[segment][bucket - (FIRST_BUCKETS << (segment - 1))];
}

static uint32_t bucket_of(const struct space *space, const struct badge *badge)
{
	uint32_t low = 1u << (31u - (uint32_t)__builtin_clz(space->bucket_count)); // largest power of 2 in use
	uint32_t hash = badge_hash(badge), bucket = hash & (2 * low - 1);
	return bucket < space->bucket_count ? bucket : hash & (low - 1);
}

static bool buckets_grow(struct space *space, uint32_t segment, uint32_t count)
{
	if (segment >= SPACE_BUCKET_SEGMENTS)
		return false;
	if (!space->buckets[segment])
		space->buckets[segment] = kalloc_raw(space->account, count * sizeof(uint32_t));
	return space->buckets[segment] != NULL;
}

// Adds one bucket and moves to it what belongs there.
static bool bucket_split(struct space *space)
{
	uint32_t added = space->bucket_count, low = 1u << (31u - (uint32_t)__builtin_clz(added));
	uint32_t segment = 32u - (uint32_t)__builtin_clz(added / FIRST_BUCKETS);
	if (!buckets_grow(space, segment, FIRST_BUCKETS << (segment - 1)))
		return false;
	uint32_t *to = bucket_at(space, added), *from = bucket_at(space, added - low);
	*to = 0;
	space->bucket_count++;
	while (*from) {
		struct entry *entry = entry_at(space, *from);
		uint32_t index = *from;
		if (bucket_of(space, entry->badge) == added) {
			*from = entry->hash_next;
			entry->hash_next = *to;
			*to = index;
		} else {
			from = &entry->hash_next;
		}
	}
	return true;
}

bool space_hash_reserve(struct space *space)
{
	if (space->bucket_count == 0) {
		if (!buckets_grow(space, 0, FIRST_BUCKETS))
			return false;
		memset(space->buckets[0], 0, FIRST_BUCKETS * sizeof(uint32_t));
		space->bucket_count = FIRST_BUCKETS;
	}
	// Without memory for more buckets, chains only get longer.
	if (space->hashed >= space->bucket_count)
		(void)bucket_split(space);
	return true;
}

void space_hash_insert(struct space *space, uint32_t index, struct entry *entry)
{
	uint32_t *bucket = bucket_at(space, bucket_of(space, entry->badge));
	entry->hash_next = *bucket;
	*bucket = index;
	space->hashed++;
}

void space_hash_remove(struct space *space, uint32_t index, struct entry *entry)
{
	uint32_t *at = bucket_at(space, bucket_of(space, entry->badge));
	while (*at != index) {
		assert(*at);
		at = &entry_at(space, *at)->hash_next;
	}
	*at = entry->hash_next;
	space->hashed--;
}

struct entry *space_find_badge(struct space *space, const struct badge *badge, mach_port_name_t *name)
{
	if (space->bucket_count == 0)
		return NULL;
	for (uint32_t index = *bucket_at(space, bucket_of(space, badge)); index;) {
		struct entry *entry = entry_at(space, index);
		if (entry->badge == badge) {
			*name = entry->name;
			return entry;
		}
		index = entry->hash_next;
	}
	return NULL;
}

// ---- Birth and death -----------------------------------------------------------------------------------------------

kern_return_t space_init(struct space *space, struct account *account)
{
	*space = (struct space){.state = SPACE_LIVE, .account = account, .first = no_entries};
	space->segments[0] = space->near;
	lock_init(&space->lock, RANK_SPACE);
	return KERN_SUCCESS;
}

static void entry_destroy(struct space *space, uint32_t index, struct entry *entry, struct doom *doom)
{
	notify_port_deleted(request_cancel_locked(entry), entry->name);
	struct badge *badge = entry->badge;
	uint8_t type = entry->type;
	if (type == ENTRY_SET) {
		port_set_end(entry->set);
		port_set_release(entry->set);
		return;
	}
	if (type & ENTRY_RECEIVE) {
		lock_acquire(&badge->port->lock);
		port_leave_space_locked(badge->port);
		lock_release(&badge->port->lock);
		port_drop_receive(badge->port, doom);
	}
	if (type & ENTRY_SEND)
		badge_drop(badge);
	if (type & ENTRY_SEND_ONCE)
		notify_send_once((struct right){badge, RIGHT_SEND_ONCE});
}

static void space_free_tables(struct space *space)
{
	for (uint32_t chunk = 0; space->chunk_count > 0 && chunk < CHUNK_LIMIT; chunk++) {
		struct entry *entries = chunk_find(space, chunk);
		if (!entries)
			continue;
		kfree(space->account, entries, CHUNK_ENTRIES * sizeof(struct entry));
		account_refund(space->account, ACCOUNT_RIGHT, CHUNK_ENTRIES);
		space->chunk_count--;
	}
	memset(space->near, 0, sizeof(space->near));
	for (uint32_t i = 1; i < SPACE_SEGMENTS; i++) {
		kfree(space->account, space->segments[i], (8u << i) * sizeof(struct entry *));
		space->segments[i] = NULL;
	}
	for (uint32_t i = 0; i < SPACE_BUCKET_SEGMENTS; i++) {
		kfree(space->account, space->buckets[i], (FIRST_BUCKETS << (i ? i - 1 : 0)) * sizeof(uint32_t));
		space->buckets[i] = NULL;
	}
}

// Empties a space that was just marked dead. Nobody else looks into a dead space, so its entries need no lock.
static void space_empty(struct space *space)
{
	uint32_t index = 0;
	struct entry *entry;
	while ((entry = space_next_entry(space, index, &index))) {
		struct doom doom;
		doom_init(&doom);
		entry_destroy(space, index, entry, &doom);
		doom_run(&doom);
		index++;
	}
	space_free_tables(space);
}

static bool space_set_dead(struct space *space)
{
	lock_acquire(&space->lock);
	bool live = space->state == SPACE_LIVE;
	space->state = SPACE_DEAD;
	space->first = no_entries;
	space->spare = NULL;
	lock_release(&space->lock);
	return live;
}

void space_destroy(struct space *space)
{
	if (space_set_dead(space))
		space_empty(space);
}

kern_return_t space_reset(struct space *space)
{
	if (!space_set_dead(space))
		return KERN_INVALID_TASK;
	space_empty(space);
	lock_acquire(&space->lock);
	space->free_first = space->in_use = space->next_chunk = 0;
	space->bucket_count = space->hashed = 0;
	space->state = SPACE_LIVE;
	lock_release(&space->lock);
	return KERN_SUCCESS;
}
