// SPDX-License-Identifier: MIT
// A client of the crowd: random steps on ports, sets, messages and seats, each checked against what the client knows
// it holds. See scenario_crowd.h.
#include "scenario_crowd.h"

#include <abi/traps.h>
#include <gila/seat_name.h>
#include <mach/thread_switch.h>
#include <mach/notify.h>
#include <string.h>

#define HOLDINGS 24u
#define SETS 2u
#define NO_SET SETS

// A name of the client and what it knows about the rights behind it.
struct holding {
	mach_port_t name; // MACH_PORT_NULL: free
	uint32_t object;
	bool receive;
	unsigned sends; // user references of the send right, or of the dead name that it became
	unsigned set;   // of the receive right, or NO_SET
};

struct client {
	uint32_t index;
	mach_port_t self, reply, sets[SETS];
	struct holding holdings[HOLDINGS];
};

static struct client clients[CROWD_CLIENTS];

static kern_return_t crowd_seat_lookup(const char *name, mach_port_t *port)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	*port = seat_result_name(result);
	return seat_result_code(result);
}

static uint32_t below(uint32_t limit) { return (uint32_t)sim_random_below(limit); }

// ---- Holdings -------------------------------------------------------------------------------------------------------

static struct holding *holding_find(struct client *client, uint32_t object)
{
	for (unsigned i = 0; i < HOLDINGS; i++)
		if (client->holdings[i].name && client->holdings[i].object == object)
			return &client->holdings[i];
	return NULL;
}

static struct holding *holding_free(struct client *client)
{
	for (unsigned i = 0; i < HOLDINGS; i++)
		if (!client->holdings[i].name)
			return &client->holdings[i];
	return NULL;
}

enum wanted { WANT_ANY, WANT_RECEIVE, WANT_SEND };

static struct holding *holding_any(struct client *client, enum wanted wanted)
{
	unsigned first = below(HOLDINGS);
	for (unsigned i = 0; i < HOLDINGS; i++) {
		struct holding *one = &client->holdings[(first + i) % HOLDINGS];
		if (one->name && (wanted != WANT_RECEIVE || one->receive) && (wanted != WANT_SEND || one->sends))
			return one;
	}
	return NULL;
}

static void holding_check_free(struct holding *holding)
{
	if (!holding->receive && holding->sends == 0)
		holding->name = MACH_PORT_NULL;
}

// A right came in under `name`: a task has one name for all its rights to a port.
static void holding_gain(struct client *client, uint32_t object, mach_port_t name, bool receive)
{
	struct holding *one = holding_find(client, object);
	if (one && one->name != name)
		model_broken("client %u knows object %u as %x and got it as %x", client->index, object, one->name, name);
	if (!one && !(one = holding_free(client))) {
		// No room: the right is dropped at once.
		if (receive) {
			kernelrpc_mach_port_mod_refs_trap(client->self, name, MACH_PORT_RIGHT_RECEIVE, -1);
			model_object_destroyed(object);
		} else {
			kernelrpc_mach_port_deallocate_trap(client->self, name);
		}
		return;
	}
	if (!one->name)
		*one = (struct holding){.name = name, .object = object, .set = NO_SET};
	if (receive) {
		one->receive = true;
		one->set = NO_SET;
	} else {
		one->sends++;
	}
}

// ---- Ports ----------------------------------------------------------------------------------------------------------

