// SPDX-License-Identifier: MIT
// The server that the bench measures against: takes its seat and sends back what it receives; see ../protocol.h.
#include "../protocol.h"

#include <abi/traps.h>
#include <gila/gila.h>
#include <mach/mach.h>
#include <sys/mman.h>
#include <unistd.h>

static char room[BENCH_MEMORY_SIZE];

// Whether the answer is to be sent: back where the request came from.
static inline bool answer(mach_msg_header_t *head)
{
	if (head->msgh_remote_port == MACH_PORT_NULL)
		return false;
	head->msgh_bits = (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) | MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(head->msgh_bits), 0);
	head->msgh_local_port = MACH_PORT_NULL;
	return true;
}

// Does what the request asks for, if that is more than to come back. Returns whether there is an answer to send.
static __attribute__((noinline)) bool serve(struct bench_buffer *buffer)
{
	mach_msg_header_t *head = &buffer->head;
	if (head->msgh_id == BENCH_WHO)
		buffer->who.pid = (uint32_t)getpid();
	if (head->msgh_id == BENCH_MEMORY && gila_memory_read(buffer->right.port.name, 0, room, sizeof(room)))
		head->msgh_id = 0;
	if (head->msgh_id == BENCH_OUT_OF_LINE)
		munmap(buffer->memory.memory.address, buffer->memory.memory.size);
	if (head->msgh_id == BENCH_TAKE || head->msgh_id == BENCH_OUT_OF_LINE) {
		head->msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
		head->msgh_size = sizeof(*head);
	}
	return head->msgh_id != BENCH_HOLD && answer(head);
}

int main(void)
{
	static struct bench_buffer buffer;
	char name[SEAT_NAME_MAX + 1];
	mach_port_t port;
	kern_return_t error = gila_seat_name(name);
	if (!error)
		error = gila_seat_sit(name, &port);
	if (error) {
		gila_logf("cannot take the seat: %s", gila_error_text(error));
		return 1;
	}
	for (mach_msg_option_t options = MACH_RCV_MSG;;) {
		mach_msg_size_t size = buffer.head.msgh_size; // what came is what goes back
		mach_msg_return_t result = mach_msg_plain(&buffer.head, options, size, sizeof(buffer), port);
		bool answers;
		if (__builtin_expect(result == MACH_MSG_SUCCESS, 1)) {
			answers = __builtin_expect(buffer.head.msgh_id == BENCH_ECHO, 1) ? answer(&buffer.head) : serve(&buffer);
		} else {
			if (result == MACH_RCV_INVALID_NAME || result == MACH_RCV_PORT_DIED)
				return 1;
			answers = false;
		}
		options = answers ? MACH_RCV_MSG | MACH_SEND_MSG : MACH_RCV_MSG;
	}
}
