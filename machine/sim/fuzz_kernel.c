// SPDX-License-Identifier: MIT
// The director of fuzz inputs: makes tasks and threads as the input says, disturbs them, ends everything, and compares
// the kernel's books with those from before; see fuzz.h.
#include "fuzz.h"

#include "scenario_books.h"

#include <abi/traps.h>
#include <gila/seat_name.h>
#include <kernel/ipc/check.h>
#include <kernel/device/driver.h>
#include <kernel/memory/memory.h>
#include <kernel/seat/seat.h>
#include <kernel/task/task.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define STEPS 3000000u     // of an input: more is a hang
#define PATIENCE 100u      // looks, at growing distances, for tasks that do not end
#define LIMIT_BYTES (UINT64_C(4) << 20) // of memory objects, for a task

struct fuzz_state fuzz;
static struct books books;
static bool ready;

// ---- Programs -------------------------------------------------------------------------------------------------------

static uint64_t seat_call(uint64_t (*call)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t),
			  const char *name)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, name))
		return (uint64_t)KERN_INVALID_ARGUMENT << 32;
	const uint64_t *w = packed.words;
	return call(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
}

// A server that looks up the seats that it was told of, serves a little and then goes in one way or another.
static void server_main(void *argument)
{
	char name[64];
	struct {
		mach_msg_header_t head;
		uint8_t body[600];
	} message;
	uint64_t result = 0;
	for (char **other = sim_arguments() + 1; other[-1] && *other; other++)
		seat_call(gila_seat_lookup, *other);
	if (gila_seat_self(name, sizeof(name)) == KERN_SUCCESS)
		result = seat_call(gila_seat_take, name);
	for (unsigned i = 0; i < 4 && result >> 32 == 0 && !fuzz.ending; i++) {
		mach_msg_return_t got = mach_msg_trap(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message),
						      (mach_port_name_t)result, 5, MACH_PORT_NULL);
		if (got != MACH_MSG_SUCCESS || sim_random_below(3) == 0)
			continue;
		message.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message.head.msgh_bits), 0);
		message.head.msgh_local_port = MACH_PORT_NULL;
		message.head.msgh_id += 100;
		mach_msg_trap(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(message.head), 0, MACH_PORT_NULL,
			      1, MACH_PORT_NULL);
	}
	switch (sim_random_below(3)) {
	case 0:
		sim_crash(11);
	case 1:
		sim_exit(3);
	default:
		sim_pause();
	}
}
SIM_PROGRAM(fuzz_server, server_main);

// A thread that is only there.
static void idler(void *argument)
{
	gila_thread_id();
	sim_pause();
}

static void client_act(struct fuzz_record *record)
{
	struct task *child;
	switch (record->select & 7) {
	case 0:
		sim_point();
		break;
	case 1:
		sim_exit(fuzz_u8(&record->bytes));
	case 2:
		sim_crash(11);
	case 3:
		sim_thread_exit();
	case 4:
		sim_thread(sim_self(), idler, NULL);
		break;
	case 5:
		child = sim_task("child", sim_self());
		if (child)
			sim_thread(child, idler, NULL);
		break;
	case 6:
		sim_descriptor_open(fuzz_u8(&record->bytes) + 1u);
		break;
	default:
		for (unsigned i = fuzz_u8(&record->bytes); i > 0; i--)
			sim_point();
	}
}

static void actor_main(void *argument)
{
	struct fuzz_actor *actor = argument;
	for (unsigned i = 0; i < fuzz.record_count && !fuzz.ending; i++) {
		struct fuzz_record record = fuzz.records[i];
		if (record.actor != actor->number || record.act == FUZZ_DIRECTOR)
			continue;
		actor->used = 0;
		if (record.act == FUZZ_TRAP)
			fuzz_act_trap(actor, &record);
		else if (record.act == FUZZ_ROUTINE)
			fuzz_act_routine(actor, &record);
		else if (record.act == FUZZ_MESSAGE)
			fuzz_act_message(actor, &record);
		else if (record.act == FUZZ_RECEIVE)
			fuzz_act_receive(actor, &record);
		else
			client_act(&record);
	}
	sim_pause();
}

