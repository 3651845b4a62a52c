// SPDX-License-Identifier: MIT
// Replies, and what is done when none comes; see client_internal.h.
#include "client_internal.h"

#include "sum.h"

#include <string.h>

static void append(struct block_io ***end, struct block_io *io)
{
	io->next = NULL;
	**end = io;
	*end = &io->next;
}

void client_finish(struct block_client *client, struct block_io *io, kern_return_t error)
{
	io->error = error;
	append(&client->finished_end, io);
}

static void end_part(struct block_client *client, struct block_part *part, kern_return_t error)
{
	struct block_io *io = part->io;
	if (part->state != PART_SENT)
		client->again--;
	part->io = NULL;
	client->under_way--;
	io->parts--;
	if (!io->error)
		io->error = error;
	if (io->parts || io->sent < io->count)
		return;
	if (client->barrier == io)
		client->barrier = NULL;
	client_finish(client, io, io->error);
}

// All that waits fails. Whoever is not wholly sent is the first of those that wait.
void client_fail_all(struct block_client *client)
{
	for (struct block_io *io = client->waiting; io; io = io->next)
		io->sent = io->count;
	for (unsigned i = 0; i < BLOCK_SLOTS; i++)
		if (client->parts[i].io && client->parts[i].io != client->waiting)
			end_part(client, &client->parts[i], BLOCK_FAILED);
	for (unsigned i = 0; i < BLOCK_SLOTS; i++) {
		if (client->parts[i].io)
			client->parts[i].io->parts = 0;
		client->parts[i].io = NULL;
	}
	while (client->waiting) {
		struct block_io *io = client->waiting;
		client->waiting = io->next;
		client_finish(client, io, BLOCK_FAILED);
	}
	client->waiting_end = &client->waiting;
	client->under_way = client->again = 0;
	client->barrier = NULL;
}

static bool is_in(const struct block_io *io, uint32_t area)
{
	return client_has_data(io->operation) && io->pieces == 1 && io->place >> BLOCK_AREA_SHIFT == area;
}

// Those that wait are not sent any more; the parts of theirs that were end them.
static void unlink_area(struct block_client *client, uint32_t area)
{
	struct block_io **at = &client->waiting;
	while (*at) {
		struct block_io *io = *at;
		if (!is_in(io, area)) {
			at = &io->next;
			continue;
		}
		*at = io->next;
		io->next = NULL;
		io->sent = io->count;
		io->error = BLOCK_FAILED;
		if (client->barrier == io && io->parts == 0)
			client->barrier = NULL;
		if (io->parts == 0)
			client_finish(client, io, BLOCK_FAILED);
	}
	client->waiting_end = at;
}

void client_fail_area(struct block_client *client, uint32_t area)
{
	unlink_area(client, area);
	for (unsigned i = 0; i < BLOCK_SLOTS; i++)
		if (client->parts[i].io && is_in(client->parts[i].io, area))
			end_part(client, &client->parts[i], BLOCK_FAILED);
}

// ---- Replies -----------------------------------------------------------------------------------------------------------

static kern_return_t error_of(uint32_t status)
{
	switch (status) {
	case BLOCK_OK:
		return KERN_SUCCESS;
	case BLOCK_UNSUPPORTED:
		return KERN_NOT_SUPPORTED;
	case BLOCK_INVALID:
		return BLOCK_OUT_OF_RANGE;
	case BLOCK_READ_ONLY:
		return BLOCK_WRITE_PROTECTED;
	default:
		return BLOCK_FAILED;
	}
}

// A part that was sent again may have taken long because it was lost: that says nothing about the driver.
static void learn(struct block_client *client, const struct block_part *part, uint64_t now)
{
	uint64_t took = now > part->sent ? now - part->sent : 0;
	client->usual -= client->usual / 64;
	if (took > client->usual && !part->again)
		client->usual = took < CLIENT_USUAL_MAX ? took : CLIENT_USUAL_MAX;
	client->answered = true;
	client->doubts = 0;
	client->attach_delay = 0;
	client->patience = CLIENT_BUSY_MAX;
}

