// SPDX-License-Identifier: MIT
// The local APIC (Intel SDM volume 3, chapter 11): interrupts between CPUs, each CPU's timer. As registers in memory
// (xAPIC), or as MSRs where the CPU has x2APIC. The 8259s are masked for ever.
#include "cpu.h"
#include "paging.h"

enum { // offsets in memory; divided by 16, from MSR 0x800 on
	APIC_ID = 0x20,
	APIC_PRIORITY = 0x80,
	APIC_END = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_COMMAND = 0x300,
	APIC_COMMAND_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_INITIAL = 0x380,
	APIC_CURRENT = 0x390,
	APIC_DIVIDE = 0x3e0,
};
#define APIC_ENABLED 0x100u      // in the spurious-interrupt register
#define LVT_MASKED 0x10000u
#define LVT_NMI 0x400u
#define DIVIDE_BY_16 3u
#define COMMAND_INIT 0x500u
#define COMMAND_STARTUP 0x600u
#define COMMAND_NMI 0x400u
#define COMMAND_ASSERT 0x4000u
#define COMMAND_PENDING 0x1000u
#define CALIBRATION UINT64_C(10000000) // ns

static volatile uint32_t *registers; // [I] NULL: x2APIC
static uint64_t timer_rate;          // [I] Hz, after the division

static uint32_t apic_read(unsigned offset)
{
	return registers ? registers[offset / 4] : (uint32_t)msr_read(processor_apic_msr(offset));
}

// Writes to the deadline and to x2APIC's registers do not wait for stores before them (Intel SDM volume 3, 10.12.3 and 10.5.4.1).
static void msr_order(void) { __asm__ volatile("mfence\n\tlfence" ::: "memory"); }

static void apic_write(unsigned offset, uint32_t value)
{
	if (registers)
		registers[offset / 4] = value;
	else
		msr_write(processor_apic_msr(offset), value);
}

void apic_init(void)
{
	out8(0x21, 0xff); // Intel 8259A data sheet, OCW1: all masked
	out8(0xa1, 0xff);
	if (cpu_features.x2apic)
		return;
	uint64_t base = msr_read(MSR_APIC_BASE) & ENTRY_ADDRESS;
	if (!paging_map_direct(base, MD_PAGE_SIZE, true))
		panic("no memory to map the local APIC");
	registers = direct(base);
}

void apic_setup(void)
{
	uint64_t steps[2];
	unsigned count = processor_apic_base(msr_read(MSR_APIC_BASE), cpu_features.x2apic, steps);
	for (unsigned i = 0; i < count; i++)
		msr_write(MSR_APIC_BASE, steps[i]);
	apic_write(APIC_PRIORITY, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_SPURIOUS, APIC_ENABLED | VECTOR_SPURIOUS);
	apic_write(APIC_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_LVT_TIMER, processor_timer_entry(VECTOR_TIMER, cpu_features.tsc_deadline));
	msr_order();
	cpu_block_here()->apic_id = apic_id();
}

uint32_t apic_id(void) { return registers ? apic_read(APIC_ID) >> 24 : apic_read(APIC_ID); }
void apic_end(void) { apic_write(APIC_END, 0); }

// ---- The timer -----------------------------------------------------------------------------------------------------

void apic_calibrate(void)
{
	if (cpu_features.tsc_deadline)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_INITIAL, UINT32_MAX);
	uint64_t start = md_clock_now(), spent;
	do
		spent = md_clock_now() - start;
	while (spent < CALIBRATION);
	uint64_t ticks = UINT32_MAX - apic_read(APIC_CURRENT);
	apic_write(APIC_INITIAL, 0);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	timer_rate = ticks * UINT64_C(1000000000) / spent;
	if (timer_rate == 0)
		panic("the local APIC's timer does not count");
}

void arch_timer_program(uint64_t deadline)
{
	if (cpu_features.tsc_deadline) {
		msr_write(MSR_TSC_DEADLINE, deadline == UINT64_MAX ? 0 : clock_tsc_at(deadline));
		return;
	}
	uint64_t ticks = deadline == UINT64_MAX ? 0 : clock_ticks_until(deadline, timer_rate);
	if (deadline != UINT64_MAX && ticks == 0)
		ticks = 1;
	// Longer than it can count: it comes early, and the deadline is looked at again.
	apic_write(APIC_INITIAL, ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks);
}

// ---- To other CPUs -------------------------------------------------------------------------------------------------

static void apic_command(uint32_t id, uint32_t command)
{
	if (!registers) {
		msr_order(); // who is interrupted must see what it is for
		msr_write(processor_apic_msr(APIC_COMMAND), processor_apic_command(id, command));
		return;
	}
	apic_write(APIC_COMMAND_HIGH, id << 24);
	apic_write(APIC_COMMAND, command);
	while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
		arch_pause();
}

void apic_send(uint32_t id, uint8_t vector) { apic_command(id, COMMAND_ASSERT | vector); }

void apic_interrupt_by_nmi(unsigned cpu) { apic_command(cpu_blocks[cpu].apic_id, COMMAND_ASSERT | COMMAND_NMI); }

// Only those that are up: one that is still on its way could not take an NMI, and would reset the machine.
void apic_stop_others(void)
{
	for (unsigned i = 0; i < md_cpu_count(); i++)
		if (i != md_cpu_self() && atomic_load(&cpu_blocks[i].up))
			apic_interrupt_by_nmi(i);
}

// Intel SDM volume 3, 8.4.4.1: INIT, 10 ms, start-up, 200 us, start-up.
void apic_start_cpu(uint32_t id, uint8_t page)
{
	apic_command(id, COMMAND_ASSERT | COMMAND_INIT);
	clock_spin(10000000);
	for (unsigned i = 0; i < 2; i++) {
		apic_command(id, COMMAND_ASSERT | COMMAND_STARTUP | page);
		clock_spin(200000);
	}
}

void arch_cpu_nudge(unsigned cpu) { apic_send(cpu_blocks[cpu].apic_id, VECTOR_NUDGE); }
bool arch_cpu_takes_lines(unsigned cpu)
{
	return atomic_load(&cpu_blocks[cpu].up) && processor_message_reaches(cpu_blocks[cpu].apic_id);
}
