// SPDX-License-Identifier: MIT
// Tests of what clients see of a seat's servers dying: handles and queued messages survive, a request that was taken and
// not answered fails at once.
#include "seat_test.h"

#include <abi/traps.h>
#include <gila/lpc.h>
#include <gila/seat_name.h>
#include <gila/test.h>

#define MESSAGES 60u
#define FIRST_ID 5000
#define MS UINT64_C(1000000)

static unsigned received[MESSAGES], answered, died, crashes;
static bool passed;

struct any_message {
	mach_msg_header_t head;
	char rest[256];
};

static uint64_t by_name(const char *name, bool take)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return seat_result(KERN_INVALID_ARGUMENT, MACH_PORT_NULL);
	const uint64_t *w = packed.words;
	return take ? gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
		    : gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
}

// Receives, counts, answers who wants an answer, and crashes after every third message: before it answers.
static void eats(void *argument)
{
	struct any_message *message = sim_alloc(sizeof(*message));
	mach_port_t port = seat_result_name(by_name("t/q", true));
	for (unsigned i = 1;; i++) {
		if (mach_msg_trap(&message->head, MACH_RCV_MSG, 0, sizeof(*message), port, 0, 0) != MACH_MSG_SUCCESS)
			sim_exit(3);
		uint32_t number = (uint32_t)message->head.msgh_id - FIRST_ID;
		if (number < MESSAGES)
			received[number]++;
		if (i == 3) {
			crashes++;
			sim_crash(11);
		}
		if (message->head.msgh_remote_port == MACH_PORT_NULL)
			continue;
		message->head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message->head.msgh_bits), 0);
		message->head.msgh_local_port = MACH_PORT_NULL;
		message->head.msgh_size = sizeof(message->head);
		(void)mach_msg_trap(&message->head, MACH_SEND_MSG, sizeof(message->head), 0, 0, 0, 0);
	}
}
SIM_PROGRAM(seat_eats, eats);

static bool prepare(void)
{
	struct packed_recipe packed = packed_recipe("t/q", "/system/bin/seat_eats", NULL, NULL);
	packed.head.backoff_initial = 1000;
	packed.head.backoff_cap = 10000;
	memset(received, 0, sizeof(received));
	answered = died = crashes = 0;
	passed = false;
	return test_add(&packed);
}

static void sends(void *argument)
{
	struct any_message *message = sim_alloc(sizeof(*message));
	mach_port_t seat = seat_result_name(by_name("t/q", false));
	for (unsigned i = 0; i < MESSAGES; i++) {
		lpc_head_set(&message->head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), seat, MACH_PORT_NULL,
			     sizeof(message->head), FIRST_ID + (int)i);
		if (mach_msg_trap(&message->head, MACH_SEND_MSG, sizeof(message->head), 0, 0, 0, 0) != MACH_MSG_SUCCESS)
			return;
	}
	passed = true;
}

TEST(seat_queue_survives_its_servers)
{
	CHECK(prepare());
	sim_join(sim_client("sends", sends, NULL));
	CHECK(passed);
	for (unsigned i = 0; i < 1000 && !received[MESSAGES - 1]; i++)
		sim_sleep(100000);
	for (unsigned i = 0; i < MESSAGES; i++)
		CHECK_EQ(received[i], 1); // none lost, none twice
	CHECK_EQ(crashes, MESSAGES / 3);
	test_remove("t/q");
}

static void calls(void *argument)
{
	struct any_message *message = sim_alloc(sizeof(*message));
	mach_port_t seat = seat_result_name(by_name("t/q", false)), reply = mach_reply_port();
	for (unsigned i = 0; i < MESSAGES; i++) {
		lpc_head_set(&message->head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), seat,
			     reply, sizeof(message->head), FIRST_ID + (int)i);
		if (mach_msg_trap(&message->head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(message->head), sizeof(*message),
				  reply, 0, 0) != MACH_MSG_SUCCESS)
			return;
		if (message->head.msgh_id == MACH_NOTIFY_SEND_ONCE)
			died++;
		else if (message->head.msgh_id == FIRST_ID + (int)i)
			answered++;
	}
	passed = true;
}

TEST(seat_calls_are_answered_or_fail)
{
	CHECK(prepare());
	sim_join(sim_client("calls", calls, NULL));
	CHECK(passed);
	CHECK_EQ(died, MESSAGES / 3);
	CHECK_EQ(answered, MESSAGES - MESSAGES / 3);
	for (unsigned i = 0; i < MESSAGES; i++)
		CHECK_EQ(received[i], 1);
	test_remove("t/q");
}

// ---- Grants --------------------------------------------------------------------------------------------------------

static kern_return_t allowed, refused;

static void looks_up_two(void *argument)
{
	allowed = seat_result_code(by_name("t/q", false));
	refused = seat_result_code(by_name("u/q", false));
}

TEST(seat_grants_are_inherited_by_children)
{
	const char *const patterns[] = {"t/*"};
	struct grants *grants = grants_create(patterns, 1);
	CHECK(grants && prepare());
	struct task *parent = task_create(NULL, "parent", grants);
	grants_release(grants);
	CHECK(parent);
	struct task *child = sim_task("child", parent);
	CHECK(child);
	task_reference(child);
	allowed = refused = KERN_FAILURE;
	sim_thread(child, looks_up_two, NULL);
	sim_join(child);
	CHECK_EQ(allowed, KERN_SUCCESS);
	CHECK_EQ(refused, KERN_DENIED);
	task_terminate(parent, KERN_DEATH_EXIT, 0);
	task_release(parent);
	test_remove("t/q");
}

// ---- A server that swallows requests -----------------------------------------------------------------------------------

static void waits(void *argument)
{
	struct any_message *message = sim_alloc(sizeof(*message));
	mach_port_t seat = seat_result_name(by_name("t/a", false)), reply = mach_reply_port();
	lpc_head_set(&message->head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), seat, reply,
		     sizeof(message->head), FIRST_ID);
	if (mach_msg_trap(&message->head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(message->head), sizeof(*message), reply, 0, 0) !=
	    MACH_MSG_SUCCESS)
		return;
	died = message->head.msgh_id == MACH_NOTIFY_SEND_ONCE;
}

// Answers to pings are no proof of life for who waits for another answer.
TEST(seat_that_leaves_requests_without_an_answer_is_restarted)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	packed.head.heartbeat_interval = 100 * MS;
	packed.head.heartbeat_answers = 950 * MS;
	died = 0;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_sleep(3000 * MS); // without a request it may do nothing for ever
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.generation, 1);
	struct task *client = sim_client("waits", waits, NULL);
	sim_sleep(900 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.generation, 1);
	CHECK_EQ(died, 0);
	sim_join(client);
	CHECK_EQ(died, 1);
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.reason, SEAT_REASON_HEARTBEAT);
	CHECK(test_log_contains("has left a request without an answer"));
	test_remove("t/a");
}
