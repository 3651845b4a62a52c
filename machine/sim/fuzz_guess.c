// SPDX-License-Identifier: MIT
// What the parameters of traps and routines most sensibly are, by their names; see fuzz.h. The first row that fits counts.
// A parameter that is not here is a number that is 0, or (a name) a receive right.
#include "fuzz.h"

#include <gila/seat.h>
#include <mach/mk_timer.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/thread_status.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <string.h>

// A server that waits for the seat fuzz/1, if there is one, and answers pings.
static const struct {
	struct seat_recipe_head head;
	char strings[64];
} recipe = {.head = {.version = SEAT_RECIPE_VERSION,
		     .flags = SEAT_RESTART_DEMAND,
		     .backoff_initial = 1000000,
		     .backoff_cap = 5000000,
		     .argument_count = 1,
		     .uses_count = 1},
	    .strings = "fuzz/0\0/system/bin/fuzz_server\0fuzz/1\0*"};
#define RECIPE_SIZE (sizeof(recipe.head) + sizeof("fuzz/0\0/system/bin/fuzz_server\0fuzz/1\0*"))

// The same as a driver: its kind makes the seats of sim's devices fuzz/0 and fuzz/1, which actors may take.
static const struct {
	struct seat_recipe_head head;
	char strings[64];
} driver = {.head = {.version = SEAT_RECIPE_VERSION, .flags = SEAT_RESTART_DEMAND},
	    .strings = "fuzz\0/system/bin/fuzz_server"};
#define DRIVER_SIZE (sizeof(driver.head) + sizeof("fuzz\0/system/bin/fuzz_server"))
static const char compatible[] = "sim,device", property[] = "compatible";

static const char seat_name[64] = "fuzz/0";
static const uint32_t guarded_options = 0x01 | 0x10; // MPO_CONTEXT_AS_GUARD | MPO_INSERT_SEND_RIGHT

