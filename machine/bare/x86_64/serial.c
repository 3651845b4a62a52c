// SPDX-License-Identifier: MIT
// The log, on 16550s and the display. The 16550s (National Semiconductor PC16550D data sheet): 115200 8N1, polled. Log lines go there from any CPU at any
// time: a lock that its own holder asks for again (an exception while it writes) is ignored.
//
// The log has the first one until a driver first uses its ports (serial_port_used), then the second one, if there is one. A panic
// goes to both, and the driver's gets the last lines of the log first (serial_panic).
#include "../cpu_state.h"
#include "cpu.h"
#include "../line.h"
#include "display.h"
#include "monitor.h"

enum {
	DATA = 0,        // with the divisor latch off
	INTERRUPTS = 1,
	FIFO = 2,        // written
	LINE = 3,
	MODEM = 4,
	LINE_STATUS = 5,
	SCRATCH = 7,
	PORTS = 8,
};
#define LINE_DIVISOR 0x80
#define LINE_8N1 0x03
#define STATUS_DATA 0x01
#define STATUS_ERRORS 0x0e // overrun, parity, framing: gone when they are read
#define STATUS_BREAK 0x10
#define STATUS_EMPTY 0x20 // transmitter holding register
#define STATUS_ABSENT 0xff
#define WANT_STATUS 0x04   // interrupts
#define MODEM_ON 0x0b      // ready, asks to send, and OUT2, which lets interrupts out of a PC's UART
#define WATCHED_LINE 4u    // ISA's, of the first one
#define FIFO_BYTES 64u
#define PATIENCE 100000u  // looks before a byte is given up
#define TAIL 2048u        // bytes of the log's end

static const uint16_t uarts[2] = {0x3f8, 0x2f8};
static bool uart_there[2];
static _Atomic unsigned uart_mask = 1; // to which of them the log goes, by bits
static _Atomic uint32_t errors; // of the first one, which reading its status has cleared before the driver or serial_status_seen
static char tail[TAIL];
static unsigned tail_end; // bytes ever
static struct md_lock serial_lock;
static _Atomic unsigned serial_holder; // CPU plus 1

static bool uart_begin(uint16_t port)
{
	out8(port + SCRATCH, 0x5a);
	if (in8(port + SCRATCH) != 0x5a)
		return false;
	out8(port + INTERRUPTS, 0);
	out8(port + LINE, LINE_DIVISOR | LINE_8N1);
	out8(port + DATA, 1); // 115200
	out8(port + INTERRUPTS, 0);
	out8(port + LINE, LINE_8N1);
	out8(port + FIFO, 0x07); // on, both emptied
	out8(port + MODEM, 0x03);
	return true;
}

void serial_init(void)
{
	for (unsigned i = 0; i < 2; i++)
		uart_there[i] = uart_begin(uarts[i]);
}

// The status, of which nothing is lost by looking.
static uint32_t first_status(void)
{
	uint32_t status = in8(uarts[0] + LINE_STATUS);
	if (unlikely(status & (STATUS_ERRORS | STATUS_BREAK)) && status != STATUS_ABSENT)
		atomic_fetch_or(&errors, status & (STATUS_ERRORS | STATUS_BREAK));
	return status;
}

static void uart_put(uint16_t port, char byte)
{
	for (unsigned i = 0; i < PATIENCE && !((port == uarts[0] ? first_status() : in8(port + LINE_STATUS)) & STATUS_EMPTY); i++)
		arch_pause();
	out8(port + DATA, (uint8_t)byte);
}

static void put(unsigned mask, char byte)
{
	for (unsigned i = 0; i < 2; i++) {
		if (!(mask & 1u << i) || !uart_there[i])
			continue;
		if (byte == '\n')
			uart_put(uarts[i], '\r');
		uart_put(uarts[i], byte);
	}
}

// False: this CPU holds the lock already.
static bool serial_enter(void)
{
	unsigned self = md_cpu_self() + 1;
	if (atomic_load(&serial_holder) == self)
		return false;
	// At the end the other CPUs were stopped wherever they were, which may be in here.
	for (unsigned i = 0; !md_lock_try(&serial_lock) && (!machine_is_ending() || i < PATIENCE); i++) {
		cpu_flush_serve();
		arch_pause();
	}
	atomic_store(&serial_holder, self);
	return true;
}

