// SPDX-License-Identifier: MIT
// Programs and short forms for tests of seats; see seat_test.h.
#include "seat_test.h"

#include "../ipc/message.h"

#include <abi/traps.h>
#include <gila/seat_name.h>

unsigned test_settled;
unsigned test_circles, test_served, test_kept;

// ---- Programs ------------------------------------------------------------------------------------------------------

static kern_return_t take(const char *name, mach_port_t *port)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	*port = seat_result_name(result);
	return seat_result_code(result);
}

kern_return_t test_client_look_up(const char *name, mach_port_t *port)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return KERN_INVALID_ARGUMENT;
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	*port = seat_result_name(result);
	return seat_result_code(result);
}

mach_port_t test_take_own(void)
{
	char *name = sim_alloc(SEAT_NAME_MAX + 1);
	mach_port_t port;
	if (gila_seat_self(name, SEAT_NAME_MAX + 1) != KERN_SUCCESS || take(name, &port) != KERN_SUCCESS)
		sim_exit(3);
	return port;
}

struct any_message {
	mach_msg_header_t head;
	char rest[512];
};

static _Noreturn void receive(mach_port_t port, bool answer)
{
	struct any_message *message = sim_alloc(sizeof(*message));
	for (;;) {
		if (mach_msg_trap(&message->head, MACH_RCV_MSG, 0, sizeof(*message), port, 0, 0) != MACH_MSG_SUCCESS)
			sim_exit(4);
		bool settle = message->head.msgh_id == SEAT_SETTLE_ID;
		test_settled += settle && answer;
		if (message->head.msgh_id != SEAT_PING_ID && !settle) {
			test_served++;
			continue;
		}
		if (!answer)
			continue;
		message->head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message->head.msgh_bits), 0);
		message->head.msgh_local_port = MACH_PORT_NULL;
		message->head.msgh_id += 100;
		if (mach_msg_trap(&message->head, MACH_SEND_MSG, sizeof(message->head), 0, 0, 0, 0) != MACH_MSG_SUCCESS)
			sim_exit(5);
	}
}

static void sits(void *argument) { receive(test_take_own(), true); }
static void hangs(void *argument) { receive(test_take_own(), false); }
static void crashes(void *argument) { sim_crash(11); }
static void stands(void *argument) { receive(mach_reply_port(), false); }

static void needs(void *argument)
{
	mach_port_t port;
	if (test_client_look_up(sim_arguments()[1], &port) == KERN_ALREADY_WAITING)
		test_circles++;
	receive(mach_reply_port(), false);
}

static void leaves(void *argument)
{
	mach_port_t port = test_take_own();
	if (kernelrpc_mach_port_mod_refs_trap(task_self_trap(), port, MACH_PORT_RIGHT_RECEIVE, -1) != KERN_SUCCESS)
		sim_exit(6);
	receive(mach_reply_port(), false);
}

static void keeps(void *argument)
{
	mach_port_t port = test_take_own();
	uint64_t result = gila_seat_kept();
	uint32_t *count = sim_alloc(sizeof(*count));
	if (seat_result_code(result) == KERN_NOT_FOUND) {
		result = gila_memory_create(1);
		if (seat_result_code(result) || gila_seat_keep(seat_result_name(result)) != KERN_SUCCESS)
			sim_exit(7);
	}
	if (gila_memory_read(seat_result_name(result), 0, count, sizeof(*count)) != KERN_SUCCESS)
		sim_exit(8);
	test_kept = ++*count;
	if (gila_memory_write(seat_result_name(result), 0, count, sizeof(*count)) != KERN_SUCCESS)
		sim_exit(9);
	receive(port, !sim_arguments()[1]);
}

SIM_PROGRAM(seat_sits, sits);
SIM_PROGRAM(seat_leaves, leaves);
SIM_PROGRAM(seat_keeps, keeps);
SIM_PROGRAM(seat_hangs, hangs);
SIM_PROGRAM(seat_crashes, crashes);
SIM_PROGRAM(seat_stands, stands);
SIM_PROGRAM(seat_needs, needs);

// ---- Short forms ---------------------------------------------------------------------------------------------------

bool test_contains(const char *text, const char *part)
{
	for (; *text; text++) {
		size_t i = 0;
		while (part[i] && text[i] == part[i])
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

bool test_log_contains(const char *part)
{
	static char text[65536];
	uint64_t offset = 0;
	size_t size = log_read(&offset, text, sizeof(text) - 1);
	text[size] = 0;
	return test_contains(text, part);
}

kern_return_t test_register(struct task *registrar, const struct packed_recipe *packed, bool replace, char *complaint)
{
	struct recipe *recipe;
	kern_return_t error = recipe_parse(packed, packed_size(packed), &recipe, complaint);
	if (error)
		return error;
	error = seat_register(registrar, recipe, replace, complaint);
	if (error)
		recipe_release(recipe);
	return error;
}

static struct task *with_all_grants(void)
{
	struct task *task = task_create(NULL, "test", &grants_all);
	if (!task)
		panic("no memory for a task");
	return task;
}

static void end(struct task *task)
{
	task_terminate(task, KERN_DEATH_EXIT, 0);
	task_release(task);
}

bool test_add(const struct packed_recipe *packed)
{
	char complaint[RECIPE_COMPLAINT_MAX];
	struct task *task = with_all_grants();
	kern_return_t error = test_register(task, packed, false, complaint);
	end(task);
	return error == KERN_SUCCESS;
}

void test_remove(const char *name)
{
	struct seat *seat = seat_find(name);
	if (!seat)
		return;
	seat_remove(seat);
	seat_release(seat);
}

bool test_probe(const char *name, struct seat_probe *probe)
{
	struct seat *seat = seat_find(name);
	if (!seat)
		return false;
	lock_acquire(&seat->lock);
	*probe = (struct seat_probe){
		.state = seat->state,
		.task = seat->occupant ? seat->occupant->id : 0,
		.generation = seat->generation,
		.restarts = seat->restarts,
		.failures = seat->failures,
		.reason = seat->reason,
		.code = seat->code,
	};
	lock_release(&seat->lock);
	seat_release(seat);
	return true;
}

bool test_look_up(const char *name)
{
	struct task *task = with_all_grants();
	struct right right = {NULL, RIGHT_NONE};
	bool found = seat_lookup(task, name, &right) == KERN_SUCCESS && right.kind == RIGHT_SEND;
	right_release(right);
	end(task);
	return found;
}

bool test_send(const char *name, int32_t id)
{
	struct task *task = with_all_grants();
	struct right right = {NULL, RIGHT_NONE};
	bool found = seat_lookup(task, name, &right) == KERN_SUCCESS;
	end(task);
	if (!found)
		return false;
	struct message *message = message_create_kernel(&account_kernel, sizeof(mach_msg_header_t), id, right,
							(struct right){NULL, RIGHT_NONE});
	if (!message)
		return false;
	message_send_kernel(message);
	return true;
}

void test_kill_occupant(const char *name)
{
	struct seat *seat = seat_find(name);
	if (!seat)
		return;
	lock_acquire(&seat->lock);
	struct task *task = seat->occupant ? task_reference(seat->occupant) : NULL;
	lock_release(&seat->lock);
	if (task) {
		sim_kill(task);
		task_release(task);
	}
	seat_release(seat);
}
