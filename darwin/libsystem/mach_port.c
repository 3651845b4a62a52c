// SPDX-License-Identifier: MIT
// mach_port_*: the kernel's calls under Darwin's names, which are also those of its trap forms (_kernelrpc_mach_port_*).
//
// What concerns a name that is always there (mach_names.h) is answered here, so that mach_port_deallocate of what mach_thread_self or
// mach_host_self gave starts no kernel. Facts: xnu's osfmk/mach/mach_port.defs; for the calls see abi/mach_port.defs.
#include "mach_names.h"

#include <abi/mach_port.h>
#include <abi/task.h>
#include <abi/traps.h>
#include <mach/kern_return.h>
#include <mach/task_special_ports.h>
#include <unistd.h>

// A function that is the kernel's, once this program has joined it.
#define CALL(name, parameters, arguments)                                                                              \
	kern_return_t darwin_##name parameters                                                                         \
	{                                                                                                              \
		return mach_ready() ? name arguments : KERN_RESOURCE_SHORTAGE;                                         \
	}

CALL(mach_port_names, (mach_port_t task, mach_port_name_t **names, uint32_t *name_count, mach_port_type_t **types, uint32_t *type_count),
     (task, names, name_count, types, type_count))
CALL(mach_port_rename, (mach_port_t task, mach_port_name_t old, mach_port_name_t new), (task, old, new))
CALL(mach_port_allocate_name, (mach_port_t task, mach_port_right_t right, mach_port_name_t name), (task, right, name))
CALL(mach_port_destroy, (mach_port_t task, mach_port_name_t name), (task, name))
CALL(mach_port_peek,
     (mach_port_t task, mach_port_name_t name, uint32_t trailer, uint32_t *seqno, uint32_t *size, int32_t *id, uint8_t *info, uint32_t *count),
     (task, name, trailer, seqno, size, id, info, count))
CALL(mach_port_set_mscount, (mach_port_t task, mach_port_name_t name, uint32_t count), (task, name, count))
CALL(mach_port_get_set_status, (mach_port_t task, mach_port_name_t name, mach_port_name_t **members, uint32_t *count), (task, name, members, count))
CALL(mach_port_extract_right, (mach_port_t task, mach_port_name_t name, mach_msg_type_name_t how, mach_port_t *right, mach_msg_type_name_t *type),
     (task, name, how, right, type))
CALL(mach_port_set_seqno, (mach_port_t task, mach_port_name_t name, uint32_t seqno), (task, name, seqno))
CALL(mach_port_get_attributes, (mach_port_t task, mach_port_name_t name, int flavor, integer_t *info, uint32_t *count),
     (task, name, flavor, info, count))
CALL(mach_port_set_attributes, (mach_port_t task, mach_port_name_t name, int flavor, const integer_t *info, uint32_t count),
     (task, name, flavor, info, count))
CALL(mach_port_allocate_qos, (mach_port_t task, mach_port_right_t right, struct mach_port_qos *qos, mach_port_name_t *name),
     (task, right, qos, name))
CALL(mach_port_allocate_full, (mach_port_t task, mach_port_right_t right, mach_port_t proto, struct mach_port_qos *qos, mach_port_name_t *name),
     (task, right, proto, qos, name))
CALL(mach_port_get_srights, (mach_port_t task, mach_port_name_t name, uint32_t *count), (task, name, count))
CALL(mach_port_dnrequest_info, (mach_port_t task, mach_port_name_t name, unsigned *total, unsigned *used), (task, name, total, used))
CALL(mach_port_get_context, (mach_port_t task, mach_port_name_t name, mach_vm_address_t *context), (task, name, context))
CALL(mach_port_set_context, (mach_port_t task, mach_port_name_t name, mach_vm_address_t context), (task, name, context))
CALL(mach_port_kobject, (mach_port_t task, mach_port_name_t name, natural_t *type, mach_vm_address_t *address), (task, name, type, address))
CALL(mach_port_guard_with_flags, (mach_port_t task, mach_port_name_t name, uint64_t guard, uint64_t flags), (task, name, guard, flags))
CALL(mach_port_swap_guard, (mach_port_t task, mach_port_name_t name, uint64_t old, uint64_t new), (task, name, old, new))
CALL(mach_port_space_basic_info, (mach_port_t task, natural_t info[6]), (task, info))

// ---- on oneself: traps ----------------------------------------------------------------------------------------------

// The trap for the caller's own task, the message for another.
#define OWN(name, parameters, arguments)                                                                               \
	kern_return_t darwin_##name parameters                                                                         \
	{                                                                                                              \
		if (!mach_ready())                                                                                     \
			return KERN_RESOURCE_SHORTAGE;                                                                 \
		return task == MACH_TASK_SELF ? kernelrpc_##name##_trap arguments : name arguments;                    \
	}

OWN(mach_port_allocate, (mach_port_t task, mach_port_right_t right, mach_port_name_t *name), (task, right, name))
OWN(mach_port_move_member, (mach_port_t task, mach_port_name_t member, mach_port_name_t after), (task, member, after))
OWN(mach_port_insert_member, (mach_port_t task, mach_port_name_t name, mach_port_name_t set), (task, name, set))
OWN(mach_port_extract_member, (mach_port_t task, mach_port_name_t name, mach_port_name_t set), (task, name, set))
OWN(mach_port_insert_right, (mach_port_t task, mach_port_name_t name, mach_port_t right, mach_msg_type_name_t type), (task, name, right, type))
OWN(mach_port_construct, (mach_port_t task, const struct mach_port_options *options, uint64_t context, mach_port_name_t *name),
    (task, options, context, name))
