// SPDX-License-Identifier: MIT
// Rings that make no sense, on either side, and what a raw client may ask for.
#include "block_test.h"

#include "sum.h"

#include <string.h>

TEST(a_session_whose_ring_makes_no_sense_is_ended)
{
	begin(20);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	client.ring->submit_tail = 1000;
	block_sessions_poll(disk_device());
	block_sessions_poll(disk_device());
	CHECK(disk_device()->sessions == NULL);
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	client.ring->reply_head = 1000;
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 2);
	CHECK(end());
}

TEST(a_driver_whose_ring_makes_no_sense_is_not_believed)
{
	begin(21);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	client.ring->reply_tail = 1000;
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	client.ring->submit_head = 1000;
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 2);
	CHECK(end());
}

// What a raw client may send; each is answered with the status, or with nothing.
static uint32_t answer_to(struct block_request request, bool right_sum)
{
	struct block_session *session = disk_device()->sessions;
	uint32_t before = session->replied;
	request.sum = block_sum_request(&request, client.lists) + !right_sum;
	client.ring->requests[client.submitted++ % BLOCK_SLOTS] = request;
	client.ring->submit_tail = client.submitted;
	client.ring->reply_head = session->replied;
	block_sessions_poll(disk_device());
	return session->replied == before ? 0 : client.ring->replies[before % BLOCK_SLOTS].status;
}

TEST(requests_are_checked_by_the_driver)
{
	begin(22);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	memset(client.lists, 0xff, BLOCK_SLOTS * BLOCK_PAGES_MAX * 4);
	struct block_request good = {.sequence = 1, .operation = BLOCK_READ, .count = 1, .pieces = 1, .piece_size = 512}, r;
	struct block_request flush = {.sequence = 1, .operation = BLOCK_FLUSH};
	CHECK_EQ(answer_to(good, false), BLOCK_DAMAGED);
#define WITH(field, value) (r = good, r.field = (value), r)
	CHECK_EQ(answer_to(WITH(operation, 9), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(flags, 1), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(zero, 1), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(sector, UINT64_MAX), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(count, UINT32_MAX), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(pieces, 0), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(pieces, BLOCK_PAGES_MAX + 1), true), BLOCK_DAMAGED);
	CHECK_EQ(answer_to(WITH(piece_size, 1024), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(place, 1), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(place, client.data_size), true), BLOCK_INVALID);
	struct block_request two = {.sequence = 1, .operation = BLOCK_READ, .count = 16, .pieces = 2, .piece_size = 4096};
	CHECK_EQ(answer_to(two, true), BLOCK_INVALID); // pages beyond the data area
	CHECK_EQ(answer_to(WITH(operation, BLOCK_WRITE), true), BLOCK_DAMAGED); // the sum of the data is not 0
	CHECK_EQ(answer_to(WITH(sequence, 0), true), 0);
	CHECK_EQ(disk_starts(), 0);
	disk_hold();
	CHECK_EQ(answer_to(flush, true), 0);
	CHECK_EQ(answer_to(flush, true), BLOCK_BUSY);
	disk_finish();
	block_sessions_poll(disk_device());
	CHECK_EQ(answer_to(flush, true), BLOCK_OK); // again, without being carried out
	CHECK_EQ(disk_starts(), 1);
	CHECK_EQ(answer_to(WITH(sequence, 1000), true), 0);
	CHECK_EQ(disk_starts(), 2);
	CHECK_EQ(answer_to(WITH(sequence, 1000 - BLOCK_WINDOW), true), 0); // too old
	CHECK_EQ(disk_starts(), 2);
}

TEST(requests_are_of_whole_blocks)
{
	static const uint32_t pages[4] = {0, 1, 2, 3};
	begin(25);
	disk_device()->info.block_size = 4096;
	CHECK_EQ(open_client(), KERN_SUCCESS);
	memset(client.lists, 0, BLOCK_SLOTS * BLOCK_PAGES_MAX * 4);
	disk_hold();
	struct block_request good = {.sequence = 1, .operation = BLOCK_READ, .count = 16, .pieces = 2, .piece_size = 4096}, r;
	CHECK_EQ(answer_to(WITH(sector, 1), true), BLOCK_INVALID);
	CHECK_EQ(answer_to(WITH(count, 15), true), BLOCK_INVALID);
	struct block_request small = {.sequence = 1, .operation = BLOCK_READ, .count = 8, .pieces = 4, .piece_size = 1024};
	CHECK_EQ(answer_to(small, true), BLOCK_INVALID);
	CHECK_EQ(disk_starts(), 0);
	CHECK_EQ(answer_to(good, true), 0);
	CHECK_EQ(disk_starts(), 1);
	disk_finish();
	struct block_io io = {.operation = BLOCK_READ, .count = 8, .pieces = 4, .piece_size = 1024, .pages = pages};
	block_submit(&client, &io);
	CHECK_EQ(block_wait(&client, &io), KERN_INVALID_ARGUMENT);
}