static void part_damaged(struct block_client *client, struct block_part *part, enum part_state state)
{
	client->damaged++;
	if (++part->tries <= CLIENT_TRIES) {
		client_part_again(client, part, state);
		return;
	}
	if (client->state == BLOCK_CLIENT_ATTACHED && ++client->doubts >= CLIENT_DOUBTS && client->how.in_doubt)
		client->how.in_doubt(client);
	client_lose(client, "too many wrong sums");
}

// The driver knows the request. How long it may go on saying so grows with each time that it was not believed.
static void part_busy(struct block_client *client, struct block_part *part, uint64_t now)
{
	uint64_t since = now > part->sent ? now - part->sent : 0;
	if (since > client->patience) {
		client->patience *= 2;
		client_lose(client, "a request does not end");
		return;
	}
	part->tries = 0;
	part->again = false;
	part->deadline = now + (since < CLIENT_TIMEOUT_MAX ? since : CLIENT_TIMEOUT_MAX) + CLIENT_TIMEOUT;
}

static bool data_right(struct block_client *client, const struct block_part *part, uint64_t sum)
{
	struct block_request request;
	const uint32_t *pages;
	if (part->io->operation != BLOCK_READ || !client->sums_data)
		return true;
	client_part_request(part, &request, &pages);
	return block_sum_data(client->data, &request, pages) == sum;
}

// A reply to nothing that is under way is a second one, or damaged.
static void take_reply(struct block_client *client, const struct block_reply *reply, uint64_t now)
{
	struct block_part *part = &client->parts[reply->sequence % BLOCK_SLOTS];
	if (!part->io || part->sequence != reply->sequence || part->state == PART_ANEW)
		return;
	if (reply->sum != block_sum_reply(reply) || reply->status < BLOCK_OK || reply->status > BLOCK_BUSY)
		part_damaged(client, part, PART_DUE);
	else if (reply->status == BLOCK_DAMAGED)
		part_damaged(client, part, PART_DUE);
	else if (reply->status == BLOCK_BUSY)
		part_busy(client, part, now);
	else if (reply->status == BLOCK_OK && !data_right(client, part, reply->data_sum))
		part_damaged(client, part, PART_ANEW);
	else {
		learn(client, part, now);
		end_part(client, part, error_of(reply->status));
	}
}

void client_take(struct block_client *client)
{
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return;
	struct block_ring *ring = client->ring;
	uint32_t tail = atomic_load_explicit(&ring->reply_tail, memory_order_acquire);
	if (tail == client->replied)
		return;
	if (tail - client->replied > BLOCK_SLOTS) {
		client_lose(client, "the driver has written more replies than there is room for");
		return;
	}
	uint64_t now = gila_time();
	while (client->replied != tail && client->state == BLOCK_CLIENT_ATTACHED) {
		struct block_reply reply = ring->replies[client->replied++ % BLOCK_SLOTS];
		atomic_signal_fence(memory_order_seq_cst); // the copy is what is used from here on
		take_reply(client, &reply, now);
	}
	atomic_store_explicit(&ring->reply_head, client->replied, memory_order_release);
}

// ---- The clock ---------------------------------------------------------------------------------------------------------

void client_look_at_clock(struct block_client *client, uint64_t now)
{
	if (client->state != BLOCK_CLIENT_ATTACHED || client->under_way == 0)
		return;
	uint32_t head = atomic_load_explicit(&client->ring->submit_head, memory_order_acquire);
	bool unread = false;
	for (unsigned i = 0; i < BLOCK_SLOTS; i++) {
		struct block_part *part = &client->parts[i];
		if (!part->io || now < part->deadline)
			continue;
		if (++part->tries > CLIENT_TRIES) {
			client_lose(client, "a request is not answered");
			return;
		}
		part->deadline = now + client_timeout(client, part->tries);
		if (part->state == PART_SENT && (int32_t)(part->number - head) >= 0)
			unread = true; // the ring message was lost, or the driver is slow
		else
			client_part_again(client, part, PART_DUE);
	}
	if (unread)
		client_ring(client);
}
