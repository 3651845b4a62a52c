// SPDX-License-Identifier: MIT
// The registers by port or in memory; see registers.h.
#include "registers.h"

#include <driver/mmio.h>

static uint32_t u32_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint32_t uart_property(const char *name, uint32_t otherwise)
{
	uint8_t value[4];
	size_t size;
	return driver_property(name, value, sizeof(value), &size) || size != sizeof(value) ? otherwise : u32_at(value);
}

static bool has_ports(void)
{
	uint8_t first[DEVICE_PORTS_ENTRY];
	size_t size;
	return driver_property("gila,ports", first, sizeof(first), &size) == KERN_SUCCESS && size >= sizeof(first) &&
	       u32_at(first + 8) >= UART_REGISTERS;
}

kern_return_t uart_registers_open(struct uart_registers *registers)
{
	void *base;
	uint64_t size;
	*registers = (struct uart_registers){.width = 1};
	if (has_ports())
		return KERN_SUCCESS;
	registers->shift = uart_property("reg-shift", 0);
	registers->width = uart_property("reg-io-width", 1);
	if (registers->shift > 4 || (registers->width != 1 && registers->width != 4) || registers->width > 1u << registers->shift)
		return KERN_NOT_SUPPORTED;
	if (driver_map(0, &base, &size) || size < (uint64_t)UART_REGISTERS << registers->shift)
		return KERN_NOT_SUPPORTED;
	registers->base = base;
	return KERN_SUCCESS;
}

uint8_t uart_read(const struct uart_registers *registers, enum uart_register number)
{
	uint32_t value;
	if (!registers->base)
		return driver_port_read(0, number, 1, &value) ? 0xff : (uint8_t)value;
	const uint8_t *at = registers->base + ((size_t)number << registers->shift);
	return registers->width == 4 ? (uint8_t)mmio_read32(at) : mmio_read8(at);
}

void uart_write(const struct uart_registers *registers, enum uart_register number, uint8_t value)
{
	if (!registers->base) {
		if (driver_port_write(0, number, 1, value))
			return;
		return;
	}
	uint8_t *at = registers->base + ((size_t)number << registers->shift);
	if (registers->width == 4)
		mmio_write32(at, value);
	else
		mmio_write8(at, value);
}
