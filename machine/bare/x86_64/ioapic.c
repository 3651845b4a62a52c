// SPDX-License-Identifier: MIT
// I/O APICs (Intel 82093AA data sheet): global system interrupts as lines. Each goes to the CPU of its line. A level-triggered
// one is masked from when it is raised until md_interrupt_ack.
#include "../line.h"
#include "cpu.h"
#include "firmware.h"
#include "paging.h"

#define SELECT 0u // offsets in its page
#define WINDOW 4u // in words
#define REGISTER_VERSION 1u
#define REGISTER_ENTRY(pin) (0x10u + 2 * (pin))
#define ENTRY_MASKED 0x10000u
#define ENTRY_LEVEL 0x8000u
#define ENTRY_LOW 0x2000u
#define LINES_MOST 64u
#define ISA_INTERRUPTS 16u

struct pin {
	volatile uint32_t *registers; // NULL: no I/O APIC has this interrupt
	uint32_t number;
	bool level, low;
};

static struct pin pins[LINES_MOST];
static uint32_t line_count;

static uint32_t ioapic_read(volatile uint32_t *registers, uint32_t which)
{
	registers[SELECT] = which;
	return registers[WINDOW];
}

static void ioapic_write(volatile uint32_t *registers, uint32_t which, uint32_t value)
{
	registers[SELECT] = which;
	registers[WINDOW] = value;
}

static void pin_write(const struct pin *pin, uint32_t line, bool masked)
{
	ioapic_write(pin->registers, REGISTER_ENTRY(pin->number) + 1, cpu_blocks[masked ? 0 : line_cpu(line)].apic_id << 24);
	ioapic_write(pin->registers, REGISTER_ENTRY(pin->number),
		     (VECTOR_LINES + line) | (pin->level ? ENTRY_LEVEL : 0) | (pin->low ? ENTRY_LOW : 0) |
			     (masked ? ENTRY_MASKED : 0));
}

// All under the lock of lines: select and window are used by one CPU at a time.
static kern_return_t pin_enable(uint32_t line, void *context)
{
	pin_write(context, line, false);
	return KERN_SUCCESS;
}

static void pin_disable(uint32_t line, void *context) { pin_write(context, line, true); }

static void pin_ack(uint32_t line, void *context)
{
	const struct pin *pin = context;
	if (pin->level)
		pin_write(pin, line, false);
}

static void pin_raised(uint32_t line, void *context)
{
	const struct pin *pin = context;
	if (pin->level)
		pin_write(pin, line, true);
}

static const struct line_source source = {.enable = pin_enable, .disable = pin_disable, .ack = pin_ack, .raised = pin_raised};

// ISA's are edges and active high, all others (PCI's INTx) levels and active low, unless the MADT says otherwise.
static void pin_find(struct pin *pin, uint32_t line)
{
	const struct acpi *acpi = firmware_acpi();
	pin->level = pin->low = line >= ISA_INTERRUPTS;
	for (uint32_t i = 0; i < acpi->override_count; i++)
		if (acpi->overrides[i].gsi == line) {
			pin->level = acpi->overrides[i].level;
			pin->low = acpi->overrides[i].active_low;
		}
}

static void ioapic_add(const struct acpi_ioapic *ioapic)
{
	if (!paging_map_direct(ioapic->address, MD_PAGE_SIZE, true))
		return;
	volatile uint32_t *registers = direct(ioapic->address);
	uint32_t count = (ioapic_read(registers, REGISTER_VERSION) >> 16 & 0xff) + 1;
	for (uint32_t i = 0; i < count && ioapic->first + i < LINES_MOST; i++) {
		uint32_t line = ioapic->first + i;
		struct pin *pin = &pins[line];
		pin->registers = registers;
		pin->number = i;
		pin_find(pin, line);
		pin_write(pin, line, true);
		line_attach(line, &source, pin);
		if (line >= line_count)
			line_count = line + 1;
	}
}

void ioapic_init(void)
{
	const struct acpi *acpi = firmware_acpi();
	for (uint32_t i = 0; i < acpi->ioapic_count; i++)
		ioapic_add(&acpi->ioapics[i]);
}

uint32_t ioapic_lines(void) { return line_count; }
