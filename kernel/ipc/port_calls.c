// SPDX-License-Identifier: MIT
// The mach_port_* requests to a task's port (abi/mach_port.defs): each is a line around names.h.
#include "../memory/memory.h"
#include "../task/task.h"
#include "names.h"
#include "request.h"
#include <abi/mach_port_server.h>

static struct space *space_of(struct lpc_request *rq)
{
	return &container_of(request_object(rq), struct task, object)->space;
}

// An out-of-line array of `count` words of a buffer.
static void *put_words(struct lpc_request *rq, const uint32_t *words, uint32_t count, kern_return_t *error)
{
	return request_put_bytes(rq, words, count * (uint32_t)sizeof(uint32_t), error);
}

kern_return_t port_call_mach_port_names(struct lpc_request *rq, mach_port_name_t **names,
					mach_msg_type_number_t *namesCnt, mach_port_type_t **types,
					mach_msg_type_number_t *typesCnt)
{
	struct space *space = space_of(rq);
	uint32_t *words, count = 0;
	size_t bytes;
	kern_return_t error = name_list(space, &words, &count, &bytes);
	if (error)
		return error;
	*names = put_words(rq, words, count, &error);
	if (!error)
		*types = put_words(rq, words + count, count, &error);
	*namesCnt = *typesCnt = count;
	kfree(space->account, words, bytes);
	return error;
}

kern_return_t port_call_mach_port_type(struct lpc_request *rq, mach_port_name_t name, mach_port_type_t *ptype)
{
	return name_type(space_of(rq), name, ptype);
}

kern_return_t port_call_mach_port_rename(struct lpc_request *rq, mach_port_name_t old_name, mach_port_name_t new_name)
{
	return name_rename(space_of(rq), old_name, new_name);
}

kern_return_t port_call_mach_port_allocate_name(struct lpc_request *rq, mach_port_right_t right, mach_port_name_t name)
{
	return MACH_PORT_VALID(name) ? name_allocate(space_of(rq), right, &name) : KERN_INVALID_VALUE;
}

kern_return_t port_call_mach_port_allocate(struct lpc_request *rq, mach_port_right_t right, mach_port_name_t *name)
{
	*name = MACH_PORT_NULL;
	return name_allocate(space_of(rq), right, name);
}

kern_return_t port_call_mach_port_destroy(struct lpc_request *rq, mach_port_name_t name)
{
	return name_destroy(space_of(rq), name);
}

kern_return_t port_call_mach_port_deallocate(struct lpc_request *rq, mach_port_name_t name)
{
	return MACH_PORT_VALID(name) ? space_deallocate(space_of(rq), name) : KERN_SUCCESS;
}

kern_return_t port_call_mach_port_get_refs(struct lpc_request *rq, mach_port_name_t name, mach_port_right_t right,
					   mach_port_urefs_t *refs)
{
	return name_get_refs(space_of(rq), name, right, refs);
}

kern_return_t port_call_mach_port_mod_refs(struct lpc_request *rq, mach_port_name_t name, mach_port_right_t right,
					   mach_port_delta_t delta)
{
	return name_mod_refs(space_of(rq), name, right, delta);
}

kern_return_t port_call_mach_port_peek(struct lpc_request *rq, mach_port_name_t name, natural_t trailer_type,
				       mach_port_seqno_t *request_seqno, mach_msg_size_t *msg_size,
				       mach_msg_id_t *msg_id, uint8_t *trailer_info,
				       mach_msg_type_number_t *trailer_infoCnt)
{
	struct name_peek peek = {.sequence = *request_seqno};
	kern_return_t error = name_peek(space_of(rq), name, trailer_type, &peek);
	if (error)
		return error;
	if (peek.trailer_size > *trailer_infoCnt)
		return KERN_FAILURE;
	*request_seqno = peek.sequence;
	*msg_size = peek.size;
	*msg_id = peek.id;
	memcpy(trailer_info, peek.trailer, peek.trailer_size);
	*trailer_infoCnt = peek.trailer_size;
	return KERN_SUCCESS;
}

kern_return_t port_call_mach_port_set_mscount(struct lpc_request *rq, mach_port_name_t name,
					      mach_port_mscount_t mscount)
{
	return name_set_make_send_count(space_of(rq), name, mscount);
}

