// SPDX-License-Identifier: MIT
// The scenario "ports": clients that throw rights of every kind at each other, in line and out of line, with badges, sets,
// notifications and time-outs, while some are killed. It knows nothing of who holds what: after every phase the kernel's
// rights are counted again (ipc_check), and at the end nothing may be left over.
#include "ipc_test.h"

#include <abi/mach_port.h>
#include <machine/sim/scenario.h>

enum { CLIENTS = 8, STEPS = 120, PHASES = 3, NAMES = 24, ARRAY = 3 };

struct ports_message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_ports_descriptor_t array;
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
};

static mach_port_t meeting[CLIENTS]; // each client's name of the send right that all have
static unsigned running;

struct names {
	mach_port_t self, own, set, name[NAMES];
};

static unsigned below(unsigned limit) { return (unsigned)sim_random_below(limit); }

static mach_port_t *any(struct names *names) { return &names->name[below(NAMES)]; }

// Keeps a name that came in, in the place of another, which is dropped.
static void keep(struct names *names, mach_port_t name)
{
	mach_port_t *place = any(names);
	if (*place && *place != name)
		mach_port_destroy(names->self, *place);
	*place = name;
}

static const uint32_t dispositions[] = {MOVE_SEND, MOVE_ONCE, COPY_SEND, MAKE_SEND, MAKE_ONCE, MOVE_RECEIVE};

static void send_rights(struct names *names)
{
	mach_port_t array[ARRAY] = {*any(names), 0, *any(names)};
	struct ports_message m = {
		.head = {.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				      MACH_MSGH_BITS(below(4) ? COPY_SEND : MOVE_ONCE, below(2) ? MAKE_ONCE : 0),
			 .msgh_remote_port = below(3) ? meeting[below(CLIENTS)] : *any(names),
			 .msgh_id = 1},
		.body = {2},
		.port = {.name = *any(names), .disposition = dispositions[below(6)], .type = MACH_MSG_PORT_DESCRIPTOR},
		.array = {.address = array, .count = below(ARRAY + 1), .disposition = dispositions[below(6)],
			  .copy = below(2), .type = MACH_MSG_OOL_PORTS_DESCRIPTOR},
	};
	if (MACH_MSGH_BITS_LOCAL(m.head.msgh_bits))
		m.head.msgh_local_port = names->own;
	uint32_t option = MACH_SEND_MSG | (below(4) ? MACH_SEND_TIMEOUT : 0) | (below(4) ? 0 : MACH_SEND_NOTIFY);
	// Without a time-out only where somebody receives for ever.
	if (!(option & MACH_SEND_TIMEOUT))
		option |= MACH_SEND_TIMEOUT;
	mach_msg_return_t error =
		mach_msg_trap(&m, (mach_msg_option_t)option, offsetof(struct ports_message, trailer), 0, 0, below(3), 0);
	if (error == MACH_SEND_TIMED_OUT) {
		keep(names, m.head.msgh_local_port == names->own ? 0 : m.head.msgh_local_port);
		keep(names, m.port.name);
	}
}

