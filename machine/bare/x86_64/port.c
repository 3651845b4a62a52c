// SPDX-License-Identifier: MIT
// I/O ports for drivers (Intel SDM volume 1, chapter 19): 65,536 of them. The kernel has checked whose they are.
#include "cpu.h"

#define PORTS 0x10000u

static kern_return_t check(uint64_t port, unsigned width)
{
	if ((width != 1 && width != 2 && width != 4) || port > PORTS - width)
		return KERN_INVALID_ARGUMENT;
	serial_port_used(port);
	return KERN_SUCCESS;
}

kern_return_t md_port_read(uint64_t port, unsigned width, uint32_t *value)
{
	uint16_t number = (uint16_t)port;
	uint32_t got;
	kern_return_t error = check(port, width);
	if (error)
		return error;
	if (width == 1)
		*value = serial_status_seen(port, in8(number));
	else if (width == 2)
		__asm__ volatile("xorl %0, %0; inw %w1, %w0" : "=&a"(got) : "d"(number) : "cc");
	else
		__asm__ volatile("inl %w1, %0" : "=a"(got) : "d"(number));
	if (width != 1)
		*value = got;
	return KERN_SUCCESS;
}

kern_return_t md_port_write(uint64_t port, unsigned width, uint32_t value)
{
	uint16_t number = (uint16_t)port;
	kern_return_t error = check(port, width);
	if (error)
		return error;
	if (width == 1)
		out8(number, (uint8_t)value);
	else if (width == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(value), "d"(number));
	else
		out32(number, value);
	return KERN_SUCCESS;
}
