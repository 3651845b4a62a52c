// SPDX-License-Identifier: MIT
// The backing store of memory objects: a memfd each, which clients map. A small object is plain kernel memory until
// somebody maps it, because most of them only carry bytes from one task to another and a memfd costs a descriptor.
//
// The kernel never keeps a map of a memfd that a client has: it could be cut short under it. It reads and writes files.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL (64u << 10)
#define BOUNCE (64u << 10)

static int file_make(uint64_t size)
{
	int file = memfd_create("gila-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file >= 0 && ftruncate(file, (off_t)size) < 0) {
		close(file);
		return -1;
	}
	return file;
}

// memfd_create(2), F_ADD_SEALS in fcntl(2). A client that has the memfd may have cut it short before, so it gets its size
// back between the seal against shrinking and the one against growing; where the client was faster with seals of its own
// the object stays refused.
static kern_return_t file_fix(int file, uint64_t size)
{
	struct stat status;
	if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK) < 0 && errno != EPERM)
		return KERN_NOT_SUPPORTED;
	if (fstat(file, &status) == 0 && (uint64_t)status.st_size < size && ftruncate(file, (off_t)size) < 0)
		return errno == EPERM ? KERN_PROTECTION_FAILURE : KERN_RESOURCE_SHORTAGE;
	(void)fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL);
	int seals = fcntl(file, F_GET_SEALS);
	bool fixed = seals >= 0 && (seals & F_SEAL_SHRINK) && (seals & F_SEAL_GROW) && (seals & F_SEAL_SEAL) &&
		     !(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
	return fixed && fstat(file, &status) == 0 && (uint64_t)status.st_size >= size ? KERN_SUCCESS
										      : KERN_PROTECTION_FAILURE;
}

// The host's memory is the host's to give.
bool md_memory_allows(uint64_t bytes) { return true; }

