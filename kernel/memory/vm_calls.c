// SPDX-License-Identifier: MIT
// Mach's memory calls by message to a task's port (abi/mach_vm.defs).
#include "vm.h"

#include "../core/sched.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "memory_port.h"

#include <abi/mach_vm_server.h>
#include <mach/vm_inherit.h>

static struct task *target(struct lpc_request *rq) { return container_of(request_object(rq), struct task, object); }

kern_return_t vm_call_mach_vm_allocate(struct lpc_request *rq, mach_vm_address_t *address, mach_vm_size_t size,
				       int flags)
{
	return vm_map_memory(target(rq), address, size, 0, flags, NULL, 0, false, VM_PROT_DEFAULT);
}

kern_return_t vm_call_mach_vm_deallocate(struct lpc_request *rq, mach_vm_address_t address, mach_vm_size_t size)
{
	return vm_unmap_memory(target(rq), address, size);
}

kern_return_t vm_call_mach_vm_protect(struct lpc_request *rq, mach_vm_address_t address, mach_vm_size_t size,
				      boolean_t set_maximum, vm_prot_t protection)
{
	return set_maximum ? KERN_SUCCESS : vm_protect_memory(target(rq), address, size, protection);
}

kern_return_t vm_call_mach_vm_inherit(struct lpc_request *rq, mach_vm_address_t address, mach_vm_size_t size,
				      vm_inherit_t inheritance)
{
	return inheritance == VM_INHERIT_COPY ? KERN_SUCCESS : KERN_NOT_SUPPORTED;
}

kern_return_t vm_call_mach_vm_map(struct lpc_request *rq, mach_vm_address_t *address, mach_vm_size_t size,
				  mach_vm_offset_t mask, int flags, mach_port_t object, uint64_t offset, boolean_t copy,
				  vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance)
{
	struct memory *memory = NULL;
	if (object != MACH_PORT_NULL) {
		memory = request_memory(rq, object);
		if (!memory)
			return KERN_INVALID_ARGUMENT;
	}
	kern_return_t error =
		vm_map_memory(target(rq), address, size, mask, flags, memory, offset, copy != 0, current);
	if (memory)
		memory_release(memory);
	return error;
}

// ---- Copies --------------------------------------------------------------------------------------------------------

kern_return_t vm_call_mach_vm_read(struct lpc_request *rq, mach_vm_address_t address, mach_vm_size_t size,
				   uint8_t **data, mach_msg_type_number_t *count)
{
	struct memory *memory;
	if (size == 0)
		return KERN_SUCCESS;
	if (size > MESSAGE_MEMORY_LIMIT)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = memory_capture(thread_current()->task->account, target(rq), address, size, &memory);
	if (error)
		return error;
	*data = request_put_memory(rq, memory, (uint32_t)size);
	*count = (mach_msg_type_number_t)size;
	return KERN_SUCCESS;
}

static kern_return_t write_memory(struct task *task, uint64_t address, struct memory *memory, uint32_t size)
{
	struct account *account = thread_current()->task->account;
	void *buffer = kalloc_raw(account, VM_COPY_PIECE);
	kern_return_t error = buffer ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	for (uint32_t done = 0; !error && done < size; done += VM_COPY_PIECE) {
		size_t piece = size - done < VM_COPY_PIECE ? size - done : VM_COPY_PIECE;
		error = memory_read(memory, done, buffer, piece);
		if (!error)
			error = md_task_write(task, address + done, buffer, piece);
	}
	kfree(account, buffer, VM_COPY_PIECE);
	return error;
}

kern_return_t vm_call_mach_vm_write(struct lpc_request *rq, mach_vm_address_t address, uint8_t *data,
				    mach_msg_type_number_t count)
{
	uint32_t size;
	struct memory *memory = request_take_memory(rq, data, &size);
	if (!memory)
		return KERN_SUCCESS;
	kern_return_t error = write_memory(target(rq), address, memory, size);
	memory_release(memory);
	return error;
}

kern_return_t vm_call_mach_vm_copy(struct lpc_request *rq, mach_vm_address_t source, mach_vm_size_t size,
				   mach_vm_address_t destination)
{
	struct task *task = target(rq);
	return vm_copy_memory(thread_current()->task->account, task, source, task, destination, size);
}

kern_return_t vm_call_mach_vm_read_overwrite(struct lpc_request *rq, mach_vm_address_t address, mach_vm_size_t size,
					     mach_vm_address_t data, mach_vm_size_t *outsize)
{
	struct task *caller = thread_current()->task;
	*outsize = size;
	return vm_copy_memory(caller->account, target(rq), address, caller, data, size);
}
