// SPDX-License-Identifier: MIT
// Circles of servers that wait for each other to start: found when a server that is starting looks up a seat.
//
// Each seat remembers which seats its server has looked up since its launch; that counts only while it is starting. A
// look-up of B by A's server is refused when B is starting and needs A, directly or by others that are starting too.
// A walk takes O(seats and look-ups involved). All with the table's lock held.
#include "seat.h"

static uint32_t walks; // [table lock] number of the latest walk

// Takes what a seat needs into account only while its server starts: is that so?
static bool is_starting(struct seat *seat)
{
	lock_acquire(&seat->lock);
	bool starting = seat->state == SEAT_STARTING && seat->needs_generation == seat->generation;
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
		if (found || !is_starting(seat))
			continue; // found: only empties the queue
		for (uint32_t i = 0; i < seat->needs_count; i++) {
			struct seat *next = seat_by_id_locked(seat->needs[i]);
			if (next)
				visit(&queue, next, seat);
		}
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

bool seat_need_locked(struct seat *starter, struct seat *needed, char *circle, size_t room)
{
	if (find_way(needed, starter)) {
		describe(starter, needed, circle, room);
		return false;
	}
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
