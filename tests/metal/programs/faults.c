// SPDX-License-Identifier: MIT
// A task that does what it must not dies of it, by the signal that says what it was, and nobody else is touched.
#include "suite.h"

#define ANY_SIGNAL DIED_BY(0)
#define KERNEL_TEXT 0xffffffff80108000
#define KERNEL_DIRECT 0xffff800000100000

// A function `name` that executes the instructions and returns 0 if they let it live.
#define DO(name, instructions)                                                                                         \
	static int name(void *argument)                                                                                \
	{                                                                                                              \
		__asm__ volatile(instructions : : "D"(argument) : "rax", "rcx", "rdx", "rsi", "r10", "r11", "memory"); \
		return 0;                                                                                              \
	}

DO(do_undefined, "ud2")
DO(do_breakpoint, "int3")
DO(do_interrupt, "int $0x80")
DO(do_timer_vector, "int $0xf0")
DO(do_divide, "xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx")
DO(do_halt, "hlt")
DO(do_cli, "cli")
DO(do_port_in, "movw $0x3f8, %%dx; inb %%dx, %%al")
DO(do_port_out, "movw $0xf4, %%dx; movl $16, %%eax; outl %%eax, %%dx") // would end QEMU
DO(do_rdmsr, "movl $0xc0000080, %%ecx; rdmsr")
DO(do_wrmsr, "movl $0xc0000082, %%ecx; xorl %%eax, %%eax; xorl %%edx, %%edx; wrmsr")
DO(do_cr3, "movq %%cr3, %%rax")
DO(do_write_cr0, "xorl %%eax, %%eax; movq %%rax, %%cr0")
DO(do_lgdt, "lgdt (%%rdi)")
DO(do_lidt, "lidt (%%rdi)")
DO(do_sgdt, "subq $256, %%rsp; sgdt (%%rsp); addq $256, %%rsp") // UMIP
DO(do_ltr, "movl $0x28, %%eax; ltr %%ax")
DO(do_swapgs, "swapgs")
DO(do_sysret, "sysretq")
DO(do_sysenter, "sysenter")
DO(do_iret_to_kernel, "pushq $0x10; pushq %%rsp; pushfq; pushq $0x08; leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1: nop")
DO(do_far_return, "pushq $0x08; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1: nop")
DO(do_invlpg, "invlpg (%%rdi)")
DO(do_wbinvd, "wbinvd")
DO(do_stac, "stac")
DO(do_read, "movb (%%rdi), %%al")
DO(do_write, "movb $1, (%%rdi)")
DO(do_call, "call *%%rdi")
DO(do_single_step, "pushfq; orl $0x100, (%%rsp); popfq; nop; nop")
DO(do_step_into_trap, "pushfq; orl $0x100, (%%rsp); popfq; movl $0x1000000, %%eax; syscall; nop")
DO(do_linux_call, "movl $39, %%eax; syscall")
DO(do_bad_selector, "movl $0x28, %%eax; movw %%ax, %%ds")
DO(do_null_stack, "xorl %%esp, %%esp; pushq %%rax")
DO(do_trap_without_stack, "xorl %%esp, %%esp; movl $0x1000000, %%eax; syscall; ud2") // the trap is good

static int do_recurse(void *argument)
{
	volatile char here[4096];
	here[0] = *(volatile char *)argument;
	return here[0] == 99 ? 0 : do_recurse((void *)here) + here[0]; // never 99
}

static char own_data[16];

