// SPDX-License-Identifier: MIT
// What must be true of the crowd's messages and receive rights; see scenario_crowd.h.
#include "scenario_crowd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct crowd_object crowd_objects[CROWD_OBJECTS];
struct crowd_letter crowd_letters[CROWD_LETTERS];
uint32_t crowd_object_count, crowd_letter_count;
struct crowd_state crowd;

void model_broken(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	printf("crowd, seed %" PRIu64 ": ", sim_seed());
	vprintf(format, list);
	printf("\n");
	va_end(list);
	sim_fail();
}

uint32_t model_object_create(uint32_t owner)
{
	SIM_ALONE();
	if (crowd_object_count == CROWD_OBJECTS)
		return CROWD_NONE;
	crowd_objects[crowd_object_count] = (struct crowd_object){.owner = owner, .letter = CROWD_NONE};
	return crowd_object_count++;
}

void model_object_destroyed(uint32_t object)
{
	SIM_ALONE();
	crowd_objects[object].destroyed = true;
	crowd_objects[object].owner = CROWD_NONE;
}

uint32_t model_letter_begin(uint32_t sender, uint32_t object, uint32_t carried)
{
	SIM_ALONE();
	if (crowd_letter_count == CROWD_LETTERS)
		return CROWD_NONE;
	uint32_t letter = crowd_letter_count++;
	crowd_letters[letter] = (struct crowd_letter){.state = LETTER_SENDING,
						      .sender = sender,
						      .object = object,
						      .carried = carried,
						      .moves = crowd_objects[object].moves,
						      .circle = crowd_objects[object].owner == CROWD_NONE};
	if (carried != CROWD_NONE) {
		crowd_objects[carried].moves++;
		crowd_objects[carried].owner = CROWD_NONE;
		crowd_objects[carried].letter = letter;
	}
	return letter;
}

void model_letter_sent(uint32_t letter)
{
	SIM_ALONE();
	struct crowd_letter *one = &crowd_letters[letter];
	if (one->state != LETTER_SENDING)
		return;
	one->state = LETTER_SENT;
	one->sent_at = sim_now();
	if (crowd_objects[one->object].moves != one->moves)
		one->circle = true;
}

void model_letter_refused(uint32_t letter)
{
	SIM_ALONE();
	struct crowd_letter *one = &crowd_letters[letter];
	if (one->state != LETTER_SENDING)
		model_broken("letter %u was refused to its sender and received", letter);
	one->state = LETTER_REFUSED;
	if (one->carried != CROWD_NONE) {
		crowd_objects[one->carried].owner = one->sender;
		crowd_objects[one->carried].letter = CROWD_NONE;
	}
	crowd.letters_refused++;
}

void model_letter_received(uint32_t letter, uint32_t receiver, uint64_t start)
{
	SIM_ALONE();
	if (letter >= crowd_letter_count) {
		model_broken("a letter with the number %u was received, of %u", letter, crowd_letter_count);
		return;
	}
	struct crowd_letter *one = &crowd_letters[letter];
	if (one->state == LETTER_RECEIVED || one->state == LETTER_REFUSED)
		model_broken("letter %u was received %s", letter,
			     one->state == LETTER_RECEIVED ? "twice" : "after its send had failed");
	if (crowd_objects[one->object].owner != receiver)
		model_broken("letter %u to object %u of client %u came to client %u", letter, one->object,
			     crowd_objects[one->object].owner, receiver);
	// Time passes only while somebody can run: a receiver that is woken has its letter soon.
	uint64_t since = one->state == LETTER_SENT && one->sent_at > start ? one->sent_at : start;
	if (one->state == LETTER_SENT && sim_now() - since > sim_soon)
		model_broken("client %u got letter %u only %" PRIu64 " ns after it was there", receiver, letter,
			     sim_now() - since);
	one->state = LETTER_RECEIVED;
	if (one->carried != CROWD_NONE) {
		crowd_objects[one->carried].owner = receiver;
		crowd_objects[one->carried].letter = CROWD_NONE;
	}
}

void model_nothing_received(uint32_t receiver, uint64_t deadline, bool (*member)(const void *context, uint32_t object),
			    const void *context)
{
	SIM_ALONE();
	for (uint32_t i = 0; i < crowd_letter_count; i++) {
		const struct crowd_letter *one = &crowd_letters[i];
		// A wake-up takes time, too: only what was there well before the end counts as lost.
		if (one->state == LETTER_SENT && one->sent_at + sim_soon < deadline &&
		    crowd_objects[one->object].owner == receiver && member(context, one->object))
			model_broken("client %u waited until %" PRIu64 " ns but letter %u was there since %" PRIu64,
				     receiver, deadline, i, one->sent_at);
	}
}

// A letter with a receive right, to a right that was itself on the way at that time (perhaps in a send that failed later):
// if that would have closed a circle, the kernel has destroyed the letter, as Mach does.
static bool letter_may_be_circular(const struct crowd_letter *letter)
{
	return letter->carried != CROWD_NONE && letter->circle;
}

// Whether the receive right still exists, in the hands of a living client or in a queue that does. `depth` ends circles,
// whose rights the kernel has destroyed.
static bool object_lives(uint32_t object, const bool alive[CROWD_CLIENTS], unsigned depth)
{
	const struct crowd_object *one = &crowd_objects[object];
	if (one->destroyed || depth > CROWD_OBJECTS)
		return false;
	if (one->owner != CROWD_NONE)
		return alive[one->owner];
	const struct crowd_letter *letter = &crowd_letters[one->letter];
	return letter->state == LETTER_SENT && !letter_may_be_circular(letter) && object_lives(letter->object, alive, depth + 1);
}

void model_check_end(const bool alive[CROWD_CLIENTS])
{
	for (uint32_t i = 0; i < crowd_letter_count; i++) {
		const struct crowd_letter *one = &crowd_letters[i];
		if (one->state == LETTER_SENT && !letter_may_be_circular(one) && object_lives(one->object, alive, 0))
			model_broken("letter %u (with receive right %d) that client %u sent at %" PRIu64
				     " ns to object %u of client %d is lost",
				     i, (int)one->carried, one->sender, one->sent_at, one->object,
				     (int)crowd_objects[one->object].owner);
	}
}

void model_print(void)
{
	unsigned received = 0, moved = 0, drained = 0;
	for (uint32_t i = 0; i < crowd_letter_count; i++) {
		received += crowd_letters[i].state == LETTER_RECEIVED;
		moved += crowd_letters[i].state == LETTER_RECEIVED && crowd_letters[i].carried != CROWD_NONE;
	}
	for (unsigned i = 0; i < CROWD_CLIENTS; i++)
		drained += crowd.drained[i];
	printf("crowd: %u ports, %u letters (%u received, %u refused, %u with a receive right received), %u calls (%u "
	       "answered, %u servers died), %u clients ended well\n",
	       crowd_object_count, crowd_letter_count, received, crowd.letters_refused, moved, crowd.calls, crowd.answers,
	       crowd.server_deaths, drained);
}