// `call`: a part of the name, NULL: any.
static const struct {
	const char *call, *field;
	enum fuzz_guess_kind kind;
	uint64_t number;
} rows[] = {
	// devices
	{"device_property", "name_size", GUESS_NUMBER, 10},
	{"device_irq", "port", GUESS_RIGHT, FUZZ_RECEIVE_RIGHT},
	{"device_descriptor", "kind", GUESS_NUMBER, 1},
	{"device.add_driver", "image", GUESS_RIGHT, FUZZ_RIGHTS},
	{"device.", "after", GUESS_NUMBER, 0},
	{"dma_alloc", "size", GUESS_NUMBER, MD_PAGE_SIZE * 2},
	{"dma_", "memory", GUESS_RIGHT, FUZZ_DMA},
	// monitor
	{"monitor", "task", GUESS_TASK_ID, 0},
	{"monitor", "after", GUESS_NUMBER, 0},
	{"describe", "name", GUESS_RIGHT, FUZZ_RECEIVE_RIGHT},
	{"task_for_pid", "pid", GUESS_TASK_ID, 0},
	{"seat_strings", "seat", GUESS_SEAT_ID, 0},
	{"seat.set_image", "request", GUESS_NUMBER, 0},
	{"seat.", "request", GUESS_NUMBER, 1},
	// names
	{NULL, "target", GUESS_RIGHT, FUZZ_SELF_TASK},
	{NULL, "set", GUESS_RIGHT, FUZZ_SET},
	{NULL, "pset", GUESS_RIGHT, FUZZ_SET},
	{NULL, "after", GUESS_RIGHT, FUZZ_SET},
	{"get_set_status", "name", GUESS_RIGHT, FUZZ_SET},
	{"deallocate", "name", GUESS_RIGHT, FUZZ_BADGED},
	{"kobject", "name", GUESS_RIGHT, FUZZ_MEMORY},
	{"destruct", "name", GUESS_RIGHT, FUZZ_GUARDED},
	{"unguard", "name", GUESS_RIGHT, FUZZ_GUARDED},
	{"swap_guard", "name", GUESS_RIGHT, FUZZ_GUARDED},
	{"insert_right", "name", GUESS_RIGHT, FUZZ_RECEIVE_RIGHT},
	{NULL, "semaphore", GUESS_RIGHT, FUZZ_SEMAPHORE},
	{NULL, "wait_semaphore", GUESS_RIGHT, FUZZ_SEMAPHORE},
	{NULL, "signal_semaphore", GUESS_RIGHT, FUZZ_SEMAPHORE},
	{"semaphore_signal_thread", "thread", GUESS_RIGHT, FUZZ_RIGHTS},
	{NULL, "thread", GUESS_RIGHT, FUZZ_SELF_THREAD},
	{"task_wait", "task", GUESS_RIGHT, FUZZ_PEER_TASK},
	{NULL, "task", GUESS_RIGHT, FUZZ_SELF_TASK},
	{NULL, "memory", GUESS_RIGHT, FUZZ_MEMORY},
	{NULL, "object", GUESS_RIGHT, FUZZ_MEMORY},
	{NULL, "image", GUESS_RIGHT, FUZZ_MEMORY},
	{NULL, "timer", GUESS_RIGHT, FUZZ_TIMER},
	{NULL, "clock", GUESS_RIGHT, FUZZ_RIGHTS},
	{NULL, "proto", GUESS_RIGHT, FUZZ_RIGHTS},
	{NULL, "notify", GUESS_RIGHT, FUZZ_REPLY},
	// names that are chosen
	{NULL, "new_name", GUESS_NUMBER, 0x7700},
	{"allocate_name", "name", GUESS_NUMBER, 0x7800},
	// kinds, flavors, flags
	{"mod_refs", "right", GUESS_NUMBER, MACH_PORT_RIGHT_SEND},
	{"mod_refs", "delta", GUESS_NUMBER, 1},
	{NULL, "right", GUESS_NUMBER, MACH_PORT_RIGHT_RECEIVE},
	{NULL, "poly_poly", GUESS_NUMBER, MACH_MSG_TYPE_MAKE_SEND},
	{NULL, "msgt_name", GUESS_NUMBER, MACH_MSG_TYPE_MAKE_SEND},
	{NULL, "notify_poly", GUESS_NUMBER, MACH_MSG_TYPE_MAKE_SEND_ONCE},
	{"badge_notify", "badge", GUESS_NUMBER, 7},
	{NULL, "badge", GUESS_NUMBER, 9},
	{NULL, "guard", GUESS_NUMBER, 1},
	{NULL, "old_guard", GUESS_NUMBER, 1},
	{NULL, "new_guard", GUESS_NUMBER, 2},
	{NULL, "msgid", GUESS_NUMBER, MACH_NOTIFY_DEAD_NAME},
	{"set_attributes", "flavor", GUESS_NUMBER, MACH_PORT_LIMITS_INFO},
	{"mach_port", "flavor", GUESS_NUMBER, MACH_PORT_RECEIVE_STATUS},
	{"host_info", "flavor", GUESS_NUMBER, 1},
	{"thread_info", "flavor", GUESS_NUMBER, 3},
	{"thread_create_running", "flavor", GUESS_NUMBER, x86_THREAD_STATE64},
	{"task_info", "flavor", GUESS_NUMBER, 20},
	{"state", "flavor", GUESS_NUMBER, x86_THREAD_STATE64},
	{NULL, "new_state", GUESS_BYTES, x86_THREAD_STATE64_COUNT * 4},
	{NULL, "port_info", GUESS_BYTES, 4},
	{"thread_get_special", "which_port", GUESS_NUMBER, 1},
	{NULL, "which_port", GUESS_NUMBER, 4}, // TASK_BOOTSTRAP_PORT
	{"clock_sleep", "sleep_type", GUESS_NUMBER, 1},
	{NULL, "seconds", GUESS_NUMBER, 0},
	{NULL, "nanoseconds", GUESS_NUMBER, 1000},
	{NULL, "milliseconds", GUESS_NUMBER, 1},
	{NULL, "timeout", GUESS_NUMBER, 1},
	{NULL, "deadline", GUESS_TIME, 0},
	{NULL, "trailer_type", GUESS_NUMBER, 1 << 24},
	{"vm_allocate", "flags", GUESS_NUMBER, VM_FLAGS_ANYWHERE},
	{"vm_map", "flags", GUESS_NUMBER, VM_FLAGS_ANYWHERE},
	{NULL, "protection", GUESS_NUMBER, VM_PROT_READ | VM_PROT_WRITE},
	{NULL, "cur_protection", GUESS_NUMBER, VM_PROT_READ | VM_PROT_WRITE},
	{NULL, "max_protection", GUESS_NUMBER, VM_PROT_READ | VM_PROT_WRITE},
	{NULL, "new_protection", GUESS_NUMBER, VM_PROT_READ},
	{NULL, "new_inheritance", GUESS_NUMBER, 1},
	// memory
	{NULL, "address", GUESS_PLACE, 0},
	{NULL, "source_address", GUESS_PLACE, 0},
	{NULL, "dest_address", GUESS_PLACE, 1},
	{"read_overwrite", "data", GUESS_PLACE, 1},
	{"memory_map", "size", GUESS_NUMBER, MD_PAGE_SIZE},
	{"memory_unmap", "size", GUESS_NUMBER, MD_PAGE_SIZE},
	{"memory_create", "size", GUESS_NUMBER, MD_PAGE_SIZE * 2},
	{"memory_resize", "size", GUESS_NUMBER, MD_PAGE_SIZE * 4},
	{"vm_", "size", GUESS_NUMBER, MD_PAGE_SIZE},
	{NULL, "size", GUESS_NUMBER, 64},
	{NULL, "count", GUESS_NUMBER, 10},
};

