// SPDX-License-Identifier: MIT
// The two ways of a message must not differ in anything that can be seen: a client and a server in tasks of their own exchange the
// same messages, once with kern_trap_quick and once without; what both saw, byte for byte, and what the trace holds are compared.
#include "ipc_test.h"

#include <abi/trap_numbers.h>
#include <kernel/core/trace.h>
#include <string.h>

#define WORDS 400u
#define NOTE_SIZE 65536u

struct exchange {
	uint32_t bytes, answer;   // behind the header
	uint32_t client, server;  // options of their receives
	bool other_port;          // the answer goes to a port that the client receives from later
	bool bad_address;         // the server's receive fails, and it drops the reply right
	bool small;               // the client's buffer is too small for the answer
	uint32_t right;           // with a send right: its disposition
	uint32_t answer_right;    // the same in the answer, of the right that came
	enum { RIGHT_OF_OTHER, RIGHT_OF_SERVER, RIGHT_OF_DEAD } whose;
};

static const struct exchange exchanges[] = {
	{0, 0, 0, 0, false, false, false, 0, 0, 0},
	{32, 4, 0, 0, false, false, false, 0, 0, 0},
	{4, 1024, 0, 0, false, false, false, 0, 0, 0},
	{1020, 0, MACH_RCV_LARGE, MACH_RCV_LARGE, false, false, false, 0, 0, 0},
	{1400, 8, 0, 0, false, false, false, 0, 0, 0},
	{8, 1400, 0, 0, false, false, false, 0, 0, 0},
	{16, 16, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_SEQNO), MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE), false, false,
	 false, 0, 0, 0},
	{16, 16, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE), MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT), false, false,
	 false, 0, 0, 0},
	{12, 8, 0, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX), false, false, false, 0, 0, 0},
	{4, 4, 0, 0, true, false, false, 0, 0, 0},
	{4, 4, 0, 0, false, true, false, 0, 0, 0},
	{4, 256, 0, 0, false, false, true, 0, 0, 0},
	{4, 256, MACH_RCV_LARGE, 0, false, false, true, 0, 0, 0},
	{16, 16, 0, 0, false, false, false, COPY_SEND, MOVE_SEND, RIGHT_OF_OTHER},
	{16, 16, 0, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE), false, false, false, COPY_SEND, COPY_SEND, RIGHT_OF_OTHER},
	{16, 16, 0, 0, false, false, false, MOVE_SEND, MOVE_SEND, RIGHT_OF_OTHER},
	{16, 0, 0, 0, false, false, false, MAKE_SEND, 0, RIGHT_OF_OTHER},
	{20, 0, 0, 0, false, false, false, MAKE_ONCE, 0, RIGHT_OF_OTHER},
	{16, 16, 0, 0, false, false, false, COPY_SEND, COPY_SEND, RIGHT_OF_SERVER},
	{16, 0, 0, 0, false, false, false, COPY_SEND, 0, RIGHT_OF_DEAD},
	{16, 0, 0, 0, false, false, false, MOVE_SEND, 0, RIGHT_OF_DEAD},
	{0, 0, 0, 0, false, false, false, 0, 0, 0},
};
#define EXCHANGES array_count(exchanges)

struct note {
	uint8_t bytes[NOTE_SIZE];
	size_t size;
};
struct big_message {
	mach_msg_header_t head;
	uint32_t words[WORDS];
};

static struct {
	struct note client, server, trace;
} notes[2], *now;
static mach_port_name_t server_port, client_handle;
static uint32_t server_id, client_id; // of the tasks
static unsigned ended;
static uint64_t quick_count[2];

