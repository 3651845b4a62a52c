// SPDX-License-Identifier: MIT
// The run-time of the metal's test programs: the start, the trap, and what LPC stubs stand on.
#include "suite.h"

#include <elf.h>
#include <mach/mach_time.h>
#include <mach/message.h>
#include <mach/mig.h>

const uint64_t *start_stack;

_Noreturn void start_c(const uint64_t *stack);
int main(void);
void mach_msg_destroy(mach_msg_header_t *message);
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify);

__asm__(".globl _start\n"
	"_start: xorl %ebp, %ebp\n"
	"	movq %rsp, %rdi\n"
	"	andq $-16, %rsp\n"
	"	call start_c\n");

extern const Elf64_Dyn dynamic[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));
extern const char image_start[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));

// The linker leaves only R_X86_64_RELATIVE in a program without imports (System V ABI, AMD64 supplement, 4.4.1).
static void relocate(void)
{
	uint64_t base = (uint64_t)image_start, table = 0, size = 0;
	for (const Elf64_Dyn *d = dynamic; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_RELA)
			table = base + d->d_un.d_ptr;
		else if (d->d_tag == DT_RELASZ)
			size = d->d_un.d_val;
	}
	for (const Elf64_Rela *r = (void *)table; (uint64_t)r < table + size; r++)
		if (ELF64_R_TYPE(r->r_info) == R_X86_64_RELATIVE)
			*(uint64_t *)(base + r->r_offset) = base + (uint64_t)r->r_addend;
}

_Noreturn void start_c(const uint64_t *stack)
{
	relocate();
	start_stack = stack;
	gila_task_exit(main());
	for (;;)
		__asm__ volatile("pause");
}

uint64_t start_auxiliary(uint64_t type)
{
	const uint64_t *word = start_stack + 1 + start_stack[0] + 1;
	while (*word++)
		continue;
	for (; word[0]; word += 2)
		if (word[0] == type)
			return word[1];
	return UINT64_MAX;
}

// ---- What LPC stubs use ---------------------------------------------------------------------------------------------

mach_port_t self_task(void)
{
	static mach_port_t task;
	static uint32_t owner; // a clone has names of its own
	if (owner != gila_task_id()) {
		owner = gila_task_id();
		task = task_self_trap();
	}
	return task;
}

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify)
{
	return mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
}

// Each call has a reply port of its own: threads here have no place to keep one.
mach_port_t mig_get_reply_port(void) { return mach_reply_port(); }
void mig_dealloc_reply_port(mach_port_t port)
{
	(void)kernelrpc_mach_port_mod_refs_trap(self_task(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}
void mig_put_reply_port(mach_port_t port) { mig_dealloc_reply_port(port); }
void mach_msg_destroy(mach_msg_header_t *message) {}

// ---- Saying ---------------------------------------------------------------------------------------------------------

void say(const char *text)
{
	uint32_t size = 0;
	while (text[size])
		size++;
	(void)gila_log(text, size);
}

void say_number(const char *text, uint64_t number)
{
	char line[128];
	unsigned at = sizeof(line) - 1, length = 0;
	line[at] = 0;
	do
		line[--at] = (char)('0' + number % 10);
	while (number /= 10);
	while (text[length])
		length++;
	while (length > 0)
		line[--at] = text[--length];
	say(line + at);
}

// ---- Children, memory, threads --------------------------------------------------------------------------------------

// Memory that clones share. For each child, by its id: whether it may begin (its port can be had only while it lives), then what it
// returned, plus 1.
#define MAY_BEGIN 0xffff
#define SLOTS 16384u // more than tasks in one run: a child with the number of one that lives would not wait
struct shared {
	_Atomic uint16_t results[SLOTS];
};

static struct shared *shared(void)
{
	static struct shared *page;
	mach_vm_address_t address = 0;
	if (!page && gila_memory_map((mach_port_t)gila_memory_create(sizeof(*page)), &address, sizeof(*page), 0, 3, 0) == KERN_SUCCESS)
		page = (struct shared *)address;
	return page;
}

static _Noreturn void child_main(int (*function)(void *argument), void *argument)
{
	uint32_t id = gila_task_id();
	while (atomic_load(&shared()->results[id % SLOTS]) != MAY_BEGIN)
		(void)swtch();
	int result = function(argument);
	atomic_store(&shared()->results[id % SLOTS], (uint16_t)(result + 1));
	gila_task_exit(result);
	for (;;)
		continue;
}

struct child child_start(int (*function)(void *argument), void *argument)
{
	(void)shared();
	uint64_t result = gila_task_clone();
	struct child child = {MACH_PORT_NULL, (uint32_t)result};
	if (result >> 32)
		return child;
	if (child.id == 0)
		child_main(function, argument);
	if (task_for_pid(self_task(), (int)child.id, &child.port) != KERN_SUCCESS)
		child.port = MACH_PORT_NULL;
	atomic_store(&shared()->results[child.id % SLOTS], MAY_BEGIN);
	return child;
}

uint32_t child_end(struct child child)
{
	struct gila_task_death death;
	kern_return_t error = gila_task_wait(child.port, 20000, &death);
	uint32_t result = atomic_exchange(&shared()->results[child.id % SLOTS], 0);
	(void)kernelrpc_mach_port_deallocate_trap(self_task(), child.port);
	if (error == KERN_INVALID_ARGUMENT)
		return result != MAY_BEGIN ? EXITED(result - 1) : GONE;
	return error ? NOT_ENDED : death.why * 1000 + (uint32_t)death.code;
}

uint32_t child_end_within(struct child child, uint32_t ms)
{
	struct gila_task_death death;
	if (gila_task_wait(child.port, ms, &death) != KERN_OPERATION_TIMED_OUT)
		return child_end(child);
	(void)gila_task_terminate(child.port);
	return child_end(child) == NOT_ENDED ? NOT_ENDED : ENDED_LATE;
}

uint32_t child_run(int (*function)(void *argument), void *argument)
{
	return child_end(child_start(function, argument));
}

uint64_t pages_make(uint64_t count)
{
	mach_vm_address_t address = 0;
	return kernelrpc_mach_vm_allocate_trap(self_task(), &address, count * PAGE, 1) == KERN_SUCCESS ? address : 0;
}

kern_return_t pages_protect(uint64_t address, uint64_t count, int prot)
{
	return kernelrpc_mach_vm_protect_trap(self_task(), address, count * PAGE, 0, prot);
}

mach_port_t thread_run(void (*function)(void *argument), void *argument)
{
	x86_thread_state64_t state = {0};
	uint64_t stack = pages_make(4);
	mach_port_t thread = MACH_PORT_NULL;
	if (!stack)
		return MACH_PORT_NULL;
	state.__rip = (uint64_t)function;
	state.__rsp = stack + 4 * PAGE - 8; // as after a call
	state.__rdi = (uint64_t)argument;
	kern_return_t error = gila_thread_create_running(self_task(), x86_THREAD_STATE64, (const natural_t *)&state,
							  x86_THREAD_STATE64_COUNT, &thread);
	return error ? MACH_PORT_NULL : thread;
}

_Noreturn void thread_end(void)
{
	(void)gila_thread_terminate(thread_self_trap());
	for (;;)
		__asm__ volatile("pause");
}

uint64_t now_ns(void) { return gila_clock_get_time(0); }
void sleep_ms(uint64_t ms) { (void)mach_wait_until_trap(now_ns() + ms * UINT64_C(1000000)); }
