// SPDX-License-Identifier: MIT
// pcie_dump SOCKET: enumerates the PCI functions of a QEMU machine q35 that no firmware has touched, through the socket of
// -qtest (QEMU's docs/devel/testing/qtest: a line for each access to ports or memory), and prints what it has made of them:
//   function BUS:DEVICE.FUNCTION VENDOR:DEVICE ready|off
//   bridge BUS:DEVICE.FUNCTION SECONDARY SUBORDINATE
//   bar BUS:DEVICE.FUNCTION NUMBER ADDRESS SIZE, window BUS:DEVICE.FUNCTION 6|7 ADDRESS SIZE
//   word BUS:DEVICE.FUNCTION NUMBER VALUE      of known devices: a register, through the BAR
// tests/pcie.sh compares that with what QEMU says.
#include <machine/bare/tree/device_tree.h>

#include "qtest.h"

#define ECAM 0xb0000000u
#define FUNCTIONS 256u

static struct pci_function functions[FUNCTIONS];
static struct pci_line lines[1024];
static unsigned char blob[1 << 20];

static uint32_t memory_read(void *context, uint64_t address)
{
	char line[64];
	snprintf(line, sizeof(line), "readl 0x%llx", (unsigned long long)address);
	return (uint32_t)qtest_ask(line);
}

static void memory_write(void *context, uint64_t address, uint32_t value)
{
	char line[64];
	snprintf(line, sizeof(line), "writel 0x%llx 0x%x", (unsigned long long)address, value);
	qtest_ask(line);
}

static void log_refusal(void *context, const struct pci_function *function, const char *reason)
{
	if (function)
		printf("log %02x:%02x.%x %s\n", function->bus, function->device, function->function, reason);
	else
		printf("log %s\n", reason);
}

// What firmware does first: the host bridge decodes configuration space (Intel Q35 MCH datasheet, PCIEXBAR, offset 60h).
static void open_ecam(void)
{
	char line[64];
	qtest_ask("outl 0xcf8 0x80000064");
	qtest_ask("outl 0xcfc 0");
	qtest_ask("outl 0xcf8 0x80000060");
	snprintf(line, sizeof(line), "outl 0xcfc 0x%x", ECAM | 1);
	qtest_ask(line);
}

static bool is_open(const struct pci_range *range)
{
	return range->state == PCI_RANGE_KEPT || range->state == PCI_RANGE_PLACED;
}

static void print_function(const struct pci_function *f)
{
	char name[16];
	snprintf(name, sizeof(name), "%02x:%02x.%x", f->bus, f->device, f->function);
	printf("function %s %04x:%04x %s\n", name, f->vendor, f->device_id, f->ready ? "ready" : "off");
	if (f->bridge)
		printf("bridge %s %u %u\n", name, f->secondary, f->subordinate);
	for (unsigned i = 0; i < PCI_RANGES; i++)
		if (is_open(&f->ranges[i]))
			printf("%s %s %u %#llx %#llx\n", i < PCI_BARS ? "bar" : "window", name, i,
			       (unsigned long long)f->ranges[i].address, (unsigned long long)f->ranges[i].size);
}

// NVMe's version register (NVMe 1.4, 3.1.2), QEMU's edu (its identification), the memory of ivshmem, which is made to hold
// its own number first, so that two in the same place would be seen.
static void touch(const struct pci_function *f, uint32_t index, bool write)
{
	uint32_t id = (uint32_t)f->vendor << 16 | f->device_id, bar = id == 0x1af41110 ? 2 : 0, offset = 0;
	if (id == 0x1b360010)
		offset = 8;
	else if (id != 0x1af41110 && id != 0x123411e8)
		return;
	if (!f->ready)
		return;
	if (write && bar == 2)
		memory_write(NULL, f->ranges[bar].address, 0x600d0000 + index);
	if (!write)
		printf("word %02x:%02x.%x %u %#x\n", f->bus, f->device, f->function, bar,
		       memory_read(NULL, f->ranges[bar].address + offset) - (bar == 2 ? index : 0));
}

int main(int argc, char **argv)
{
	static const struct pci_access access = {.read = memory_read, .write = memory_write, .log = log_refusal};
	static const struct pci_segment segment = {.base = ECAM, .last_bus = 255};
	static const struct pci_window reserved[] = {{0, 128 << 20}, {ECAM, 256 << 20}, {0xfec00000, 0x1400000}};
	static const struct acpi acpi;
	struct pci pci = {
		.access = &access,
		.segments = &segment,
		.segment_count = 1,
		.low = {0xc0000000, 0x3ec00000},
		.high = {1ull << 32, 1ull << 38},
		.reserved = reserved,
		.reserved_count = 3,
		.functions = functions,
		.room = FUNCTIONS,
	};
	if (argc != 2) {
		fprintf(stderr, "usage: pcie_dump SOCKET\n");
		return 2;
	}
	qtest_connect(argv[1]);
	open_ecam();
	pci_enumerate(&pci);
	for (uint32_t i = 0; i < pci.count; i++)
		print_function(&functions[i]);
	for (int write = 1; write >= 0; write--)
		for (uint32_t i = 0; i < pci.count; i++)
			touch(&functions[i], i, write);
	struct device_tree tree = {.acpi = &acpi, .pci = &pci, .first_line = 32, .lines_each = 8, .lines = lines, .line_room = 1024};
	printf("tree %zu lines %u\n", device_tree_make(&tree, blob, sizeof(blob)), tree.line_count);
	return 0;
}
