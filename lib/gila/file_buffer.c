// SPDX-License-Identifier: MIT
// The pool of buffers shared with file servers; see file_buffer.h. A buffer belongs to who moved it from FREE to TAKEN.
#include "file_buffer.h"

#include <pthread.h>
#include <stdatomic.h>

#define BUFFERS 8u

enum { FREE, TAKEN };

static struct file_buffer buffers[BUFFERS];

static void buffers_forget(void)
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		if (buffers[i].address)
			gila_unmap(buffers[i].address, FILE_BUFFER_SIZE);
		buffers[i] = (struct file_buffer){.state = FREE};
	}
}

void file_buffers_drop(void)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		gila_port_drop(buffers[i].memory);
	buffers_forget();
}

// A child of fork has other names for its rights, and must not write into its parent's buffers.

__attribute__((constructor)) static void buffers_watch_fork(void) { pthread_atfork(NULL, NULL, buffers_forget); }

static bool buffer_make(struct file_buffer *buffer)
{
	void *address;
	mach_port_t memory;
	if (gila_memory_make(FILE_BUFFER_SIZE, &memory))
		return false;
	// Its size is fixed before anybody else has it, so that the first server need not wait for that.
	if (gila_memory_fix(memory) || gila_map(memory, 0, FILE_BUFFER_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address)) {
		gila_port_drop(memory);
		return false;
	}
	buffer->memory = memory;
	buffer->address = address;
	return true;
}

struct file_buffer *file_buffer_take(void)
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		int expected = FREE;
		if (!atomic_compare_exchange_strong(&buffers[i].state, &expected, TAKEN))
			continue;
		if (buffers[i].address || buffer_make(&buffers[i]))
			return &buffers[i];
		atomic_store(&buffers[i].state, FREE);
		return NULL;
	}
	return NULL;
}

void file_buffer_give(struct file_buffer *buffer) { atomic_store(&buffer->state, FREE); }
