// SPDX-License-Identifier: MIT
// Circles of servers that wait for each other to start: found when a server that is starting looks up a seat.
//
// Each seat remembers which seats its server has looked up since its launch; that counts only while it is starting. A
// look-up of B by A's server is refused when B is starting and needs A, directly or by others that are starting too. A seat
// that is starting also needs the one that its program is awaited from (image_from).
// A walk takes O(seats and look-ups involved). All with the table's lock held.
#include "seat.h"

static uint32_t walks; // [table lock] number of the latest walk

// What a seat needs is taken into account only while its server starts.
static bool is_starting(struct seat *seat, bool *has_needs, bool *awaits_image)
{
	lock_acquire(&seat->lock);
	bool starting = seat->state == SEAT_STARTING;
	*has_needs = seat->needs_generation == seat->generation;
	*awaits_image = seat_awaits_image_locked(seat);
	lock_release(&seat->lock);
	return starting;
}

static void visit(struct list *queue, struct seat *seat, struct seat *from)
{
	if (seat->walk_mark == walks)
		return;
	seat->walk_mark = walks;
	seat->walk_from = from;
	list_push_back(queue, &seat->walk_link);
}

static void visit_id(struct list *queue, uint32_t id, struct seat *from)
{
	struct seat *seat = seat_by_id_locked(id);
	if (seat)
		visit(queue, seat, from);
}

// Leaves the way from `start` to `goal` in walk_from of the seats on it.
static bool find_way(struct seat *start, struct seat *goal)
{
	struct list queue;
	struct list *link;
	bool found = false;
	list_init(&queue);
	walks++;
	visit(&queue, start, NULL);
	while ((link = list_pop(&queue))) {
		struct seat *seat = container_of(link, struct seat, walk_link);
		found |= seat == goal;
		bool has_needs, awaits_image;
		if (found || !is_starting(seat, &has_needs, &awaits_image))
			continue; // found: only empties the queue
		for (uint32_t i = 0; has_needs && i < seat->needs_count; i++)
			visit_id(&queue, seat->needs[i], seat);
		if (awaits_image)
			visit_id(&queue, seat->image_from, seat);
	}
	return found;
}

static size_t append(char *text, size_t room, size_t used, const char *more)
{
	return used < room ? used + format_text(text + used, room - used, "%s", more) : used;
}

// "fs/root -> blk/0 -> fs/root": from `needed` to `starter` along the way that was found, and back to `needed`.
static void describe(struct seat *starter, struct seat *needed, char *circle, size_t room)
{
	struct seat *next = NULL, *seat = starter;
	while (seat) { // turns the way around, so that it can be walked from its beginning
		struct seat *from = seat->walk_from;
		seat->walk_from = next;
		next = seat;
		seat = from;
	}
	size_t used = 0;
	for (seat = next; seat; seat = seat->walk_from) {
		used = append(circle, room, used, seat->name);
		used = append(circle, room, used, " -> ");
	}
	append(circle, room, used, needed->name);
}

bool seat_may_need_locked(struct seat *starter, struct seat *needed, char *circle, size_t room)
{
	if (!find_way(needed, starter))
		return true;
	describe(starter, needed, circle, room);
	return false;
}

bool seat_need_locked(struct seat *starter, struct seat *needed, char *circle, size_t room)
{
	if (!seat_may_need_locked(starter, needed, circle, room))
		return false;
	lock_acquire(&starter->lock);
	uint32_t generation = starter->generation;
	lock_release(&starter->lock);
	if (starter->needs_generation != generation)
		starter->needs_count = 0;
	starter->needs_generation = generation;
	for (uint32_t i = 0; i < starter->needs_count; i++)
		if (starter->needs[i] == needed->id)
			return true;
	if (starter->needs_count < SEAT_NEEDS_MAX)
		starter->needs[starter->needs_count++] = needed->id;
	return true;
}
