// SPDX-License-Identifier: MIT
// The end: registers and a backtrace with names when the kernel is broken, power off, reboot.
//
// Under QEMU the end is told by the debug-exit device at port 0xf4, which ends QEMU with the status (value << 1) | 1
// (hw/misc/debugexit.c): value 0x10 + status for an end with a status up to 0x5f, 0x7e for a reboot, 0x7f for a panic.
// tests/metal/qemu.sh turns that back. A machine that has no such device goes on to what real machines have.
#include "cpu.h"
#include "firmware.h"

#define DEBUG_EXIT 0xf4
#define EXIT_BASE 0x10u
#define EXIT_MOST 0x5fu
#define EXIT_REBOOT 0x7eu
#define EXIT_PANIC 0x7fu
#define FRAMES_MOST 32u

extern const char kernel_text[], kernel_rodata[];
static _Atomic bool ending;
static _Atomic unsigned tracer; // CPU plus 1 that tells, or told, why

// Whether this CPU is to tell; it does so once.
static bool trace_begin(void)
{
	unsigned nobody = 0;
	return atomic_compare_exchange_strong(&tracer, &nobody, md_cpu_self() + 1);
}

_Noreturn static void stop_here(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

bool machine_is_ending(void) { return atomic_load(&ending); }

// Without the kernel's log, which may be what is broken.
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char line[256];
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(line, sizeof(line), format, list);
	va_end(list);
	serial_write(line, length < sizeof(line) ? length : sizeof(line) - 1);
}

static bool is_text(uint64_t address) { return address >= (uintptr_t)kernel_text && address < (uintptr_t)kernel_rodata; }

// Kernel stacks are in the direct map, in the image or at STACKS_BASE; a frame pointer that is elsewhere ends the walk,
// and so does one that does not go up.
static bool is_stack(uint64_t address)
{
	return address % 8 == 0 && address >= DIRECT_BASE && address < UINT64_MAX - 16;
}

void backtrace_place(uint64_t address, void (*put)(const char *text, size_t size))
{
	char line[128];
	uint64_t offset = 0;
	const char *name = symbol_find(address, &offset);
	size_t length = format_text(line, sizeof(line), "    %016lx %s+0x%lx\n", address, name ? name : "?", offset);
	put(line, length < sizeof(line) ? length : sizeof(line) - 1);
}

void backtrace_each(uint64_t frame, void (*put)(const char *text, size_t size))
{
	for (unsigned i = 0; i < FRAMES_MOST && is_stack(frame); i++) {
		const uint64_t *at = (const uint64_t *)frame;
		if (!is_text(at[1]))
			return;
		backtrace_place(at[1] - 1, put); // the call: what comes after it may be another function
		if (at[0] <= frame || at[0] - frame > MD_STACK_SIZE)
			return;
		frame = at[0];
	}
}

_Noreturn void crash(const struct arch_registers *r, const char *what)
{
	if (trace_begin()) {
		serial_panic();
		say("panic: %s in the kernel, CPU %u, error %lx, cr2 %lx, cr3 %lx\n", what, md_cpu_self(), r->error,
		    cr2_read(), cr3_read());
		say("  rip %016lx rsp %016lx rbp %016lx flags %08lx cs %lx\n", r->rip, r->rsp, r->rbp, r->rflags, r->cs);
		say("  rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
		say("  rsi %016lx rdi %016lx r8  %016lx r9  %016lx\n", r->rsi, r->rdi, r->r8, r->r9);
		say("  r10 %016lx r11 %016lx r12 %016lx r13 %016lx\n", r->r10, r->r11, r->r12, r->r13);
		say("  r14 %016lx r15 %016lx\n", r->r14, r->r15);
		backtrace_place(r->rip, serial_write);
		backtrace_each(r->rbp, serial_write);
	} else if (atomic_load(&tracer) != md_cpu_self() + 1) {
		stop_here(); // another CPU broke before this one, and will end it all
	}
	md_end(MD_END_PANIC, 70);
}

static void end_by_qemu(enum md_end how, int status)
{
	if (!cpu_features.hypervisor[0])
		return;
	uint32_t code = (uint32_t)status > EXIT_MOST - EXIT_BASE ? EXIT_MOST - EXIT_BASE : (uint32_t)status;
	out32(DEBUG_EXIT, how == MD_END_PANIC	 ? EXIT_PANIC
			  : how == MD_END_REBOOT ? EXIT_REBOOT
						 : EXIT_BASE + code);
}

_Noreturn void md_end(enum md_end how, int status)
{
	if (atomic_exchange(&ending, true))
		stop_here();
	apic_stop_others();
	if (how == MD_END_PANIC || how == MD_END_FAILED)
		serial_panic();
	if (how == MD_END_PANIC && trace_begin()) {
		say("panic on CPU %u, called from:\n", md_cpu_self());
		backtrace_each((uintptr_t)__builtin_frame_address(0), serial_write);
	}
	end_by_qemu(how, status);
	if (how == MD_END_REBOOT) {
		firmware_reset();
		out8(0x64, 0xfe); // the keyboard controller's reset line
	} else if (how != MD_END_PANIC) {
		firmware_power_off();
	}
	say("the machine may be switched off now (%s, status %d)\n", how == MD_END_PANIC ? "panic" : "end", status);
	stop_here();
}
