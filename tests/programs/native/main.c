// SPDX-License-Identifier: MIT
// native: a program of Gila that traps in every way there is, by stubs with 0 to 9 arguments, through mach_msg and by number.
// It runs hosted as it is and by tests/programs/metal, and must find the same. Prints "native: ok", or where it went wrong.
#include <abi/thread_act.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                         \
			return false;                                                                                  \
		}                                                                                                      \
	} while (0)

struct message {
	mach_msg_header_t head;
	uint64_t number;
	mach_msg_max_trailer_t trailer;
};

static bool send(mach_port_t port, uint64_t number)
{
	struct message message = {.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
					   .msgh_size = offsetof(struct message, trailer),
					   .msgh_remote_port = port},
				  .number = number};
	return mach_msg_send(&message.head) == MACH_MSG_SUCCESS;
}

static bool traps_with_all_arguments(void)
{
	mach_port_t port = MACH_PORT_NULL, other = MACH_PORT_NULL, minted;
	struct message message;
	struct mach_timespec woken = {0};
	gila_null();
	MUST(gila_task_id() != 0 && gila_thread_id() != 0);
	MUST(gila_port_make(&port) == KERN_SUCCESS && port != MACH_PORT_NULL);
	MUST(gila_badge_make(port, 0x123456789abcdef0, &minted) == KERN_SUCCESS);
	MUST(gila_port_make(&other) == KERN_SUCCESS && gila_badge_watch(other, 77, other) == KERN_SUCCESS);
	MUST(clock_sleep_trap(MACH_PORT_NULL, 1, 0, 1000, &woken) == KERN_SUCCESS && (woken.tv_sec || woken.tv_nsec));
	mach_vm_address_t address = 0;
	MUST(gila_memory_map(MACH_PORT_NULL, &address, 8192, 0, VM_PROT_READ | VM_PROT_WRITE, 0) == KERN_SUCCESS); // 6 arguments
	*(volatile char *)(uintptr_t)address = 1;
	gila_unmap((void *)(uintptr_t)address, 8192);
	MUST(send(port, 41)); // 7
	MUST(mach_msg_overwrite(NULL, MACH_RCV_MSG, 0, sizeof(message), port, 0, MACH_PORT_NULL, &message.head, sizeof(message)) ==
	     MACH_MSG_SUCCESS); // 8
	MUST(message.number == 41);
	MUST(mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), port, 1, MACH_PORT_NULL) ==
	     MACH_RCV_TIMED_OUT);
	MUST(gila_seat("bus", &minted) == KERN_SUCCESS); // 8
	MUST(gila_seat("no such seat", &minted) != KERN_SUCCESS);
	MUST(gila_trap9(4000, 1, 2, 3, 4, 5, 6, 7, 8, 9) == KERN_INVALID_ARGUMENT);
	MUST(gila_trap0(105) == gila_thread_id());
	MUST(send(port, 42) && gila_trap7(31, (uintptr_t)&message, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0) == 0 &&
	     message.number == 42);
	MUST(send(port, 43) && gila_trap8(32, 0, MACH_RCV_MSG, 0, sizeof(message), port, 0, 0, (uintptr_t)&message) == 0 &&
	     message.number == 43);
	gila_port_drop_receive(port);
	return true;
}

// ---- Interrupted receives ----------------------------------------------------------------------------------------------

static mach_port_t receive;
static _Atomic mach_port_t receiver;
static mach_msg_return_t outcomes[2];
static uint64_t received;

static void *receives(void *argument)
{
	struct message message;
	receiver = mach_thread_self();
	outcomes[0] = mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, sizeof(message), receive, 0, MACH_PORT_NULL);
	receiver = MACH_PORT_NULL;
	outcomes[1] = mach_msg(&message.head, MACH_RCV_MSG, 0, sizeof(message), receive, 0, MACH_PORT_NULL);
	received = message.number;
	return NULL;
}

static void nap(void) { nanosleep(&(struct timespec){0, 2000000}, NULL); }

// The first receive wants to be told, the second goes on.
static bool interrupts_are_told_or_not(void)
{
	pthread_t thread;
	mach_port_t port = MACH_PORT_NULL;
	MUST(gila_port_make(&receive) == KERN_SUCCESS && pthread_create(&thread, NULL, receives, NULL) == 0);
	for (int i = 0; i < 5000 && port == MACH_PORT_NULL; i++, nap())
		port = receiver;
	for (int i = 0; i < 5000 && receiver != MACH_PORT_NULL; i++, nap())
		MUST(gila_thread_abort(port) == KERN_SUCCESS);
	for (int i = 0; i < 20; i++, nap())
		MUST(gila_thread_abort(port) == KERN_SUCCESS);
	MUST(send(receive, 99) && pthread_join(thread, NULL) == 0);
	MUST(outcomes[0] == MACH_RCV_INTERRUPTED && outcomes[1] == MACH_MSG_SUCCESS && received == 99);
	return true;
}

static bool clocks_agree(void)
{
	uint64_t first = gila_clock_get_time(SYSTEM_CLOCK), second = gila_time(), third = gila_clock_get_time(SYSTEM_CLOCK);
	MUST(first <= second + 1000000 && second <= third + 1000000);
	int64_t day = gila_time_calendar(), known = (int64_t)time(NULL) * 1000000000;
	MUST(day >= known - 2000000000 && day <= known + 2000000000);
	return true;
}

int main(void)
{
	bool good = traps_with_all_arguments() && interrupts_are_told_or_not() && clocks_agree();
	puts(good ? "native: ok" : "native: failed");
	return !good;
}
