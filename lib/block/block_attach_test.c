// SPDX-License-Identifier: MIT
// A client that lost its driver asks the next one for a session and does not wait for the answer.
#include "block_test.h"

#include <abi/block.h>
#include <mach/notify.h>

// Nobody waits in block_poll for a driver that is not there yet.
TEST(a_client_goes_on_while_it_is_being_attached)
{
	struct block_io io = {.operation = BLOCK_READ, .sector = 3, .count = 1, .pieces = 1};
	begin(13);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	*disk_bytes(3) = 'b';
	disk_die();
	disk_deliver();
	CHECK_EQ(client.state, BLOCK_CLIENT_LOST); // nothing needs one
	unsigned steps = disk_steps();
	block_submit(&client, &io);
	block_poll(&client);
	block_look(&client);
	CHECK(!io.done && client.state == BLOCK_CLIENT_ATTACHING && disk_steps() == steps);
	disk_deliver();
	CHECK_EQ(client.state, BLOCK_CLIENT_ATTACHED);
	CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
	CHECK_EQ(client.data[0], 'b');
	CHECK(end());
}

// What the session before has under way does not end, so the question waits at the driver, which dies with it.
TEST(a_driver_may_die_with_the_question_for_a_session)
{
	struct block_io io = {.operation = BLOCK_READ, .sector = 3, .count = 1, .pieces = 1};
	begin(14);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	disk_hold();
	block_submit(&client, &io);
	block_sessions_poll(disk_device());
	client_lose(&client, NULL);
	disk_settle();
	block_poll(&client);
	CHECK_EQ(client.state, BLOCK_CLIENT_ATTACHING);
	disk_deliver();
	CHECK_EQ(client.state, BLOCK_CLIENT_ATTACHING);
	disk_go_on();
	disk_die();
	CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	CHECK(end());
}

// An answer that no attach has, and what only looks like one.
TEST(answers_of_attaches_are_not_forged)
{
	begin(15);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	CHECK(disk_put(MACH_NOTIFY_SEND_ONCE, 0)); // nothing was asked
	disk_deliver();
	CHECK_EQ(client.state, BLOCK_CLIENT_ATTACHED);
	disk_die();
	disk_absent(true);
	CHECK(disk_put(BLOCK_BASE + 100, client.badge)); // by a right of a driver's
	disk_deliver();
	CHECK_EQ(client.reattached, 0);
	disk_absent(false);
	disk_later(CLIENT_DELAY_MAX);
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	CHECK(end());
}
