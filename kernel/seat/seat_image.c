// SPDX-License-Identifier: MIT
// Programs: what replaces that of the recipe, and those that are files, which the seat `loader` is asked for.
//
// A launch that is due and whose program is a file that is not here waits (state STARTING, no occupant) until
// seat_image_loaded, seat_image_failed or the start timeout. What has come stays: later launches need no file system.
// 1. A seat has at most one request under way (`asked`); a loader's death with it, or its reply, is the end of that
//    (seat_asked_over), and it is asked again if the launch still waits.
// 2. A program that comes late is taken all the same, unless the seat has another program by now (`stale`).
// 3. While it waits the seat needs the loader, then the seat whose server the loader reads from (`image_from`), so that
//    circles are seen.
#include "seat.h"

#include "../ipc/message.h"
#include "image.h"
#include "seat_table.h"

#include <gila/loader.h>

#define CIRCLE_ROOM 256u

bool seat_lacks_image_locked(const struct seat *seat)
{
	return !seat->image && seat->recipe->from_file;
}

bool seat_awaits_image_locked(const struct seat *seat)
{
	return seat->state == SEAT_STARTING && !seat->occupant && seat->launched != seat->generation &&
	       seat_lacks_image_locked(seat);
}

void seat_forget_asked_locked(struct seat *seat)
{
	seat->asked = 0;
	seat->stale = seat->asks;
}

// ---- Asking --------------------------------------------------------------------------------------------------------

// Fills in a string field, which is zeroed and large enough (recipe.c).
static void put(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
}

static kern_return_t send_fetch(struct seat *seat, struct seat *loader, const struct recipe *recipe, uint32_t request)
{
	struct right to = port_make_send(loader->port), answer = port_make_send_once(seat->reply_port);
	if (to.kind != RIGHT_SEND || answer.kind != RIGHT_SEND_ONCE) { // one of them was just removed
		right_release(to);
		right_release(answer);
		return KERN_TERMINATED;
	}
	struct message *message =
		message_create_kernel(&account_kernel, sizeof(struct loader_fetch), LOADER_FETCH_ID, to, answer);
	if (!message)
		return KERN_RESOURCE_SHORTAGE;
	struct loader_fetch *fetch = (struct loader_fetch *)(void *)message->data;
	fetch->ndr = NDR_record;
	put(fetch->seat, seat->name);
	put(fetch->program, recipe->program);
	fetch->request = request;
	message_send_kernel(message);
	return KERN_SUCCESS;
}

// Lock held: the launch that waits fails.
static void seat_image_ended_locked(struct seat *seat, kern_return_t why, const char *reason)
{
	log_line("seat", "%s: program %s cannot be loaded: %s (error %d)", seat->name, seat->recipe->program, reason, why);
	seat->occupant_generation = seat->generation;
	seat_ended_locked(seat, SEAT_REASON_LOAD, why);
}

void seat_image_late_locked(struct seat *seat)
{
	char reason[80];
	format_text(reason, sizeof(reason), "the seat " LOADER_SEAT " has not brought it within %llu ms",
		    (unsigned long long)(seat->recipe->head.start_timeout / 1000000));
	seat->asked = 0; // asked anew with the next launch; should it come after all it is still welcome
	seat_image_ended_locked(seat, KERN_OPERATION_TIMED_OUT, reason);
}

// The request is over without a program: so is the launch that waits for it. False: the request is not under way.
static bool asked_failed(struct seat *seat, uint32_t request, kern_return_t why, const char *reason)
{
	lock_acquire(&seat->lock);
	bool current = request && seat->asked == request;
	if (current) {
		seat->asked = 0;
		if (seat_awaits_image_locked(seat))
			seat_image_ended_locked(seat, why, reason);
	}
	lock_release(&seat->lock);
	return current;
}

