// SPDX-License-Identifier: MIT
// The acts of the kill sweep; see scenario_sweep.h. They leave things behind on purpose: the death of a client cleans up.
#include "scenario_sweep.h"

#include <abi/seat.h>
#include <abi/traps.h>
#include <gila/device.h>
#include <gila/seat_name.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/sync_policy.h>
#include <mach/thread_switch.h>
#include <mach/vm_prot.h>
#include <machine/md.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define STACK 16384u

void mach_msg_destroy(mach_msg_header_t *message);

static mach_port_t name_of(uint64_t result)
{
	EXPECT_OK(result >> 32);
	return (mach_port_t)result;
}

static mach_port_t make_port(mach_port_t self)
{
	mach_port_t name = MACH_PORT_NULL;
	EXPECT_OK(kernelrpc_mach_port_allocate_trap(self, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_OK(kernelrpc_mach_port_insert_right_trap(self, name, name, MACH_MSG_TYPE_MAKE_SEND));
	return name;
}

// ---- Small things ---------------------------------------------------------------------------------------------------

static void act_small(mach_port_t self)
{
	struct mach_timebase_info timebase;
	struct mach_timespec wakeup;
	int pid;
	gila_null();
	char text[] = "sweep";
	EXPECT_OK(gila_log(text, 5));
	EXPECT_OK(pid_for_task(self, &pid));
	EXPECT(pid == (int)gila_task_id(), true);
	EXPECT(gila_thread_id() != 0, true);
	EXPECT(thread_self_trap() != MACH_PORT_NULL, true);
	EXPECT(host_self_trap() != MACH_PORT_NULL, true);
	EXPECT_OK(mach_timebase_info_trap(&timebase));
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	swtch();
	swtch_pri(0);
	gila_clock_get_time(0);
	EXPECT_OK(mach_wait_until_trap(sim_now() + MS / 10));
	clock_sleep_trap(MACH_PORT_NULL, 1, 0, 100000, &wakeup);
	EXPECT_OK(gila_random(text, sizeof(text)));
	gila_trap(4000, 1, 2, 3, 4, 5, 6, 7, 8, 9);
}

static void act_task(mach_port_t self)
{
	struct gila_task_death death;
	mach_port_t task = MACH_PORT_NULL;
	char name[64];
	gila_task_wait(self, 1, &death);
	EXPECT_OK(task_for_pid(self, (int)gila_task_id(), &task));
	EXPECT(gila_seat_self(name, sizeof(name)), KERN_NOT_FOUND);
	gila_seat_keep(MACH_PORT_NULL);
	gila_seat_kept();
	gila_task_clone();
	gila_task_exit(3);
}

// ---- Ports ----------------------------------------------------------------------------------------------------------

static void act_ports(mach_port_t self)
{
	mach_port_t port = make_port(self), other = make_port(self), previous = MACH_PORT_NULL, made = MACH_PORT_NULL;
	mach_port_type_t type;
	integer_t info[16];
	mach_msg_type_number_t count = 16;
	struct mach_port_options options = {.flags = MPO_INSERT_SEND_RIGHT | MPO_CONTEXT_AS_GUARD};
	EXPECT_OK(kernelrpc_mach_port_type_trap(self, port, &type));
	EXPECT_OK(kernelrpc_mach_port_get_attributes_trap(self, port, MACH_PORT_RECEIVE_STATUS, info, &count));
	EXPECT_OK(kernelrpc_mach_port_mod_refs_trap(self, port, MACH_PORT_RIGHT_SEND, 3));
	EXPECT_OK(kernelrpc_mach_port_request_notification_trap(self, port, MACH_NOTIFY_DEAD_NAME, 0, other,
								 MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	EXPECT_OK(kernelrpc_mach_port_request_notification_trap(self, port, MACH_NOTIFY_NO_SENDERS, 1, other,
								 MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	EXPECT_OK(kernelrpc_mach_port_guard_trap(self, other, 77, false));
	EXPECT_OK(kernelrpc_mach_port_unguard_trap(self, other, 77));
	EXPECT_OK(kernelrpc_mach_port_construct_trap(self, &options, 99, &made));
	EXPECT_OK(kernelrpc_mach_port_destruct_trap(self, made, -1, 99));
	mach_port_t minted = name_of(gila_port_mint(port, 4711));
	gila_port_badge_notify(port, 4711, 0, other, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_OK(kernelrpc_mach_port_deallocate_trap(self, minted));
	EXPECT_OK(kernelrpc_mach_port_mod_refs_trap(self, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EXPECT_OK(kernelrpc_mach_port_deallocate_trap(self, port));
}

static void act_sets(mach_port_t self)
{
	mach_port_t port = make_port(self), sets[2];
	for (int i = 0; i < 2; i++)
		EXPECT_OK(kernelrpc_mach_port_allocate_trap(self, MACH_PORT_RIGHT_PORT_SET, &sets[i]));
	EXPECT_OK(kernelrpc_mach_port_insert_member_trap(self, port, sets[0]));
	EXPECT_OK(kernelrpc_mach_port_insert_member_trap(self, port, sets[1]));
	EXPECT_OK(kernelrpc_mach_port_extract_member_trap(self, port, sets[0]));
	EXPECT_OK(kernelrpc_mach_port_move_member_trap(self, port, sets[0]));
	EXPECT_OK(kernelrpc_mach_port_mod_refs_trap(self, sets[1], MACH_PORT_RIGHT_PORT_SET, -1));
}

// ---- Messages -------------------------------------------------------------------------------------------------------

struct everything {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t ports[2];
	mach_msg_ool_descriptor_t memory;
	mach_msg_ool_ports_descriptor_t array;
	uint64_t data[4];
};

struct everything_buffer {
	struct everything message;
	mach_msg_max_trailer_t trailer;
};

static void everything_make(struct everything *message, mach_port_t self, mach_port_t to)
{
	mach_port_name_t *names = sim_alloc(4 * sizeof(*names));
	void *memory = sim_alloc(10000);
	*message = (struct everything){0};
	message->head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
				  MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message->head.msgh_size = sizeof(*message);
	message->head.msgh_remote_port = to;
	message->head.msgh_local_port = make_port(self);
	message->head.msgh_id = 1;
	message->body.msgh_descriptor_count = 4;
	message->ports[0] = (mach_msg_port_descriptor_t){
		.name = make_port(self), .disposition = MACH_MSG_TYPE_MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR};
	message->ports[1] = (mach_msg_port_descriptor_t){
		.name = to, .disposition = MACH_MSG_TYPE_COPY_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
	message->memory = (mach_msg_ool_descriptor_t){.address = memory, .size = 10000, .type = MACH_MSG_OOL_DESCRIPTOR};
	for (int i = 0; i < 4; i++)
		names[i] = to;
	message->array = (mach_msg_ool_ports_descriptor_t){.address = names,
							   .count = 4,
							   .disposition = MACH_MSG_TYPE_MAKE_SEND,
							   .type = MACH_MSG_OOL_PORTS_DESCRIPTOR};
}

static void send_everything(mach_port_t self, mach_port_t to)
{
	struct everything *message = sim_alloc(sizeof(*message));
	everything_make(message, self, to);
	EXPECT(mach_msg_trap(message, MACH_SEND_MSG, sizeof(*message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
	       MACH_MSG_SUCCESS);
}

static void act_messages(mach_port_t self)
{
	mach_port_t port = make_port(self);
	struct everything_buffer *buffer = sim_alloc(sizeof(*buffer));
	mach_msg_option_t trailer = MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) |
				    MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT);
	for (int i = 0; i < 2; i++)
		send_everything(self, port);
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG | MACH_RCV_LARGE, 0, 40, port, 0, MACH_PORT_NULL), MACH_RCV_TOO_LARGE);
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG | trailer, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL),
	       MACH_MSG_SUCCESS);
	mach_msg_destroy(&buffer->message.head);
	EXPECT(mach_msg_overwrite_trap(NULL, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL, buffer),
	       MACH_MSG_SUCCESS);
	send_everything(self, port);
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG, 0, 64, port, 0, MACH_PORT_NULL), MACH_RCV_TOO_LARGE); // destroyed
	send_everything(self, port); // left in the queue
}

static void act_waits(mach_port_t self)
{
	mach_port_t port = make_port(self);
	struct everything_buffer *buffer = sim_alloc(sizeof(*buffer));
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*buffer), port, 1, MACH_PORT_NULL),
	       MACH_RCV_TIMED_OUT);
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	for (int i = 0; i < 100 && result == MACH_MSG_SUCCESS; i++) {
		everything_make(&buffer->message, self, port);
		result = mach_msg_trap(buffer, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(buffer->message), 0,
				       MACH_PORT_NULL, 1, MACH_PORT_NULL);
	}
	EXPECT(result, MACH_SEND_TIMED_OUT);
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	EXPECT_OK(kernelrpc_mach_port_mod_refs_trap(self, port, MACH_PORT_RIGHT_RECEIVE, -1));
}

static void act_calls(mach_port_t self)
{
	sweep_call_seat(self, make_port(self), false);
	sweep_call_seat(self, mach_reply_port(), false);
	mach_port_t special = thread_get_special_reply_port();
	EXPECT(special != MACH_PORT_NULL, true);
	sweep_call_seat(self, special, false);
}

// ---- Semaphores and timers ------------------------------------------------------------------------------------------

static void act_semaphores(mach_port_t self)
{
	mach_port_t one = name_of(gila_semaphore_create(SYNC_POLICY_FIFO, 1));
	mach_port_t other = name_of(gila_semaphore_create(SYNC_POLICY_FIFO, 0));
	EXPECT_OK(semaphore_wait_trap(one));
	EXPECT(semaphore_timedwait_trap(one, 0, 100000), KERN_OPERATION_TIMED_OUT);
	EXPECT_OK(semaphore_signal_trap(one));
	EXPECT_OK(semaphore_wait_signal_trap(one, other));
	EXPECT_OK(semaphore_wait_trap(other));
	EXPECT(semaphore_timedwait_signal_trap(other, one, 0, 100000), KERN_OPERATION_TIMED_OUT);
	EXPECT(semaphore_signal_all_trap(one), KERN_NOT_WAITING);
	semaphore_signal_thread_trap(one, MACH_PORT_NULL);
	EXPECT_OK(gila_semaphore_destroy(one));
}

static void act_timers(mach_port_t self)
{
	mach_port_t timer = mk_timer_create_trap();
	struct everything_buffer *buffer = sim_alloc(sizeof(*buffer));
	uint64_t result;
	EXPECT(timer != MACH_PORT_NULL, true);
	EXPECT_OK(mk_timer_arm_trap(timer, sim_now() + MS / 10));
	EXPECT(mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), timer, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	EXPECT_OK(mk_timer_arm_leeway_trap(timer, 0, sim_now() + 100 * MS, MS));
	EXPECT_OK(mk_timer_cancel_trap(timer, &result));
	EXPECT_OK(mk_timer_arm_trap(timer, sim_now() + 100 * MS));
	EXPECT_OK(mk_timer_destroy_trap(timer));
	timer = mk_timer_create_trap();
	EXPECT_OK(mk_timer_arm_trap(timer, sim_now() + 100 * MS));
}

// ---- Memory ---------------------------------------------------------------------------------------------------------

static void act_vm(mach_port_t self)
{
	mach_vm_address_t address = 0, mapped = 0;
	EXPECT_OK(kernelrpc_mach_vm_allocate_trap(self, &address, 3 * MD_PAGE_SIZE, 1));
	if (address == 0)
		sim_crash(11);
	*(volatile int *)address = 5;
	EXPECT_OK(kernelrpc_mach_vm_protect_trap(self, address, MD_PAGE_SIZE, 0, VM_PROT_READ));
	EXPECT_OK(kernelrpc_mach_vm_map_trap(self, &mapped, MD_PAGE_SIZE, 0, 1, VM_PROT_READ | VM_PROT_WRITE));
	EXPECT_OK(kernelrpc_mach_vm_deallocate_trap(self, address, 2 * MD_PAGE_SIZE));
}

static void act_memory(mach_port_t self)
{
	mach_port_t memory = name_of(gila_memory_create(2 * MD_PAGE_SIZE));
	mach_vm_address_t address = 0;
	char bytes[64] = "bytes";
	gila_memory_size(memory);
	EXPECT_OK(gila_memory_write(memory, 10, bytes, sizeof(bytes)));
	EXPECT_OK(gila_memory_read(memory, 10, bytes, sizeof(bytes)));
	EXPECT_OK(gila_memory_resize(memory, 4 * MD_PAGE_SIZE));
	EXPECT_OK(gila_memory_map(memory, &address, MD_PAGE_SIZE, 0, VM_PROT_READ | VM_PROT_WRITE, 0));
	EXPECT_OK(gila_memory_unmap(address, MD_PAGE_SIZE));
	EXPECT_OK(gila_memory_map(memory, &address, MD_PAGE_SIZE, 0, VM_PROT_READ, MD_MAP_COPY));
	EXPECT_OK(gila_memory_fix_size(memory));
	EXPECT(gila_memory_resize(memory, MD_PAGE_SIZE), KERN_PROTECTION_FAILURE);
	EXPECT_OK(gila_memory_seal(memory));
}

// ---- Programs of seats ----------------------------------------------------------------------------------------------

// What a loader does, with answers that nobody has asked for.
static void act_images(mach_port_t self)
{
	struct seat_name name;
	char complaint[160];
	kern_return_t code = KERN_SUCCESS;
	if (!seat_name_pack(&name, SEAT_GRANT_MANAGE))
		sim_crash(11);
	const uint64_t *w = name.words;
	mach_port_t seats = name_of(gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]));
	mach_port_t memory = name_of(gila_memory_create(100));
	EXPECT(gila_seat_image_from(seats, SWEEP_SEAT, 1, SWEEP_SEAT, &code, complaint), KERN_NOT_WAITING);
	EXPECT(gila_seat_set_image(seats, SWEEP_SEAT, 1, memory), KERN_NOT_WAITING);
	EXPECT(gila_seat_set_image(seats, SWEEP_SEAT, 0, MACH_PORT_NULL), KERN_SUCCESS);
	EXPECT(gila_seat_image_failed(seats, SWEEP_SEAT, 1, KERN_FAILURE, "a test"), KERN_NOT_WAITING);
}

