// SPDX-License-Identifier: MIT
// kernel/devices by message (abi/device.defs).
#include "device.h"
#include "driver.h"

#include "../core/sched.h"
#include "../ipc/request.h"
#include "../memory/memory.h"
#include "../memory/memory_port.h"
#include "../seat/image.h"
#include "../seat/recipe.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/device_server.h>

#define RECORDS_MAX 32u // of a reply

// list answers with 32 records of 400 bytes.
static const struct port_object_ops devices_ops = {.name = "devices", .demux = device_demux, .reply_size = 16384};

static void devices_destroy(struct object *object) { panic("the object behind kernel/devices was released"); }
static void devices_print(struct object *object, char *to, size_t room) { format_text(to, room, "devices"); }
static const struct object_kind devices_kind = {"devices", devices_destroy, devices_print};
static struct object devices_object;
static struct port *devices_port;

void device_calls_module_init(void)
{
	driver_module_init();
	object_init(&devices_object, &devices_kind);
	devices_port = port_create_object(&account_kernel, &devices_ops, &devices_object);
	if (!devices_port)
		panic("no memory for the port of kernel/devices");
}

struct right device_calls_make_send(void) { return port_make_send(devices_port); }

static void make_record(struct device *device, struct device_record *record)
{
	memset(record, 0, sizeof(*record));
	record->id = device->id;
	record->region_count = device->region_count;
	record->interrupt_count = device->interrupt_count;
	format_text(record->address, sizeof(record->address), "%s", device->address);
	format_text(record->compatible, sizeof(record->compatible), "%s", fdt_string(&device->compatible, 0));
	struct seat *seat = device_get_seat(device, NULL);
	if (!seat)
		return;
	format_text(record->seat, sizeof(record->seat), "%s", seat->name);
	lock_acquire(&seat->lock);
	record->seat_state = seat->state;
	format_text(record->program, sizeof(record->program), "%s", seat->recipe->program);
	lock_release(&seat->lock);
	seat_release(seat);
}

kern_return_t device_call_list(struct lpc_request *rq, uint32_t after, struct device_record *records,
			       mach_msg_type_number_t *recordsCnt)
{
	uint32_t count = 0, room = *recordsCnt < RECORDS_MAX ? *recordsCnt : RECORDS_MAX;
	for (struct device *device = NULL; count < room && (device = device_after(device));)
		if (device->id > after)
			make_record(device, &records[count++]);
	*recordsCnt = count;
	return KERN_SUCCESS;
}

kern_return_t device_call_drivers(struct lpc_request *rq, uint32_t after, struct device_driver_record *records,
				  mach_msg_type_number_t *recordsCnt)
{
	*recordsCnt = driver_list(after, records, *recordsCnt < RECORDS_MAX ? *recordsCnt : RECORDS_MAX);
	return KERN_SUCCESS;
}

// The program in the memory object that came along; NULL: none came.
static kern_return_t take_image(struct lpc_request *rq, mach_port_t name, struct image **image, char *complaint)
{
	*image = NULL;
	if (name == MACH_PORT_NULL)
		return KERN_SUCCESS;
	struct memory *memory = request_memory(rq, name);
	kern_return_t error = memory ? image_copy(memory, image) : KERN_INVALID_ARGUMENT;
	if (error)
		format_text(complaint, RECIPE_COMPLAINT_MAX, "the image is %s",
			    !memory				? "no memory object"
			    : error == KERN_RESOURCE_SHORTAGE ? "too large for the memory that is left"
							      : "too large");
	if (memory)
		memory_release(memory);
	return error;
}

kern_return_t device_call_add_driver(struct lpc_request *rq, const char *compatible, const uint8_t *data,
				     mach_msg_type_number_t size, mach_port_t image, boolean_t replace, uint32_t *bound,
				     kern_return_t *code, char complaint[160])
{
	_Static_assert(RECIPE_COMPLAINT_MAX == 160, "complaints fit in the reply");
	struct driver_wish wish = {.compatible = compatible, .replace = replace != 0};
	*bound = 0;
	*code = recipe_parse(data, size, &wish.recipe, complaint);
	if (!*code)
		*code = take_image(rq, image, &wish.image, complaint);
	if (*code)
		log_line("device", "refused a driver for %s: %s", compatible, complaint);
	else
		*code = driver_add(thread_current()->task, &wish, bound, complaint);
	recipe_release(wish.recipe);
	image_release(wish.image);
	return KERN_SUCCESS;
}

kern_return_t device_call_remove_driver(struct lpc_request *rq, const char *compatible)
{
	return driver_remove(compatible);
}