static void step_make_port(struct client *client)
{
	struct holding *one = holding_free(client);
	mach_port_t name;
	if (!one || kernelrpc_mach_port_allocate_trap(client->self, MACH_PORT_RIGHT_RECEIVE, &name) != KERN_SUCCESS)
		return;
	uint32_t object = model_object_create(client->index);
	if (object == CROWD_NONE) {
		kernelrpc_mach_port_mod_refs_trap(client->self, name, MACH_PORT_RIGHT_RECEIVE, -1);
		return;
	}
	*one = (struct holding){.name = name, .object = object, .receive = true, .set = NO_SET};
	if (kernelrpc_mach_port_insert_right_trap(client->self, name, name, MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS)
		one->sends = 1;
	else
		model_broken("client %u cannot make a send right to its port", client->index);
	if (below(4)) {
		one->set = below(SETS);
		if (kernelrpc_mach_port_move_member_trap(client->self, name, client->sets[one->set]) != KERN_SUCCESS)
			model_broken("client %u cannot put its port into a set", client->index);
	}
}

static void step_drop(struct client *client)
{
	struct holding *one = holding_any(client, WANT_ANY);
	if (!one)
		return;
	if (one->receive && below(4) == 0) {
		model_object_destroyed(one->object);
		if (kernelrpc_mach_port_mod_refs_trap(client->self, one->name, MACH_PORT_RIGHT_RECEIVE, -1) != KERN_SUCCESS)
			model_broken("client %u cannot destroy its receive right %x", client->index, one->name);
		one->receive = false;
	} else if (one->sends > 0) {
		if (kernelrpc_mach_port_deallocate_trap(client->self, one->name) != KERN_SUCCESS)
			model_broken("client %u cannot drop its send right %x", client->index, one->name);
		one->sends--;
	}
	holding_check_free(one);
}

static void step_move(struct client *client)
{
	struct holding *one = holding_any(client, WANT_RECEIVE);
	unsigned set = below(SETS + 1);
	if (!one)
		return;
	mach_port_t into = set == NO_SET ? MACH_PORT_NULL : client->sets[set];
	kern_return_t result = kernelrpc_mach_port_move_member_trap(client->self, one->name, into);
	bool was_nowhere = set == NO_SET && one->set == NO_SET;
	if (result != (was_nowhere ? KERN_NOT_IN_SET : KERN_SUCCESS))
		model_broken("client %u: moving %x from set %u to set %u gives %d", client->index, one->name, one->set,
			     set, result);
	one->set = set;
}

// What the kernel says of a name is what the client knows.
static void step_type(struct client *client)
{
	struct holding *one = holding_any(client, WANT_ANY);
	mach_port_type_t type = 0;
	if (!one)
		return;
	kern_return_t result = kernelrpc_mach_port_type_trap(client->self, one->name, &type);
	mach_port_type_t rights = type & (MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME);
	bool right = one->receive
			     ? rights == (MACH_PORT_TYPE_RECEIVE | (one->sends ? MACH_PORT_TYPE_SEND : 0))
			     : rights == MACH_PORT_TYPE_SEND || rights == MACH_PORT_TYPE_DEAD_NAME;
	if (result != KERN_SUCCESS || !right)
		model_broken("client %u: name %x has type %x (%d); it should %shave the receive right and %u send rights",
			     client->index, one->name, type, result, one->receive ? "" : "not ", one->sends);
}

// ---- Letters --------------------------------------------------------------------------------------------------------

static void message_init(struct crowd_message *message, mach_port_t to, mach_msg_id_t id)
{
	*message = (struct crowd_message){0};
	message->head.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	message->head.msgh_size = sizeof(*message);
	message->head.msgh_remote_port = to;
	message->head.msgh_id = id;
	message->body.msgh_descriptor_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		message->rights[i].type = MACH_MSG_PORT_DESCRIPTOR;
		message->rights[i].disposition = MACH_MSG_TYPE_COPY_SEND;
		message->objects[i] = CROWD_NONE;
	}
}

static void message_take_rights(struct client *client, const struct crowd_message *message)
{
	for (unsigned i = 0; i < 2; i++) {
		mach_port_t name = message->rights[i].name;
		if (!MACH_PORT_VALID(name))
			continue; // none, or its port died on the way
		bool receive = message->rights[i].disposition == MACH_MSG_TYPE_MOVE_RECEIVE;
		if (message->objects[i] >= crowd_object_count)
			model_broken("client %u got a right %x to no object", client->index, name);
		else
			holding_gain(client, message->objects[i], name, receive);
	}
}

static void letter_add_rights(struct client *client, struct crowd_message *message, struct holding **carried)
{
	struct holding *send = below(2) ? holding_any(client, WANT_SEND) : NULL;
	if (send) {
		message->rights[0].name = send->name;
		message->rights[0].disposition = send->receive && below(2) ? MACH_MSG_TYPE_MAKE_SEND : MACH_MSG_TYPE_COPY_SEND;
		message->objects[0] = send->object;
	}
	*carried = below(6) ? NULL : holding_any(client, WANT_RECEIVE);
	if (*carried) {
		message->rights[1].name = (*carried)->name;
		message->rights[1].disposition = MACH_MSG_TYPE_MOVE_RECEIVE;
		message->objects[1] = (*carried)->object;
	}
}

