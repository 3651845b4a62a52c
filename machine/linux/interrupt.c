// SPDX-License-Identifier: MIT
// Interrupt lines: an eventfd each, made when it is first asked for and kept, watched by the event loop while enabled.
//
// A device's backend gets the eventfd as its call descriptor (through the driver) and writes to it. Events are
// edge-triggered and every write is one (eventfd wakes whoever polls it each time, eventfd(2), epoll(7)), so nothing
// needs to be read. All lines are edge-triggered interrupts: an acknowledgement does nothing.
// Lines from INTERRUPT_DISKS on are those of --disk, lower ones are those that device trees name.
#include "machine.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct {
	struct md_lock lock;
	int file[INTERRUPT_LINES];             // [lock] plus 1; 0: not yet
	_Atomic bool enabled[INTERRUPT_LINES]; // changed under the lock
} lines;

// The line's eventfd; -1: errno. Lock held.
static int line_file_locked(uint32_t line)
{
	if (lines.file[line] == 0)
		lines.file[line] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) + 1;
	return lines.file[line] - 1;
}

// A process has no I/O ports.
kern_return_t md_port_read(uint64_t port, unsigned width, uint32_t *value) { return KERN_NOT_SUPPORTED; }
kern_return_t md_port_write(uint64_t port, unsigned width, uint32_t value) { return KERN_NOT_SUPPORTED; }

// Backends are processes; what they reach is in the memory that their driver gave them, and ends with their connection.
void md_device_master(uint32_t number, bool on) {}

kern_return_t md_interrupt_enable(uint32_t line)
{
	if (line >= INTERRUPT_LINES)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = KERN_SUCCESS;
	uint64_t stale;
	md_lock_acquire(&lines.lock);
	int file = line_file_locked(line);
	if (file < 0) {
		error = KERN_RESOURCE_SHORTAGE;
	} else if (!atomic_load(&lines.enabled[line])) {
		// What was raised for nobody is not told to somebody who comes later.
		(void)!read(file, &stale, sizeof(stale));
		atomic_store(&lines.enabled[line], true);
		if (!source_add(file, SOURCE_INTERRUPT, line, 0)) {
			atomic_store(&lines.enabled[line], false);
			error = KERN_RESOURCE_SHORTAGE;
		}
	}
	md_lock_release(&lines.lock);
	return error;
}

void md_interrupt_disable(uint32_t line)
{
	if (line >= INTERRUPT_LINES)
		return;
	md_lock_acquire(&lines.lock);
	if (atomic_exchange(&lines.enabled[line], false))
		source_remove(lines.file[line] - 1);
	md_lock_release(&lines.lock);
}

void md_interrupt_ack(uint32_t line) {}

void interrupt_event(uint32_t line)
{
	if (line < INTERRUPT_LINES && atomic_load(&lines.enabled[line]))
		kern_interrupt(line);
}

kern_return_t md_descriptor_interrupt(struct md_descriptor *descriptor, uint32_t line)
{
	descriptor->file = 0;
	if (line >= INTERRUPT_LINES)
		return KERN_INVALID_ARGUMENT;
	md_lock_acquire(&lines.lock);
	int file = line_file_locked(line);
	descriptor->file = (file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 0)) + 1;
	md_lock_release(&lines.lock);
	return descriptor->file > 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}