static bool fits(const char *part, const char *call) { return !part || strstr(call, part); }

static struct fuzz_guess guess_words(const char *call, unsigned index)
{
	struct fuzz_guess guess = {.kind = GUESS_NUMBER};
	if (strncmp(call, "seat_", 5) == 0 && index < 8)
		memcpy(&guess.number, seat_name + 8 * index, sizeof(guess.number));
	return guess;
}

static struct fuzz_guess bytes(const void *data, size_t size)
{
	return (struct fuzz_guess){.kind = GUESS_BYTES, .bytes = data, .size = size};
}

struct fuzz_guess fuzz_guess(const char *call, const struct grammar_field *field, unsigned index)
{
	if (strcmp(field->name, "recipe") == 0)
		return strncmp(call, "device.", 7) == 0 ? bytes(&driver, DRIVER_SIZE) : bytes(&recipe, RECIPE_SIZE);
	if (strcmp(field->name, "compatible") == 0)
		return bytes(compatible, sizeof(compatible));
	if (strcmp(call, "device_property") == 0 && strcmp(field->name, "name") == 0)
		return bytes(property, sizeof(property) - 1);
	if (strncmp(call, "seat.", 5) == 0 && strcmp(field->name, "name") == 0)
		return bytes(seat_name, sizeof("fuzz/0"));
	if (strcmp(field->name, "source") == 0)
		return bytes("fuzz/1", sizeof("fuzz/1"));
	if (strcmp(field->name, "options") == 0)
		return bytes(&guarded_options, sizeof(guarded_options));
	if (strncmp(field->name, "name", 4) == 0 && field->name[4] >= '0' && field->name[4] <= '7')
		return guess_words(call, index);
	bool right = field->kind == GRAMMAR_NAME || field->kind == GRAMMAR_PORT || field->kind == GRAMMAR_PORTS;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].field, field->name) != 0 || !fits(rows[i].call, call))
			continue;
		if (rows[i].kind == GUESS_BYTES)
			return bytes(NULL, rows[i].number);
		return (struct fuzz_guess){.kind = rows[i].kind, .number = rows[i].number};
	}
	if (right || strstr(field->name, "name") || strcmp(field->name, "member") == 0)
		return (struct fuzz_guess){.kind = GUESS_RIGHT, .number = FUZZ_RECEIVE_RIGHT};
	return (struct fuzz_guess){.kind = GUESS_NONE};
}

enum fuzz_right fuzz_guess_destination(const char *call)
{
	static const struct {
		const char *subsystem;
		enum fuzz_right right;
	} subsystems[] = {
		{"task.task_terminate", FUZZ_PEER_TASK}, {"task.task_suspend", FUZZ_PEER_TASK},
		{"task.task_resume", FUZZ_PEER_TASK},
		{"mach_host.", FUZZ_HOST},    {"mach_port.", FUZZ_SELF_TASK},     {"task.", FUZZ_SELF_TASK},
		{"mach_vm.", FUZZ_SELF_TASK}, {"thread_act.", FUZZ_OTHER_THREAD}, {"seat.", FUZZ_SEATS},
		{"monitor.", FUZZ_MONITOR},   {"device.", FUZZ_DEVICES},
	};
	for (size_t i = 0; i < sizeof(subsystems) / sizeof(*subsystems); i++)
		if (strncmp(call, subsystems[i].subsystem, strlen(subsystems[i].subsystem)) == 0)
			return subsystems[i].right;
	return FUZZ_RECEIVE_RIGHT;
}
