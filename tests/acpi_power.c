// SPDX-License-Identifier: MIT
// acpi_power SOCKET off|reset: finds the ACPI tables in the memory of a QEMU machine through the socket of -qtest, prints
// what they say in a line, and powers the machine off, or resets it, as they describe. tests/pcie.sh looks whether QEMU did.
#include "qtest.h"

#include <machine/bare/acpi/acpi.h>
#include <stdbool.h>

static const uint8_t *map(void *context, uint64_t address, size_t size)
{
	// Pieces stay for ever: there are few, and the program ends soon.
	size_t room = 2 * size + 8;
	uint8_t *bytes = malloc(size);
	char *text = malloc(room), line[64];
	if (!bytes || !text)
		exit(1);
	if (address >= 0xe0000 && address < 0x100000 && size <= 20) { // the search: ask for the whole area once
		static uint8_t area[0x20000];
		static bool known;
		if (!known) {
			known = true;
			memcpy(area, map(context, 0xe0000, sizeof(area)), sizeof(area));
		}
		memcpy(bytes, area + (address - 0xe0000), size);
		return bytes;
	}
	snprintf(line, sizeof(line), "read 0x%llx 0x%zx", (unsigned long long)address, size);
	qtest_ask_text(line, text, room);
	for (size_t i = 0; i < size; i++) {
		const char digits[3] = {text[2 + 2 * i], text[3 + 2 * i], 0};
		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	free(text);
	return bytes;
}

static void log_refusal(void *context, const char *what, uint64_t address, const char *reason)
{
	printf("log %s at %#llx: %s\n", what, (unsigned long long)address, reason);
}

static void need_port(const struct acpi_register *where)
{
	if (where->space == ACPI_SPACE_PORTS)
		return;
	fprintf(stderr, "acpi_power: a register is no port\n");
	exit(1);
}

static char width_of(const struct acpi_register *where) { return where->bytes == 1 ? 'b' : where->bytes == 2 ? 'w' : 'l'; }

static uint32_t read_register(void *context, const struct acpi_register *where)
{
	char line[64];
	need_port(where);
	snprintf(line, sizeof(line), "in%c 0x%llx", width_of(where), (unsigned long long)where->address);
	return (uint32_t)qtest_ask(line);
}

static void write_register(void *context, const struct acpi_register *where, uint32_t value)
{
	char line[64];
	need_port(where);
	snprintf(line, sizeof(line), "out%c 0x%llx 0x%x", width_of(where), (unsigned long long)where->address, value);
	qtest_ask(line);
}

int main(int argc, char **argv)
{
	static const struct acpi_access access = {.map = map, .log = log_refusal};
	static const struct acpi_registers registers = {.read = read_register, .write = write_register};
	static struct acpi acpi;
	uint64_t rsdp;
	if (argc != 3) {
		fprintf(stderr, "usage: acpi_power SOCKET off|reset\n");
		return 2;
	}
	qtest_connect(argv[1]);
	if (!acpi_find(&access, &rsdp) || !acpi_read(&acpi, &access, rsdp)) {
		printf("no tables\n");
		return 1;
	}
	printf("tables %#x cpus %u ecam %#llx\n", acpi.found, acpi.cpu_count, (unsigned long long)acpi.segments[0].base);
	fflush(stdout);
	if (strcmp(argv[2], "off") == 0)
		acpi_power_off(&acpi.power, &registers);
	else
		acpi_reset(&acpi.power, &registers);
	return 0;
}
