// SPDX-License-Identifier: MIT
// A client of a block device; see client.h. What is here waits for messages and tells callers.
#include "client_internal.h"

#include <mach/mach_init.h>
#include <mach/notify.h>
#include <string.h>

#define RECEIVE (MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | \
		 MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE))

kern_return_t block_open(struct block_client *client, const struct block_open *how)
{
	memset(client, 0, sizeof(*client));
	client->how = *how;
	client->memory = how->memory;
	client->data_size = how->data_size;
	client->sequence = 1;
	client->patience = CLIENT_BUSY_MAX;
	client->waiting_end = &client->waiting;
	client->finished_end = &client->finished;
	kern_return_t error = gila_port_make(&client->notify);
	if (!error)
		error = client_attach(client);
	if (error) {
		gila_logf("cannot use the block device %s: %s", how->seat, gila_error_text(error));
		gila_port_drop_receive(client->notify);
	}
	return error;
}

void block_close(struct block_client *client)
{
	for (unsigned i = 0; i < BLOCK_AREAS; i++)
		gila_port_drop(client->areas[i].memory); // as the session's end gives them up
	gila_port_drop(client->session);
	gila_unmap(client->ring, BLOCK_DATA_OFFSET + client->data_size);
	gila_port_drop_receive(client->notify);
	gila_port_drop(client->memory);
	client->session = client->notify = client->memory = MACH_PORT_NULL;
	client->ring = NULL;
	client->data = NULL;
}

void block_submit(struct block_client *client, struct block_io *io)
{
	io->done = false;
	io->error = KERN_SUCCESS;
	io->sent = io->parts = 0;
	io->next = NULL;
	kern_return_t error = client_check_io(client, io);
	bool nothing = io->operation == BLOCK_FLUSH && !(client->info.features & BLOCK_CAN_FLUSH);
	if (error || nothing) {
		client_finish(client, io, error);
		return;
	}
	*client->waiting_end = io;
	client->waiting_end = &io->next;
	client_send(client);
}

// Calls who waits for what is done. They may submit more.
static void tell(struct block_client *client)
{
	while (client->finished) {
		struct block_io *io = client->finished;
		client->finished = io->next;
		if (!client->finished)
			client->finished_end = &client->finished;
		io->next = NULL;
		io->done = true;
		if (io->done_call)
			io->done_call(io);
	}
}

static uint32_t count_replies(const struct block_client *client)
{
	return atomic_load_explicit(&client->ring->reply_tail, memory_order_acquire) - client->replied;
}

// True: some have come while it looked.
static bool look_for(struct block_client *client, uint32_t count)
{
	if (client->state != BLOCK_CLIENT_ATTACHED || client->under_way == 0)
		return false;
	while (count_replies(client) < count)
		if (!block_spin_more(&client->spin))
			return false;
	block_spin_found(&client->spin);
	return true;
}

// True: there are replies, or the driver lies about them; don't sleep. `count`: how many replies to sleep for, at least 1.
static bool prepare_to_sleep(struct block_client *client, uint32_t count)
{
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return false;
	struct block_ring *ring = client->ring;
	atomic_store_explicit(&ring->client_waits, client->replied + count - 1, memory_order_relaxed);
	client->sleeps = true;
	atomic_thread_fence(memory_order_seq_cst); // the driver sees this, or we see its replies
	return count_replies(client) >= count;
}

static void work(struct block_client *client)
{
	uint64_t now = gila_time();
	client_attach_again(client, now);
	client_take(client);
	client_look_at_clock(client, now);
	client_send(client);
	tell(client);
}

void block_poll(struct block_client *client)
{
	do
		work(client);
	while (prepare_to_sleep(client, 1));
}

// The driver need not wake it for what it finds by itself.
static void stay_awake(struct block_client *client)
{
	if (client->sleeps && client->state == BLOCK_CLIENT_ATTACHED)
		atomic_store_explicit(&client->ring->client_waits, client->replied - 1, memory_order_relaxed);
	client->sleeps = false;
}