static void receive_rights(struct names *names, mach_port_t from)
{
	struct ports_message m;
	uint32_t option = MACH_RCV_TIMEOUT | (below(3) ? 0 : MACH_RCV_LARGE);
	uint32_t room = below(5) ? sizeof(m) : 60;
	if (test_receive(from, &m, room, option, below(3)) != MACH_MSG_SUCCESS)
		return;
	if (MACH_PORT_VALID(m.head.msgh_remote_port))
		keep(names, m.head.msgh_remote_port);
	if (!(m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	if (MACH_PORT_VALID(m.port.name))
		keep(names, m.port.name);
	if (m.body.msgh_descriptor_count < 2)
		return;
	for (unsigned i = 0; i < m.array.count; i++)
		if (MACH_PORT_VALID(((mach_port_t *)m.array.address)[i]))
			keep(names, ((mach_port_t *)m.array.address)[i]);
	if (m.array.count > 0)
		kernelrpc_mach_vm_deallocate_trap(names->self, (mach_vm_address_t)m.array.address, MD_PAGE_SIZE);
}

static void make_something(struct names *names)
{
	mach_port_t port = test_port();
	switch (below(4)) {
	case 0:
		keep(names, (mach_port_t)gila_port_mint(names->own, below(4)));
		break;
	case 1:
		keep(names, mk_timer_create_trap());
		break;
	case 2:
		test_insert_send(port);
		break;
	}
	if (below(2))
		kernelrpc_mach_port_insert_member_trap(names->self, port, names->set);
	keep(names, port);
}

static void ask(struct names *names)
{
	static const mach_msg_id_t what[] = {MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE, MACH_NOTIFY_NO_SENDERS,
					     MACH_NOTIFY_PORT_DESTROYED};
	mach_port_name_t previous = 0;
	kernelrpc_mach_port_request_notification_trap(names->self, *any(names), what[below(4)], 0,
						      below(4) ? names->own : *any(names), MAKE_ONCE, &previous);
	if (previous)
		keep(names, previous);
	gila_port_badge_notify(names->own, below(4), below(3), names->own, MAKE_ONCE);
}

static void step(struct names *names)
{
	switch (below(10)) {
	case 0:
		make_something(names);
		break;
	case 1:
		ask(names);
		break;
	case 2:
		test_deallocate(*any(names));
		break;
	case 3:
		kernelrpc_mach_port_move_member_trap(names->self, *any(names), below(3) ? names->set : 0);
		break;
	case 4:
		receive_rights(names, *any(names));
		break;
	case 5:
		receive_rights(names, names->set);
		break;
	case 6:
	case 7:
		receive_rights(names, names->own);
		break;
	default:
		send_rights(names);
	}
}

static void client_main(void *argument)
{
	struct names names = {.self = test_self(), .own = meeting[(uintptr_t)argument]};
	names.set = 0;
	kernelrpc_mach_port_allocate_trap(names.self, MACH_PORT_RIGHT_PORT_SET, &names.set);
	for (unsigned i = 0; i < STEPS * PHASES; i++) {
		step(&names);
		if (i % STEPS == STEPS - 1)
			mach_wait_until_trap((i / STEPS + 1) * 1000000000ull);
	}
	running--;
}

// Every client has the receive right of one port and send rights to all, under the same names everywhere.
static bool introduce(struct task *tasks[CLIENTS])
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct port *port = port_create(tasks[i]->account);
		struct right receive = {&port->plain, RIGHT_RECEIVE};
		meeting[i] = (i + 100) << 8 | 3;
		for (unsigned j = 0; j < CLIENTS; j++) {
			struct right send = port_make_send(port);
			if (space_insert_right(&tasks[j]->space, send, &meeting[i]))
				return false;
		}
		if (space_insert_right(&tasks[i]->space, receive, &meeting[i]))
			return false;
	}
	return true;
}

static void count_again(const char *when)
{
	sim_settle();
	ipc_check_begin();
	unsigned faults = ipc_check_end();
	if (faults) {
		log_line("ports", "%u faults %s", faults, when);
		sim_fail();
	}
}

SCENARIO(ports, 4)
{
	struct books before;
	struct task *tasks[CLIENTS];
	books_take(&before);
	for (unsigned i = 0; i < CLIENTS; i++) {
		tasks[i] = sim_task("client", NULL);
		if (!tasks[i]) {
			sim_fail();
			return;
		}
		task_reference(tasks[i]);
	}
	if (!introduce(tasks))
		sim_fail();
	running = CLIENTS;
	for (unsigned i = 0; i < CLIENTS; i++)
		sim_thread(tasks[i], client_main, (void *)(uintptr_t)i);
	for (unsigned phase = 0; phase < PHASES; phase++) {
		sim_sleep(below(20000));
		sim_kill(tasks[below(CLIENTS)]);
		sim_sleep(900000000);
		count_again("between the phases");
		sim_sleep((phase + 1) * 1000000000ull - md_clock_now());
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		sim_join(tasks[i]);
	count_again("at the end");
	(void)books_compare(&before, "ports");
}