// Who drives nothing has no device; scenario_sweep_driver.c has one that does.
static void act_devices(mach_port_t self)
{
	uint64_t words[64];
	char name[] = "reg";
	EXPECT(gila_device_info((struct device_info *)(void *)words), KERN_NOT_FOUND);
	EXPECT(gila_device_property(name, 3, words, 8) >> 32, KERN_NOT_FOUND);
	EXPECT(gila_device_map(0, words, words + 1), KERN_NOT_FOUND);
	EXPECT(gila_device_irq(0, make_port(self)), KERN_NOT_FOUND);
	EXPECT(gila_device_irq_ack(0), KERN_NOT_FOUND);
	EXPECT(gila_device_port_read(0, 0, 1) >> 32, KERN_NOT_FOUND);
	EXPECT(gila_device_port_write(0, 0, 1, 0), KERN_NOT_FOUND);
	EXPECT(gila_dma_alloc(4096) >> 32, KERN_NOT_FOUND);
	EXPECT(gila_dma_address(name_of(gila_memory_create(4096)), words), KERN_NOT_FOUND);
	EXPECT(gila_device_descriptor(DEVICE_DESCRIPTOR_BACKEND, 0) >> 32, KERN_NOT_FOUND);
	EXPECT(gila_dma_descriptor(MACH_PORT_NULL) >> 32, KERN_NOT_FOUND);
}

