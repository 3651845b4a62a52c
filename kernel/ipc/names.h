// SPDX-License-Identifier: MIT
// What tasks do with their names: the mach_port_* calls, once, for kernel requests (port_calls.c) and traps (port_traps.c).
//
// All return KERN_INVALID_TASK when the space is dead, KERN_INVALID_NAME when the name denotes nothing, KERN_INVALID_RIGHT when
// it denotes the wrong thing; abi/mach_port.defs lists the other errors. No lock is held by the caller.
// names.c: any right; names_receive.c: receive rights; names_guard.c: making, guarding and ending ports; names_set.c: sets;
// names_notify.c: notifications.
#ifndef KERNEL_IPC_NAMES_H
#define KERNEL_IPC_NAMES_H

#include "space.h"

// ---- names.c -------------------------------------------------------------------------------------------------------

kern_return_t must_check name_type(struct space *space, mach_port_name_t name, mach_port_type_t *type);
// *name: in, MACH_PORT_NULL or the name wanted; out, the name.
kern_return_t must_check name_allocate(struct space *space, mach_port_right_t right, mach_port_name_t *name);
kern_return_t name_destroy(struct space *space, mach_port_name_t name);
kern_return_t must_check name_get_refs(struct space *space, mach_port_name_t name, mach_port_right_t right, uint32_t *refs);
kern_return_t must_check name_mod_refs(struct space *space, mach_port_name_t name, mach_port_right_t right, int32_t delta);
kern_return_t must_check name_rename(struct space *space, mach_port_name_t from, mach_port_name_t to);
// All names and their types in two arrays of *count words each, in one buffer of *bytes that the caller frees with the
// space's account (types begin at word *count); *bytes 0: none.
kern_return_t must_check name_list(struct space *space, uint32_t **words, uint32_t *count, size_t *bytes);
// Makes a port (or set, or dead name) entry of what the caller made; consumed on success.
kern_return_t must_check name_insert(struct space *space, mach_port_name_t name, struct right right);

// ---- names_receive.c -----------------------------------------------------------------------------------------------

// The entry of a receive right; the space's lock is held on success, and only then.
kern_return_t must_check space_lock_receive(struct space *space, mach_port_name_t name, struct entry **entry);
kern_return_t must_check name_set_make_send_count(struct space *space, mach_port_name_t name, uint32_t count);
kern_return_t must_check name_set_sequence(struct space *space, mach_port_name_t name, uint32_t sequence);
kern_return_t must_check name_get_context(struct space *space, mach_port_name_t name, uint64_t *context);
kern_return_t must_check name_set_context(struct space *space, mach_port_name_t name, uint64_t context);
// *count in words, in and out.
kern_return_t must_check name_get_attributes(struct space *space, mach_port_name_t name, int flavor, integer_t *info,
					     uint32_t *count);
kern_return_t must_check name_set_attributes(struct space *space, mach_port_name_t name, int flavor,
					     const integer_t *info, uint32_t count);
kern_return_t must_check name_get_send_rights(struct space *space, mach_port_name_t name, uint32_t *count);
kern_return_t must_check name_get_requests(struct space *space, mach_port_name_t name, uint32_t *count);
struct name_peek {
	uint32_t sequence; // in and out
	uint32_t size;
	mach_msg_id_t id;
	uint8_t trailer[sizeof(mach_msg_max_trailer_t)];
	uint32_t trailer_size;
};
kern_return_t must_check name_peek(struct space *space, mach_port_name_t name, uint32_t trailer, struct name_peek *peek);
// text: for people; may be NULL.
kern_return_t must_check name_kernel_object(struct space *space, mach_port_name_t name, uint32_t *type, char *text,
					    size_t room);

// ---- names_guard.c -------------------------------------------------------------------------------------------------

kern_return_t must_check name_construct(struct space *space, const mach_port_options_t *options, uint64_t context,
					mach_port_name_t *name);
kern_return_t name_destruct(struct space *space, mach_port_name_t name, int32_t send_delta, uint64_t guard);
// flags: MPG_*.
kern_return_t must_check name_guard(struct space *space, mach_port_name_t name, uint64_t guard, uint64_t flags);
kern_return_t must_check name_unguard(struct space *space, mach_port_name_t name, uint64_t guard);
kern_return_t must_check name_swap_guard(struct space *space, mach_port_name_t name, uint64_t from, uint64_t to);
// A send right with a badge; its name.
kern_return_t must_check name_mint(struct space *space, mach_port_name_t receive, uint64_t badge, mach_port_name_t *name);

// ---- names_set.c ---------------------------------------------------------------------------------------------------

// *names: count words in a buffer of *bytes, as name_list.
kern_return_t must_check name_list_members(struct space *space, mach_port_name_t set, uint32_t **names, uint32_t *count,
					   size_t *bytes);
kern_return_t must_check name_move_member(struct space *space, mach_port_name_t member, mach_port_name_t set);
kern_return_t must_check name_insert_member(struct space *space, mach_port_name_t member, mach_port_name_t set);
kern_return_t must_check name_extract_member(struct space *space, mach_port_name_t member, mach_port_name_t set);

// ---- names_notify.c ------------------------------------------------------------------------------------------------

// `notify` is consumed on success; *previous is the caller's then.
kern_return_t must_check name_request_notification(struct space *space, mach_port_name_t name, mach_msg_id_t what,
						   uint32_t sync, struct right notify, struct right *previous);
kern_return_t must_check name_badge_notify(struct space *space, mach_port_name_t receive, uint64_t badge, uint32_t sync,
					   struct right notify, struct right *previous);

#endif
