// SPDX-License-Identifier: MIT
// The scenario "calls": threads that call servers and are answered, on four CPUs, while what the quick path keeps between two
// messages changes under it: reply ports come and go, tables of names grow, rights go with messages, servers call each other,
// threads are aborted and suspended where they wait, clients and a server are killed. Each answer must be to its question, and at
// the end nothing may be left over.
#include "ipc_test.h"

#include <kernel/task/thread.h>
#include <machine/sim/scenario.h>

enum { SERVERS = 2, CLIENTS = 3, THREADS = 2, TASKS = SERVERS + CLIENTS, CALLS = 60, WORDS = 40, EXTRA = 80 };

struct call_message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port; // only with MACH_MSGH_BITS_COMPLEX
	uint32_t words[WORDS];
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
};

// One among the first names and one that is not; the same in all tasks.
static const mach_port_t handles[SERVERS] = {10 << 8 | 3, 200 << 8 | 3};
static unsigned answered, running;

static unsigned below(unsigned limit) { return (unsigned)sim_random_below(limit); }

// Sends and receives, again where it was interrupted.
static mach_msg_return_t exchange(struct call_message *m, uint32_t option, uint32_t size, mach_port_t from)
{
	for (;;) {
		mach_msg_return_t result = mach_msg_trap(&m->head, (mach_msg_option_t)option, size, sizeof(*m), from, 0, 0);
		if (result == MACH_RCV_INTERRUPTED)
			option &= ~(uint32_t)MACH_SEND_MSG;
		else if (result != MACH_SEND_INTERRUPTED)
			return result;
	}
}

