// SPDX-License-Identifier: MIT
// The kill sweep of drivers: one that makes every trap of abi/device_traps.defs is killed at every scheduling point of each
// while interrupts come in, and with every n-th allocation failing; see scenario_sweep.h. Afterwards nothing of its device
// is left with it: no interrupt is enabled, the books are what they were.
#include "scenario_books.h"
#include "scenario_sweep.h"

#include <abi/traps.h>
#include <gila/device.h>
#include <gila/seat_name.h>
#include <kernel/device/driver.h>
#include <kernel/seat/recipe.h>
#include <kernel/seat/seat.h>
#include <kernel/task/task.h>
#include <mach/vm_prot.h>
#include <stdio.h>

#define SEAT "sweepdev/0"
#define PROGRAM "/system/bin/sweep_driver"
#define TRAPS_LIMIT 200u
#define POINTS_LIMIT 5000u
#define SHORTAGES 120u
#define MS UINT64_C(1000000)

static bool disturbed; // what the driver expects need not come
static unsigned completed;

#define FINE(expression) \
	do { \
		if ((uint64_t)(expression) >> 32 && !disturbed) \
			sweep_expect_at(__FILE__, __LINE__, #expression, 1, 0); \
	} while (0)
#define FINE_CODE(expression) FINE((uint64_t)(uint32_t)(expression) << 32)

// ---- The driver -----------------------------------------------------------------------------------------------------

struct interrupt_buffer {
	struct device_interrupt interrupt;
	mach_msg_max_trailer_t trailer;
};

static void use_device(mach_port_t port)
{
	mach_vm_address_t address;
	mach_vm_size_t size;
	uint64_t bus, memory;
	char name[] = "compatible", value[64];
	FINE(gila_device_property(name, 10, value, sizeof(value)));
	FINE_CODE(gila_device_map(0, &address, &size));
	FINE_CODE(gila_device_port_write(0, 0, 1, 5));
	FINE(gila_device_port_read(0, 0, 1));
	FINE_CODE(gila_device_irq(0, port));
	FINE_CODE(gila_device_irq(1, port));
	FINE_CODE(gila_device_irq(1, MACH_PORT_NULL));
	memory = gila_dma_alloc(8192);
	FINE(memory);
	FINE_CODE(gila_dma_address((mach_port_t)memory, &bus));
	address = 0;
	FINE_CODE(gila_memory_map((mach_port_t)memory, &address, 8192, 0, VM_PROT_READ | VM_PROT_WRITE, 0));
	FINE(gila_dma_descriptor((mach_port_t)memory));
	FINE(gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, 0));
	FINE(gila_device_descriptor(DEVICE_DESCRIPTOR_INTERRUPT, 0));
	if ((mach_port_t)memory != MACH_PORT_NULL) // else the seat would forget what it keeps
		FINE_CODE(gila_seat_keep((mach_port_t)memory));
}

static void driver_main(void *argument)
{
	struct device_info info;
	struct seat_name packed;
	struct interrupt_buffer *buffer = sim_alloc(sizeof(*buffer));
	mach_port_t self = task_self_trap(), port = MACH_PORT_NULL;
	kernelrpc_mach_port_allocate_trap(self, MACH_PORT_RIGHT_RECEIVE, &port);
	FINE_CODE(gila_device_info(&info));
	use_device(port);
	if (!seat_name_pack(&packed, SEAT))
		sim_exit(1);
	const uint64_t *w = packed.words;
	FINE(gila_seat_take(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]));
	for (int i = 0; i < 2; i++) {
		mach_msg_return_t result = mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL);
		if (result != MACH_MSG_SUCCESS)
			sim_exit(2);
		FINE_CODE(gila_device_irq_ack(0));
	}
	completed++;
	sim_pause();
}
SIM_PROGRAM(sweep_driver, driver_main);

// ---- The sweep -------------------------------------------------------------------------------------------------------

static void add_driver(struct task *registrar)
{
	struct {
		struct seat_recipe_head head;
		char strings[64];
	} packed = {.head = {.version = SEAT_RECIPE_VERSION, .flags = SEAT_RESTART_DEMAND, .backoff_reset = SEAT_RESET_ALWAYS}};
	char complaint[RECIPE_COMPLAINT_MAX] = "";
	uint32_t bound = 0;
	int size = snprintf(packed.strings, sizeof(packed.strings), "sweepdev%c" PROGRAM, 0);
	struct driver_wish wish = {.compatible = "sim,device"};
	kern_return_t result = recipe_parse(&packed, sizeof(packed.head) + (size_t)size + 1, &wish.recipe, complaint);
	if (result == KERN_SUCCESS)
		result = driver_add(registrar, &wish, &bound, complaint);
	if (result != KERN_SUCCESS || bound == 0) {
		printf("the driver of the sweep cannot be added: %s (%d)\n", complaint, result);
		sim_fail();
	}
	recipe_release(wish.recipe);
}

static void run_driver(struct seat *seat, unsigned shortage)
{
	seat_start(seat);
	kalloc_fail_every(shortage);
	for (int i = 0; i < 4; i++) {
		sim_sleep(MS);
		sim_interrupt(0, i % 2 == 0);
	}
	sim_sleep(MS);
	kalloc_fail_every(0);
	seat_stop(seat);
	sim_settle();
	if (sim_interrupt_enabled(0) || sim_interrupt_enabled(1)) {
		printf("an interrupt is enabled without a driver (seed %llu)\n", (unsigned long long)sim_seed());
		sim_fail();
	}
}

static bool driver_kill(struct seat *seat, unsigned trap, unsigned point)
{
	sim_kill_next(trap, point, PROGRAM);
	run_driver(seat, 0);
	return sim_kill_happened();
}

// Undisturbed, so that what is made once and kept is made.
static struct seat *begin(void)
{
	struct task *director = sim_task("director", NULL);
	add_driver(director);
	struct seat *seat = seat_find(SEAT);
	if (!seat) {
		sim_fail();
		return NULL;
	}
	disturbed = false;
	run_driver(seat, 0);
	if (completed != 1) {
		printf("the driver of the sweep does not come to its end\n");
		sim_fail();
	}
	disturbed = true;
	return seat;
}

SCENARIO(sweep_driver, 2)
{
	struct books before;
	unsigned kills = 0;
	struct seat *seat = begin();
	if (!seat)
		return;
	books_take(&before);
	for (unsigned trap = 0; trap < TRAPS_LIMIT; trap++) {
		unsigned point = 0;
		while (point < POINTS_LIMIT && driver_kill(seat, trap, point)) {
			char what[80];
			snprintf(what, sizeof(what), "driver killed in trap %u at point %u", trap, point);
			kills++;
			point++;
			if (!books_compare(&before, what))
				return;
		}
		if (point == 0)
			break;
	}
	seat_release(seat);
	if (kills < 100)
		sim_fail();
}

SCENARIO(sweep_driver_shortage, 2)
{
	struct books before;
	struct seat *seat = begin();
	if (!seat)
		return;
	books_take(&before);
	for (unsigned n = 1; n <= SHORTAGES; n++) {
		char what[80];
		run_driver(seat, n);
		snprintf(what, sizeof(what), "driver, every allocation %u failed", n);
		if (!books_compare(&before, what))
			return;
	}
	seat_release(seat);
}