kern_return_t port_call_mach_port_get_set_status(struct lpc_request *rq, mach_port_name_t name,
						 mach_port_name_t **members, mach_msg_type_number_t *membersCnt)
{
	struct space *space = space_of(rq);
	uint32_t *words;
	size_t bytes;
	kern_return_t error = name_list_members(space, name, &words, membersCnt, &bytes);
	if (error)
		return error;
	*members = put_words(rq, words, *membersCnt, &error);
	kfree(space->account, words, bytes);
	return error;
}

kern_return_t port_call_mach_port_move_member(struct lpc_request *rq, mach_port_name_t member, mach_port_name_t after)
{
	return name_move_member(space_of(rq), member, after);
}

kern_return_t port_call_mach_port_request_notification(struct lpc_request *rq, mach_port_name_t name,
						       mach_msg_id_t msgid, mach_port_mscount_t sync,
						       mach_port_t notify, mach_port_t *previous)
{
	struct right before, right = request_take_right(rq, notify);
	kern_return_t error = name_request_notification(space_of(rq), name, msgid, sync, right, &before);
	if (error)
		right_release(right);
	else
		*previous = request_put_right(rq, before);
	return error;
}

kern_return_t port_call_mach_port_insert_right(struct lpc_request *rq, mach_port_name_t name, mach_port_t poly,
					       mach_msg_type_name_t polyPoly)
{
	struct right right = request_take_right(rq, poly);
	kern_return_t error = name_insert(space_of(rq), name, right);
	if (error)
		right_release(right);
	return error;
}

kern_return_t port_call_mach_port_extract_right(struct lpc_request *rq, mach_port_name_t name,
						mach_msg_type_name_t msgt_name, mach_port_t *poly,
						mach_msg_type_name_t *polyPoly)
{
	struct right right;
	if (!MACH_MSG_TYPE_PORT_ANY(msgt_name))
		return KERN_INVALID_VALUE;
	if (!MACH_PORT_VALID(name))
		return KERN_INVALID_NAME;
	kern_return_t error = space_take_right(space_of(rq), name, msgt_name, &right);
	if (error)
		return error;
	*polyPoly = right_disposition(right);
	if (*polyPoly == 0)
		*polyPoly = MACH_MSG_TYPE_PORT_SEND; // of a dead right
	*poly = request_put_right(rq, right);
	return KERN_SUCCESS;
}

kern_return_t port_call_mach_port_set_seqno(struct lpc_request *rq, mach_port_name_t name, mach_port_seqno_t seqno)
{
	return name_set_sequence(space_of(rq), name, seqno);
}

kern_return_t port_call_mach_port_get_attributes(struct lpc_request *rq, mach_port_name_t name,
						 mach_port_flavor_t flavor, integer_t *port_info_out,
						 mach_msg_type_number_t *port_info_outCnt)
{
	return name_get_attributes(space_of(rq), name, flavor, port_info_out, port_info_outCnt);
}

kern_return_t port_call_mach_port_set_attributes(struct lpc_request *rq, mach_port_name_t name,
						 mach_port_flavor_t flavor, const integer_t *port_info,
						 mach_msg_type_number_t port_infoCnt)
{
	return name_set_attributes(space_of(rq), name, flavor, port_info, port_infoCnt);
}

kern_return_t port_call_mach_port_allocate_qos(struct lpc_request *rq, mach_port_right_t right,
					       struct mach_port_qos *qos, mach_port_name_t *name)
{
	*name = MACH_PORT_NULL;
	return qos->name || qos->prealloc ? KERN_INVALID_ARGUMENT : name_allocate(space_of(rq), right, name);
}

kern_return_t port_call_mach_port_allocate_full(struct lpc_request *rq, mach_port_right_t right, mach_port_t proto,
						struct mach_port_qos *qos, mach_port_name_t *name)
{
	if (proto != MACH_PORT_NULL || qos->prealloc)
		return KERN_INVALID_ARGUMENT;
	if (qos->name ? !MACH_PORT_VALID(*name) : false)
		return KERN_INVALID_VALUE;
	if (!qos->name)
		*name = MACH_PORT_NULL;
	return name_allocate(space_of(rq), right, name);
}

