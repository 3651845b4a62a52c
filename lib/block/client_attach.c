// SPDX-License-Identifier: MIT
// Finding a driver, and the next one; see client_internal.h.
//
// Each attach gives the driver a send right with a badge of its own, so that the end of an earlier driver is not taken for the end
// of the present one. Everything unanswered gets new numbers, from the one that the attach names: what an earlier driver may still
// hold under older ones is carried out by nobody.
// The next driver is asked for a session without waiting: a file system has other things to do meanwhile. The question has one answer, on
// client->notify, which no driver can forge: it comes by a send-once right of the kernel's making, so it has no badge.
#include "client_internal.h"

#include <abi/block.h>

static void complain(struct block_client *client, const char *why)
{
	uint64_t now = gila_time();
	if (client->complained && now - client->complained < UINT64_C(1000000000))
		return;
	client->complained = now;
	gila_logf("block device %s: %s; attaching again", client->how.seat, why);
}

static void delay_attach(struct block_client *client)
{
	uint64_t delay = client->attach_delay;
	client->attach_due = gila_time() + delay;
	client->attach_delay = delay == 0 ? CLIENT_DELAY : delay >= CLIENT_DELAY_MAX / 2 ? CLIENT_DELAY_MAX : delay * 2;
}

void client_lose(struct block_client *client, const char *why)
{
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return;
	client->state = BLOCK_CLIENT_LOST;
	client->lost_since = gila_time();
	gila_port_drop(client->session);
	client->session = MACH_PORT_NULL;
	if (client->answered)
		client->attach_delay = 0;
	if (why) {
		complain(client, why);
		if (client->attach_delay == 0)
			client->attach_delay = CLIENT_DELAY;
	}
	delay_attach(client);
}

// What this driver takes, within what the interface allows.
static bool take_limits(struct block_client *client, const struct block_info *info)
{
	client->transfer = info->transfer < BLOCK_TRANSFER_MAX ? info->transfer / BLOCK_PAGE * BLOCK_PAGE : BLOCK_TRANSFER_MAX;
	client->piece_limit = info->pieces < BLOCK_PAGES_MAX ? info->pieces : BLOCK_PAGES_MAX;
	client->range = info->range ? info->range : 1;
	client->sums_data = info->features & BLOCK_SUMS_DATA;
	return client->transfer && client->piece_limit;
}

static kern_return_t map(struct block_client *client, mach_port_t shared)
{
	uint64_t size, wanted = BLOCK_DATA_OFFSET + client->data_size;
	void *address;
	kern_return_t error = gila_memory_bytes(shared, &size);
	if (!error && size < wanted)
		error = KERN_INVALID_CAPABILITY;
	if (!error)
		error = gila_memory_fix(shared); // a driver cannot cut it short under us
	if (!error)
		error = gila_map(shared, 0, wanted, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error)
		return error;
	client->ring = address;
	client->lists = (uint32_t *)(void *)((uint8_t *)address + BLOCK_PAGE_LISTS);
	client->data = (uint8_t *)address + BLOCK_DATA_OFFSET;
	return KERN_SUCCESS;
}

// Takes the answer of an attach. On an error the rights are still the caller's.
static kern_return_t accept(struct block_client *client, mach_port_t shared, const struct block_info *info)
{
	if (client->memory != MACH_PORT_NULL && shared != client->memory)
		return KERN_INVALID_CAPABILITY;
	if (!take_limits(client, info))
		return KERN_INVALID_VALUE;
	if (client->ring) {
		client->reattached++;
		return KERN_SUCCESS;
	}
	kern_return_t error = map(client, shared);
	if (!error)
		client->info = *info;
	client->info.serial[sizeof(client->info.serial) - 1] = 0;
	return error;
}

// Everything under way gets new numbers, in the old order, and is to be sent. The ring is empty.
static void renumber(struct block_client *client)
{
	struct block_part order[BLOCK_SLOTS];
	unsigned count = 0;
	uint64_t now = gila_time();
	for (unsigned i = 0; i < BLOCK_SLOTS; i++) {
		struct block_part *part = &client->parts[(client->sequence + i) % BLOCK_SLOTS];
		if (part->io)
			order[count++] = *part;
		part->io = NULL;
	}
	for (unsigned i = 0; i < count; i++) {
		order[i].sequence = client->sequence++;
		order[i].state = PART_DUE;
		order[i].tries = 0;
		order[i].sent = now;
		order[i].deadline = now + client_timeout(client, 0);
		client->parts[order[i].sequence % BLOCK_SLOTS] = order[i];
	}
	client->again = count;
	client->submitted = client->published = client->replied = 0;
}

