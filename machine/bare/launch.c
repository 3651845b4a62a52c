// SPDX-License-Identifier: MIT
// Programs: loading the file, lib/linux beside it, the first stack, the first thread; and clones.
//
// The stack is what Linux gives a program (System V ABI, AMD64 supplement, 3.4.1, "Initial Stack and Register State"):
// argc, arguments, environment, auxiliary vector. Two entries of it are Gila's own: AT_GILA says that traps are
// entered by SYSCALL, AT_GILA_LINUX where lib/linux is loaded.
#include "elf/elf.h"
#include "life.h"
#include "address_space.h"
#include "user.h"

#include <gila/auxv.h>
#include <kernel/boot/boot.h>
#include <kernel/core/alloc.h>

#define LINUX_PATH "/system/lib/linux"
#define PROGRAM_BASE UINT64_C(0x550000000000)
#define LINUX_BASE UINT64_C(0x7d0000000000)
#define STACK_TOP UINT64_C(0x7fff00000000)
#define STACK_SIZE (UINT64_C(8) << 20)
#define STRINGS_MOST (UINT64_C(128) << 10)
#define RANDOM_PAGES 0xffffffu

// As <elf.h> has them; <gila/auxv.h> has Gila's own.
enum {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9,
	AT_UID = 11, AT_EUID = 12, AT_GID = 13, AT_EGID = 14, AT_PLATFORM = 15, AT_HWCAP = 16, AT_CLKTCK = 17,
	AT_SECURE = 23, AT_RANDOM = 25, AT_HWCAP2 = 26, AT_EXECFN = 31,
};
#define AUXILIARY_MOST 24u
#define GILA_VERSION 1u

static uint64_t random_base(uint64_t base)
{
	uint32_t random;
	md_entropy(&random, sizeof(random));
	return base + (uint64_t)(random & RANDOM_PAGES) * MD_PAGE_SIZE;
}

static const char *program_read(const void *image, size_t size, struct elf_program *program)
{
	return elf_read(image, size, ARCH_ELF_MACHINE, program);
}

static kern_return_t program_load(struct address_space *space, const struct elf_program *program, const void *image,
				  uint64_t base)
{
	for (unsigned i = 0; i < program->count; i++) {
		const struct elf_segment *s = &program->segments[i];
		uint64_t at = base + s->address;
		kern_return_t error = address_space_map(space, &at, s->end - s->address, NULL, 0, s->prot, MD_MAP_FIXED);
		if (!error)
			error = address_space_copy(space, base + s->data_address,
					   (char *)(uintptr_t)image + s->data_offset, s->data_size, true, true);
		if (error)
			return error == KERN_INVALID_ADDRESS ? KERN_RESOURCE_SHORTAGE : error;
	}
	return KERN_SUCCESS;
}

// lib/linux, if the archive has it. *base: 0 if not.
static kern_return_t linux_load(struct address_space *space, uint64_t *base)
{
	const void *image;
	size_t size;
	struct elf_program program;
	*base = 0;
	if (!boot_find_file(LINUX_PATH, &image, &size))
		return KERN_SUCCESS;
	const char *reason = program_read(image, size, &program);
	if (reason) {
		log_line("task", LINUX_PATH ": %s", reason);
		return KERN_INVALID_ARGUMENT;
	}
	*base = random_base(LINUX_BASE);
	space->linux_entry = *base + program.entry;
	return program_load(space, &program, image, *base);
}

// ---- The first stack -----------------------------------------------------------------------------------------------

static size_t text_size(const char *text)
{
	size_t size = 0;
	while (text[size])
		size++;
	return size + 1;
}

static size_t strings_size(const char *const *strings, size_t *count)
{
	size_t size = 0;
	for (*count = 0; strings && strings[*count]; ++*count)
		size += text_size(strings[*count]);
	return size;
}

// The upper part of the stack, made here and copied in one piece; words from below, strings from above.
struct stack {
	char *bytes;
	size_t size;
	uint64_t address; // of bytes[0] in the task
	size_t text;      // strings so far end here
	uint64_t *word;
};

