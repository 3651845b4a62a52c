// SPDX-License-Identifier: MIT
// Management of seats by message (abi/seat.defs), at the name kernel/seats.
#include "kernel_seat.h"

#include "../core/sched.h"
#include "../ipc/request.h"
#include "../memory/memory_port.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "seat.h"

#include <abi/seat_server.h>

static const struct port_object_ops seats_ops = {.name = "seats", .demux = seat_demux};

static void seats_destroy(struct object *object) { panic("the object behind kernel/seats was released"); }
static void seats_print(struct object *object, char *to, size_t room) { format_text(to, room, "seats"); }
static const struct object_kind seats_kind = {"seats", seats_destroy, seats_print};
static struct object seats;
static struct port *seats_port;

void seat_calls_module_init(void)
{
	object_init(&seats, &seats_kind);
	seats_port = port_create_object(&account_kernel, &seats_ops, &seats);
	if (!seats_port)
		panic("no memory for the port of kernel/seats");
}

struct right seat_calls_make_send(void) { return port_make_send(seats_port); }

kern_return_t seat_call_add(struct lpc_request *rq, const uint8_t *data, mach_msg_type_number_t size, boolean_t replace,
			    kern_return_t *code, char complaint[160])
{
	struct recipe *recipe;
	_Static_assert(RECIPE_COMPLAINT_MAX == 160, "complaints fit in the reply");
	*code = recipe_parse(data, size, &recipe, complaint);
	if (*code) {
		log_line("seat", "refused to register: %s", complaint);
		return KERN_SUCCESS;
	}
	*code = seat_register(thread_current()->task, recipe, replace != 0, complaint);
	if (*code)
		recipe_release(recipe);
	return KERN_SUCCESS;
}

// Does one thing to the seat of that name.
static kern_return_t do_to(const char *name, void (*deed)(struct seat *))
{
	struct seat *seat = seat_find(name);
	if (!seat)
		return KERN_NOT_FOUND;
	deed(seat);
	seat_release(seat);
	return KERN_SUCCESS;
}

kern_return_t seat_call_start(struct lpc_request *rq, const char *name) { return do_to(name, seat_start); }
kern_return_t seat_call_stop(struct lpc_request *rq, const char *name) { return do_to(name, seat_stop); }
kern_return_t seat_call_restart(struct lpc_request *rq, const char *name) { return do_to(name, seat_restart); }
kern_return_t seat_call_remove(struct lpc_request *rq, const char *name) { return do_to(name, seat_remove); }

kern_return_t seat_call_set_image(struct lpc_request *rq, const char *name, uint32_t request, mach_port_t image)
{
	struct memory *memory = NULL;
	if (image != MACH_PORT_NULL || request) {
		memory = request_memory(rq, image);
		if (!memory)
			return KERN_INVALID_CAPABILITY;
	}
	struct seat *seat = seat_find(name);
	kern_return_t error = KERN_NOT_FOUND;
	if (seat) {
		error = request ? seat_image_loaded(seat, request, memory) : seat_set_image(seat, memory);
		seat_release(seat);
	}
	if (memory)
		memory_release(memory);
	return error;
}

kern_return_t seat_call_image_from(struct lpc_request *rq, const char *name, uint32_t request, const char *source_name,
				   kern_return_t *code, char complaint[160])
{
	struct seat *seat = seat_find(name), *source = seat_find(source_name);
	kern_return_t error = KERN_NOT_FOUND;
	*code = KERN_SUCCESS;
	if (seat && source)
		error = seat_image_from(seat, request, source, complaint, 160);
	if (error == KERN_ALREADY_WAITING) {
		*code = error;
		error = KERN_SUCCESS;
	}
	if (seat)
		seat_release(seat);
	if (source)
		seat_release(source);
	return error;
}

kern_return_t seat_call_image_failed(struct lpc_request *rq, const char *name, uint32_t request, kern_return_t why,
				     const char *reason)
{
	struct seat *seat = seat_find(name);
	if (!seat)
		return KERN_NOT_FOUND;
	kern_return_t error = seat_image_failed(seat, request, why, reason);
	seat_release(seat);
	return error;
}

kern_return_t seat_call_watch(struct lpc_request *rq, mach_port_t port)
{
	struct right right = request_take_right(rq, port);
	if (right.kind != RIGHT_SEND) {
		right_release(right);
		return KERN_INVALID_CAPABILITY;
	}
	kern_return_t error = seat_watch(right);
	if (error)
		right_release(right);
	return error;
}
