// SPDX-License-Identifier: MIT
// Ports that outlive their receivers, seen from the kernel and from a client.
#include "ipc_test.h"

static unsigned wanted, returned, died;

static void keeper_wanted(struct port *port) { wanted++; }
static void keeper_returned(struct port *port) { returned++; }
static void keeper_died(struct port *port) { died++; }

static const struct port_keeper_ops keeper = {
	.wanted = keeper_wanted,
	.returned = keeper_returned,
	.died = keeper_died,
};

static mach_port_name_t given;
static unsigned clients_done;

static void drop_it(void *argument)
{
	struct word_message m;
	CHECK_EQ(test_poll(given, &m), 1);
	CHECK_EQ(test_end_port(given), 0);
	CHECK_EQ(test_type(given), 0);
	clients_done++;
}

static void die_with_it(void *argument)
{
	struct word_message m;
	CHECK_EQ(test_poll(given, &m), 2);
	CHECK_EQ(test_send_word(test_port(), MAKE_SEND, 0, 0, 0, 0, 0, 0), 0);
	clients_done++;
}

// Sends a message of the kernel's with that id.
static void post(struct port *port, int id)
{
	message_send_kernel(message_create_kernel(&account_kernel, 28, id, port_make_send(port), (struct right){NULL, RIGHT_NONE}));
}

static bool give_to_client(struct port *port, void (*client)(void *))
{
	struct right right = port_take_kept(port);
	struct task *task = sim_task("client", NULL);
	if (right.kind != RIGHT_RECEIVE || !task)
		return false;
	task_reference(task);
	given = 0;
	if (space_insert_right(&task->space, right, &given))
		return false;
	sim_thread(task, client, NULL);
	sim_join(task);
	return true;
}

TEST(keeper_gets_its_port_back)
{
	struct books before;
	sim_settle();
	books_take(&before);
	wanted = returned = died = clients_done = 0;
	struct port *port = port_create_kept(&account_kernel, &keeper, NULL);
	CHECK(port);
	struct right send = port_make_send(port);
	post(port, 1);
	CHECK_EQ(wanted, 1);
	post(port, 2);
	post(port, 3);
	CHECK(give_to_client(port, drop_it));
	CHECK_EQ(returned, 1);
	CHECK_EQ(port_state(port), PORT_KEPT);
	CHECK_EQ(port->queued, 2);
	CHECK(give_to_client(port, die_with_it));
	CHECK_EQ(returned, 2);
	CHECK_EQ(clients_done, 2);
	CHECK_EQ(port->queued, 1);
	CHECK(!right_valid(port_take_kept(port)) || port_state(port) == PORT_TRANSIT);
	right_release((struct right){&port->plain, RIGHT_RECEIVE});
	CHECK_EQ(returned, 3);
	CHECK_EQ(died, 0);
	port_end_kept(port);
	CHECK_EQ(died, 1);
	CHECK_EQ(right_copy_send(send).kind, RIGHT_DEAD);
	right_release(send);
	port_release(port);
	CHECK(books_compare(&before, "after the keeper"));
}

static void hold_it(void *argument)
{
	struct word_message m;
	CHECK_EQ(test_receive(given, &m, sizeof(m), 0, 0), MACH_RCV_PORT_DIED);
	CHECK_EQ(test_type(given), MACH_PORT_TYPE_DEAD_NAME);
	clients_done++;
}

TEST(keeper_can_recall_its_port)
{
	clients_done = returned = 0;
	struct port *port = port_create_kept(&account_kernel, &keeper, NULL);
	CHECK(!port_recall(port));
	struct right right = port_take_kept(port);
	struct task *task = sim_task("client", NULL);
	CHECK(task);
	task_reference(task);
	given = 0;
	CHECK_EQ(space_insert_right(&task->space, right, &given), 0);
	sim_thread(task, hold_it, NULL);
	sim_settle();
	CHECK(port_recall(port));
	CHECK_EQ(port_state(port), PORT_KEPT);
	sim_join(task);
	CHECK_EQ(clients_done, 1);
	CHECK_EQ(returned, 0);
	port_end_kept(port);
	port_release(port);
}