// A call. The server may have ended, before or during it.
static void call(mach_port_t server, mach_port_t reply, mach_port_t right)
{
	static uint32_t last;
	struct call_message m = {.head = {.msgh_bits = MACH_MSGH_BITS(COPY_SEND, MAKE_ONCE),
					  .msgh_remote_port = server,
					  .msgh_local_port = reply,
					  .msgh_id = (int)(++last & 0xffffff) + 1000}};
	int id = m.head.msgh_id;
	uint32_t size = (uint32_t)sizeof(m.head) + 4 * below(WORDS);
	uint32_t *words = (uint32_t *)(void *)(&m.head + 1);
	if (right) {
		m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		m.body.msgh_descriptor_count = 1;
		m.port = (mach_msg_port_descriptor_t){.name = right, .disposition = COPY_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
		size = offsetof(struct call_message, words);
	} else {
		for (unsigned i = 0; i < (size - sizeof(m.head)) / 4; i++)
			words[i] = (uint32_t)id + i;
	}
	mach_msg_return_t result = exchange(&m, MACH_SEND_MSG | MACH_RCV_MSG, size, reply);
	if (result != MACH_MSG_SUCCESS) {
		CHECK(result == MACH_SEND_INVALID_DEST);
		return;
	}
	if (m.head.msgh_id == MACH_NOTIFY_SEND_ONCE)
		return;
	CHECK_EQ(m.head.msgh_id, id + 1);
	CHECK_EQ(m.head.msgh_local_port, reply);
	CHECK_EQ(m.head.msgh_size, size);
	if (right) {
		CHECK_EQ(m.port.name, right);
		CHECK_EQ(test_deallocate(right), 0); // the user reference that came back
	} else {
		for (unsigned i = 0; i < (size - sizeof(m.head)) / 4; i++)
			CHECK_EQ(words[i], (uint32_t)id + i);
	}
	answered++;
}

static void client_main(void *argument)
{
	mach_port_t reply = test_port(), right = test_port();
	CHECK_EQ(test_insert_send(right), 0);
	for (unsigned i = 0, extra = 0; i < CALLS; i++) {
		if (below(12) == 0) {
			CHECK_EQ(test_end_port(reply), 0);
			reply = test_port();
		}
		for (unsigned more = below(8) == 0 ? below(40) : 0; more > 0 && extra < EXTRA; more--, extra++)
			test_port();
		call(handles[below(SERVERS)], reply, below(6) == 0 ? right : MACH_PORT_NULL);
	}
	running--;
}

// Answers, also by asking the next server first.
static void server_main(void *argument)
{
	unsigned own = (unsigned)(uintptr_t)argument;
	mach_port_t reply = test_port();
	struct call_message m;
	uint32_t option = MACH_RCV_MSG, size = 0;
	for (;;) {
		uint32_t trailer = below(4) ? 0 : MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE);
		mach_msg_return_t result = exchange(&m, option | trailer, size, handles[own]);
		CHECK(result == MACH_MSG_SUCCESS || result == MACH_SEND_INVALID_DEST);
		option = MACH_RCV_MSG;
		size = 0;
		if (result != MACH_MSG_SUCCESS || m.head.msgh_id == MACH_NOTIFY_SEND_ONCE)
			continue;
		if (own + 1 < SERVERS && below(3) == 0)
			call(handles[own + 1], reply, MACH_PORT_NULL);
		bool complex = m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX;
		m.head.msgh_bits = MACH_MSGH_BITS(MOVE_ONCE, 0) | (complex ? MACH_MSGH_BITS_COMPLEX : 0);
		m.head.msgh_local_port = 0;
		m.head.msgh_id++;
		if (complex)
			m.port.disposition = MOVE_SEND;
		size = m.head.msgh_size;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
}

static bool introduce(struct task *tasks[TASKS])
{
	for (unsigned i = 0; i < SERVERS; i++) {
		struct port *port = port_create(tasks[i]->account);
		struct right receive = {&port->plain, RIGHT_RECEIVE};
		mach_port_name_t name = handles[i];
		for (unsigned j = 0; j < TASKS; j++)
			if (j != i && space_insert_right(&tasks[j]->space, port_make_send(port), &name))
				return false;
		if (space_insert_right(&tasks[i]->space, receive, &name))
			return false;
	}
	return true;
}

// Something happens to a thread of the task, wherever it is.
static void disturb(struct task *task)
{
	struct thread *threads[THREADS];
	uint32_t count = task_list_threads(task, 0, threads, THREADS);
	unsigned which = count ? below(count) : 0;
	for (uint32_t i = 0; i < count; i++) {
		if (i == which && below(2)) {
			thread_abort(threads[i]);
		} else if (i == which && thread_suspend(threads[i]) == KERN_SUCCESS) {
			sim_sleep(below(3000));
			CHECK_EQ(thread_resume(threads[i]), KERN_SUCCESS);
		}
		thread_release(threads[i]);
	}
}

SCENARIO(calls, 4)
{
	struct books before;
	struct task *tasks[TASKS];
	books_take(&before);
	for (unsigned i = 0; i < TASKS; i++) {
		tasks[i] = sim_task(i < SERVERS ? "server" : "client", NULL);
		if (!tasks[i]) {
			sim_fail();
			return;
		}
		task_reference(tasks[i]);
	}
	if (!introduce(tasks))
		sim_fail();
	running = CLIENTS * THREADS;
	uint64_t quick = sim_quick_served();
	if (below(2))
		sim_quick(SIM_QUICK_ALWAYS);
	for (unsigned i = 0; i < TASKS * THREADS; i++)
		sim_thread(tasks[i % TASKS], i % TASKS < SERVERS ? server_main : client_main, (void *)(uintptr_t)(i % TASKS));
	for (unsigned i = 0, kill = below(40); i < 40; i++) {
		sim_sleep(below(20000));
		disturb(tasks[below(TASKS)]);
		if (i == kill)
			sim_kill(tasks[1 + below(TASKS - 1)]); // not the server that waits for another
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		sim_join(tasks[SERVERS + i]);
	CHECK(answered > 0 && running <= THREADS);
	CHECK(sim_quick_served() > quick);
	for (unsigned i = 0; i < SERVERS; i++) {
		sim_kill(tasks[i]);
		sim_join(tasks[i]);
	}
	sim_settle();
	ipc_check_begin();
	if (ipc_check_end())
		sim_fail();
	(void)books_compare(&before, "calls");
}