static uint32_t attach_flags(const struct block_client *client)
{
	const struct block_open *how = &client->how;
	return (how->writable ? BLOCK_ATTACH_WRITE : 0u) | (how->sums ? BLOCK_ATTACH_SUMS : 0u) |
	       (client->doubts >= CLIENT_DOUBTS / 2 ? BLOCK_ATTACH_DOUBT : 0u);
}

// The rights of an answer become the client's, or are dropped.
static kern_return_t begin_session(struct block_client *client, mach_port_t session, mach_port_t shared, const struct block_info *info)
{
	kern_return_t error = accept(client, shared, info);
	if (error || client->memory != MACH_PORT_NULL)
		gila_port_drop(shared);
	if (error) {
		gila_port_drop(session);
		return error;
	}
	client->memory = client->memory != MACH_PORT_NULL ? client->memory : shared;
	client->session = session;
	client->state = BLOCK_CLIENT_ATTACHED;
	client->answered = false;
	renumber(client);
	error = client_share_again(client);
	if (error) {
		client_lose(client, NULL);
		return error;
	}
	error = gila_badge_watch(client->notify, client->badge, client->notify);
	if (error)
		client_lose(client, "its end cannot be watched");
	return KERN_SUCCESS;
}

static kern_return_t new_notify(struct block_client *client, mach_port_t *notify)
{
	client->badge++;
	return gila_badge_make(client->notify, client->badge, notify);
}

kern_return_t client_attach(struct block_client *client)
{
	const struct block_open *how = &client->how;
	mach_port_t device, notify, session, shared;
	struct block_info info;
	kern_return_t error = gila_seat(how->seat, &device);
	if (!error)
		error = new_notify(client, &notify);
	if (error)
		return error;
	error = block_attach(device, how->first, how->count, attach_flags(client), client->memory, client->data_size, client->sequence,
			     notify, &session, &shared, &info, BLOCK_ATTACH_MS);
	gila_port_drop(notify);
	return error ? error : begin_session(client, session, shared, &info);
}

// The same without waiting: client_attach_end gets the answer. A handle of the seat is there, so nobody is waited for.
static kern_return_t ask(struct block_client *client)
{
	const struct block_open *how = &client->how;
	mach_port_t device, notify;
	kern_return_t error = gila_seat(how->seat, &device);
	if (!error)
		error = new_notify(client, &notify);
	if (error)
		return error;
	error = block_send_attach(device, how->first, how->count, attach_flags(client), client->memory, client->data_size,
				  client->sequence, notify, client->notify, 0);
	gila_port_drop(notify);
	return error;
}

static void give_up(struct block_client *client, kern_return_t error)
{
	gila_logf("block device %s is lost: %s; requests fail", client->how.seat, gila_error_text(error));
	client->lost_since = gila_time();
	client_fail_all(client);
}

// Whether trying again cannot help: the device is another one, or not ours to use.
static bool is_final(kern_return_t error)
{
	return error == KERN_DENIED || error == KERN_NOT_FOUND || error == KERN_INVALID_ARGUMENT ||
	       error == BLOCK_OUT_OF_RANGE || error == BLOCK_WRITE_PROTECTED;
}

static bool is_too_long(const struct block_client *client) { return gila_time() - client->lost_since >= BLOCK_PATIENCE; }

static void attach_failed(struct block_client *client, kern_return_t error)
{
	client->state = BLOCK_CLIENT_LOST;
	delay_attach(client);
	if (is_final(error) || is_too_long(client))
		give_up(client, error);
}

void client_attach_again(struct block_client *client, uint64_t now)
{
	if (client->state == BLOCK_CLIENT_ATTACHED || (!client->waiting && !client->under_way))
		return;
	if (client->state == BLOCK_CLIENT_ATTACHING) {
		if (is_too_long(client))
			give_up(client, KERN_OPERATION_TIMED_OUT);
		return;
	}
	if (now < client->attach_due)
		return;
	client->state = BLOCK_CLIENT_ATTACHING;
	kern_return_t error = ask(client);
	if (error)
		attach_failed(client, error);
}

// What the message carries stays the message's.
static kern_return_t take_answer(struct block_client *client, const mach_msg_header_t *message)
{
	mach_port_t session, shared;
	struct block_info info;
	kern_return_t error = block_take_attach(message, &session, &shared, &info);
	if (!error)
		error = gila_port_copy(session);
	if (error)
		return error;
	error = gila_port_copy(shared);
	if (error) {
		gila_port_drop(session);
		return error;
	}
	return begin_session(client, session, shared, &info);
}

void client_attach_end(struct block_client *client, const mach_msg_header_t *message)
{
	if (client->state != BLOCK_CLIENT_ATTACHING)
		return;
	kern_return_t error = take_answer(client, message);
	if (error)
		attach_failed(client, error);
	else
		client->resent += client->under_way;
}
