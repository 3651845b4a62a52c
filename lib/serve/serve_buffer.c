// SPDX-License-Identifier: MIT
// Mapped memory of clients; see serve_buffer.h.
#include "serve_buffer.h"

#define NEIGHBOURS 65536u      // bytes that Linux maps at once (fault_around_bytes)
#define MET (4u * NEIGHBOURS)
#define REFERENCES_MAX 10000u // a name counts at most 65535

struct buffer {
	mach_port_t memory;  // MACH_PORT_NULL: free
	uint32_t references; // of the name, at least 1
	uint8_t *address;
	uint64_t size;
	uint64_t used;       // gila_time of the last use
	bool writable;
};

static struct buffer buffers[SERVE_BUFFERS];
static uint64_t expires = UINT64_MAX; // when the first of them may be due: never too late

static void buffer_drop(struct buffer *buffer)
{
	gila_unmap(buffer->address, buffer->size);
	gila_port_drop_many(buffer->memory, buffer->references);
	*buffer = (struct buffer){.memory = MACH_PORT_NULL};
}

// The one with that right, or NULL; *oldest: what is free, or was not used longest.
static struct buffer *buffer_find(mach_port_t memory, struct buffer **oldest)
{
	*oldest = &buffers[0];
	for (unsigned i = 0; i < SERVE_BUFFERS; i++) {
		if (buffers[i].memory == memory)
			return &buffers[i];
		if (buffers[i].used < (*oldest)->used)
			*oldest = &buffers[i];
	}
	return NULL;
}

static bool buffer_holds(const struct buffer *buffer, uint64_t start, uint64_t size)
{
	return start <= buffer->size && size <= buffer->size - start;
}

// Linux maps a page's neighbours along when it is read for the first time, not when it is written (mm/memory.c, do_read_fault): so what
// is to be written is read here and there before. What is larger may go past this process.
static void meet_pages(const uint8_t *from, uint64_t size)
{
	for (uint64_t at = 0; size <= MET && at < size; at += NEIGHBOURS)
		(void)*(const volatile uint8_t *)(from + at);
}

// A map of the object, with a reference of its own. A sealed object can only be read.
static kern_return_t buffer_make(struct buffer *buffer, mach_port_t memory, uint64_t start, uint64_t size)
{
	void *address;
	*buffer = (struct buffer){.memory = memory, .writable = true};
	kern_return_t error = gila_memory_fix(memory);
	if (!error)
		error = gila_memory_bytes(memory, &buffer->size);
	if (!error && buffer->size > SERVE_BUFFER_MAX)
		error = KERN_RESOURCE_SHORTAGE;
	if (!error && !buffer_holds(buffer, start, size))
		error = KERN_INVALID_ARGUMENT;
	if (error)
		return error;
	error = gila_map(memory, 0, buffer->size, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error == KERN_PROTECTION_FAILURE) {
		buffer->writable = false;
		error = gila_map(memory, 0, buffer->size, VM_PROT_READ, &address);
	}
	if (error)
		return error;
	buffer->address = address;
	buffer->references = 1;
	error = gila_port_copy(memory);
	if (error)
		gila_unmap(address, buffer->size);
	return error;
}

kern_return_t serve_buffer_map(mach_port_t memory, uint64_t start, uint64_t size, bool write, uint8_t **address)
{
	struct buffer *oldest, fresh, *buffer;
	if (!MACH_PORT_VALID(memory))
		return KERN_INVALID_CAPABILITY;
	buffer = buffer_find(memory, &oldest);
	if (!buffer) {
		kern_return_t error = buffer_make(&fresh, memory, start, size);
		if (error)
			return error;
		if (oldest->memory != MACH_PORT_NULL)
			buffer_drop(oldest);
		buffer = oldest;
		*buffer = fresh;
	} else if (!buffer_holds(buffer, start, size)) {
		return KERN_INVALID_ARGUMENT;
	}
	buffer->used = gila_time();
	if (expires == UINT64_MAX)
		expires = buffer->used + SERVE_BUFFER_TIME;
	if (write && !buffer->writable)
		return KERN_PROTECTION_FAILURE;
	*address = buffer->address + start;
	if (write)
		meet_pages(*address, size);
	return KERN_SUCCESS;
}

void serve_buffer_done(mach_port_t memory)
{
	struct buffer *oldest, *buffer = buffer_find(memory, &oldest);
	if (!buffer) {
		gila_port_drop(memory);
		return;
	}
	if (++buffer->references > REFERENCES_MAX) {
		gila_port_drop_many(memory, buffer->references - 1);
		buffer->references = 1;
	}
}

uint64_t serve_buffer_expire(void)
{
	if (expires == UINT64_MAX)
		return expires;
	uint64_t now = gila_time();
	if (now < expires)
		return expires;
	expires = UINT64_MAX;
	for (unsigned i = 0; i < SERVE_BUFFERS; i++) {
		if (buffers[i].memory == MACH_PORT_NULL)
			continue;
		uint64_t due = buffers[i].used + SERVE_BUFFER_TIME;
		if (due <= now)
			buffer_drop(&buffers[i]);
		else if (due < expires)
			expires = due;
	}
	return expires;
}

void serve_buffer_drop_all(void)
{
	for (unsigned i = 0; i < SERVE_BUFFERS; i++)
		if (buffers[i].memory != MACH_PORT_NULL)
			buffer_drop(&buffers[i]);
	expires = UINT64_MAX;
}
