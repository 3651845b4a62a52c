// SPDX-License-Identifier: MIT
// Mach's memory calls by trap (abi/mach_vm_traps.defs). The target may be any task whose port the caller has.
#include "vm.h"

#include "../task/task.h"
#include "../task/task_port.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>

static kern_return_t map(struct thread *self, mach_port_name_t target, user_addr_t address, uint64_t size,
			 uint64_t mask, int flags, vm_prot_t prot)
{
	uint64_t where;
	kern_return_t error = md_copy_in(self, &where, address, sizeof(where));
	if (error)
		return error;
	struct task *task = task_named(self, target);
	if (!task)
		return KERN_INVALID_ARGUMENT;
	error = vm_map_memory(task, &where, size, mask, flags, NULL, 0, false, prot);
	task_release(task);
	return error ? error : md_copy_out(self, address, &where, sizeof(where));
}

kern_return_t trap_kernelrpc_mach_vm_allocate_trap(struct thread *self, mach_port_name_t target, user_addr_t address,
						   mach_vm_size_t size, int flags)
{
	return map(self, target, address, size, 0, flags, VM_PROT_DEFAULT);
}

kern_return_t trap_kernelrpc_mach_vm_map_trap(struct thread *self, mach_port_name_t target, user_addr_t address,
					      mach_vm_size_t size, mach_vm_offset_t mask, int flags, int protection)
{
	return map(self, target, address, size, mask, flags, protection);
}

kern_return_t trap_kernelrpc_mach_vm_deallocate_trap(struct thread *self, mach_port_name_t target,
						     mach_vm_address_t address, mach_vm_size_t size)
{
	struct task *task = task_named(self, target);
	if (!task)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = vm_unmap_memory(task, address, size);
	task_release(task);
	return error;
}

kern_return_t trap_kernelrpc_mach_vm_protect_trap(struct thread *self, mach_port_name_t target,
						  mach_vm_address_t address, mach_vm_size_t size, int set_maximum,
						  int protection)
{
	struct task *task = task_named(self, target);
	if (!task)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = set_maximum ? KERN_SUCCESS : vm_protect_memory(task, address, size, protection);
	task_release(task);
	return error;
}