void seat_ask_loader(struct seat *seat, const struct recipe *recipe, uint32_t request)
{
	char circle[CIRCLE_ROOM];
	struct seat *loader = seat_find(LOADER_SEAT);
	if (!loader) {
		asked_failed(seat, request, KERN_NOT_FOUND,
			     "the boot archive has no such program, and there is no seat " LOADER_SEAT " to fetch it as a file");
		return;
	}
	kern_return_t error = seat_image_from(seat, request, loader, circle, sizeof(circle));
	if (!error) {
		log_line("seat", "%s: waits for its program %s", seat->name, recipe->program);
		error = send_fetch(seat, loader, recipe, request);
	}
	if (error == KERN_NOT_WAITING) // stopped, or started anew
		seat_asked_over(seat, request, MIG_SERVER_DIED);
	else if (error)
		asked_failed(seat, request, error, "the seat " LOADER_SEAT " cannot be asked");
	seat_release(loader);
}

void seat_asked_over(struct seat *seat, uint32_t request, kern_return_t code)
{
	lock_acquire(&seat->lock);
	bool current = seat->asked && (request == seat->asked || request == 0);
	if (current) {
		seat->asked = 0;
		if (code == MIG_SERVER_DIED)
			seat_kick(seat, SEAT_LAUNCH_DUE); // asks again, if the launch still waits
		else if (seat_awaits_image_locked(seat))
			seat_image_ended_locked(seat, code ? code : KERN_FAILURE, "the loader answered, but not about it");
	}
	lock_release(&seat->lock);
}

// ---- Answers -------------------------------------------------------------------------------------------------------

kern_return_t seat_image_from(struct seat *seat, uint32_t request, struct seat *source, char *circle, size_t room)
{
	kern_return_t result = KERN_SUCCESS;
	*circle = 0;
	lock_acquire(&seat_table_lock);
	lock_acquire(&seat->lock);
	bool current = seat->asked == request && seat_awaits_image_locked(seat);
	lock_release(&seat->lock);
	if (!current)
		result = KERN_NOT_WAITING;
	else if (!seat_may_need_locked(seat, source, circle, room))
		result = KERN_ALREADY_WAITING;
	else
		seat->image_from = source->id;
	lock_release(&seat_table_lock);
	if (result == KERN_ALREADY_WAITING)
		log_line("seat", "refused to let %s wait for its program from %s: servers would wait for each other: %s",
			 seat->name, source->name, circle);
	return result;
}

kern_return_t seat_image_failed(struct seat *seat, uint32_t request, kern_return_t why, const char *reason)
{
	return asked_failed(seat, request, why ? why : KERN_FAILURE, reason) ? KERN_SUCCESS : KERN_NOT_WAITING;
}

// Takes over the reference on the image, or NULL. `request` as in abi/seat.defs.
static kern_return_t set_image(struct seat *seat, uint32_t request, struct image *image)
{
	kern_return_t result = KERN_SUCCESS;
	lock_acquire(&seat->lock);
	if (request == 0) {
		struct image *before = seat->image;
		seat->image = image;
		seat->failures = 0;
		seat_forget_asked_locked(seat);
		image = before;
	} else if (request > seat->stale && request <= seat->asks && seat_lacks_image_locked(seat)) {
		seat->image = image;
		image = NULL;
	} else {
		result = KERN_NOT_WAITING;
	}
	lock_release(&seat->lock);
	image_release(image);
	if (!result)
		seat_kick(seat, SEAT_LAUNCH_DUE);
	return result;
}

kern_return_t seat_set_image(struct seat *seat, struct memory *memory)
{
	struct image *image = NULL;
	kern_return_t error = memory ? image_copy(memory, &image) : KERN_SUCCESS;
	return error ? error : set_image(seat, 0, image);
}

kern_return_t seat_image_loaded(struct seat *seat, uint32_t request, struct memory *memory)
{
	struct image *image;
	kern_return_t error = image_copy(memory, &image);
	return error ? error : set_image(seat, request, image);
}