static uint64_t stack_put(struct stack *stack, const void *data, size_t size)
{
	memcpy(stack->bytes + stack->text, data, size);
	stack->text += size;
	return stack->address + stack->text - size;
}

static void stack_strings(struct stack *stack, const char *const *strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*stack->word++ = stack_put(stack, strings[i], text_size(strings[i]));
	*stack->word++ = 0;
}

static void stack_pair(struct stack *stack, uint64_t type, uint64_t value)
{
	*stack->word++ = type;
	*stack->word++ = value;
}

struct start {
	const struct md_launch *launch;
	struct elf_program program;
	uint64_t base, linux_base;
};

static void stack_auxiliary(struct stack *stack, const struct start *start, uint64_t random, uint64_t name)
{
	uint64_t capabilities[2];
	arch_capabilities(capabilities);
	stack_pair(stack, AT_PHDR, start->program.headers ? start->base + start->program.headers : 0);
	stack_pair(stack, AT_PHENT, start->program.header_size);
	stack_pair(stack, AT_PHNUM, start->program.headers ? start->program.header_count : 0);
	stack_pair(stack, AT_PAGESZ, MD_PAGE_SIZE);
	stack_pair(stack, AT_BASE, 0);
	stack_pair(stack, AT_FLAGS, 0);
	stack_pair(stack, AT_ENTRY, start->base + start->program.entry);
	stack_pair(stack, AT_UID, 0);
	stack_pair(stack, AT_EUID, 0);
	stack_pair(stack, AT_GID, 0);
	stack_pair(stack, AT_EGID, 0);
	stack_pair(stack, AT_HWCAP, capabilities[0]);
	stack_pair(stack, AT_HWCAP2, capabilities[1]);
	stack_pair(stack, AT_CLKTCK, 100);
	stack_pair(stack, AT_SECURE, 0);
	stack_pair(stack, AT_RANDOM, random);
	stack_pair(stack, AT_EXECFN, name);
	stack_pair(stack, AT_GILA, GILA_VERSION);
	if (start->linux_base)
		stack_pair(stack, AT_GILA_LINUX, start->linux_base);
	stack_pair(stack, AT_NULL, 0);
}

