// SPDX-License-Identifier: MIT
// What the quick path leaves as it was from one message to the next, and what may happen to that between.
#include "ipc_test.h"

#include <kernel/task/thread.h>

enum { CALLS = 4, MANY = 200, LATER = 5000000 };

static mach_port_name_t server_port, client_handle;
static struct port *port; // the server's; a reference
static unsigned served[2], ended, stage;

// Answers each message; what a thread does between its messages differs.
static void serve(unsigned which, void (*between)(void))
{
	struct word_message m;
	uint32_t option = MACH_RCV_MSG, size = 0;
	for (;;) {
		mach_msg_return_t result = mach_msg_trap(&m.head, (mach_msg_option_t)option, size, sizeof(m), server_port, 0, 0);
		if (result != MACH_MSG_SUCCESS) {
			stage = result;
			break;
		}
		served[which]++;
		if (between)
			between();
		m.head.msgh_bits = MACH_MSGH_BITS(MOVE_ONCE, 0);
		m.head.msgh_local_port = 0;
		size = m.head.msgh_size;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
	ended++;
}

static void sleep_a_little(void) { mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 1000000); }
static void server_main(void *argument) { serve(0, NULL); }
static void server_that_sleeps(void *argument) { serve(0, sleep_a_little); }

// Begins to wait while the other one, who had a message, sleeps.
static void other_server(void *argument)
{
	while (served[0] == 0)
		mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 100000);
	serve(1, NULL);
}

// The word comes back, by the quick path if `quick`.
static void call(mach_port_t reply, uint32_t word, bool quick)
{
	struct word_message m = {.head = {.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE),
					  .msgh_remote_port = client_handle,
					  .msgh_local_port = reply,
					  .msgh_id = 5},
				 .words = {word}};
	uint64_t before = sim_quick_served();
	CHECK_EQ(mach_msg_trap(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head) + 4, sizeof(m), reply, 0, 0), 0);
	CHECK_EQ(m.words[0], word);
	CHECK(!quick || sim_quick_served() > before);
}

// A server with threads and a client of it, in tasks of their own; `meanwhile` runs in the kernel when all that can go on has.
static void run(void (*const servers[2])(void *), void (*client)(void *),
		void (*meanwhile)(struct task *server, struct task *client))
{
	struct books before;
	sim_settle();
	books_take(&before);
	sim_quick(SIM_QUICK_ALWAYS);
	struct task *server = sim_task("server", NULL), *caller = sim_task("client", NULL);
	CHECK(server && caller);
	task_reference(server);
	task_reference(caller);
	port = port_create(server->account);
	CHECK(port);
	struct right receive = {port_reference(port) ? &port->plain : NULL, RIGHT_RECEIVE};
	server_port = client_handle = MACH_PORT_NULL;
	CHECK_EQ(space_insert_right(&server->space, receive, &server_port), 0);
	CHECK_EQ(space_insert_right(&caller->space, port_make_send(port), &client_handle), 0);
	for (unsigned i = 0; i < 2; i++) {
		if (servers[i])
			sim_thread(server, servers[i], NULL);
		sim_settle(); // so the first waits first
	}
	sim_thread(caller, client, NULL);
	sim_settle();
	if (meanwhile)
		meanwhile(server, caller);
	sim_join(caller);
	sim_kill(server);
	sim_join(server);
	port_release(port);
	(void)books_compare(&before, "after both");
	ipc_check_begin();
	if (ipc_check_end())
		sim_fail();
}

// ---- A thread that waits for a time only leaves the queue of its port alone ------------------------------------------

static void client_of_two(void *argument)
{
	mach_port_t reply = test_port();
	for (uint32_t i = 0; i < CALLS; i++)
		call(reply, i, false);
	ended += 10;
}

TEST(quick_leaves_other_receivers_in_the_queue)
{
	run((void (*const[])(void *)){server_that_sleeps, other_server}, client_of_two, NULL);
	CHECK_EQ(served[0] + served[1], CALLS);
	CHECK(served[0] > 0 && served[1] > 0);
	CHECK(ended >= 10);
}

// ---- Names ---------------------------------------------------------------------------------------------------------