void block_look(struct block_client *client)
{
	stay_awake(client);
	work(client);
}

static uint64_t badge_of(const mach_msg_header_t *message)
{
	const char *end = (const char *)message + round_msg(message->msgh_size);
	return ((const mach_msg_badge_trailer_t *)(const void *)end)->msgh_badge;
}

// An older driver's death has another badge.
static void take_message(struct block_client *client, const mach_msg_header_t *message)
{
	if (badge_of(message) == 0)
		client_attach_end(client, message);
	else if (message->msgh_id == BLOCK_DONE_ID)
		client->wakes++;
	else if (message->msgh_id == MACH_NOTIFY_NO_SENDERS && badge_of(message) == client->badge &&
		 client->state == BLOCK_CLIENT_ATTACHED)
		client_lose(client, NULL);
}

void block_message(struct block_client *client, const mach_msg_header_t *message)
{
	take_message(client, message);
	block_poll(client);
}

uint64_t block_due(const struct block_client *client)
{
	if (client->finished)
		return 0;
	if (client->state != BLOCK_CLIENT_ATTACHED && !client->waiting && !client->under_way)
		return UINT64_MAX;
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return client->state == BLOCK_CLIENT_LOST ? client->attach_due : client->lost_since + BLOCK_PATIENCE;
	uint64_t due = UINT64_MAX;
	for (unsigned i = 0; i < BLOCK_SLOTS; i++)
		if (client->parts[i].io && client->parts[i].deadline < due)
			due = client->parts[i].deadline;
	return due;
}

static void sleep_for_message(struct block_client *client)
{
	struct {
		mach_msg_header_t head;
		uint8_t rest[512];
	} __attribute__((aligned(8))) message;
	uint64_t now = gila_time(), due = block_due(client);
	uint64_t ms = due <= now ? 0 : due == UINT64_MAX ? 60000 : (due - now + 999999) / 1000000;
	mach_msg_return_t result = mach_msg(&message.head, RECEIVE, 0, sizeof(message), client->notify,
					    (mach_msg_timeout_t)(ms < 60000 ? ms : 60000), MACH_PORT_NULL);
	if (result == MACH_MSG_SUCCESS) {
		take_message(client, &message.head);
		mach_msg_destroy(&message.head);
	}
}

// Until so many replies have come, or something else happens.
static void wait_for(struct block_client *client, uint32_t count)
{
	if (!look_for(client, count) && !prepare_to_sleep(client, count))
		sleep_for_message(client);
}

kern_return_t block_wait(struct block_client *client, struct block_io *io)
{
	work(client);
	while (!io->done) {
		wait_for(client, 1);
		work(client);
	}
	return io->error;
}

// A wake for half of what is under way: few messages, and the device still has work while the next requests are made.
void block_wait_all(struct block_client *client)
{
	work(client);
	while (client->waiting || client->under_way || client->finished) {
		wait_for(client, client->under_way > 1 ? client->under_way / 2 : 1);
		work(client);
	}
}

static kern_return_t one(struct block_client *client, uint16_t operation, uint64_t sector, uint64_t place, uint64_t size)
{
	if (size % BLOCK_SECTOR || size / BLOCK_SECTOR > UINT32_MAX)
		return KERN_INVALID_ARGUMENT;
	struct block_io io = {
		.operation = operation,
		.sector = sector,
		.count = (uint32_t)(size / BLOCK_SECTOR),
		.pieces = client_has_data(operation),
		.place = place,
	};
	block_submit(client, &io);
	return block_wait(client, &io);
}

kern_return_t block_read(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size)
{
	return one(client, BLOCK_READ, sector, place, size);
}

kern_return_t block_write(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size)
{
	return one(client, BLOCK_WRITE, sector, place, size);
}

kern_return_t block_flush(struct block_client *client) { return one(client, BLOCK_FLUSH, 0, 0, 0); }
