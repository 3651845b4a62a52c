// SPDX-License-Identifier: MIT
// The mach_port_* traps and Gila's own about ports (abi/mach_traps.defs): each is a line around names.h.
#include "../task/task.h"
#include "../task/task_port.h"
#include "../task/thread.h"
#include "message.h"
#include "names.h"
#include <abi/trap_kernel.h>

// The space of the task that `target` names, with a reference on *task if it is not the caller's own; NULL: none.
static struct space *target_space(struct thread *self, mach_port_name_t target, struct task **task)
{
	*task = task_named(self, target);
	return *task ? &(*task)->space : NULL;
}

// Finds the target's space for the statement that computes `error` from it.
#define WITH_SPACE(self, target, call)                                                                                 \
	do {                                                                                                           \
		struct task *task;                                                                                     \
		struct space *space = target_space(self, target, &task);                                               \
		if (!space)                                                                                            \
			return KERN_INVALID_TASK;                                                                      \
		kern_return_t error = call;                                                                            \
		task_release(task);                                                                                    \
		return error;                                                                                          \
	} while (0)

static kern_return_t write_name(struct thread *self, user_addr_t to, mach_port_name_t name)
{
	return md_copy_out(self, to, &name, sizeof(name));
}

static kern_return_t allocate_to(struct thread *self, struct space *space, mach_port_right_t right, user_addr_t to)
{
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = name_allocate(space, right, &name);
	if (!error && (error = write_name(self, to, name)))
		(void)name_destroy(space, name);
	return error;
}

kern_return_t trap_kernelrpc_mach_port_allocate_trap(struct thread *self, mach_port_name_t target,
						     mach_port_right_t right, user_addr_t name)
{
	WITH_SPACE(self, target, allocate_to(self, space, right, name));
}

kern_return_t trap_kernelrpc_mach_port_deallocate_trap(struct thread *self, mach_port_name_t target,
						       mach_port_name_t name)
{
	WITH_SPACE(self, target, MACH_PORT_VALID(name) ? space_deallocate(space, name) : KERN_SUCCESS);
}

kern_return_t trap_kernelrpc_mach_port_mod_refs_trap(struct thread *self, mach_port_name_t target,
						     mach_port_name_t name, mach_port_right_t right,
						     mach_port_delta_t delta)
{
	WITH_SPACE(self, target, name_mod_refs(space, name, right, delta));
}

kern_return_t trap_kernelrpc_mach_port_move_member_trap(struct thread *self, mach_port_name_t target,
							mach_port_name_t member, mach_port_name_t after)
{
	WITH_SPACE(self, target, name_move_member(space, member, after));
}

static kern_return_t insert_right(struct thread *self, struct space *space, mach_port_name_t name,
				  mach_port_name_t poly, mach_msg_type_name_t disposition)
{
	struct right right;
	if (!MACH_MSG_TYPE_PORT_ANY(disposition) || !MACH_PORT_VALID(name))
		return KERN_INVALID_VALUE;
	if (!MACH_PORT_VALID(poly))
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = space_take_right(&self->task->space, poly, disposition, &right);
	if (error)
		return error == KERN_INVALID_TASK ? error : KERN_INVALID_CAPABILITY;
	error = name_insert(space, name, right);
	if (error)
		right_release(right);
	return error;
}

kern_return_t trap_kernelrpc_mach_port_insert_right_trap(struct thread *self, mach_port_name_t target,
							 mach_port_name_t name, mach_port_name_t poly,
							 mach_msg_type_name_t poly_poly)
{
	WITH_SPACE(self, target, insert_right(self, space, name, poly, poly_poly));
}

kern_return_t trap_kernelrpc_mach_port_insert_member_trap(struct thread *self, mach_port_name_t target,
							  mach_port_name_t name, mach_port_name_t pset)
{
	WITH_SPACE(self, target, name_insert_member(space, name, pset));
}

kern_return_t trap_kernelrpc_mach_port_extract_member_trap(struct thread *self, mach_port_name_t target,
							   mach_port_name_t name, mach_port_name_t pset)
{
	WITH_SPACE(self, target, name_extract_member(space, name, pset));
}

static kern_return_t construct_to(struct thread *self, struct space *space, user_addr_t from, uint64_t context,
				  user_addr_t to)
{
	mach_port_options_t options;
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = md_copy_in(self, &options, from, sizeof(options));
	if (!error)
		error = name_construct(space, &options, context, &name);
	if (!error && (error = write_name(self, to, name)))
		(void)name_destruct(space, name, options.flags & MPO_INSERT_SEND_RIGHT ? -1 : 0,
				    options.flags & MPO_CONTEXT_AS_GUARD ? context : 0);
	return error;
}

kern_return_t trap_kernelrpc_mach_port_construct_trap(struct thread *self, mach_port_name_t target,
						      user_addr_t options, uint64_t context, user_addr_t name)
{
	WITH_SPACE(self, target, construct_to(self, space, options, context, name));
}

kern_return_t trap_kernelrpc_mach_port_destruct_trap(struct thread *self, mach_port_name_t target,
						     mach_port_name_t name, mach_port_delta_t srdelta, uint64_t guard)
{
	WITH_SPACE(self, target, name_destruct(space, name, srdelta, guard));
}

