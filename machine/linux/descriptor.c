// SPDX-License-Identifier: MIT
// Descriptors on their way between tasks. Taking is pidfd_getfd(2) where Linux lets us, else the client sends it; giving
// is always done by the client, which receives it from its socket (s2c.c).
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int take_directly(struct task *task, int number)
{
	int file = -1;
	errno = ESRCH;
	md_lock_acquire(&task->md.lock);
	struct process *process = task->md.process;
	if (process) {
		md_lock_acquire(&process->lock);
		if (process->state == PROCESS_LIVE)
			file = (int)syscall(SYS_pidfd_getfd, process->pidfd, number, 0);
		md_lock_release(&process->lock);
	}
	md_lock_release(&task->md.lock);
	return file;
}

kern_return_t descriptor_take_by_client(struct md_descriptor *descriptor, struct task *task, int number)
{
	struct s2c request = {.operation = CHANNEL_TAKE, .arguments = {(uint64_t)number}, .file = -1};
	kern_return_t error = s2c_call(task, &request);
	if (error)
		return error;
	struct process *process = task->md.process;
	checkin_socket_event(process); // what it sent came before its answer
	int file = s2c_received(process, request.id);
	if (request.result < 0 || file < 0) {
		if (file >= 0)
			close(file);
		return request.result < 0 ? s2c_error(request.result) : KERN_FAILURE;
	}
	descriptor->file = file + 1;
	return KERN_SUCCESS;
}

kern_return_t md_descriptor_take(struct md_descriptor *descriptor, struct task *task, int number)
{
	descriptor->file = 0;
	if (number < 0)
		return KERN_INVALID_ARGUMENT;
	int file = take_directly(task, number);
	if (file >= 0) {
		descriptor->file = file + 1;
		return KERN_SUCCESS;
	}
	if (errno == EPERM || errno == ENOSYS)
		return descriptor_take_by_client(descriptor, task, number);
	return errno == EBADF ? KERN_INVALID_ARGUMENT : errno == ESRCH ? KERN_TERMINATED : KERN_RESOURCE_SHORTAGE;
}

kern_return_t md_descriptor_give(struct md_descriptor *descriptor, struct task *task, int *number)
{
	if (descriptor->file <= 0)
		return KERN_INVALID_ARGUMENT;
	struct s2c request = {.operation = CHANNEL_GIVE, .file = descriptor->file - 1};
	kern_return_t error = s2c_call(task, &request);
	if (error)
		return error;
	if (request.result < 0)
		return s2c_error(request.result);
	*number = (int)request.result;
	return KERN_SUCCESS;
}

kern_return_t md_descriptor_memory(struct md_descriptor *descriptor, struct md_memory *memory)
{
	int file = memory_file(memory);
	descriptor->file = (file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 0)) + 1;
	return descriptor->file > 0 ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

void md_descriptor_close(struct md_descriptor *descriptor)
{
	if (descriptor->file > 0)
		close(descriptor->file - 1);
	descriptor->file = 0;
}
