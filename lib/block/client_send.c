// SPDX-License-Identifier: MIT
// Requests on their way into the ring; see client_internal.h.
#include "client_internal.h"

#include "sum.h"

#include <abi/block.h>
#include <string.h>

bool client_has_data(uint16_t operation) { return operation == BLOCK_READ || operation == BLOCK_WRITE; }

// ---- Checks ------------------------------------------------------------------------------------------------------------

static bool data_fit(const struct block_client *client, const struct block_io *io)
{
	uint64_t bytes = (uint64_t)io->count * BLOCK_SECTOR;
	if (io->pieces == 1) {
		uint64_t size = client_area_size(client, io->place), offset = (uint32_t)io->place;
		return io->place % BLOCK_SECTOR == 0 && offset <= size && bytes <= size - offset;
	}
	if (io->pieces == 0 || io->piece_size == 0 || io->piece_size % BLOCK_SECTOR || io->piece_size > BLOCK_PAGE)
		return false;
	if ((bytes + io->piece_size - 1) / io->piece_size != io->pieces)
		return false;
	for (uint32_t i = 0; i < io->pieces; i++)
		if (io->pages[i] >= client->data_size / BLOCK_PAGE)
			return false;
	return true;
}

static kern_return_t check_feature(const struct block_client *client, uint16_t operation)
{
	uint32_t has = client->info.features;
	switch (operation) {
	case BLOCK_READ:
	case BLOCK_FLUSH:
		return KERN_SUCCESS;
	case BLOCK_WRITE:
		return has & BLOCK_CAN_WRITE ? KERN_SUCCESS : BLOCK_WRITE_PROTECTED;
	case BLOCK_DISCARD:
		return !(has & BLOCK_CAN_WRITE) ? BLOCK_WRITE_PROTECTED : has & BLOCK_CAN_DISCARD ? KERN_SUCCESS : KERN_NOT_SUPPORTED;
	case BLOCK_WRITE_ZEROES:
		return !(has & BLOCK_CAN_WRITE)	       ? BLOCK_WRITE_PROTECTED
		       : has & BLOCK_CAN_WRITE_ZEROES ? KERN_SUCCESS
						      : KERN_NOT_SUPPORTED;
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t client_check_io(const struct block_client *client, const struct block_io *io)
{
	kern_return_t error = check_feature(client, io->operation);
	if (error)
		return error;
	if ((io->count == 0) != (io->operation == BLOCK_FLUSH) || (io->flags & ~BLOCK_BARRIER))
		return KERN_INVALID_ARGUMENT;
	if (client_has_data(io->operation) && !data_fit(client, io))
		return KERN_INVALID_ARGUMENT;
	uint32_t unit = client->info.block_size / BLOCK_SECTOR;
	bool pieces_fit = unit <= 1 || io->pieces <= 1 || io->piece_size / BLOCK_SECTOR % unit == 0;
	if (unit > 1 && (io->sector % unit || io->count % unit || !pieces_fit))
		return KERN_INVALID_ARGUMENT;
	if (io->count && (io->sector > client->info.sectors || io->count > client->info.sectors - io->sector))
		return BLOCK_OUT_OF_RANGE;
	return KERN_SUCCESS;
}

// ---- Parts -------------------------------------------------------------------------------------------------------------

// Sectors of the next part of an io.
static uint32_t part_size(const struct block_client *client, const struct block_io *io)
{
	uint32_t left = io->count - io->sent, limit;
	if (!client_has_data(io->operation)) {
		limit = client->range;
	} else if (io->pieces == 1) {
		limit = client->transfer / BLOCK_SECTOR;
	} else {
		uint32_t pieces = client->transfer / io->piece_size;
		limit = (pieces < client->piece_limit ? pieces : client->piece_limit) * (io->piece_size / BLOCK_SECTOR);
	}
	return left < limit ? left : limit;
}

void client_part_request(const struct block_part *part, struct block_request *request, const uint32_t **pages)
{
	const struct block_io *io = part->io;
	uint32_t bytes = part->count * BLOCK_SECTOR;
	*request = (struct block_request){
		.sequence = part->sequence,
		.sector = io->sector + part->offset,
		.count = part->count,
		.operation = io->operation,
	};
	*pages = NULL;
	if (!client_has_data(io->operation))
		return;
	if (io->pieces > 1) {
		*pages = io->pages + part->offset / (io->piece_size / BLOCK_SECTOR);
		request->piece_size = io->piece_size;
		request->pieces = (bytes + io->piece_size - 1) / io->piece_size;
	}
	if (request->pieces <= 1) {
		request->place = *pages ? (uint64_t)**pages * BLOCK_PAGE : io->place + (uint64_t)part->offset * BLOCK_SECTOR;
		request->pieces = 1;
		request->piece_size = bytes;
	}
}

uint64_t client_timeout(const struct block_client *client, unsigned tries)
{
	uint64_t first = client->usual * 4 > CLIENT_TIMEOUT ? client->usual * 4 : CLIENT_TIMEOUT;
	uint64_t most = first > CLIENT_TIMEOUT_MAX ? first : CLIENT_TIMEOUT_MAX;
	uint64_t timeout = tries < 16 ? first << tries : most;
	return timeout < most ? timeout : most;
}

void client_part_again(struct block_client *client, struct block_part *part, enum part_state state)
{
	if (part->state == PART_SENT) {
		client->again++;
		client->resent++;
		part->again = true;
	}
	part->state = state;
}

static void write_part(struct block_client *client, struct block_part *part)
{
	struct block_request request;
	const uint32_t *pages;
	uint32_t place = client->submitted % BLOCK_SLOTS;
	client_part_request(part, &request, &pages);
	if (request.operation == BLOCK_WRITE && client->sums_data)
		request.data_sum = block_sum_data(client->data, &request, pages);
	request.sum = block_sum_request(&request, pages);
	if (request.pieces > 1)
		memcpy(&client->lists[place * BLOCK_PAGES_MAX], pages, request.pieces * sizeof(*pages));
	client->ring->requests[place] = request;
	part->number = client->submitted++;
	part->state = PART_SENT;
}

// ---- Sending -----------------------------------------------------------------------------------------------------------

static uint32_t ring_room(struct block_client *client)
{
	uint32_t unread = client->submitted - atomic_load_explicit(&client->ring->submit_head, memory_order_acquire);
	if (unread > BLOCK_SLOTS)
		client_lose(client, "the driver has read more requests than there were");
	else if (unread == BLOCK_SLOTS && client->under_way == 0)
		client_lose(client, "the driver has answered requests that it did not read");
	return unread < BLOCK_SLOTS ? BLOCK_SLOTS - unread : 0;
}

// A part whose data were wrong asks under a new number, because the driver only answers the old one again. False: the place of
// that number is taken.
static bool give_number(struct block_client *client, struct block_part **part)
{
	struct block_part *to = &client->parts[client->sequence % BLOCK_SLOTS];
	if (to->io && to != *part)
		return false;
	struct block_part moved = **part;
	(*part)->io = NULL;
	moved.sequence = client->sequence++;
	*to = moved;
	*part = to;
	return true;
}

static uint32_t send_again(struct block_client *client, uint32_t room)
{
	uint64_t first = client->sequence; // of the places, so that the oldest number comes first
	for (unsigned i = 0; i < BLOCK_SLOTS && client->again && room; i++) {
		struct block_part *part = &client->parts[(first + i) % BLOCK_SLOTS];
		if (!part->io || part->state == PART_SENT || (part->state == PART_ANEW && !give_number(client, &part)))
			continue;
		client->again--;
		room--;
		write_part(client, part);
	}
	return room;
}

// Nothing passes a barrier, and a barrier passes nothing.
static bool may_begin(const struct block_client *client, const struct block_io *io)
{
	if (client->barrier)
		return client->barrier == io;
	return !(io->flags & BLOCK_BARRIER) || client->under_way == 0;
}

static void send_part(struct block_client *client, struct block_io *io)
{
	struct block_part *part = &client->parts[client->sequence % BLOCK_SLOTS];
	uint64_t now = gila_time();
	*part = (struct block_part){
		.io = io,
		.sequence = client->sequence++,
		.sent = now,
		.deadline = now + client_timeout(client, 0),
		.offset = io->sent,
		.count = part_size(client, io),
	};
	io->sent += part->count;
	io->parts++;
	client->under_way++;
	if (io->flags & BLOCK_BARRIER)
		client->barrier = io;
	if (io->sent == io->count) {
		client->waiting = io->next;
		if (!client->waiting)
			client->waiting_end = &client->waiting;
		io->next = NULL;
	}
	write_part(client, part);
}

void client_ring(struct block_client *client)
{
	client->rings++;
	kern_return_t error = block_ring(client->session, 0);
	if (error && error != MACH_SEND_TIMED_OUT) // a full queue wakes the driver as well
		client_lose(client, "its session cannot be rung at");
}

static void publish(struct block_client *client)
{
	uint32_t before = client->published;
	if (before == client->submitted)
		return;
	client->published = client->submitted;
	atomic_store_explicit(&client->ring->submit_tail, client->submitted, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst); // the driver sees this, or we see that it sleeps
	if (block_must_wake(atomic_load_explicit(&client->ring->driver_waits, memory_order_relaxed), before, client->submitted))
		client_ring(client);
}

void client_send(struct block_client *client)
{
	if (client->state != BLOCK_CLIENT_ATTACHED || (!client->waiting && !client->again))
		return;
	uint32_t room = ring_room(client);
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return;
	if (client->again)
		room = send_again(client, room);
	for (; room && client->waiting && may_begin(client, client->waiting); room--) {
		if (client->parts[client->sequence % BLOCK_SLOTS].io)
			break;
		send_part(client, client->waiting);
	}
	publish(client);
}
