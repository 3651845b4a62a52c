// SPDX-License-Identifier: MIT
// A server of the crowd's seats: keeps send rights that clients leave, gives them to others, and crashes at random, in
// all the places where that could hurt. See scenario_crowd.h.
#include "scenario_crowd.h"

#include <abi/traps.h>
#include <gila/seat_name.h>
#include <string.h>

#define KEPT 5u

struct server {
	mach_port_t self, port;
	mach_port_t kept[KEPT];
	uint32_t objects[KEPT];
};

static kern_return_t crowd_seat_take(const char *name, mach_port_t *port)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	*port = seat_result_name(result);
	return seat_result_code(result);
}

static void perhaps_crash(void)
{
	if (sim_random_below(60) == 0)
		sim_crash(11);
}

static void server_answer(struct server *server, struct crowd_message *message)
{
	unsigned slot = (unsigned)sim_random_below(KEPT);
	mach_port_t given = server->kept[slot];
	uint32_t given_object = server->objects[slot];
	bool deposit = MACH_PORT_VALID(message->rights[0].name);
	if (deposit) {
		server->kept[slot] = message->rights[0].name;
		server->objects[slot] = message->objects[0];
		given = given ? given : MACH_PORT_NULL;
	} else {
		server->kept[slot] = MACH_PORT_NULL;
	}
	message->head.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	message->head.msgh_size = sizeof(*message);
	message->head.msgh_local_port = MACH_PORT_NULL;
	message->head.msgh_id += 100;
	message->rights[0].name = given;
	message->rights[0].disposition = MACH_MSG_TYPE_MOVE_SEND;
	message->objects[0] = given_object;
	message->rights[1].name = MACH_PORT_NULL;
	message->letter++;
	perhaps_crash();
	mach_msg_return_t result = mach_msg(&message->head, MACH_SEND_MSG, sizeof(*message), 0, MACH_PORT_NULL, 0,
					    MACH_PORT_NULL);
	// The client may have died meanwhile; then the answer is still ours.
	if (result != MACH_MSG_SUCCESS && result != MACH_SEND_INVALID_DEST && result != MACH_SEND_INVALID_RIGHT)
		model_broken("a server's answer gives %x", result);
	if (result != MACH_MSG_SUCCESS) {
		kernelrpc_mach_port_deallocate_trap(server->self, message->head.msgh_remote_port);
		if (MACH_PORT_VALID(given))
			kernelrpc_mach_port_deallocate_trap(server->self, given);
	}
}

static void server_pong(mach_msg_header_t *ping)
{
	ping->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(ping->msgh_bits), 0);
	ping->msgh_size = sizeof(*ping);
	ping->msgh_local_port = MACH_PORT_NULL;
	ping->msgh_id = SEAT_PONG_ID;
	mach_msg(ping, MACH_SEND_MSG, sizeof(*ping), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static void server_main(void *argument)
{
	struct server server = {.self = task_self_trap()};
	struct crowd_buffer *buffer = sim_alloc(sizeof(*buffer));
	perhaps_crash();
	if (crowd_seat_take(sim_arguments()[1], &server.port) != KERN_SUCCESS)
		sim_exit(1);
	for (;;) {
		mach_msg_return_t result = mach_msg(&buffer->message.head, MACH_RCV_MSG, 0, sizeof(*buffer), server.port, 0,
						    MACH_PORT_NULL);
		perhaps_crash();
		if (result != MACH_MSG_SUCCESS)
			sim_exit(2);
		if (buffer->message.head.msgh_id == CROWD_REQUEST_ID)
			server_answer(&server, &buffer->message);
		else if (buffer->message.head.msgh_id == SEAT_PING_ID)
			server_pong(&buffer->message.head);
	}
}
SIM_PROGRAM(crowd_server, server_main);