// ---- More threads than one ------------------------------------------------------------------------------------------

static void waiter(void *argument)
{
	struct everything_buffer *buffer = sim_alloc(sizeof(*buffer));
	mach_port_t port = (mach_port_t)(uintptr_t)argument;
	mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL);
	mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL);
}

static void act_threads(mach_port_t self)
{
	mach_port_t port = make_port(self);
	for (int i = 0; i < 3; i++)
		sim_thread(sim_self(), waiter, (void *)(uintptr_t)port);
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	send_everything(self, port);
	send_everything(self, port);
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	EXPECT_OK(kernelrpc_mach_port_mod_refs_trap(self, port, MACH_PORT_RIGHT_RECEIVE, -1));
}

static void leaver(void *argument)
{
	*(uint32_t *)argument = 1;
	gila_thread_exit();
}

static void act_thread_start(mach_port_t self)
{
	uint32_t *words = sim_alloc(2 * sizeof(*words));
	uint64_t stack = (uint64_t)(uintptr_t)sim_alloc(STACK) + STACK - sizeof(uint64_t); // as after a call
	EXPECT_OK(gila_thread_start((uint64_t)(uintptr_t)leaver, stack, (uint64_t)(uintptr_t)words, words + 1) >> 32);
	EXPECT(words[1] != 0, true);
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	gila_task_abort(6);
}

