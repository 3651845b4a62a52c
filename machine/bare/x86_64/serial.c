// SPDX-License-Identifier: MIT
// The console on the first 16550 (National Semiconductor PC16550D data sheet): 115200 8N1, polled. Log lines go there
// from any CPU at any time: a lock that its own holder asks for again (an exception while it writes) is ignored.
#include "cpu.h"

#define PORT 0x3f8
enum {
	DATA = 0,        // with the divisor latch off
	INTERRUPTS = 1,
	FIFO = 2,        // written
	LINE = 3,
	MODEM = 4,
	LINE_STATUS = 5,
	SCRATCH = 7,
};
#define LINE_DIVISOR 0x80
#define LINE_8N1 0x03
#define STATUS_EMPTY 0x20 // transmitter holding register
#define PATIENCE 100000u  // looks before a byte is given up

static struct md_lock serial_lock;
static _Atomic unsigned serial_holder; // CPU plus 1
static bool serial_there;

void serial_init(void)
{
	out8(PORT + SCRATCH, 0x5a);
	if (in8(PORT + SCRATCH) != 0x5a)
		return;
	out8(PORT + INTERRUPTS, 0);
	out8(PORT + LINE, LINE_DIVISOR | LINE_8N1);
	out8(PORT + DATA, 1); // 115200
	out8(PORT + INTERRUPTS, 0);
	out8(PORT + LINE, LINE_8N1);
	out8(PORT + FIFO, 0x07); // on, both emptied
	out8(PORT + MODEM, 0x03);
	serial_there = true;
}

static void serial_put(char byte)
{
	for (unsigned i = 0; i < PATIENCE && !(in8(PORT + LINE_STATUS) & STATUS_EMPTY); i++)
		arch_pause();
	out8(PORT + DATA, (uint8_t)byte);
}

void serial_write(const char *text, size_t size)
{
	if (!serial_there)
		return;
	unsigned self = md_cpu_self() + 1;
	bool nested = atomic_load(&serial_holder) == self;
	if (!nested) {
		md_lock_acquire(&serial_lock);
		atomic_store(&serial_holder, self);
	}
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n')
			serial_put('\r');
		serial_put(text[i]);
	}
	if (!nested) {
		atomic_store(&serial_holder, 0);
		md_lock_release(&serial_lock);
	}
}

void md_log_write(const char *text, size_t size) { serial_write(text, size); }
