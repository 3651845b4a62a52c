// SPDX-License-Identifier: MIT
// The driver of the metal's bench, for QEMU's device "edu" (QEMU, docs/specs/edu.rst), which interrupts when it is told to:
// how many instructions there are from an interrupt to the first one of the driver that waits for it.
//
// One thread waits for the interrupt's message as drivers do. The other one takes the counter, and its next instruction is the
// store that has the device interrupt. Whoever asks at the seat gets an answer when the row is in the log.
#include "../protocol.h"
#include "count.h"

#include <driver/driver.h>
#include <driver/mmio.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdlib.h>

#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64

struct interrupt_buffer {
	struct device_interrupt interrupt;
	mach_msg_max_trailer_t trailer;
};

static char *registers;
static mach_port_t interrupts;
static volatile uint64_t started;
static _Atomic unsigned served;

static void *wait_main(void *argument)
{
	struct interrupt_buffer buffer;
	for (unsigned i = 0; i < COUNT_WARM_UP + COUNT_ROUNDS; i++) {
		mach_msg_return_t error = mach_msg(&buffer.interrupt.head, MACH_RCV_MSG, 0, sizeof(buffer), interrupts, 0, MACH_PORT_NULL);
		uint64_t end = count();
		count_must("an interrupt", error);
		count_sample(i, started, end);
		mmio_write32(registers + EDU_ACKNOWLEDGE, 1);
		served++;
	}
	return argument;
}

static void measure(void)
{
	pthread_t waiter;
	count_calibrate();
	count_must("a thread", pthread_create(&waiter, NULL, wait_main, NULL));
	for (unsigned i = 0; i < COUNT_WARM_UP + COUNT_ROUNDS; i++) {
		for (unsigned j = 0; j < 4; j++)
			swtch(); // until it waits
		uint32_t *raise = (uint32_t *)(void *)(registers + EDU_RAISE);
		started = count();
		__asm__ volatile("movl %1, %0" : "=m"(*raise) : "r"(1));
		while (served <= i)
			swtch();
	}
	pthread_join(waiter, NULL);
	count_row("interrupt-to-driver", 1);
}

int main(void)
{
	static struct bench_buffer buffer;
	char name[SEAT_NAME_MAX + 1];
	mach_port_t port;
	uint64_t size;
	void *address;
	count_must("the seat's name", gila_seat_name(name));
	count_must("the seat", gila_seat_sit(name, &port));
	count_must("registers", driver_map(0, &address, &size));
	registers = address;
	count_must("a port", gila_port_make(&interrupts));
	count_must("interrupts", driver_interrupt(0, interrupts));
	for (;;) {
		count_must("a request", mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), port, 0, MACH_PORT_NULL));
		measure();
		buffer.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(buffer.head.msgh_bits), 0);
		buffer.head.msgh_size = sizeof(buffer.head);
		buffer.head.msgh_local_port = MACH_PORT_NULL;
		count_must("an answer", mach_msg(&buffer.head, MACH_SEND_MSG, sizeof(buffer.head), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
	}
}
