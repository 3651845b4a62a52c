// SPDX-License-Identifier: MIT
// Reads and writes in memory that the caller shares with the file server; see <gila/file.h>.
#include <gila/file.h>

#include "file_lane.h"

#include <abi/file.h>
#include <mach/mig_errors.h>

#define BY_LANE 32768u // up to here a lane's copy costs less than the message that saves it

// Of the file system's disk; KERN_NOT_SUPPORTED and others: it has none to give.
static kern_return_t make_near(mach_port_t file, size_t size, struct gila_file_buffer *buffer)
{
	uint64_t bytes;
	kern_return_t error = file_buffer(file, size, &buffer->memory);
	if (error)
		return error;
	error = gila_memory_bytes(buffer->memory, &bytes);
	if (!error && bytes < size)
		error = FILE_DAMAGED;
	if (error)
		gila_port_drop(buffer->memory);
	return error;
}

kern_return_t gila_file_buffer_make(mach_port_t file, size_t size, struct gila_file_buffer *buffer)
{
	void *address;
	*buffer = (struct gila_file_buffer){.size = (size + 4095) & ~(size_t)4095};
	if (size == 0 || size > GILA_FILE_BUFFER_MAX)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = make_near(file, buffer->size, buffer);
	if (error)
		error = gila_memory_make(buffer->size, &buffer->memory);
	if (error)
		return error;
	error = gila_memory_fix(buffer->memory); // so that the first server need not wait for that
	if (!error)
		error = gila_map(buffer->memory, 0, buffer->size, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error) {
		gila_port_drop(buffer->memory);
		return error;
	}
	buffer->data = address;
	return KERN_SUCCESS;
}

void gila_file_buffer_drop(struct gila_file_buffer *buffer)
{
	gila_unmap(buffer->data, buffer->size);
	gila_port_drop(buffer->memory);
	*buffer = (struct gila_file_buffer){.memory = MACH_PORT_NULL};
}

static bool is_inside(const struct gila_file_buffer *buffer, size_t start, size_t size)
{
	return start <= buffer->size && size <= buffer->size - start;
}

kern_return_t gila_file_read_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				      size_t *got)
{
	uint64_t count;
	size_t moved;
	kern_return_t error;
	if (!is_inside(buffer, start, size))
		return KERN_INVALID_ARGUMENT;
	if (size <= BY_LANE && file_lane_move(file, FILE_LANE_READ, offset, (char *)buffer->data + start, size, &moved, &error)) {
		if (got)
			*got = moved;
		return error;
	}
	error = file_read_into(file, offset, buffer->memory, start, size, &count);
	if (!error && count > size)
		error = FILE_DAMAGED;
	if (got)
		*got = error ? 0 : count;
	return error;
}

kern_return_t gila_file_write_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size)
{
	size_t moved;
	kern_return_t error;
	if (!is_inside(buffer, start, size))
		return KERN_INVALID_ARGUMENT;
	if (size <= BY_LANE && file_lane_move(file, FILE_LANE_WRITE, offset, (char *)buffer->data + start, size, &moved, &error))
		return error;
	return file_write_memory(file, offset, buffer->memory, start, size);
}