OWN(mach_port_destruct, (mach_port_t task, mach_port_name_t name, mach_port_delta_t delta, uint64_t guard), (task, name, delta, guard))
OWN(mach_port_guard, (mach_port_t task, mach_port_name_t name, uint64_t guard, boolean_t strict), (task, name, guard, strict))
OWN(mach_port_unguard, (mach_port_t task, mach_port_name_t name, uint64_t guard), (task, name, guard))

kern_return_t darwin_mach_port_request_notification(mach_port_t task, mach_port_name_t name, mach_msg_id_t id, uint32_t sync,
						    mach_port_t notify, mach_msg_type_name_t type, mach_port_t *previous)
{
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	return task == MACH_TASK_SELF ? kernelrpc_mach_port_request_notification_trap(task, name, id, sync, notify, type, previous)
				      : mach_port_request_notification(task, name, id, sync, notify, previous);
}

// ---- references of names that are always there ----------------------------------------------------------------------

kern_return_t darwin_mach_port_deallocate(mach_port_t task, mach_port_name_t name)
{
	if (task == MACH_TASK_SELF && mach_name_is_fixed(name))
		return KERN_SUCCESS;
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	return task == MACH_TASK_SELF ? kernelrpc_mach_port_deallocate_trap(task, name) : mach_port_deallocate(task, name);
}

kern_return_t darwin_mach_port_mod_refs(mach_port_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta)
{
	if (task == MACH_TASK_SELF && mach_name_is_fixed(name))
		return right == MACH_PORT_RIGHT_SEND ? KERN_SUCCESS : KERN_INVALID_RIGHT;
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	return task == MACH_TASK_SELF ? kernelrpc_mach_port_mod_refs_trap(task, name, right, delta)
				      : mach_port_mod_refs(task, name, right, delta);
}

kern_return_t darwin_mach_port_get_refs(mach_port_t task, mach_port_name_t name, mach_port_right_t right, uint32_t *references)
{
	if (task == MACH_TASK_SELF && mach_name_is_fixed(name)) {
		*references = right == MACH_PORT_RIGHT_SEND;
		return KERN_SUCCESS;
	}
	return mach_ready() ? mach_port_get_refs(task, name, right, references) : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_mach_port_type(mach_port_t task, mach_port_name_t name, mach_port_type_t *type)
{
	if (task == MACH_TASK_SELF && mach_name_is_fixed(name)) {
		*type = MACH_PORT_TYPE_SEND;
		return KERN_SUCCESS;
	}
	return mach_ready() ? mach_port_type(task, name, type) : KERN_RESOURCE_SHORTAGE;
}

uint32_t darwin_mach_reply_port(void)
{
	mach_ready();
	return mach_reply_port();
}

uint32_t darwin_thread_get_special_reply_port(void)
{
	mach_ready();
	return thread_get_special_reply_port();
}

// ---- kept with the task ---------------------------------------------------------------------------------------------

kern_return_t darwin_task_get_special_port(mach_port_t task, int which, mach_port_t *port)
{
	if (task == MACH_TASK_SELF && which == TASK_BOOTSTRAP_PORT) {
		*port = MACH_BOOTSTRAP;
		return KERN_SUCCESS;
	}
	if (task == MACH_TASK_SELF && (which == TASK_KERNEL_PORT || which == TASK_NAME_PORT || which == TASK_HOST_PORT)) {
		*port = which == TASK_HOST_PORT ? MACH_HOST_SELF : MACH_TASK_SELF;
		return KERN_SUCCESS;
	}
	return mach_ready() ? gila_task_get_special_port(task, which, port) : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_task_set_special_port(mach_port_t task, int which, mach_port_t port)
{
	if (which == TASK_BOOTSTRAP_PORT)
		return KERN_NOT_SUPPORTED;
	return mach_ready() ? gila_task_set_special_port(task, which, port) : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_mach_ports_register(mach_port_t task, const mach_port_t *ports, uint32_t count)
{
	return mach_ready() ? gila_mach_ports_register(task, ports, count) : KERN_RESOURCE_SHORTAGE;
}

kern_return_t darwin_mach_ports_lookup(mach_port_t task, mach_port_t **ports, uint32_t *count)
{
	return mach_ready() ? gila_mach_ports_lookup(task, ports, count) : KERN_RESOURCE_SHORTAGE;
}

// Numbers of processes are Linux'; Gila's own numbers of tasks are not known to programs.
kern_return_t darwin_task_for_pid(mach_port_t target, int process, mach_port_t *task)
{
	(void)target;
	if (process == getpid()) {
		*task = MACH_TASK_SELF;
		return KERN_SUCCESS;
	}
	*task = MACH_PORT_NULL;
	return KERN_FAILURE; // as macOS says to who is not privileged
}

kern_return_t darwin_pid_for_task(mach_port_t task, int *process)
{
	if (task != MACH_TASK_SELF)
		return KERN_FAILURE;
	*process = getpid();
	return KERN_SUCCESS;
}