TEST(what_is_forbidden_ends_the_task)
{
	static const struct {
		int (*act)(void *argument);
		void *argument;
		uint32_t end;
	} acts[] = {
		{do_undefined, NULL, DIED_BY(4)},
		{do_breakpoint, NULL, DIED_BY(5)},
		{do_single_step, NULL, DIED_BY(5)},
		{do_step_into_trap, NULL, DIED_BY(5)},
		{do_interrupt, NULL, DIED_BY(11)},
		{do_timer_vector, NULL, DIED_BY(11)},
		{do_divide, NULL, DIED_BY(8)},
		{do_halt, NULL, DIED_BY(11)},
		{do_cli, NULL, DIED_BY(11)},
		{do_port_in, NULL, DIED_BY(11)},
		{do_port_out, NULL, DIED_BY(11)},
		{do_rdmsr, NULL, DIED_BY(11)},
		{do_wrmsr, NULL, DIED_BY(11)},
		{do_cr3, NULL, DIED_BY(11)},
		{do_write_cr0, NULL, DIED_BY(11)},
		{do_lgdt, own_data, DIED_BY(11)},
		{do_lidt, own_data, DIED_BY(11)},
		{do_sgdt, NULL, DIED_BY(11)},
		{do_ltr, NULL, DIED_BY(11)},
		{do_swapgs, NULL, DIED_BY(11)},
		{do_sysret, NULL, DIED_BY(11)},
		{do_sysenter, NULL, ANY_SIGNAL}, // CPUs differ
		{do_iret_to_kernel, NULL, DIED_BY(11)},
		{do_far_return, NULL, DIED_BY(11)},
		{do_invlpg, own_data, DIED_BY(11)},
		{do_wbinvd, NULL, DIED_BY(11)},
		{do_stac, NULL, DIED_BY(4)},
		{do_bad_selector, NULL, DIED_BY(11)},
		{do_null_stack, NULL, DIED_BY(11)},
		{do_trap_without_stack, NULL, DIED_BY(4)},
		{do_linux_call, NULL, DIED_BY(31)},
		{do_read, NULL, DIED_BY(11)},
		{do_write, (void *)16, DIED_BY(11)},
		{do_write, (void *)do_write, DIED_BY(11)}, // its own text
		{do_call, own_data, DIED_BY(11)},
		{do_read, (void *)KERNEL_TEXT, DIED_BY(11)},
		{do_write, (void *)KERNEL_TEXT, DIED_BY(11)},
		{do_call, (void *)KERNEL_TEXT, DIED_BY(11)},
		{do_read, (void *)KERNEL_DIRECT, DIED_BY(11)},
		{do_write, (void *)KERNEL_DIRECT, DIED_BY(11)},
		{do_read, (void *)0x00007ffffffff000, DIED_BY(11)},
		{do_read, (void *)0x0000800000000000, DIED_BY(11)}, // not canonical
		{do_call, (void *)0x0000800000000000, DIED_BY(11)},
		{do_recurse, own_data, DIED_BY(11)},
	};
	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		// Beside other CPUs, on a host that is busy, a child can be gone before anybody can ask how it ended.
		uint32_t end = child_run(acts[i].act, acts[i].argument);
		for (unsigned tries = 0; end == GONE && tries < 20; tries++)
			end = child_run(acts[i].act, acts[i].argument);
		if (acts[i].end == ANY_SIGNAL && end / 1000 == GILA_DEATH_SIGNAL)
			end = ANY_SIGNAL;
		if (end != acts[i].end)
			say_number("act ", i);
		CHECK_EQ(end, acts[i].end);
	}
}

// Every trap with pointers that lead nowhere, or into the kernel: an answer or an end of the task, nothing else.
static int bad_pointers(void *argument)
{
	uint64_t bad = (uint64_t)argument;
	for (unsigned number = 0; number < 200; number++)
		if (number != 100 && number != 101 && number != 36 && number != 37 && number != 90 && number != 102 &&
		    number != 107 && number != 108 && number != 62 && number != 61)
			(void)gila_trap(number, bad, bad, bad, bad, bad, bad, bad, bad, bad);
	return 5;
}

TEST(bad_pointers_in_traps_are_refused)
{
	static const uint64_t bad[] = {1, 0xfff, 0x7fffffffffff, 0x800000000000, KERNEL_TEXT, KERNEL_DIRECT, UINT64_MAX - 7};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(child_run(bad_pointers, (void *)bad[i]), EXITED(5));
	CHECK_EQ(gila_log((const void *)16, 4), KERN_INVALID_ADDRESS);
	CHECK_EQ(gila_log((const void *)KERNEL_TEXT, 4), KERN_INVALID_ADDRESS);
	// Begins well and ends nowhere.
	char *page = (char *)pages_make(1);
	CHECK_EQ(gila_log(page + 4094, 4), KERN_INVALID_ADDRESS);
	CHECK_EQ(gila_log(page + 4090, 1), KERN_SUCCESS);
}

TEST(unknown_traps_are_refused)
{
	CHECK_EQ((uint32_t)gila_trap(9999, 0, 0, 0, 0, 0, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ((uint32_t)gila_trap(0xffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
}
