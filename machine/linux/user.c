// SPDX-License-Identifier: MIT
// Copies to and from tasks. What the client mirrored in the body of its slot is taken from there, what it will copy out
// itself is left there; all else is process_vm_readv(2) and process_vm_writev(2), which check every address.
//
// The part of the out window that was written is one run, [out_begin, out_end): what does not touch the run goes to the
// client's memory directly, so that the client never copies out bytes that nobody wrote.
#include "machine.h"

#include <errno.h>
#include <sys/uio.h>

pid_t task_pid(struct task *task)
{
	md_lock_acquire(&task->md.lock);
	struct process *process = task->md.process;
	pid_t pid = 0;
	if (process) {
		md_lock_acquire(&process->lock);
		if (process->state == PROCESS_LIVE)
			pid = process->pid;
		md_lock_release(&process->lock);
	}
	md_lock_release(&task->md.lock);
	return pid;
}

static kern_return_t task_transfer(struct task *task, void *here, uint64_t there, size_t size, bool out)
{
	pid_t pid = task_pid(task);
	if (pid == 0)
		return KERN_TERMINATED;
	while (size > 0) {
		struct iovec local = {here, size}, remote = {(void *)(uintptr_t)there, size}; // NOLINT
		ssize_t done = out ? process_vm_writev(pid, &local, 1, &remote, 1, 0)
				   : process_vm_readv(pid, &local, 1, &remote, 1, 0);
		if (done <= 0)
			return done < 0 && errno == EPERM ? KERN_PROTECTION_FAILURE : KERN_INVALID_ADDRESS;
		here = (char *)here + done;
		there += (uint64_t)done;
		size -= (size_t)done;
	}
	return KERN_SUCCESS;
}

kern_return_t md_task_read(struct task *task, void *to, uint64_t from, size_t size)
{
	return task_transfer(task, to, from, size, false);
}

kern_return_t md_task_write(struct task *task, uint64_t to, const void *from, size_t size)
{
	return task_transfer(task, (void *)(uintptr_t)from, to, size, true);
}

static bool is_within(uint64_t address, uint64_t size, uint64_t window, uint64_t window_size)
{
	return address >= window && address - window <= window_size && size <= window_size - (address - window);
}

kern_return_t md_copy_in(struct thread *thread, void *to, uint64_t from, size_t size)
{
	struct md_thread *md = &thread->md;
	if (md->in_size > 0 && is_within(from, size, md->in_address, md->in_size)) {
		struct process *process = thread->task->md.process;
		md_lock_acquire(&process->lock);
		bool mirrored = md->state == MD_THREAD_KERNEL && !md->dirty;
		if (mirrored)
			memcpy(to, (char *)channel_body(md->channel, md->slot) + (from - md->in_address), size);
		md_lock_release(&process->lock);
		if (mirrored)
			return KERN_SUCCESS;
	}
	return size == 0 ? KERN_SUCCESS : md_task_read(thread->task, to, from, size);
}

// Process lock held. False: it does not touch the run that is there.
static bool window_write_locked(struct md_thread *md, uint64_t to, const void *from, size_t size)
{
	uint32_t begin = (uint32_t)(to - md->out_address), end = begin + (uint32_t)size;
	if (md->state != MD_THREAD_KERNEL)
		return false;
	if (md->out_begin == md->out_end)
		md->out_begin = md->out_end = begin;
	if (begin > md->out_end || end < md->out_begin)
		return false;
	memcpy((char *)channel_body(md->channel, md->slot) + begin, from, size);
	md->dirty = true;
	if (begin < md->out_begin)
		md->out_begin = begin;
	if (end > md->out_end)
		md->out_end = end;
	return true;
}

// Writes what belongs to the window there. Returns whether that was all.
static bool window_write(struct thread *thread, uint64_t to, const void *from, size_t size)
{
	struct md_thread *md = &thread->md;
	struct process *process = thread->task->md.process;
	uint64_t window_end = md->out_address + md->out_size, end = to + size;
	if (md->out_size == 0 || end <= md->out_address || to >= window_end)
		return false;
	bool whole = to >= md->out_address && end <= window_end;
	if (to < md->out_address) {
		from = (const char *)from + (md->out_address - to);
		to = md->out_address;
	}
	size_t inside = (size_t)((end < window_end ? end : window_end) - to);
	md_lock_acquire(&process->lock);
	bool written = window_write_locked(md, to, from, inside);
	md_lock_release(&process->lock);
	return whole && written;
}

kern_return_t md_copy_out(struct thread *thread, uint64_t to, const void *from, size_t size)
{
	if (size == 0 || window_write(thread, to, from, size))
		return KERN_SUCCESS;
	return md_task_write(thread->task, to, from, size);
}
