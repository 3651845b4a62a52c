// SPDX-License-Identifier: MIT
// sim.h in clients on the metal; see stage.h. It has no variables but those in `own`, which every client has for itself.
#include "stage.h"

#include <abi/traps.h>
#include <gila/trap.h>
#include <mach/mig.h>
#include <mach/thread_switch.h>

static struct {
	_Atomic uint64_t heap_used;
	uint64_t random;
	char **arguments;
	mach_port_t self, reply;
} own;

void stage_main(struct stage_start *start);

__asm__(".section .text.stage_enter,\"ax\"\n"
	"	.globl stage_enter\n"
	"stage_enter:\n"
	"	xorl %ebp, %ebp\n"
	"	call stage_main\n"
	"	.text\n");
void stage_enter(void);

void stage_main(struct stage_start *start)
{
	if (start->arguments[0])
		own.arguments = (char **)(void *)start->arguments;
	((void (*)(void *))start->function)((void *)start->argument); // NOLINT
	gila_thread_exit();
}

void stage_put(const char *text, size_t size)
{
	if (size > 0 && text[size - 1] == '\n')
		size--;
	(void)gila_log(text, (uint32_t)size);
}

// ---- sim.h ----------------------------------------------------------------------------------------------------------

uint64_t sim_now(void) { return gila_clock_get_time(0); }

uint64_t sim_random(void)
{
	if (!own.random)
		own.random = stage_seed * UINT64_C(6364136223846793005) + gila_task_id();
	return stage_random_next(&own.random);
}

void *sim_alloc(size_t size)
{
	size = (size + 15) & ~(size_t)15;
	uint64_t at = atomic_fetch_add(&own.heap_used, size);
	return size <= STAGE_HEAP_SIZE && at <= STAGE_HEAP_SIZE - size ? (void *)(STAGE_HEAP + at) : NULL; // NOLINT
}

void sim_allow(const void *start, size_t size) {}
void sim_point(void) {}
struct task *sim_self(void) { return NULL; }

// Another thread of this client.
void sim_thread(struct task *task, void (*function)(void *argument), void *argument)
{
	char *stack = sim_alloc(STAGE_STACK_SIZE);
	struct stage_start *start = sim_alloc(sizeof(*start));
	if (!stack || !start)
		sim_crash(6);
	*start = (struct stage_start){.function = (uintptr_t)function, .argument = (uintptr_t)argument};
	// May fail like any trap; then there is one thread less.
	(void)gila_thread_start((uintptr_t)stage_enter, (uintptr_t)stack + STAGE_STACK_SIZE, (uintptr_t)start, NULL);
}

char **sim_arguments(void) { return own.arguments; }

uint32_t sim_task_self(void)
{
	if (!own.self)
		own.self = task_self_trap();
	return own.self;
}

_Noreturn void sim_crash(int signal)
{
	for (;;)
		gila_task_abort(signal);
}

_Noreturn void sim_exit(int code)
{
	for (;;)
		gila_task_exit(code);
}

_Noreturn void sim_pause(void)
{
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000000000);
}

int sim_alone_begin(void)
{
	while (atomic_exchange(&stage_alone, 1))
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	return 0;
}

void sim_alone_end(const int *alone) { atomic_store(&stage_alone, 0); }

// ---- What LPC stubs use -----------------------------------------------------------------------------------------------

mach_port_t mig_get_reply_port(void)
{
	if (!own.reply)
		own.reply = mach_reply_port();
	return own.reply;
}

void mig_put_reply_port(mach_port_t port) {}

void mig_dealloc_reply_port(mach_port_t port)
{
	if (own.reply == port)
		own.reply = MACH_PORT_NULL;
	(void)kernelrpc_mach_port_mod_refs_trap(sim_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}