static kern_return_t attributes_to(struct thread *self, struct space *space, mach_port_name_t name, int flavor,
				   user_addr_t info, user_addr_t count)
{
	integer_t words[MACH_PORT_INFO_EXT_COUNT];
	uint32_t room;
	kern_return_t error = md_copy_in(self, &room, count, sizeof(room));
	if (error)
		return error;
	if (room > array_count(words))
		room = array_count(words);
	error = name_get_attributes(space, name, flavor, words, &room);
	if (!error)
		error = md_copy_out(self, info, words, room * sizeof(words[0]));
	return error ? error : md_copy_out(self, count, &room, sizeof(room));
}

kern_return_t trap_kernelrpc_mach_port_get_attributes_trap(struct thread *self, mach_port_name_t target,
							   mach_port_name_t name, mach_port_flavor_t flavor,
							   user_addr_t port_info, user_addr_t count)
{
	WITH_SPACE(self, target, attributes_to(self, space, name, flavor, port_info, count));
}

kern_return_t trap_kernelrpc_mach_port_guard_trap(struct thread *self, mach_port_name_t target, mach_port_name_t name,
						  uint64_t guard, boolean_t strict)
{
	WITH_SPACE(self, target, name_guard(space, name, guard, strict ? MPG_STRICT : 0));
}

kern_return_t trap_kernelrpc_mach_port_unguard_trap(struct thread *self, mach_port_name_t target,
						    mach_port_name_t name, uint64_t guard)
{
	WITH_SPACE(self, target, name_unguard(space, name, guard));
}

static kern_return_t type_to(struct thread *self, struct space *space, mach_port_name_t name, user_addr_t to)
{
	mach_port_type_t type;
	kern_return_t error = name_type(space, name, &type);
	return error ? error : md_copy_out(self, to, &type, sizeof(type));
}

kern_return_t trap_kernelrpc_mach_port_type_trap(struct thread *self, mach_port_name_t target, mach_port_name_t name,
						 user_addr_t ptype)
{
	WITH_SPACE(self, target, type_to(self, space, name, ptype));
}

// Takes the caller's send-once right for a notification; NONE for MACH_PORT_NULL.
static kern_return_t take_notify(struct thread *self, mach_port_name_t name, mach_msg_type_name_t disposition,
				 struct right *right)
{
	if (name == MACH_PORT_DEAD)
		return KERN_INVALID_CAPABILITY;
	if (disposition != MACH_MSG_TYPE_MAKE_SEND_ONCE && disposition != MACH_MSG_TYPE_MOVE_SEND_ONCE)
		return name == MACH_PORT_NULL ? (right->kind = RIGHT_NONE, KERN_SUCCESS) : KERN_INVALID_VALUE;
	kern_return_t error = space_take_right(&self->task->space, name, disposition, right);
	return error && error != KERN_INVALID_TASK ? KERN_INVALID_CAPABILITY : error;
}

// Gives the right that was registered before back to the caller.
static kern_return_t give_previous(struct thread *self, struct right previous, user_addr_t to)
{
	mach_port_name_t name = MACH_PORT_NULL;
	if (space_insert_right(&self->task->space, previous, &name)) {
		right_release(previous);
		name = MACH_PORT_NULL;
	}
	return write_name(self, to, name);
}

static kern_return_t request_notification(struct thread *self, struct space *space, mach_port_name_t name,
					  mach_msg_id_t what, uint32_t sync, struct right notify, user_addr_t to)
{
	struct right previous;
	kern_return_t error = name_request_notification(space, name, what, sync, notify, &previous);
	if (error)
		right_release(notify);
	return error ? error : give_previous(self, previous, to);
}

kern_return_t trap_kernelrpc_mach_port_request_notification_trap(struct thread *self, mach_port_name_t target,
								 mach_port_name_t name, mach_msg_id_t msgid,
								 mach_port_mscount_t sync, mach_port_name_t notify,
								 mach_msg_type_name_t notify_poly,
								 user_addr_t previous)
{
	struct right right = {NULL, RIGHT_NONE};
	kern_return_t taken = take_notify(self, notify, notify_poly, &right);
	if (taken)
		return taken;
	struct task *task;
	struct space *space = target_space(self, target, &task);
	if (!space) {
		right_release(right);
		return KERN_INVALID_TASK;
	}
	kern_return_t error = request_notification(self, space, name, msgid, sync, right, previous);
	task_release(task);
	return error;
}

// ---- Gila's own ----------------------------------------------------------------------------------------------------

uint64_t trap_gila_port_mint(struct thread *self, mach_port_name_t receive, uint64_t badge)
{
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = name_mint(&self->task->space, receive, badge, &name);
	return (uint64_t)(uint32_t)error << 32 | (error ? MACH_PORT_NULL : name);
}

kern_return_t trap_gila_port_badge_notify(struct thread *self, mach_port_name_t receive, uint64_t badge,
					  mach_port_mscount_t sync, mach_port_name_t notify,
					  mach_msg_type_name_t notify_poly)
{
	struct right right = {NULL, RIGHT_NONE}, previous;
	kern_return_t error = take_notify(self, notify, notify_poly, &right);
	if (error)
		return error;
	error = name_badge_notify(&self->task->space, receive, badge, sync, right, &previous);
	right_release(error ? right : previous);
	return error;
}