// The send timed out: the message came back, and with it all rights, also the one to its destination.
static void letter_returned(struct client *client, struct crowd_message *message, uint32_t object)
{
	model_letter_refused(message->letter);
	if (MACH_PORT_VALID(message->head.msgh_remote_port))
		holding_gain(client, object, message->head.msgh_remote_port, false);
	message_take_rights(client, message);
}

static void step_send(struct client *client)
{
	static struct crowd_buffer buffers[CROWD_CLIENTS];
	struct holding *to = holding_any(client, WANT_SEND), *carried;
	if (to && to->receive && below(4))
		to = holding_any(client, WANT_SEND); // rather somebody else's port than its own
	if (!to)
		return;
	struct crowd_message *message = sim_alloc(sizeof(*message));
	if (!message)
		message = &buffers[client->index].message;
	message_init(message, to->name, CROWD_LETTER_ID);
	letter_add_rights(client, message, &carried);
	uint32_t object = to->object;
	message->letter = model_letter_begin(client->index, object, message->objects[1]);
	if (message->letter == CROWD_NONE)
		return;
	if (carried) {
		carried->receive = false;
		holding_check_free(carried);
	}
	mach_msg_return_t result = mach_msg(&message->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(*message), 0,
					    MACH_PORT_NULL, below(3), MACH_PORT_NULL);
	switch (result) {
	case MACH_MSG_SUCCESS:
		model_letter_sent(message->letter);
		break;
	case MACH_SEND_TIMED_OUT:
		letter_returned(client, message, object);
		break;
	case MACH_SEND_INVALID_DEST:
		if (message->head.msgh_remote_port == MACH_PORT_DEAD) { // died during the send: the message came back
			letter_returned(client, message, object);
			break;
		}
		model_letter_refused(message->letter); // nothing was taken
		if (carried) {
			if (!carried->name)
				*carried = (struct holding){.name = message->rights[1].name, .object = message->objects[1]};
			carried->receive = true;
			carried->set = NO_SET;
			kernelrpc_mach_port_move_member_trap(client->self, carried->name, MACH_PORT_NULL);
		}
		break;
	default:
		model_broken("client %u: sending gives %x", client->index, result);
	}
}

// What a client waits for: one port, or all of a set.
struct waited {
	struct client *client;
	const struct holding *port; // NULL: the set
	unsigned set;
};

static bool is_waited_for(const void *context, uint32_t object)
{
	const struct waited *waited = context;
	const struct holding *one = waited->port ? waited->port : holding_find(waited->client, object);
	return one && one->receive && one->object == object && (waited->port || one->set == waited->set);
}

// True when a letter was received from `name`.
static bool receive_letter(struct client *client, mach_port_t name, uint32_t milliseconds)
{
	struct crowd_buffer *buffer = sim_alloc(sizeof(*buffer));
	if (!buffer)
		return false;
	uint64_t start = sim_now();
	mach_msg_return_t result = mach_msg(&buffer->message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*buffer),
					    name, milliseconds, MACH_PORT_NULL);
	if (result == MACH_RCV_TIMED_OUT)
		return false;
	if (result != MACH_MSG_SUCCESS || buffer->message.head.msgh_id != CROWD_LETTER_ID) {
		model_broken("client %u: receiving gives %x, message %d", client->index, result,
			     buffer->message.head.msgh_id);
		return false;
	}
	model_letter_received(buffer->message.letter, client->index, start);
	message_take_rights(client, &buffer->message);
	return true;
}

static void step_receive(struct client *client)
{
	uint32_t milliseconds = below(4) ? below(5) : 200;
	uint64_t deadline = sim_now() + (uint64_t)milliseconds * 1000000;
	struct holding *one = holding_any(client, WANT_RECEIVE);
	unsigned set = below(SETS + 1);
	struct waited waited = {.client = client, .port = set == NO_SET ? one : NULL, .set = set};
	if (set == NO_SET && (!one || one->set != NO_SET))
		return;
	if (!receive_letter(client, waited.port ? one->name : client->sets[set], milliseconds) && sim_now() >= deadline)
		model_nothing_received(client->index, deadline, is_waited_for, &waited);
}

// ---- Seats ----------------------------------------------------------------------------------------------------------