// Fills and copies the first stack; *pointer is where it begins.
static kern_return_t stack_make(struct address_space *space, const struct start *start, uint64_t top, uint64_t *pointer)
{
	const struct md_launch *launch = start->launch;
	size_t argc, envc;
	uint8_t random[16];
	md_entropy(random, sizeof(random));
	size_t text = strings_size(launch->arguments, &argc) + strings_size(launch->environment, &envc) +
		      text_size(launch->name) + sizeof(random);
	size_t words = (1 + argc + 1 + envc + 1 + 2 * AUXILIARY_MOST) * sizeof(uint64_t);
	if (text > STRINGS_MOST || words > STRINGS_MOST)
		return KERN_INVALID_ARGUMENT;
	struct stack stack = {.size = (words + text + 15) & ~(size_t)15, .text = words};
	stack.bytes = kalloc(space->task->account, stack.size);
	if (!stack.bytes)
		return KERN_RESOURCE_SHORTAGE;
	stack.address = top - stack.size;
	stack.word = (uint64_t *)(void *)stack.bytes;
	uint64_t random_at = stack_put(&stack, random, sizeof(random));
	uint64_t name = stack_put(&stack, launch->name, text_size(launch->name));
	*stack.word++ = argc;
	stack_strings(&stack, launch->arguments, argc);
	stack_strings(&stack, launch->environment, envc);
	stack_auxiliary(&stack, start, random_at, name);
	kern_return_t error = address_space_copy(space, stack.address, stack.bytes, stack.size, true, true);
	kfree(space->task->account, stack.bytes, stack.size);
	*pointer = stack.address;
	return error ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

// ---- The seam ------------------------------------------------------------------------------------------------------

// The first thread of a task, with registers that `begin` sets, if there is memory for it; it runs when its turn comes.
static kern_return_t first_thread(struct task *task, bool (*begin)(struct thread *thread, void *argument), void *argument)
{
	struct thread *thread = kern_thread_attach(task);
	if (!thread)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = KERN_RESOURCE_SHORTAGE;
	if (arch_user_make(thread) && begin(thread, argument))
		error = life_user_starts(thread, true);
	if (error) {
		kern_thread_detach(thread);
		return error;
	}
	user_queue(thread);
	return KERN_SUCCESS;
}

struct first {
	uint64_t entry, stack;
};

static bool program_begin(struct thread *thread, void *argument)
{
	const struct first *first = argument;
	uint64_t linux_entry = thread->task->md.space->linux_entry;
	arch_user_begin(thread, first->entry, first->stack, 0);
	if (linux_entry) { // lib/linux looks at the stack first (docs/linux-calls.md)
		arch_user_result(thread, UINT64_MAX);
		arch_user_divert(thread, linux_entry);
	}
	return true;
}

kern_return_t md_task_launch(struct task *task, const struct md_launch *launch)
{
	struct address_space *space = task->md.space;
	struct start start = {.launch = launch};
	const char *reason = program_read(launch->image, launch->image_size, &start.program);
	if (reason) {
		log_line("task", "%s cannot be loaded: %s", launch->name, reason);
		return KERN_INVALID_ARGUMENT;
	}
	start.base = random_base(PROGRAM_BASE);
	uint64_t top = random_base(STACK_TOP - RANDOM_PAGES * (uint64_t)MD_PAGE_SIZE), stack = top - STACK_SIZE;
	struct first first = {.entry = start.base + start.program.entry};
	kern_return_t error = program_load(space, &start.program, launch->image, start.base);
	if (!error)
		error = linux_load(space, &start.linux_base);
	if (!error)
		error = address_space_map(space, &stack, STACK_SIZE, NULL, 0, VM_PROT_READ | VM_PROT_WRITE, MD_MAP_FIXED);
	if (!error)
		error = stack_make(space, &start, top, &first.stack);
	return error ? error : first_thread(task, program_begin, &first);
}

struct copy {
	struct thread *thread;
	uint64_t result;
};

static bool copy_begin(struct thread *thread, void *argument)
{
	const struct copy *copy = argument;
	bool made = arch_user_copy_registers(thread, copy->thread);
	arch_user_result(thread, copy->result);
	return made;
}

kern_return_t md_task_clone(struct task *child, struct thread *thread, uint64_t result)
{
	struct address_space *parent = thread->task->md.space;
	struct copy copy = {thread, result};
	if (!parent || !child->md.space)
		return KERN_NOT_SUPPORTED;
	child->md.space->linux_entry = parent->linux_entry;
	kern_return_t error = address_space_clone(child->md.space, parent);
	return error ? error : first_thread(child, copy_begin, &copy);
}

// The bytes of a program are in frames that no other task shares: one bit of a page that is executable and present.
kern_return_t md_task_flip(struct task *task, uint64_t choice, uint64_t *address, unsigned *bit)
{
	uint64_t total = 0;
	struct address_space *space = task->md.space;
	if (!space)
		return KERN_NOT_SUPPORTED;
	for (uint64_t at = 0; address_space_next_text(space, &at);)
		total++;
	if (total == 0)
		return KERN_NOT_SUPPORTED;
	uint64_t page = choice % total, at = 0;
	while (address_space_next_text(space, &at) && page-- > 0)
		continue;
	uint8_t byte;
	*address = at - MD_PAGE_SIZE + choice / total % MD_PAGE_SIZE;
	*bit = (unsigned)(choice >> 61);
	kern_return_t error = address_space_copy(space, *address, &byte, 1, false, true);
	byte ^= (uint8_t)(1u << *bit);
	return error ? error : address_space_copy(space, *address, &byte, 1, true, true);
}
