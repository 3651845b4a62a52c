// SPDX-License-Identifier: MIT
// stuck receive | send | call SEAT | trap | sleep: a client that is in the kernel when the kernel is killed.
//
// Prints "ready" before it goes in. When its call returns it prints how it returned and then waits for a signal, so that a
// script can see whether SIGTERM still ends it.
#include "client.h"

#include <abi/probe.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int receive(mach_port_t port)
{
	struct {
		mach_msg_header_t head;
		char rest[256];
	} buffer;
	return mach_msg(&buffer.head, MACH_RCV_MSG, 0, sizeof(buffer), port, 0, MACH_PORT_NULL);
}

static int send_until_full(mach_port_t port)
{
	int result;
	do {
		mach_msg_header_t head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
					  .msgh_size = sizeof(head),
					  .msgh_remote_port = port};
		result = mach_msg(&head, MACH_SEND_MSG, sizeof(head), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	} while (result == MACH_MSG_SUCCESS);
	return result;
}

static int call_for_ever(const char *seat)
{
	uint64_t same;
	uint32_t pid;
	kern_return_t error;
	mach_port_t probe = client_seat(seat);
	do
		error = probe_echo(probe, 1, &same, &pid);
	while (!error);
	return error;
}

// The id of a task is never 0 while there is a kernel.
static int trap_for_ever(void)
{
	while (gila_task_id() != 0)
		continue;
	return KERN_TERMINATED;
}

int main(int argc, char **argv)
{
	int result = 0;
	const char *how = argc > 1 ? argv[1] : "";
	client_limit(120);
	mach_port_t port = client_port();
	if (strcmp(how, "call") == 0)
		client_seat(argv[2]);
	printf("ready\n");
	fflush(stdout);
	if (strcmp(how, "receive") == 0)
		result = receive(port);
	else if (strcmp(how, "send") == 0)
		result = send_until_full(port);
	else if (strcmp(how, "call") == 0)
		result = call_for_ever(argv[2]);
	else if (strcmp(how, "trap") == 0)
		result = trap_for_ever();
	else if (strcmp(how, "sleep") == 0)
		result = thread_switch(MACH_PORT_NULL, 2, 100000); // SWITCH_OPTION_WAIT
	else
		return 2;
	printf("returned %s (0x%x)\n", gila_error_text(result), (unsigned)result);
	fflush(stdout);
	for (;;)
		pause();
}