static void note(struct note *to, const void *bytes, size_t size)
{
	if (to->size + size > NOTE_SIZE) {
		sim_fail();
		return;
	}
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

static void note_word(struct note *to, uint64_t word) { note(to, &word, sizeof(word)); }

// A receive's result and the whole buffer; the number of the sender's task, which differs from run to run, as what it is.
static void note_message(struct note *to, mach_msg_return_t result, const struct big_message *m)
{
	struct big_message copy = *m;
	for (unsigned i = 0; i < WORDS; i++) {
		copy.words[i] = copy.words[i] == client_id ? 0x10001 : copy.words[i];
		copy.words[i] = copy.words[i] == server_id ? 0x10002 : copy.words[i];
	}
	note_word(to, (uint32_t)result);
	note(to, &copy, sizeof(copy));
}

// ---- The server ----------------------------------------------------------------------------------------------------

// The name of the one send-once right that it has, which nobody told it: the last one's place is used again.
static mach_port_name_t find_once(mach_port_name_t last)
{
	for (mach_port_name_t generation = 3; generation < 256; generation += 4)
		if (test_type((last & ~0xffu) | generation) == MACH_PORT_TYPE_SEND_ONCE)
			return (last & ~0xffu) | generation;
	return MACH_PORT_NULL;
}

static void server_main(void *argument)
{
	struct big_message m;
	mach_msg_option_t option = 0;
	uint32_t size = 0;
	for (unsigned i = 0; i < EXCHANGES; i++) {
		const struct exchange *e = &exchanges[i];
		mach_msg_return_t result;
		if (e->bad_address) {
			struct big_message answer = m;
			result = mach_msg_trap(&answer, option & MACH_SEND_MSG, size, 0, 0, 0, 0);
			CHECK_EQ(result, 0);
			result = mach_msg_trap((void *)64, MACH_RCV_MSG, 0, sizeof(m), server_port, 0, 0);
			note_word(&now->server, (uint32_t)result);
			CHECK_EQ(test_mod_refs(find_once(m.head.msgh_remote_port), MACH_PORT_RIGHT_SEND_ONCE, -1), 0);
			option = 0;
			size = 0;
			continue;
		}
		result = mach_msg_trap(&m, option | MACH_RCV_MSG | (mach_msg_option_t)e->server, size, sizeof(m), server_port, 0, 0);
		note_message(&now->server, result, &m);
		note_word(&now->server, test_type(m.head.msgh_remote_port));
		note_word(&now->server, e->right ? test_type(m.words[1]) : 0);
		mach_port_t right = m.words[1];
		for (unsigned w = 0; w < WORDS; w++)
			m.words[w] = i << 16 | w;
		m.head.msgh_bits = MACH_MSGH_BITS(MOVE_ONCE, 0) | (e->answer_right ? MACH_MSGH_BITS_COMPLEX : 0);
		if (e->answer_right) {
			m.words[0] = 1;
			m.words[1] = right;
			m.words[3] = e->answer_right << 16 | MACH_MSG_PORT_DESCRIPTOR << 24;
		}
		m.head.msgh_local_port = 0;
		m.head.msgh_id += 100;
		size = (uint32_t)sizeof(m.head) + e->answer;
		option = MACH_SEND_MSG;
	}
	CHECK_EQ(mach_msg_trap(&m, MACH_SEND_MSG, size, 0, 0, 0, 0), 0);
	note_word(&now->server, test_type(m.head.msgh_remote_port));
	ended++;
}

// ---- The client ----------------------------------------------------------------------------------------------------

static void client_main(void *argument)
{
	struct big_message m;
	mach_port_t reply = test_port(), other = test_port(), dead = test_port();
	CHECK_EQ(test_insert_send(other), 0);
	CHECK_EQ(test_insert_send(dead), 0);
	CHECK_EQ(test_end_port(dead), 0);
	for (unsigned i = 0; i < EXCHANGES; i++) {
		const struct exchange *e = &exchanges[i];
		mach_wait_until_trap(gila_clock_get_time(SYSTEM_CLOCK) + 1000000); // the server waits
		note_word(&now->client, test_type(client_handle));
		memset(&m, 0xcc, sizeof(m));
		m.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE),
					     .msgh_remote_port = client_handle,
					     .msgh_local_port = e->other_port ? other : reply,
					     .msgh_voucher_port = 77,
					     .msgh_id = (int)i};
		if (e->right) {
			m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
			m.words[0] = 1;
			m.words[1] = e->whose == RIGHT_OF_OTHER ? other : e->whose == RIGHT_OF_DEAD ? dead : client_handle;
			m.words[3] = e->right << 16 | MACH_MSG_PORT_DESCRIPTOR << 24;
		}
		uint32_t size = (uint32_t)sizeof(m.head) + e->bytes, limit = e->small ? 100 : sizeof(m);
		mach_msg_option_t option = MACH_SEND_MSG | (mach_msg_option_t)e->client;
		mach_msg_return_t result;
		if (e->other_port) {
			// The answer comes where this thread does not wait, so it must not wait at all.
			result = mach_msg_trap(&m, option, size, 0, 0, 0, 0);
			CHECK_EQ(result, 0);
			result = mach_msg_trap(&m, MACH_RCV_MSG, 0, limit, other, 0, 0);
		} else {
			result = mach_msg_trap(&m, option | MACH_RCV_MSG, size, limit, reply, 0, 0);
		}
		note_message(&now->client, result, &m);
		note_word(&now->client, test_type(other));
		note_word(&now->client, test_type(dead));
		// What was left in the queue, or the notification that the reply right went with the message.
		if (result == MACH_RCV_TOO_LARGE)
			note_message(&now->client, mach_msg_trap(&m, MACH_RCV_MSG, 0, sizeof(m), reply, 0, 0), &m);
	}
	ended++;
}