// Reply ports that come and go, and tables that grow, between calls; the handle dies at last.
static void client_of_names(void *argument)
{
	mach_port_t reply = test_port(), last = MACH_PORT_NULL;
	call(reply, 1, false); // the server's first wait is receive.c's, and the client has no home yet
	call(reply, 2, true);
	CHECK_EQ(test_end_port(reply), 0);
	struct word_message m = {.head = {.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE),
					  .msgh_remote_port = client_handle,
					  .msgh_local_port = reply}};
	CHECK_EQ(mach_msg_trap(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), sizeof(m), reply, 0, 0),
		 MACH_SEND_INVALID_REPLY);
	for (unsigned i = 0; i < MANY; i++)
		last = test_port();
	CHECK(last >> 8 > SPACE_CHUNK);
	call(last, 3, true);
	call(test_port(), 4, true);
	ended += 10;
	stage = 1;
	while (stage == 1)
		sleep_a_little();
	// The port died: its name does, whatever was kept of it.
	m.head.msgh_local_port = last;
	CHECK_EQ(mach_msg_trap(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), sizeof(m), last, 0, 0),
		 MACH_SEND_INVALID_DEST);
	CHECK_EQ(test_type(client_handle), MACH_PORT_TYPE_DEAD_NAME);
	ended += 100;
}

static void kill_server(struct task *server, struct task *client)
{
	sim_kill(server);
	sim_settle();
	stage = 2;
}

TEST(quick_follows_names_that_change)
{
	run((void (*const[])(void *)){server_main, NULL}, client_of_names, kill_server);
	CHECK_EQ(served[0], 4);
	CHECK(ended >= 110);
}

// ---- Waits that others end -----------------------------------------------------------------------------------------

static void client_of_one(void *argument)
{
	mach_port_t reply = test_port();
	call(reply, 1, false);
	call(reply, 2, true);
	ended += 10;
}

// The server waits as the quick path let it: it can be told why, suspended, and aborted.
static void abort_server(struct task *server, struct task *client)
{
	struct thread *thread;
	CHECK_EQ(task_list_threads(server, 0, &thread, 1), 1);
	CHECK(atomic_load(&thread->wait) & WAIT_QUICK);
	CHECK(thread_wait_why(thread) == receive_port_why);
	CHECK_EQ(thread_suspend(thread), KERN_SUCCESS);
	sim_settle();
	CHECK_EQ(thread_resume(thread), KERN_SUCCESS);
	sim_settle();
	CHECK(atomic_load(&thread->wait) & WAIT_QUICK);
	thread_abort(thread);
	sim_settle();
	CHECK_EQ(stage, (unsigned)MACH_RCV_INTERRUPTED);
	CHECK_EQ(ended, 11);
	thread_release(thread);
}

TEST(quick_waits_end_as_others_do)
{
	run((void (*const[])(void *)){server_main, NULL}, client_of_one, abort_server);
	CHECK_EQ(served[0], 2);
}

// The receive right goes elsewhere while a thread waits for it.
static void recall_port(struct task *server, struct task *client)
{
	CHECK(space_expel_receive(&server->space, port));
	sim_settle();
	CHECK_EQ(stage, (unsigned)MACH_RCV_PORT_DIED);
	struct doom doom;
	doom_init(&doom);
	port_drop_receive(port, &doom);
	doom_run(&doom);
}

TEST(quick_waits_end_when_the_port_leaves)
{
	run((void (*const[])(void *)){server_main, NULL}, client_of_one, recall_port);
	CHECK_EQ(served[0], 2);
}

// A suspended receiver gets its message and stays where it is.
static struct thread *suspended;

static void client_of_suspended(void *argument)
{
	mach_port_t reply = test_port();
	call(reply, 1, false);
	call(reply, 2, true);
	stage = 1;
	while (stage == 1)
		sleep_a_little();
	call(reply, 3, false);
	ended += 10;
}

static void suspend_server(struct task *server, struct task *client)
{
	CHECK_EQ(task_list_threads(server, 0, &suspended, 1), 1);
	CHECK_EQ(thread_suspend(suspended), KERN_SUCCESS);
	stage = 2;
	sim_sleep(LATER);
	CHECK_EQ(served[0], 2);
	CHECK_EQ(ended, 0);
	CHECK_EQ(thread_resume(suspended), KERN_SUCCESS);
	sim_sleep(LATER);
	CHECK_EQ(served[0], 3);
	CHECK_EQ(ended, 10);
	thread_release(suspended);
}

TEST(quick_messages_do_not_wake_the_suspended)
{
	run((void (*const[])(void *)){server_main, NULL}, client_of_suspended, suspend_server);
	CHECK_EQ(served[0], 3);
}
