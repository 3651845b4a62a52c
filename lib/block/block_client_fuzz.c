// SPDX-License-Identifier: MIT
// A hostile driver: the input writes into the shared ring as it likes, lies about the device, dies. The client must not touch what is
// not its own, and once the driver is an honest one again, everything must end.
#include "block_fake.h"

#include "sum.h"

#include <gila/fuzz.h>

enum { IOS = 8 };

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

static struct block_client client;
static struct block_io ios[IOS];
static uint32_t pages[16];

static void scribble(struct input *in)
{
	uint64_t at = number(in, 2) % BLOCK_PAGE_LISTS;
	uint64_t size = number(in, 1) % 16;
	for (uint64_t i = 0; i < size && at + i < BLOCK_PAGE_LISTS; i++)
		((uint8_t *)client.ring)[at + i] = (uint8_t)number(in, 1);
}

static void reply(struct input *in)
{
	struct block_reply *r = &client.ring->replies[client.ring->reply_tail++ % BLOCK_SLOTS];
	*r = (struct block_reply){.sequence = number(in, 2), .status = (uint32_t)number(in, 1) % 9, .data_sum = number(in, 1)};
	r->sum = block_sum_reply(r);
}

static void lie(struct input *in)
{
	struct block_info *info = &fake_disk.device.info;
	info->transfer = (uint32_t)number(in, 3);
	info->pieces = (uint32_t)number(in, 2);
	info->range = (uint32_t)number(in, 2);
	info->sectors = number(in, 2);
}

static void submit(struct input *in)
{
	struct block_io *io = &ios[number(in, 1) % IOS];
	if (!io->done && io->operation)
		return;
	*io = (struct block_io){
		.operation = (uint16_t)(1 + number(in, 1) % 6),
		.flags = (uint16_t)(number(in, 1) % 2),
		.count = (uint32_t)number(in, 1),
		.sector = number(in, 2),
		.pieces = (uint32_t)(number(in, 1) % 17),
		.piece_size = 4096,
		.place = number(in, 1) * 4096,
		.pages = pages,
	};
	if (io->operation == BLOCK_FLUSH)
		io->count = 0;
	block_submit(&client, io);
}

static void act(struct input *in)
{
	switch (number(in, 1) % 10) {
	case 0:
		scribble(in);
		break;
	case 1:
	case 2:
		reply(in);
		break;
	case 3:
		lie(in);
		break;
	case 4:
		fake_driver_die();
		break;
	case 5:
		fake_now += number(in, 4) * 16;
		break;
	case 6:
	case 7:
		submit(in);
		break;
	case 8:
		fake_turn();
		break;
	default:
		fake_deliver(&client);
		block_poll(&client);
	}
}

static void all_must_end(void)
{
	uint64_t limit = fake_now + UINT64_C(3600000000000);
	fake_driver_die(); // the next one is honest
	for (;;) {
		bool busy = false;
		fake_deliver(&client);
		block_poll(&client);
		for (unsigned i = 0; i < IOS; i++)
			busy |= ios[i].operation && !ios[i].done;
		if (!busy)
			return;
		if (fake_now > limit)
			abort(); // it waits for ever
		fake_step();
	}
}

static int fuzz_client(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	fake_disk_begin(1);
	memset(ios, 0, sizeof(ios));
	for (unsigned i = 0; i < 16; i++)
		pages[i] = (i * 7) % 16;
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = 65536};
	if (block_open(&client, &how))
		abort();
	while (in.size)
		act(&in);
	all_must_end();
	block_close(&client);
	if (!fake_disk_end())
		abort(); // something is left over
	return 0;
}

FUZZ_TARGET(fuzz_client)