kern_return_t port_call_task_set_port_space(struct lpc_request *rq, int table_entries) { return KERN_SUCCESS; }

kern_return_t port_call_mach_port_get_srights(struct lpc_request *rq, mach_port_name_t name,
					      mach_port_rights_t *srights)
{
	return name_get_send_rights(space_of(rq), name, srights);
}

kern_return_t port_call_mach_port_dnrequest_info(struct lpc_request *rq, mach_port_name_t name, unsigned *dnr_total,
						 unsigned *dnr_used)
{
	kern_return_t error = name_get_requests(space_of(rq), name, dnr_total);
	*dnr_used = *dnr_total;
	return error;
}

kern_return_t port_call_mach_port_insert_member(struct lpc_request *rq, mach_port_name_t name, mach_port_name_t pset)
{
	return name_insert_member(space_of(rq), name, pset);
}

kern_return_t port_call_mach_port_extract_member(struct lpc_request *rq, mach_port_name_t name, mach_port_name_t pset)
{
	return name_extract_member(space_of(rq), name, pset);
}

kern_return_t port_call_mach_port_get_context(struct lpc_request *rq, mach_port_name_t name,
					      mach_vm_address_t *context)
{
	return name_get_context(space_of(rq), name, context);
}

kern_return_t port_call_mach_port_set_context(struct lpc_request *rq, mach_port_name_t name, mach_vm_address_t context)
{
	return name_set_context(space_of(rq), name, context);
}

kern_return_t port_call_mach_port_kobject(struct lpc_request *rq, mach_port_name_t name, natural_t *object_type,
					  mach_vm_address_t *object_addr)
{
	*object_addr = 0;
	return name_kernel_object(space_of(rq), name, object_type, NULL, 0);
}

kern_return_t port_call_mach_port_kobject_description(struct lpc_request *rq, mach_port_name_t name,
						      natural_t *object_type, mach_vm_address_t *object_addr,
						      char description[160])
{
	*object_addr = 0;
	return name_kernel_object(space_of(rq), name, object_type, description, 160);
}

kern_return_t port_call_mach_port_construct(struct lpc_request *rq, const struct mach_port_options *options,
					    uint64_t context, mach_port_name_t *name)
{
	return name_construct(space_of(rq), options, context, name);
}

kern_return_t port_call_mach_port_destruct(struct lpc_request *rq, mach_port_name_t name, mach_port_delta_t srdelta,
					   uint64_t guard)
{
	return name_destruct(space_of(rq), name, srdelta, guard);
}

kern_return_t port_call_mach_port_guard(struct lpc_request *rq, mach_port_name_t name, uint64_t guard,
					boolean_t strict)
{
	return name_guard(space_of(rq), name, guard, strict ? MPG_STRICT : 0);
}

kern_return_t port_call_mach_port_guard_with_flags(struct lpc_request *rq, mach_port_name_t name, uint64_t guard,
						   uint64_t flags)
{
	return name_guard(space_of(rq), name, guard, flags);
}

kern_return_t port_call_mach_port_unguard(struct lpc_request *rq, mach_port_name_t name, uint64_t guard)
{
	return name_unguard(space_of(rq), name, guard);
}

kern_return_t port_call_mach_port_swap_guard(struct lpc_request *rq, mach_port_name_t name, uint64_t old_guard,
					     uint64_t new_guard)
{
	return name_swap_guard(space_of(rq), name, old_guard, new_guard);
}

kern_return_t port_call_mach_port_space_basic_info(struct lpc_request *rq, natural_t basic_info[6])
{
	struct space *space = space_of(rq);
	lock_acquire(&space->lock);
	uint32_t size = space->chunk_count << SPACE_CHUNK_SHIFT;
	basic_info[0] = 0xff;
	basic_info[1] = size;
	basic_info[2] = size + (1u << SPACE_CHUNK_SHIFT);
	basic_info[3] = space->in_use;
	basic_info[4] = space->in_use;
	basic_info[5] = 0;
	lock_release(&space->lock);
	return KERN_SUCCESS;
}
