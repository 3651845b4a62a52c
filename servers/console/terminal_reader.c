// SPDX-License-Identifier: MIT
// The threads that read; see terminal_reader.h.
#include "terminal_reader.h"

#include <pthread.h>

static struct reader {
	uint32_t (*read)(uint8_t *to, size_t most); // [I]
	mach_port_t input;                          // [I]
	bool wanted;                                // [want_mutex]
	struct terminal_input message;              // [o]
} readers[TERMINAL_INPUTS];
static unsigned reader_count; // [o] the console's
static pthread_mutex_t want_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t want_condition = PTHREAD_COND_INITIALIZER;

static void wait_until_wanted(struct reader *reader)
{
	pthread_mutex_lock(&want_mutex);
	while (!reader->wanted)
		pthread_cond_wait(&want_condition, &want_mutex);
	reader->wanted = false;
	pthread_mutex_unlock(&want_mutex);
}

void terminal_reader_want(void)
{
	pthread_mutex_lock(&want_mutex);
	for (unsigned i = 0; i < reader_count; i++)
		readers[i].wanted = true;
	pthread_cond_broadcast(&want_condition);
	pthread_mutex_unlock(&want_mutex);
}

// Waits while the console's queue is full.
static bool send_input(struct terminal_input *message)
{
	return mach_msg(&message->head, MACH_SEND_MSG, sizeof(*message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) ==
	       MACH_MSG_SUCCESS;
}

static void *reader_run(void *argument)
{
	struct reader *reader = argument;
	struct terminal_input *message = &reader->message;
	do {
		wait_until_wanted(reader);
		message->size = reader->read(message->bytes, sizeof(message->bytes));
		message->head = (mach_msg_header_t){
			.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
			.msgh_size = sizeof(*message),
			.msgh_remote_port = reader->input,
			.msgh_id = TERMINAL_INPUT_ID,
		};
	} while (send_input(message) && message->size > 0);
	return NULL;
}

kern_return_t terminal_reader_start(mach_port_t input, uint32_t (*read)(uint8_t *to, size_t most))
{
	pthread_t thread;
	if (reader_count == TERMINAL_INPUTS)
		return KERN_RESOURCE_SHORTAGE;
	struct reader *reader = &readers[reader_count];
	reader->input = input;
	reader->read = read;
	if (pthread_create(&thread, NULL, reader_run, reader) != 0)
		return KERN_RESOURCE_SHORTAGE;
	reader_count++;
	return KERN_SUCCESS;
}
