// SPDX-License-Identifier: MIT
// Reads and writes in memory that the caller shares with the file server; see <gila/file.h>.
#include <gila/file.h>

#include "file_lane.h"

#include <abi/file.h>
#include <mach/mig_errors.h>

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
	file_lanes_return(buffer->memory);
	gila_unmap(buffer->data, buffer->size);
	gila_port_drop(buffer->memory);
	*buffer = (struct gila_file_buffer){.memory = MACH_PORT_NULL};
}

static bool is_inside(const struct gila_file_buffer *buffer, size_t start, size_t size)
{
	return start <= buffer->size && size <= buffer->size - start;
}

static kern_return_t move_by_message(const struct gila_file_flight *flight, size_t *got)
{
	uint64_t count = flight->size;
	kern_return_t error = flight->write ? file_write_memory(flight->file, flight->offset, flight->memory, flight->start, flight->size)
					    : file_read_into(flight->file, flight->offset, flight->memory, flight->start, flight->size, &count);
	if (!error && count > flight->size)
		error = FILE_DAMAGED;
	*got = error ? 0 : count;
	return error;
}

// By the file's lane, if that is open; else by message, at once.
static kern_return_t begin(struct gila_file_flight *flight, const struct gila_file_buffer *buffer)
{
	if (!is_inside(buffer, flight->start, flight->size))
		return KERN_INVALID_ARGUMENT;
	flight->memory = buffer->memory;
	flight->is_over = !file_lane_begin(flight->file, flight->write ? FILE_LANE_WRITE_FROM : FILE_LANE_READ_INTO, flight->offset, flight->memory,
					   flight->start, flight->size, &flight->lane);
	if (flight->is_over)
		flight->error = move_by_message(flight, &flight->got);
	return KERN_SUCCESS;
}

kern_return_t gila_file_read_begin(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				   struct gila_file_flight *flight)
{
	*flight = (struct gila_file_flight){.file = file, .offset = offset, .start = start, .size = size};
	return begin(flight, buffer);
}

kern_return_t gila_file_write_begin(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				    struct gila_file_flight *flight)
{
	*flight = (struct gila_file_flight){.file = file, .offset = offset, .start = start, .size = size, .write = true};
	return begin(flight, buffer);
}

bool gila_file_flight_is_over(const struct gila_file_flight *flight) { return flight->is_over || file_lane_is_over(&flight->lane); }

kern_return_t gila_file_flight_end(struct gila_file_flight *flight, size_t *got)
{
	if (!flight->is_over && !file_lane_end(&flight->lane, &flight->got, &flight->error))
		flight->error = move_by_message(flight, &flight->got);
	flight->is_over = true;
	if (got)
		*got = flight->got;
	return flight->error;
}

kern_return_t gila_file_read_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				      size_t *got)
{
	struct gila_file_flight flight;
	kern_return_t error = gila_file_read_begin(file, offset, buffer, start, size, &flight);
	return error ? error : gila_file_flight_end(&flight, got);
}

kern_return_t gila_file_write_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size)
{
	struct gila_file_flight flight;
	kern_return_t error = gila_file_write_begin(file, offset, buffer, start, size, &flight);
	return error ? error : gila_file_flight_end(&flight, NULL);
}
