// SPDX-License-Identifier: MIT
// Clients on the metal: a task, the address space that stage.h tells of, and a first thread; also for programs of seats, whose
// files in the boot archive are "sim:NAME".
//
// A client begins when its director waits for something: so that it can still say what is to happen to it.
#include "stage.h"

#include <kernel/core/alloc.h>
#include <kernel/task/task.h>
#include <machine/bare/address_space.h>
#include <machine/bare/life.h>
#include <machine/bare/user.h>
#include <machine/md.h>

extern const char stage_text[], stage_rodata[], stage_rodata_end[];
extern char stage_data[], stage_data_end[];
extern const char stage_image[], stage_image_end[]; // what user.ld made, from STAGE_TEXT on
extern const struct sim_program_entry *const __start_gila_programs[];
extern const struct sim_program_entry *const __stop_gila_programs[];

#define WAITING_MOST 64u

static struct md_memory text;  // one for all
static struct store variables; // the kernel's own pages: "registers" as far as address spaces know
static struct thread *waiting[WAITING_MOST];
static unsigned waiting_count;

kern_return_t __real_md_task_launch(struct task *task, const struct md_launch *launch);
kern_return_t __wrap_md_task_launch(struct task *task, const struct md_launch *launch);

static uint64_t pages_of(uint64_t size) { return (size + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1); }

void stage_clients_init(void)
{
	size_t size = (size_t)(stage_image_end - stage_image);
	if (md_memory_create(&text, &account_kernel, pages_of(size)) != KERN_SUCCESS ||
	    md_memory_write(&text, 0, stage_image, size) != KERN_SUCCESS)
		panic("no memory for the clients' program");
	variables = (struct store){.references = 1,
				   .payer = account_reference(&account_kernel),
				   .device = true,
				   .fixed = true,
				   .physical = (uintptr_t)stage_data - KERNEL_VIRTUAL,
				   .pages = (uint64_t)(stage_data_end - stage_data) / MD_PAGE_SIZE};
}

// ---- Address spaces ---------------------------------------------------------------------------------------------------

static kern_return_t map(struct address_space *space, uint64_t at, uint64_t size, struct store *store, vm_prot_t prot)
{
	return address_space_map(space, &at, size, store, 0, prot, MD_MAP_FIXED);
}

static kern_return_t space_fill(struct address_space *space)
{
	const vm_prot_t both = VM_PROT_READ | VM_PROT_WRITE;
	kern_return_t error = map(space, STAGE_TEXT, pages_of((uint64_t)(stage_image_end - stage_image)), text.store,
				  VM_PROT_READ | VM_PROT_EXECUTE);
	if (!error)
		error = map(space, STAGE_DATA, variables.pages * MD_PAGE_SIZE, &variables, both);
	if (!error)
		error = map(space, STAGE_OWN, STAGE_OWN_SIZE, NULL, both);
	return error ? error : map(space, STAGE_HEAP, STAGE_HEAP_SIZE, NULL, both);
}

// What a director names is the kernel's; clients have it somewhere else.
static uint64_t in_client(uint64_t address)
{
	if (address >= (uintptr_t)stage_rodata && address < (uintptr_t)stage_rodata_end)
		return address - (uintptr_t)stage_rodata + STAGE_RODATA;
	if (address >= (uintptr_t)stage_data && address < (uintptr_t)stage_data_end)
		return address - (uintptr_t)stage_data + STAGE_DATA;
	return address;
}

static uint64_t function_in_client(void (*function)(void *))
{
	return (uintptr_t)function - (uintptr_t)stage_text + STAGE_TEXT;
}

// Puts a stack with `start` on it into the space; 0: no memory.
static uint64_t stack_make(struct address_space *space, struct stage_start *start)
{
	uint64_t stack = 0;
	if (address_space_map(space, &stack, STAGE_STACK_SIZE, NULL, 0, VM_PROT_READ | VM_PROT_WRITE, 0) != KERN_SUCCESS)
		return 0;
	uint64_t at = (stack + STAGE_STACK_SIZE - sizeof(*start)) & ~UINT64_C(15);
	for (unsigned i = 0; i < STAGE_ARGUMENTS && start->arguments[i]; i++)
		start->arguments[i] = at + offsetof(struct stage_start, texts[i]);
	return address_space_copy(space, at, start, sizeof(*start), true, true) == KERN_SUCCESS ? at : 0;
}

// A thread of the task that has its place in user mode; user_queue lets it run. NULL: refused.
static struct thread *thread_make(struct task *task, struct stage_start *start, bool first)
{
	uint64_t at = stack_make(task->md.space, start);
	struct thread *thread = at ? kern_thread_attach(task) : NULL;
	if (!thread)
		return NULL;
	if (arch_user_make(thread)) {
		arch_user_begin(thread, STAGE_RUNTIME, at, at);
		if (life_user_starts(thread, first) == KERN_SUCCESS)
			return thread;
	}
	kern_thread_detach(thread);
	return NULL;
}

// ---- For directors ----------------------------------------------------------------------------------------------------

struct task *sim_task(const char *name, struct task *parent)
{
	struct task *task = kern_task_attach(parent, name);
	if (!task)
		return NULL;
	if (space_fill(task->md.space) != KERN_SUCCESS)
		panic("no memory for a client");
	task->md.space->state = LIFE_ALIVE; // it can die, even before it has a thread
	return task;
}

void sim_thread(struct task *task, void (*function)(void *argument), void *argument)
{
	struct stage_start start = {.function = function_in_client(function), .argument = in_client((uintptr_t)argument)};
	struct thread *thread = thread_make(task, &start, false);
	if (!thread)
		return; // it was killed, or there is no memory: who counts on it will say so
	if (waiting_count == WAITING_MOST)
		panic("more clients than are waited for");
	waiting[waiting_count++] = thread;
}

void stage_clients_begin(void)
{
	while (waiting_count > 0)
		user_queue(waiting[--waiting_count]);
}

struct task *sim_client(const char *name, void (*function)(void *argument), void *argument)
{
	struct task *task = sim_task(name, NULL);
	if (!task)
		return NULL;
	task_reference(task);
	sim_thread(task, function, argument);
	return task;
}

// ---- Programs of seats --------------------------------------------------------------------------------------------------

static const struct sim_program_entry *program_find(const char *bytes, size_t size)
{
	for (const struct sim_program_entry *const *p = __start_gila_programs; p < __stop_gila_programs; p++) {
		size_t length = 0;
		while ((*p)->name[length])
			length++;
		if (size == length && memcmp(bytes, (*p)->name, size) == 0)
			return *p;
	}
	return NULL;
}

kern_return_t __wrap_md_task_launch(struct task *task, const struct md_launch *launch)
{
	const char *bytes = launch->image;
	const struct sim_program_entry *program = NULL;
	if (launch->image_size > 4 && memcmp(bytes, "sim:", 4) == 0)
		program = program_find(bytes + 4, launch->image_size - 4);
	if (!program)
		return __real_md_task_launch(task, launch);
	struct stage_start start = {.function = function_in_client(program->function)};
	for (unsigned i = 0; i < STAGE_ARGUMENTS && launch->arguments[i]; i++) {
		format_text(start.texts[i], STAGE_ARGUMENT_SIZE, "%s", launch->arguments[i]);
		start.arguments[i] = 1;
	}
	kern_return_t error = space_fill(task->md.space);
	struct thread *thread = error ? NULL : thread_make(task, &start, true);
	if (!thread)
		return KERN_RESOURCE_SHORTAGE;
	stage_kill_begins(task, launch->arguments[0]);
	user_queue(thread);
	return KERN_SUCCESS;
}