// ---- Input ----------------------------------------------------------------------------------------------------------

static void input_parse(struct fuzz_bytes bytes, const struct fuzz_target *target)
{
	fuzz.record_count = 0;
	while (bytes.left > 0 && fuzz.record_count < FUZZ_RECORDS) {
		struct fuzz_record *record = &fuzz.records[fuzz.record_count++];
		uint8_t kind = fuzz_u8(&bytes);
		record->act = (enum fuzz_act)((kind >> 3) % FUZZ_ACTS);
		if (!(target->acts >> record->act & 1))
			record->act = target->instead;
		record->actor = (kind & 7) % fuzz.actor_count;
		record->select = fuzz_u8(&bytes);
		record->select |= (uint16_t)(fuzz_u8(&bytes) << 8);
		size_t size = fuzz_u8(&bytes);
		record->bytes = (struct fuzz_bytes){bytes.at, size < bytes.left ? size : bytes.left};
		bytes.at += record->bytes.left;
		bytes.left -= record->bytes.left;
	}
}

// False: no memory for it, which the input may have asked for.
static bool task_furnish(struct fuzz_task *task)
{
	uint64_t start = SIM_SPACES_BASE + (uint64_t)(task->task->md.process->slot - 1) * SIM_SPACE_SIZE + FUZZ_HALF;
	struct {
		uint64_t at, size;
		vm_prot_t prot;
	} maps[] = {{start, 2 * FUZZ_BUFFER * FUZZ_ACTORS, VM_PROT_READ | VM_PROT_WRITE},
		    {start + FUZZ_EDGE, MD_PAGE_SIZE, VM_PROT_READ | VM_PROT_WRITE},
		    {start + FUZZ_CONSTANT, MD_PAGE_SIZE, VM_PROT_READ},
		    {start + FUZZ_FREE, 2 * MD_PAGE_SIZE, VM_PROT_READ | VM_PROT_WRITE}};
	task->playground = start;
	for (unsigned i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (md_map(task->task, &maps[i].at, maps[i].size, NULL, 0, maps[i].prot, MD_MAP_FIXED))
			return false;
	return true;
}

static void tasks_make(void)
{
	for (unsigned i = 0; i < fuzz.task_count; i++) {
		struct fuzz_task *task = &fuzz.tasks[i];
		*task = (struct fuzz_task){.number = i, .task = sim_task("fuzz", NULL)};
		if (!task->task)
			continue;
		task_reference(task->task);
		atomic_store(&task->task->account->count_limit[ACCOUNT_MEMORY_BYTES], LIMIT_BYTES);
		if (!task_furnish(task))
			sim_kill(task->task);
	}
	for (unsigned i = 0; i < fuzz.actor_count; i++) {
		struct fuzz_actor *actor = &fuzz.actors[i];
		uint8_t *scratch = actor->scratch ? actor->scratch : calloc(1, FUZZ_BUFFER + 512);
		*actor = (struct fuzz_actor){
			.number = i, .task = &fuzz.tasks[i % fuzz.task_count], .scratch = scratch};
		if (!scratch)
			sim_broken("memory");
		actor->buffer = actor->task->playground + 2 * FUZZ_BUFFER * i;
		if (actor->task->task)
			sim_thread(actor->task->task, actor_main, actor);
	}
}

// ---- Disturbances ---------------------------------------------------------------------------------------------------

static void disturb_seat(unsigned how)
{
	static void (*const acts[])(struct seat *) = {seat_stop, seat_start, seat_restart, seat_remove};
	struct seat *seat = seat_find("fuzz/0");
	if (!seat)
		return;
	acts[how % 4](seat);
	seat_release(seat);
}

static void fail_nothing(void)
{
	kalloc_fail_every(0);
	sim_fail_every(0);
}

static bool check_loosely(void)
{
	fail_nothing();
	sim_stop();
	ipc_check_begin();
	unsigned faults = ipc_check_loose();
	sim_resume();
	return faults == 0;
}

static bool disturb(struct fuzz_record *record)
{
	struct fuzz_bytes *bytes = &record->bytes;
	uint8_t detail = fuzz_u8(bytes);
	struct task *task = fuzz.tasks[detail % fuzz.task_count].task;
	switch (record->select & 15) {
	case 0:
		sim_sleep(MS / 100 + detail * (MS / 10));
		break;
	case 1:
		sim_settle();
		break;
	case 2:
		if (task)
			sim_kill(task);
		break;
	case 3:
		if (task)
			task_terminate(task, KERN_DEATH_PROTOCOL, 0);
		break;
	case 4:
		kalloc_fail_every(detail);
		break;
	case 5:
		if (task)
			sim_kill_at(task, detail >> 4, fuzz_u8(bytes));
		break;
	case 6:
		disturb_seat(detail);
		break;
	case 7:
	case 8: // too often, or not suspended at all: its error is as good as its success
		if (task && (record->select & 15) == 7)
			(void)!task_suspend(task);
		else if (task)
			(void)!task_resume(task);
		break;
	case 9:
		sim_fail_every(detail);
		break;
	case 11:
		sim_interrupt(detail & 3, detail & 4);
		break;
	default:
		return check_loosely();
	}
	return true;
}

// ---- The end --------------------------------------------------------------------------------------------------------

static void end_drivers(void)
{
	struct device_driver_record record;
	while (driver_list(0, &record, 1) == 1 && driver_remove(record.compatible) == KERN_SUCCESS)
		continue;
}

static void end_seats(void)
{
	uint32_t id = 0;
	for (struct seat *seat; (seat = seat_next(id));) {
		id = seat->id;
		if (id >= fuzz.next_seat)
			fuzz.next_seat = id + 1;
		seat_remove(seat);
		seat_release(seat);
	}
}

// How many tasks besides init there are; each has been told to end.
static unsigned end_tasks(void)
{
	unsigned count = 0;
	uint32_t id = 0;
	for (struct task *task; (task = task_next(id));) {
		id = task->id;
		if (id != fuzz.init_id) {
			count++;
			sim_kill(task);
			task_terminate(task, KERN_DEATH_SIGNAL, 9);
		}
		task_release(task);
	}
	return count;
}

static bool end_all(void)
{
	fuzz.ending = true;
	fail_nothing();
	end_drivers();
	for (unsigned i = 0; i < PATIENCE; i++) {
		end_seats();
		if (end_tasks() == 0)
			break;
		sim_settle();
		if (i > 2)
			sim_sleep(i * 10 * MS);
	}
	bool ended = end_tasks() == 0;
	for (unsigned i = 0; i < fuzz.task_count; i++)
		if (fuzz.tasks[i].task)
			task_release(fuzz.tasks[i].task);
	if (!ended)
		fprintf(stderr, "fuzz: a task does not end\n");
	sim_settle();
	seat_watch_post(&(struct seat_event){.kind = SEAT_EVENT_STATE}); // watchers that are dead are dropped with the next event
	sim_settle();
	return ended;
}

static bool check_strictly(void)
{
	sim_stop();
	ipc_check_begin();
	unsigned faults = ipc_check_end();
	sim_resume();
	if (faults > 0)
		fprintf(stderr, "fuzz: rights are not conserved\n");
	if (sim_descriptors_in_transit() > 0)
		fprintf(stderr, "fuzz: %u descriptors are left over\n", sim_descriptors_in_transit());
	return faults == 0 && sim_descriptors_in_transit() == 0;
}

static bool input_run(const uint8_t *data, size_t size, const struct fuzz_target *target)
{
	struct fuzz_bytes bytes = {data, size};
	fuzz_u8(&bytes); // the seed
	uint8_t shape = fuzz_u8(&bytes), failures = fuzz_u8(&bytes);
	fuzz.ending = false;
	fuzz.task_count = 1 + (shape & 3);
	fuzz.actor_count = fuzz.task_count + (shape >> 2 & 3);
	if (fuzz.actor_count > FUZZ_ACTORS)
		fuzz.actor_count = FUZZ_ACTORS;
	input_parse(bytes, target);
	if (shape & 16)
		sim_fail_every(failures);
	else
		kalloc_fail_every(failures);
	tasks_make();
	bool fine = true;
	for (unsigned i = 0; i < fuzz.record_count && fine; i++)
		if (fuzz.records[i].act == FUZZ_DIRECTOR)
			fine = disturb(&fuzz.records[i]);
	sim_sleep(30 * MS);
	fine = check_loosely() && fine;
	if (!fine)
		fprintf(stderr, "fuzz: rights are not conserved before the end\n");
	return end_all() && check_strictly() && fine;
}

// ---- Simulations ----------------------------------------------------------------------------------------------------

// What is made once and kept is made now.
static void warm_up(void *argument)
{
	struct fuzz_actor *actor = argument;
	for (unsigned right = 0; right < FUZZ_RIGHTS; right++)
		fuzz_name_of(actor, (enum fuzz_right)right);
	sim_pause();
}

// What drivers map of their devices is made at the first time.
static void map_regions(void)
{
	for (struct device *device = NULL; (device = device_after(device));)
		for (uint32_t i = 0; i < device->region_count; i++) {
			struct memory *memory;
			uint64_t offset;
			if (device_get_region(device, i, &memory, &offset) == KERN_SUCCESS)
				memory_release(memory);
		}
}

static bool prepare(void)
{
	ready = true;
	map_regions();
	fuzz.next_seat = 1;
	sim_thread_entry(idler);
	struct task *init = task_next(0);
	fuzz.init_id = init ? init->id : 0;
	if (init)
		task_release(init);
	fuzz_trap_counts = calloc(grammar_table.trap_count, sizeof(*fuzz_trap_counts));
	fuzz_message_counts = calloc(grammar_table.message_count, sizeof(*fuzz_message_counts));
	if (!fuzz_trap_counts || !fuzz_message_counts)
		sim_broken("memory");
	fuzz.ending = false;
	fuzz.task_count = fuzz.actor_count = 1;
	fuzz.record_count = 0;
	tasks_make();
	sim_thread(fuzz.tasks[0].task, warm_up, &fuzz.actors[0]);
	sim_settle();
	bool fine = end_all() && check_strictly();
	books_take(&books);
	return fine;
}

bool fuzz_run(const uint8_t *data, size_t size, const struct fuzz_target *target)
{
	if (!ready && !prepare())
		return false;
	sim.steps = 0; // the limit is one for each input
	return input_run(data, size, target) && books_compare(&books, target->name);
}

static struct {
	const uint8_t *data;
	size_t size;
	const struct fuzz_target *target;
} input;

static void fuzz_main(void *argument)
{
	for (;;) {
		if (!fuzz_run(input.data, input.size, input.target)) {
			sim_print_log();
			sim_fail();
		}
		sim_suspend();
	}
}

int fuzz_target(const uint8_t *data, size_t size, const struct fuzz_target *target)
{
	static struct sim_options options = {.seed = 1, .cpus = 2, .step_limit = STEPS, .main = fuzz_main};
	static bool booted;
	options.verbose = getenv("FUZZ_VERBOSE") != NULL; // the kernel's log as it comes
	input.data = data;
	input.size = size;
	input.target = target;
	enum sim_status status = SIM_PASSED;
	if (!booted) {
		input.size = 0;
		status = sim_run(&options);
		booted = true;
		input.size = size;
		if (status != SIM_SUSPENDED)
			abort();
	}
	status = sim_continue(size > 0 ? data[0] : 0);
	if (status != SIM_SUSPENDED) {
		fprintf(stderr, "%s: ended with status %d\n", target->name, status);
		abort();
	}
	return 0;
}
