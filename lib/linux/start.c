// SPDX-License-Identifier: MIT
// Before the program's first instruction: what it was started with.
#include "linux.h"
#include "thread.h"

#include <abi/traps.h>
#include <cpuid.h>
#include <linux/auxvec.h>

#define HWCAP2_FSGSBASE 2 // asm/hwcap2.h

struct linux_program linux_program;

static const uint64_t *skip_list(const uint64_t *at)
{
	while (*at++)
		;
	return at;
}

// System V ABI, "Process Initialization": argc, argv, 0, environment, 0, pairs of the aux vector.
static void read_stack(const uint64_t *stack)
{
	const char *name = NULL;
	for (const uint64_t *aux = skip_list(skip_list(stack + 1)); aux[0] != AT_NULL; aux += 2) {
		if (aux[0] == AT_EXECFN)
			name = (const char *)(uintptr_t)aux[1]; // NOLINT
		if (aux[0] == AT_HWCAP2)
			linux_program.fsgsbase = aux[1] & HWCAP2_FSGSBASE;
	}
	// Gila's programs are launched with their path as argument 0; a machine may have only a name for people in the vector.
	if ((!name || *name != '/') && stack[0] > 0)
		name = (const char *)(uintptr_t)stack[1]; // NOLINT
	linux_program.path = name && *name == '/' ? name : NULL;
}

// Machines turn it on where the CPU has it; AT_HWCAP2 knows, but is not always to be seen.
static bool cpu_has_fsgsbase(void)
{
	uint32_t a, b, c, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_FSGSBASE);
}

void linux_start(const uint64_t *stack)
{
	linux_program.fsgsbase = cpu_has_fsgsbase();
	linux_program.id = gila_thread_id();
	linux_program.task = task_self_trap();
	if (stack)
		read_stack(stack);
	threads_begin();
}
