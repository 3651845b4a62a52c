// SPDX-License-Identifier: MIT
// How a UART's eight registers are reached: I/O ports (property gila,ports), or memory (reg, with reg-shift and reg-io-width as in
// the Linux kernel's Documentation/devicetree/bindings/serial/8250.yaml). To find out call uart_registers_open.
#ifndef UART16550_REGISTERS_H
#define UART16550_REGISTERS_H

#include <driver/driver.h>

// PC16550D data sheet (National Semiconductor, June 1995), table II. Some are another register when read than when written, or
// while UART_LINE has UART_LINE_DIVISOR.
enum uart_register {
	UART_DATA = 0,           // RBR, THR
	UART_DIVISOR_LOW = 0,    // DLL
	UART_INTERRUPTS = 1,     // IER
	UART_DIVISOR_HIGH = 1,   // DLM
	UART_REASON = 2,         // IIR, read
	UART_FIFO = 2,           // FCR, written
	UART_LINE = 3,           // LCR
	UART_MODEM = 4,          // MCR
	UART_LINE_STATUS = 5,    // LSR
	UART_MODEM_STATUS = 6,   // MSR
	UART_SCRATCH = 7,        // SCR
	UART_REGISTERS = 8,
};

struct uart_registers {
	uint8_t *base;  // NULL: ports
	uint32_t shift; // of a register's number
	uint32_t width; // bytes of an access to memory: 1 or 4; 0: there are no registers
};

// KERN_NOT_SUPPORTED: the device has no registers that this driver understands.
kern_return_t uart_registers_open(struct uart_registers *registers) GILA_CHECKED;
// Like a bus where nothing answers: a read that fails gives 0xff, a write is lost.
uint8_t uart_read(const struct uart_registers *registers, enum uart_register number);
void uart_write(const struct uart_registers *registers, enum uart_register number, uint8_t value);
// A property of one cell; `otherwise` if there is none.
uint32_t uart_property(const char *name, uint32_t otherwise);

#endif
