// SPDX-License-Identifier: MIT
// A side that is damaged itself, so that nothing which it says or hears is right: it ends, or is made to.
#include "block_test.h"

static unsigned doubts;

static void device_doubts(struct block_device *device, const char *why)
{
	doubts++;
	disk_wrong(false); // as after a launch
}

static void client_doubts(const struct block_client *self)
{
	doubts++;
	disk_wrong(false);
}

TEST(a_driver_that_finds_nothing_right_doubts_itself)
{
	begin(40);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	disk_device()->in_doubt = device_doubts;
	disk_wrong(true);
	doubts = 0;
	CHECK_EQ(block_write(&client, 8, 0, 4096), KERN_SUCCESS);
	CHECK_EQ(doubts, 1);
	CHECK(end());
}

TEST(a_client_that_gets_nothing_right_doubts_itself)
{
	begin(41);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	client.how.in_doubt = client_doubts;
	disk_wrong(true);
	doubts = 0;
	CHECK_EQ(block_write(&client, 8, 0, 4096), KERN_SUCCESS);
	CHECK_EQ(doubts, 1);
	CHECK_EQ(client.doubts, 0);
	CHECK(client.reattached >= CLIENT_DOUBTS - 1);
	CHECK(end());
}

// A client's word ends a driver only that has run for a while.
TEST(a_doubted_driver_is_not_ended_at_once)
{
	begin(42);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	disk_device()->in_doubt = device_doubts;
	doubts = 0;
	client.doubts = CLIENT_DOUBTS / 2;
	client_lose(&client, NULL);
	CHECK_EQ(block_read(&client, 8, 0, 512), KERN_SUCCESS);
	CHECK_EQ(doubts, 0);
	disk_later(SESSION_TRUST_TIME);
	client.doubts = CLIENT_DOUBTS / 2;
	client_lose(&client, NULL);
	CHECK_EQ(block_read(&client, 8, 0, 512), KERN_SUCCESS);
	CHECK_EQ(doubts, 1);
	CHECK(end());
}
