// SPDX-License-Identifier: MIT
// A hostile client: the input writes into the session's shared memory as it likes, while the driver works. Some requests get right
// sums, so that what is behind that check is reached. Nothing may be carried out outside of the session's range or memory.
#include "block_fake.h"

#include "sum.h"

#include <abi/block.h>
#include <gila/fuzz.h>

struct input {
	const uint8_t *data;
	size_t size;
};

static uint64_t number(struct input *in, size_t bytes)
{
	uint64_t value = 0;
	bytes = bytes < in->size ? bytes : in->size;
	memcpy(&value, in->data, bytes);
	in->data += bytes;
	in->size -= bytes;
	return value;
}

static void scribble(struct input *in, struct block_client *client)
{
	uint64_t at = number(in, 3) % BLOCK_DATA_OFFSET;
	uint64_t size = number(in, 1) % 16;
	for (uint64_t i = 0; i < size && at + i < BLOCK_DATA_OFFSET; i++)
		((uint8_t *)client->ring)[at + i] = (uint8_t)number(in, 1);
}

static void request(struct input *in, struct block_client *client)
{
	uint32_t place = client->submitted++ % BLOCK_SLOTS;
	struct block_request *r = &client->ring->requests[place];
	*r = (struct block_request){
		.sequence = number(in, 2),
		.sector = number(in, 2),
		.count = (uint32_t)number(in, 1),
		.operation = (uint16_t)(number(in, 1) % 7),
		.pieces = (uint32_t)number(in, 1) % 10,
		.piece_size = (uint32_t)number(in, 1) * 512,
	};
	uint64_t at = number(in, 2);
	r->place = (at & 0x7ff) * 512 | at >> 11 << BLOCK_AREA_SHIFT;
	const uint32_t *list = &client->lists[place * BLOCK_PAGES_MAX];
	uint64_t bytes = (uint64_t)r->count * 512;
	if (r->operation == BLOCK_WRITE && r->pieces == 1 && r->place + bytes <= client->data_size)
		r->data_sum = block_sum_data(client->data, r, list);
	r->sum = block_sum_request(r, list);
	client->ring->submit_tail = client->submitted;
}

// Areas come and go; the one in use by requests stays.
static void share(struct input *in, struct block_client *client)
{
	mach_port_t shared;
	uint32_t area = (uint32_t)number(in, 1) % 20;
	uint64_t size = number(in, 1) % 4 * BLOCK_PAGE;
	if (block_share(client->session, area, MACH_PORT_NULL, size, &shared, 0) == KERN_SUCCESS)
		gila_port_drop(shared);
}

static void attach_again(struct block_client *client)
{
	client_lose(client, NULL);
	if (client_attach(client))
		return;
	memset(fake_disk.carried, 0, sizeof(fake_disk.carried));
}

static void act(struct input *in, struct block_client *client)
{
	switch (number(in, 1) % 9) {
	case 0:
		scribble(in, client);
		break;
	case 1:
	case 2:
	case 3:
		request(in, client);
		break;
	case 4:
		client->ring->reply_head = fake_disk.device.sessions ? fake_disk.device.sessions->replied : 0;
		break;
	case 5:
		if (fake_disk.count)
			fake_finish((unsigned)number(in, 1) % fake_disk.count, BLOCK_OK);
		break;
	case 6:
		attach_again(client);
		break;
	case 7:
		share(in, client);
		break;
	default:
		block_sessions_poll(&fake_disk.device);
		block_sessions_sleep(&fake_disk.device);
	}
}

static int fuzz_session(const uint8_t *data, size_t size)
{
	static struct block_client client;
	struct block_open how = {.seat = "blk/0", .first = 64, .count = 1024, .writable = true, .data_size = 65536};
	struct input in = {data, size};
	fake_disk_begin(1);
	memset(fake_disk.owned, 1, sizeof(fake_disk.owned));
	fake_disk.watch = true;
	memset(fake_disk.sectors, 0x5a, sizeof(fake_disk.sectors));
	if (block_open(&client, &how))
		abort();
	memset(client.data, 0xa5, client.data_size);
	while (in.size)
		act(&in, &client);
	while (fake_disk.count)
		fake_finish(0, BLOCK_OK);
	for (unsigned i = 0; i < FAKE_SECTORS; i++)
		if ((i < 64 || i >= 64 + 1024) && fake_disk.sectors[i][i % 512] != 0x5a)
			abort(); // outside of the range
	if (fake_disk.breaches)
		abort(); // a number was carried out twice
	block_close(&client);
	if (!fake_disk_end())
		abort(); // something is left over
	return 0;
}

FUZZ_TARGET(fuzz_session)