// ---- Both ways -----------------------------------------------------------------------------------------------------

// What the trace holds of one task's messages, without what differs from run to run (ports are numbered since boot).
static void note_trace(uint64_t cursor, uint32_t task)
{
	struct trace_record record;
	while (trace_read(&cursor, &record, 1) == 1) {
		bool trap = record.event == TRACE_TRAP_ENTER || record.event == TRACE_TRAP_EXIT;
		if (record.task != task || record.event == TRACE_TASK_START || record.event == TRACE_TASK_END)
			continue;
		note_word(&now->trace, record.event);
		note_word(&now->trace, record.a);
		note_word(&now->trace, trap ? 0 : record.c);
		note_word(&now->trace, trap ? 0 : record.d != 0);
		CHECK(record.text[0] == 0);
	}
}

static void run(unsigned which, enum sim_quick mode)
{
	struct books before;
	uint64_t cursor = 0, served = sim_quick_served();
	struct trace_record record;
	sim_settle();
	books_take(&before);
	while (trace_read(&cursor, &record, 1) == 1)
		continue;
	now = (void *)&notes[which];
	ended = 0;
	sim_quick(mode);
	struct task *server = sim_task("server", NULL), *client = sim_task("client", NULL);
	CHECK(server && client);
	task_reference(server);
	task_reference(client);
	server_id = server->id;
	client_id = client->id;
	struct port *port = port_create(server->account);
	CHECK(port);
	struct right receive = {&port->plain, RIGHT_RECEIVE};
	server_port = client_handle = MACH_PORT_NULL;
	port_reference(port);
	CHECK_EQ(space_insert_right(&server->space, receive, &server_port), 0);
	CHECK_EQ(space_insert_right(&client->space, port_make_badged(port, 4711, client->account), &client_handle), 0);
	port_release(port);
	sim_thread(server, server_main, NULL);
	sim_settle();
	sim_thread(client, client_main, NULL);
	sim_join(client);
	sim_join(server);
	CHECK_EQ(ended, 2);
	note_trace(cursor, server_id);
	note_trace(cursor, client_id);
	quick_count[which] = sim_quick_served() - served;
	sim_quick(SIM_QUICK_RANDOM);
	(void)books_compare(&before, "after both");
	ipc_check_begin();
	if (ipc_check_loose())
		sim_fail();
}

static void compare(const struct note *a, const struct note *b)
{
	size_t i = 0;
	while (i < a->size && i < b->size && a->bytes[i] == b->bytes[i])
		i++;
	CHECK_EQ(i, a->size); // else: where they differ
	CHECK_EQ(i, b->size);
}

TEST(quick_messages_are_as_others)
{
	run(0, SIM_QUICK_NEVER);
	run(1, SIM_QUICK_ALWAYS);
	compare(&notes[0].client, &notes[1].client);
	compare(&notes[0].server, &notes[1].server);
	compare(&notes[0].trace, &notes[1].trace);
	CHECK(notes[0].client.size > EXCHANGES * sizeof(struct big_message));
	CHECK_EQ(quick_count[0], 0);
	CHECK(quick_count[1] >= EXCHANGES);
}