static void seat_answer(struct client *client, const struct crowd_message *answer, uint32_t number)
{
	if (answer->head.msgh_id == MACH_NOTIFY_SEND_ONCE) {
		crowd.server_deaths++;
	} else if (answer->head.msgh_id == CROWD_REQUEST_ID + 100) {
		crowd.answers++;
		if (answer->letter != number + 1)
			model_broken("client %u asked with %u and was answered %u", client->index, number, answer->letter);
		message_take_rights(client, answer);
	} else {
		model_broken("client %u was answered with message %d", client->index, answer->head.msgh_id);
	}
}

// A deposit: the server keeps a send right of ours and gives one that somebody else left there.
static void step_call_seat(struct client *client)
{
	static uint32_t numbers;
	char name[32];
	mach_port_t seat;
	crowd_seat_name(below(CROWD_SEATS), name);
	kern_return_t found = crowd_seat_lookup(name, &seat);
	if (found != KERN_SUCCESS) {
		model_broken("client %u: looking up %s gives %d", client->index, name, found);
		return;
	}
	struct crowd_buffer *buffer = sim_alloc(sizeof(*buffer));
	if (!buffer)
		return;
	struct crowd_message *message = &buffer->message;
	message_init(message, seat, CROWD_REQUEST_ID);
	message->head.msgh_bits |= MACH_MSGH_BITS(0, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message->head.msgh_local_port = client->reply;
	struct holding *send = holding_any(client, WANT_SEND);
	if (send) {
		message->rights[0].name = send->name;
		message->objects[0] = send->object;
	}
	uint32_t number = message->letter = numbers++;
	crowd.calls++;
	mach_msg_return_t result = mach_msg(&message->head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*message),
					    sizeof(*buffer), client->reply, 0, MACH_PORT_NULL);
	if (result == MACH_MSG_SUCCESS)
		seat_answer(client, message, number);
	else
		model_broken("client %u: calling %s gives %x", client->index, name, result);
	kernelrpc_mach_port_deallocate_trap(client->self, seat);
}

// ---- A client's life ------------------------------------------------------------------------------------------------

static void client_step(struct client *client)
{
	static void (*const steps[])(struct client *) = {
		step_make_port, step_send,    step_send,    step_send, step_send, step_send,
		step_receive,	step_receive, step_receive, step_move, step_move, step_call_seat,
		step_call_seat, step_call_seat, step_drop, step_type,
	};
	steps[below(sizeof(steps) / sizeof(*steps))](client);
	if (below(20 * CROWD_STEPS) == 0) {
		crowd.killed[client->index] = true;
		sim_crash(6);
	}
}

static bool everybody_stopped(void)
{
	for (unsigned i = 0; i < CROWD_CLIENTS; i++)
		if (!crowd.stopped[i] && !crowd.killed[i])
			return false;
	return true;
}

// Receives all there is, also from receive rights that come in meanwhile.
static void client_drain(struct client *client)
{
	for (bool found = true; found;) {
		found = false;
		for (unsigned i = 0; i < HOLDINGS; i++) {
			struct holding *one = &client->holdings[i];
			if (!one->name || !one->receive)
				continue;
			kernelrpc_mach_port_move_member_trap(client->self, one->name, MACH_PORT_NULL);
			one->set = NO_SET;
			while (one->name && one->receive && receive_letter(client, one->name, 0))
				found = true;
		}
	}
}

void crowd_client_main(void *argument)
{
	struct client *client = &clients[(uintptr_t)argument];
	if (!crowd.allowed)
		sim_allow(clients, sizeof(clients));
	crowd.allowed = true;
	client->index = (uint32_t)(uintptr_t)argument;
	client->self = task_self_trap();
	bool ready = kernelrpc_mach_port_allocate_trap(client->self, MACH_PORT_RIGHT_RECEIVE, &client->reply) == KERN_SUCCESS;
	for (unsigned i = 0; i < SETS; i++)
		if (kernelrpc_mach_port_allocate_trap(client->self, MACH_PORT_RIGHT_PORT_SET, &client->sets[i]) != KERN_SUCCESS)
			ready = false;
	if (!ready)
		model_broken("client %u cannot make its ports", client->index);
	for (unsigned i = 0; i < 3; i++) {
		step_make_port(client);
		step_call_seat(client); // so that the others get to know it
	}
	for (unsigned i = 0; i < CROWD_STEPS; i++)
		client_step(client);
	crowd.stopped[client->index] = true;
	while (!everybody_stopped())
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	client_drain(client);
	crowd.drained[client->index] = true;
}
