// SPDX-License-Identifier: MIT
// The devices of a PC: PCI functions (../pci) with their messages as interrupt lines, and the device tree of all
// (../tree).
//
// A message is a write to the local APIC's address (Intel SDM volume 3, 11.11): the line's vector, at its CPU.
#include "../line.h"
#include "../tree/device_tree.h"
#include "cpu.h"
#include "display.h"
#include "firmware.h"
#include "paging.h"

#define FUNCTIONS_MOST 128u
#define TREE_SIZE (64u << 10)
#define MESSAGE_ADDRESS UINT64_C(0xfee00000)
#define LOW_END UINT64_C(0xfec00000) // from here on: APICs, firmware
#define LIMIT_32 UINT64_C(0x100000000)
#define LIMIT_DIRECT (UINT64_C(1) << 46)
#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)
#define RESERVED_MOST 96u

static struct pci_function *functions;
static struct pci pci;
static struct pci_line lines[LINES];
static struct pci_window reserved[RESERVED_MOST];
static struct md_lock master_lock; // their command registers

// ---- Access --------------------------------------------------------------------------------------------------------

static volatile uint32_t *word_at(uint64_t address)
{
	bool inside = address < LIMIT_DIRECT - 4 && address % 4 == 0;
	return inside && paging_map_direct(address, 4, true) ? direct(address) : NULL;
}

static uint32_t word_read(void *context, uint64_t address)
{
	volatile uint32_t *word = word_at(address);
	return word ? *word : UINT32_MAX; // as if nobody answered
}

static void word_write(void *context, uint64_t address, uint32_t value)
{
	volatile uint32_t *word = word_at(address);
	if (word)
		*word = value;
}

static void function_log(void *context, const struct pci_function *f, const char *reason)
{
	if (f)
		log_line("pci", "%02x:%02x.%x: %s", f->bus, f->device, f->function, reason);
	else
		log_line("pci", "%s", reason);
}

static const struct pci_access access = {.read = word_read, .write = word_write, .log = function_log};

// ---- Lines ---------------------------------------------------------------------------------------------------------

static kern_return_t message_enable(uint32_t line, void *context)
{
	const struct pci_line *l = context;
	pci_interrupt_set(&pci, &functions[l->function], l->entry, MESSAGE_ADDRESS | cpu_blocks[line_cpu(line)].apic_id << 12,
			  VECTOR_LINES + line);
	return KERN_SUCCESS;
}

static void message_disable(uint32_t line, void *context)
{
	const struct pci_line *l = context;
	pci_interrupt_mask(&pci, &functions[l->function], l->entry);
}

static const struct line_source message_source = {.enable = message_enable, .disable = message_disable};

void md_device_master(uint32_t number, bool on)
{
	md_lock_acquire(&master_lock);
	if (number < pci.count)
		pci_master(&pci, &functions[number], on);
	md_lock_release(&master_lock);
}

// ---- Places --------------------------------------------------------------------------------------------------------

static void reserve(uint64_t address, uint64_t size)
{
	if (size > 0 && pci.reserved_count < RESERVED_MOST)
		reserved[pci.reserved_count++] = (struct pci_window){address, size};
}

static void find_places(const struct acpi *acpi)
{
	struct ram_range range;
	uint64_t low = MIB, high = LIMIT_32;
	for (unsigned i = 0; ram_present(i, &range); i++) {
		reserve(range.start, range.end - range.start);
		if (range.end <= LIMIT_32 && range.end > low)
			low = range.end;
		if (range.end > high)
			high = range.end;
	}
	for (uint32_t i = 0; i < acpi->segment_count; i++) {
		const struct pci_segment *s = &acpi->segments[i];
		reserve(s->base + ((uint64_t)s->first_bus << 20), ((uint64_t)(s->last_bus - s->first_bus) + 1) << 20);
	}
	reserve(LOW_END, LIMIT_32 - LOW_END);
	reserve(0, MIB);
	low = (low + MIB - 1) & ~(MIB - 1);
	high = (high + GIB - 1) & ~(GIB - 1);
	unsigned bits = cpuid_read(0x80000000, 0).a >= 0x80000008 ? cpuid_read(0x80000008, 0).a & 0xff : 36;
	uint64_t limit = bits < 46 ? UINT64_C(1) << bits : LIMIT_DIRECT;
	pci.low = (struct pci_window){low, low < LOW_END ? LOW_END - low : 0};
	pci.high = (struct pci_window){high, high < limit ? limit - high : 0};
	pci.reserved = reserved;
}

static bool serial_is_there(void)
{
	out8(0x3f8 + 7, 0xa5);
	return in8(0x3f8 + 7) == 0xa5;
}

static bool keyboard_is_there(void) { return in8(0x64) != 0xff; }

static const struct device_tree_ports serial = {
	.name = "serial@3f8", .compatible = "ns16550a\0pnp:PNP0501\0", .ranges = {{0x3f8, 8}}, .irq = 4};
// IBM's PS/2 technical reference: data, command and status.
static const struct device_tree_ports keyboard = {
	.name = "keyboard@60", .compatible = "i8042\0pnp:PNP0303\0", .ranges = {{0x60, 1}, {0x64, 1}}, .irq = 1};

void arch_device_taken(uint64_t address, uint64_t size) { display_taken(address, size); }

void devices_init(void)
{
	const struct acpi *acpi = firmware_acpi();
	size_t room = (FUNCTIONS_MOST * sizeof(*functions) + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE;
	functions = md_pages_alloc(room);
	void *blob = md_pages_alloc(TREE_SIZE / MD_PAGE_SIZE);
	if (!functions || !blob)
		panic("no memory for the table of devices");
	pci = (struct pci){.access = &access,
			   .segments = acpi->segments,
			   .segment_count = acpi->segment_count,
			   .functions = functions,
			   .room = FUNCTIONS_MOST};
	find_places(acpi);
	pci_enumerate(&pci);
	struct device_tree_ports ports[2];
	uint32_t port_count = 0;
	if (serial_is_there())
		ports[port_count++] = serial;
	if (keyboard_is_there())
		ports[port_count++] = keyboard;
	struct device_tree tree = {.acpi = acpi,
				   .pci = &pci,
				   .ports = ports,
				   .port_count = port_count,
				   .framebuffer = display_framebuffer(),
				   .first_line = ioapic_lines(),
				   .lines = lines,
				   .line_room = LINES - ioapic_lines()};
	boot_facts.device_tree_size = device_tree_make(&tree, blob, TREE_SIZE);
	if (boot_facts.device_tree_size > 0)
		boot_facts.device_tree = blob;
	for (uint32_t i = 0; i < tree.line_count; i++)
		line_attach(tree.first_line + i, &message_source, &lines[i]);
	log_line("metal", "%u PCI functions, %u lines of I/O APICs, %u of messages", pci.count, tree.first_line,
		 tree.line_count);
}
