// SPDX-License-Identifier: MIT
// The block of a CPU, found by GS while the CPU is in the kernel, and the instructions that C has no words for.
#ifndef MACHINE_BARE_X86_64_CPU_H
#define MACHINE_BARE_X86_64_CPU_H

#include "../bare.h"
#include "../processor/processor.h"

#include "arch_switch.h"

#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_USER_DATA 0x1b
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS 0x28

#define VECTOR_SYSCALL ARCH_VECTOR_SYSCALL
#define TRAP_CLASS UINT64_C(0x1000000) // user_arch.c
// Interrupts: lines of devices from VECTOR_LINES on, then the machine's own.
#define VECTOR_LINES 0x30u
#define VECTOR_TIMER 0xf0u
#define VECTOR_NUDGE 0xf1u
#define VECTOR_SPURIOUS 0xffu

#define MSR_APIC_BASE 0x1bu
#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_FMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u

// Intel SDM volume 3, 8.7 (64-bit task state segment).
struct tss {
	uint32_t reserved0;
	uint64_t stack[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

struct cpu_block {
	struct cpu_block *self;   // [I] these are known to entry.S and arch_inline.h
	uint64_t user_stack;      // [o]
	uint64_t message;         // [I] what a thread calls for kern_message_quick; the CPU cannot do it: no such call
	uint64_t kernel_stack;    // [o] where user_enter was called
	uint32_t number;          // [I]
	uint32_t apic_id;         // [I]
	uint64_t bit;             // [I] 1 << number
	uint64_t clock_base;      // [I] counter at the clock's 0
	uint64_t clock_multiplier; // [I] ns for a tick, times 2^32
	struct address_space *space; // [o] loaded; NULL: the kernel's own table
	_Atomic bool up;          // it is in the kernel, with all its tables
	char *ist_stacks;         // [I] IST_STACKS pages
	uint64_t gdt[7];          // [I]
	// [o] Its stack for interrupts is the end of the registers of the thread whose user mode is this CPU's: which has just left it, or
	// is about to enter it (arch_user_turn).
	struct tss tss __attribute__((aligned(16)));
} __attribute__((aligned(128)));

_Static_assert(offsetof(struct cpu_block, user_stack) == 8 && offsetof(struct cpu_block, message) == 16 &&
		       offsetof(struct cpu_block, kernel_stack) == 24 && offsetof(struct cpu_block, number) == 32 &&
		       offsetof(struct cpu_block, bit) == 40 && offsetof(struct cpu_block, clock_base) == 48 &&
		       offsetof(struct cpu_block, clock_multiplier) == 56 && offsetof(struct cpu_block, space) == 64 &&
		       offsetof(struct cpu_block, tss.stack[0]) == 148,
	       "entry.S and arch_inline.h know them");
_Static_assert(sizeof(struct arch_registers) == 176 && offsetof(struct arch_registers, cs) == 144 &&
		       offsetof(struct arch_registers, rdi) == 176 - 128 && offsetof(struct arch_registers, rax) == 176 - 80 &&
		       offsetof(struct arch_registers, vector) == 176 - 56 && offsetof(struct arch_registers, rip) == 176 - 40 &&
		       offsetof(struct arch_registers, rsp) == 176 - 16,
	       "entry.S knows them");
_Static_assert(offsetof(struct tss, ist) == 36 && sizeof(struct tss) == 104, "Intel SDM volume 3, figure 8-11");

#define IST_STACKS 3u // NMI, double fault, machine check

extern struct cpu_block cpu_blocks[MD_CPU_LIMIT];

static inline struct cpu_block *cpu_block_here(void)
{
	struct cpu_block *block;
	__asm__ volatile("movq %%gs:0, %0" : "=r"(block));
	return block;
}

// Asked once of CPU 0; every other must be able to do it too.
extern struct cpu_features cpu_features;

void cpu_features_find(void);
// As processor_tsc_rate, of this CPU.
uint64_t cpu_tsc_rate(const char **source);
// GDT, TSS, GS, control registers, SYSCALL for the calling CPU.
void cpu_setup(struct cpu_block *block);
void idt_init(void);
void idt_load(void);

// entry.S
void user_enter(struct arch_registers *registers, bool fast);
void syscall_entry(void);
extern const char exception_stubs[256][16];

// floating.c: eager save when a thread leaves the CPU, restore when the registers hold something else.
void floating_setup(void);
bool floating_make(struct thread *thread);
void floating_free(struct thread *thread);
void floating_save(struct thread *thread);
void floating_load(struct thread *thread);
uint32_t floating_size(void);
// Whether this CPU's registers hold the thread's state (FS and GS base too).
bool floating_is_here(const struct thread *thread);

// clock.c
void clock_init(void);
uint64_t clock_ticks_until(uint64_t deadline, uint64_t rate);
// What the time stamp counter shows then.
uint64_t clock_tsc_at(uint64_t deadline);
const char *clock_source(void);
uint64_t clock_base(void);      // of the time stamp counter
uint64_t clock_measuring(void); // ticks
void clock_spin(uint64_t ns);

// apic.c
void apic_init(void);
void apic_setup(void);
uint32_t apic_id(void);
void apic_end(void);
void apic_calibrate(void);
void apic_start_cpu(uint32_t id, uint8_t page);
void apic_stop_others(void);
void apic_interrupt_by_nmi(unsigned cpu);
void apic_send(uint32_t id, uint8_t vector);

// serial.c
void serial_init(void);
void serial_write(const char *text, size_t size);
// A driver uses this I/O port: if it is the log's UART, the log goes elsewhere from now on.
void serial_port_used(uint64_t port);
// What is written from now on goes to every UART.
void serial_panic(void);
// Looks for a BREAK on the first line, before its driver does: at its interrupts (`driven`: a driver has them), and where the driver reads
// the line's status, of which it gets the rest.
void serial_watch(void);
uint32_t serial_status_seen(uint64_t port, uint32_t status);
// The first line is the monitor's, and is the driver's again as it was.
void serial_monitor_begin(void);
void serial_monitor_end(void);
void serial_monitor_put(const char *text, size_t size);
char serial_monitor_get(void);

// panic.c
struct arch_registers;
_Noreturn void crash(const struct arch_registers *registers, const char *what);
// Who called whom, from a frame pointer on; and one place in the kernel.
void backtrace_each(uint64_t frame, void (*put)(const char *text, size_t size));
void backtrace_place(uint64_t address, void (*put)(const char *text, size_t size));
bool machine_is_ending(void);

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static inline uint8_t in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline void out32(uint16_t port, uint32_t value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
static inline void out16(uint16_t port, uint16_t value) { __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }
static inline uint16_t in16(uint16_t port)
{
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint32_t in32(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}
static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}
static inline void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}
static inline uint64_t tsc_read(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}
static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid id;
	__asm__ volatile("cpuid" : "=a"(id.a), "=b"(id.b), "=c"(id.c), "=d"(id.d) : "a"(leaf), "c"(subleaf));
	return id;
}
#define CONTROL_REGISTER(n)                                                                                            \
	static inline uint64_t cr##n##_read(void)                                                                      \
	{                                                                                                              \
		uint64_t value;                                                                                        \
		__asm__ volatile("movq %%cr" #n ", %0" : "=r"(value)::"memory");                                       \
		return value;                                                                                          \
	}                                                                                                              \
	static inline void cr##n##_write(uint64_t value) { __asm__ volatile("movq %0, %%cr" #n : : "r"(value) : "memory"); }
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)

#endif