kern_return_t md_memory_create(struct md_memory *memory, struct account *payer, uint64_t size)
{
	*memory = (struct md_memory){.size = size};
	if (size <= SMALL) {
		memory->pages = md_pages_alloc(size / MD_PAGE_SIZE);
		return memory->pages ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	}
	memory->file = file_make(size) + 1;
	return memory->file > 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

// Devices here are other processes, which find memory by its descriptor; a bus address only has to name it. They are not
// used again, so a stale one reaches nothing.
kern_return_t md_memory_create_dma(struct md_memory *memory, struct account *payer, uint64_t size, uint64_t *bus_address)
{
	static _Atomic uint64_t next = MD_PAGE_SIZE;
	*memory = (struct md_memory){.size = size};
	int file = size % MD_PAGE_SIZE == 0 && size > 0 && size <= INT64_MAX ? file_make(size) : -1;
	kern_return_t error = file < 0 ? KERN_RESOURCE_SHORTAGE : file_fix(file, size);
	if (error) {
		if (file >= 0)
			close(file);
		return error;
	}
	memory->file = file + 1;
	*bus_address = atomic_fetch_add(&next, size + MD_PAGE_SIZE); // a page between two objects that is nobody's
	return KERN_SUCCESS;
}

void md_memory_destroy(struct md_memory *memory)
{
	if (memory->pages)
		md_pages_free(memory->pages, memory->size / MD_PAGE_SIZE);
	if (memory->file > 0)
		close(memory->file - 1);
	memory->pages = NULL;
	memory->file = 0;
}

static bool file_write(int file, uint64_t offset, const void *from, size_t size)
{
	while (size > 0) {
		ssize_t done = pwrite(file, from, size, (off_t)offset);
		if (done <= 0)
			return false;
		from = (const char *)from + done;
		offset += (uint64_t)done;
		size -= (size_t)done;
	}
	return true;
}

static bool file_read(int file, uint64_t offset, void *to, size_t size)
{
	while (size > 0) {
		ssize_t done = pread(file, to, size, (off_t)offset);
		if (done < 0)
			return false;
		if (done == 0) { // a client cut it short
			memset(to, 0, size);
			return true;
		}
		to = (char *)to + done;
		offset += (uint64_t)done;
		size -= (size_t)done;
	}
	return true;
}

static int memory_file_locked(struct md_memory *memory)
{
	if (memory->file > 0)
		return memory->file - 1;
	int file = file_make(memory->size);
	if (file < 0)
		return -1;
	if (!file_write(file, 0, memory->pages, memory->size)) {
		close(file);
		return -1;
	}
	md_pages_free(memory->pages, memory->size / MD_PAGE_SIZE);
	memory->pages = NULL;
	memory->file = file + 1;
	return file;
}

int memory_file(struct md_memory *memory)
{
	md_lock_acquire(&memory->lock);
	int file = memory_file_locked(memory);
	md_lock_release(&memory->lock);
	return file;
}

kern_return_t md_memory_resize(struct md_memory *memory, uint64_t size)
{
	kern_return_t error = KERN_RESOURCE_SHORTAGE;
	md_lock_acquire(&memory->lock);
	int file = memory_file_locked(memory);
	if (file >= 0 && ftruncate(file, (off_t)size) == 0) {
		memory->size = size;
		error = KERN_SUCCESS;
	} else if (file >= 0 && errno == EPERM) {
		error = KERN_PROTECTION_FAILURE; // fixed
	}
	md_lock_release(&memory->lock);
	return error;
}

kern_return_t md_memory_fix(struct md_memory *memory)
{
	md_lock_acquire(&memory->lock);
	int file = memory_file_locked(memory);
	kern_return_t error = file < 0 ? KERN_RESOURCE_SHORTAGE : file_fix(file, memory->size);
	md_lock_release(&memory->lock);
	return error;
}

static bool holds(const struct md_memory *memory, uint64_t offset, uint64_t size)
{
	return offset <= memory->size && size <= memory->size - offset;
}

bool memory_holds_range(struct md_memory *memory, uint64_t offset, uint64_t size)
{
	md_lock_acquire(&memory->lock);
	bool inside = holds(memory, offset, size);
	md_lock_release(&memory->lock);
	return inside;
}

kern_return_t md_memory_read(struct md_memory *memory, uint64_t offset, void *to, size_t size)
{
	bool done = true;
	md_lock_acquire(&memory->lock);
	bool inside = holds(memory, offset, size);
	if (inside && memory->pages)
		memcpy(to, (char *)memory->pages + offset, size);
	else if (inside)
		done = file_read(memory->file - 1, offset, to, size);
	md_lock_release(&memory->lock);
	return !inside ? KERN_INVALID_ARGUMENT : done ? KERN_SUCCESS : KERN_MEMORY_ERROR;
}

kern_return_t md_memory_write(struct md_memory *memory, uint64_t offset, const void *from, size_t size)
{
	bool done = true;
	md_lock_acquire(&memory->lock);
	bool inside = holds(memory, offset, size);
	if (inside && memory->pages)
		memcpy((char *)memory->pages + offset, from, size);
	else if (inside)
		done = file_write(memory->file - 1, offset, from, size);
	md_lock_release(&memory->lock);
	return !inside ? KERN_INVALID_ARGUMENT : done ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

// A CPU's own: nothing here gives the CPU up. Through a buffer that stays in the cache is twice as fast as copying into
// a map of the file, whose pages would be zeroed and faulted in one by one.
static char bounces[MD_CPU_LIMIT][BOUNCE];

kern_return_t md_memory_capture(struct md_memory *memory, struct task *task, uint64_t address, uint64_t size)
{
	if (!holds(memory, 0, size))
		return KERN_INVALID_ARGUMENT;
	if (memory->pages)
		return md_task_read(task, memory->pages, address, size);
	char *bounce = bounces[md_cpu_self()];
	kern_return_t error = KERN_SUCCESS;
	for (uint64_t done = 0; done < size && !error; done += BOUNCE) {
		size_t piece = size - done < BOUNCE ? (size_t)(size - done) : BOUNCE;
		error = md_task_read(task, bounce, address + done, piece);
		if (!error)
			error = md_memory_write(memory, done, bounce, piece);
	}
	return error;
}

kern_return_t md_memory_copy(struct md_memory *memory, struct md_memory *source, uint64_t offset, uint64_t size)
{
	if (!holds(memory, 0, size) || !holds(source, offset, size))
		return KERN_INVALID_ARGUMENT;
	char *bounce = bounces[md_cpu_self()];
	kern_return_t error = KERN_SUCCESS;
	for (uint64_t done = 0; done < size && !error; done += BOUNCE) {
		size_t piece = size - done < BOUNCE ? (size_t)(size - done) : BOUNCE;
		error = md_memory_read(source, offset + done, bounce, piece);
		if (!error)
			error = md_memory_write(memory, done, bounce, piece);
	}
	return error;
}