const struct sweep_act sweep_acts[] = {
	{"small", act_small},	  {"task", act_task},		  {"ports", act_ports},
	{"sets", act_sets},	  {"messages", act_messages},	  {"waits", act_waits},
	{"calls", act_calls},	  {"semaphores", act_semaphores}, {"timers", act_timers},
	{"vm", act_vm},		  {"memory", act_memory},	  {"threads", act_threads},
	{"images", act_images},	  {"devices", act_devices},
	{"thread_start", act_thread_start},
};
const unsigned sweep_act_count = sizeof(sweep_acts) / sizeof(sweep_acts[0]);

// ---- The seat -------------------------------------------------------------------------------------------------------

struct call {
	mach_msg_header_t head;
	uint64_t number;
};

struct call_buffer {
	struct call call;
	mach_msg_max_trailer_t trailer;
};

static mach_port_t seat_trap(uint64_t (*trap)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t))
{
	struct seat_name name;
	if (!seat_name_pack(&name, SWEEP_SEAT))
		return MACH_PORT_NULL;
	const uint64_t *w = name.words;
	return name_of(trap(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]));
}

bool sweep_call_seat(mach_port_t self, mach_port_t reply, bool perhaps)
{
	mach_port_t seat = seat_trap(gila_seat_lookup);
	struct call_buffer *buffer = sim_alloc(sizeof(*buffer));
	buffer->call.head = (mach_msg_header_t){.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
						.msgh_size = sizeof(buffer->call),
						.msgh_remote_port = seat,
						.msgh_local_port = reply,
						.msgh_id = 500};
	buffer->call.number = 41;
	EXPECT(mach_msg_trap(buffer, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(buffer->call), sizeof(*buffer), reply, 0,
			     MACH_PORT_NULL),
	       MACH_MSG_SUCCESS);
	if (perhaps && buffer->call.head.msgh_id == MACH_NOTIFY_SEND_ONCE)
		return false;
	EXPECT(buffer->call.head.msgh_id, 600);
	EXPECT(buffer->call.number, 42);
	return true;
}

// The server: answers, and now and then holds on to a request without answering until the next one.
static void server_main(void *argument)
{
	mach_port_t port = seat_trap(gila_seat_take);
	sim_task_self(); // a right that every server comes to have
	struct call_buffer *buffer = sim_alloc(sizeof(*buffer));
	for (;;) {
		mach_msg_return_t result = mach_msg_trap(buffer, MACH_RCV_MSG, 0, sizeof(*buffer), port, 0, MACH_PORT_NULL);
		if (result != MACH_MSG_SUCCESS)
			sim_exit(1);
		struct call *call = &buffer->call;
		call->head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		call->head.msgh_size = sizeof(*call);
		call->head.msgh_local_port = MACH_PORT_NULL;
		call->head.msgh_id += 100;
		call->number++;
		result = mach_msg_trap(buffer, MACH_SEND_MSG, sizeof(*call), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
		if (result != MACH_MSG_SUCCESS)
			mach_msg_destroy(&call->head);
	}
}
SIM_PROGRAM(sweep_server, server_main);
