// SPDX-License-Identifier: MIT
// The thread that reads; see terminal_reader.h.
#include "terminal_reader.h"

#include <pthread.h>

static mach_port_t input_port;
static uint32_t (*read_some)(uint8_t *to, size_t most);
static pthread_mutex_t want_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t want_condition = PTHREAD_COND_INITIALIZER;
static bool wanted;

static void wait_until_wanted(void)
{
	pthread_mutex_lock(&want_mutex);
	while (!wanted)
		pthread_cond_wait(&want_condition, &want_mutex);
	wanted = false;
	pthread_mutex_unlock(&want_mutex);
}

void terminal_reader_want(void)
{
	pthread_mutex_lock(&want_mutex);
	wanted = true;
	pthread_cond_signal(&want_condition);
	pthread_mutex_unlock(&want_mutex);
}

// Waits while the console's queue is full.
static bool send_input(struct terminal_input *message)
{
	return mach_msg(&message->head, MACH_SEND_MSG, sizeof(*message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) ==
	       MACH_MSG_SUCCESS;
}

static void *reader(void *argument)
{
	static struct terminal_input message;
	do {
		wait_until_wanted();
		message.size = read_some(message.bytes, sizeof(message.bytes));
		message.head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
			.msgh_size = sizeof(message),
			.msgh_remote_port = input_port,
			.msgh_id = TERMINAL_INPUT_ID,
		};
	} while (send_input(&message) && message.size > 0);
	return NULL;
}

kern_return_t terminal_reader_start(mach_port_t input, uint32_t (*read)(uint8_t *to, size_t most))
{
	pthread_t thread;
	input_port = input;
	read_some = read;
	return pthread_create(&thread, NULL, reader, NULL) == 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}