static void serial_leave(void)
{
	atomic_store(&serial_holder, 0);
	md_lock_release(&serial_lock);
}

void serial_write(const char *text, size_t size)
{
	bool entered = serial_enter();
	unsigned mask = atomic_load(&uart_mask); // a line is not cut in two
	for (size_t i = 0; i < size; i++) {
		put(mask, text[i]);
		tail[tail_end++ % TAIL] = text[i];
	}
	display_write(text, size);
	if (entered)
		serial_leave();
}

void serial_port_used(uint64_t port)
{
	if (port - uarts[0] >= PORTS || atomic_load_explicit(&uart_mask, memory_order_relaxed) != 1)
		return;
	bool entered = serial_enter(); // the line that is being written ends first
	unsigned first = 1;
	atomic_compare_exchange_strong(&uart_mask, &first, 2);
	if (entered)
		serial_leave();
}

static void put_tail(void (*write)(char byte))
{
	unsigned at = tail_end > TAIL ? tail_end - TAIL : 0;
	while (tail_end > TAIL && at != tail_end && tail[at++ % TAIL] != '\n')
		; // the rest of a line that is not there whole
	for (write('\n'); at != tail_end; at++)
		write(tail[at % TAIL]);
}

static void put_first(char byte) { put(1, byte); }
static void put_display(char byte) { display_write(&byte, 1); }

void serial_panic(void)
{
	bool entered = serial_enter();
	if (atomic_exchange(&uart_mask, 3) == 2) {
		out8(uarts[0] + LINE, LINE_8N1); // the driver may have been about to set the divisor
		put_tail(put_first);
	}
	if (display_take_back())
		put_tail(put_display);
	if (entered)
		serial_leave();
}

// ---- BREAK, and the monitor -------------------------------------------------------------------------------------------

uint32_t serial_status_seen(uint64_t port, uint32_t status)
{
	if (port != uarts[0] + (uint64_t)LINE_STATUS || status == STATUS_ABSENT)
		return status;
	status |= atomic_exchange(&errors, 0);
	while (status & STATUS_BREAK) {
		(void)in8(uarts[0] + DATA); // the zero byte that stands for it
		monitor_open();
		status = in8(uarts[0] + LINE_STATUS) | atomic_exchange(&errors, 0);
	}
	return status;
}

static void first_raised(bool driven)
{
	// What nobody takes must go, else there would be no further edge.
	for (unsigned i = 0; !driven && i < FIFO_BYTES && first_status() & STATUS_DATA; i++)
		(void)in8(uarts[0] + DATA);
	uint32_t status = serial_status_seen(uarts[0] + LINE_STATUS, in8(uarts[0] + LINE_STATUS));
	if (driven && status != STATUS_ABSENT)
		atomic_fetch_or(&errors, status & STATUS_ERRORS);
}

void serial_watch(void)
{
	if (!uart_there[0])
		return;
	line_watch(WATCHED_LINE, first_raised);
	out8(uarts[0] + INTERRUPTS, WANT_STATUS);
	out8(uarts[0] + MODEM, MODEM_ON);
}

static uint8_t driver_line;

void serial_monitor_begin(void)
{
	driver_line = in8(uarts[0] + LINE);
	out8(uarts[0] + LINE, LINE_8N1); // the driver may have been about to set the divisor
}

void serial_monitor_end(void) { out8(uarts[0] + LINE, driver_line); }

void serial_monitor_put(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(1, text[i]);
}

char serial_monitor_get(void)
{
	for (;;) {
		while (!(in8(uarts[0] + LINE_STATUS) & STATUS_DATA)) {
			cpu_flush_serve();
			arch_pause();
		}
		char key = (char)in8(uarts[0] + DATA);
		if (key > ' ' && key < 0x7f)
			return key;
	}
}

void md_log_write(const char *text, size_t size) { serial_write(text, size); }
