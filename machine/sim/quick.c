// SPDX-License-Identifier: MIT
// Quick messages: a scripted client goes on in the place of another; see machine/md.h. The copies are those of other messages.
#include "machine.h"

#include <kernel/task/thread.h>
#include <mach/message.h>
#include <md_quick.h>

#define BUFFER 2048u // more than any room that is asked for

const uint64_t *md_user_arguments(const struct thread *thread) { return thread->frame.arguments; }

bool md_user_prepare(struct thread *to, unsigned cpu)
{
	struct sim_user *user = to->md.user;
	return user && user->entity.state != ENTITY_DEAD && !user->reported && !to->md.killed;
}

void md_user_stay(struct thread *to) { atomic_store(&to->md_word.served, MD_WORD_TRAP); }

void md_user_switch(struct thread *from, struct thread *to, unsigned cpu)
{
	struct sim_user *user = to->md.user;
	user->busy++; // until trap_report has resumed it, as md_word says
	user->process->busy++;
}

struct kern_quick md_user_go(struct thread *to, uint64_t result) { return (struct kern_quick){to, result}; }

bool md_user_holds(uint64_t address) { return address + BUFFER > address; }

bool md_quick_read(struct thread *from, uint64_t address, uint32_t size, struct md_quick_header *header, void *body)
{
	union {
		mach_msg_header_t header;
		uint8_t bytes[BUFFER];
	} buffer;
	if (size > BUFFER || !md_user_holds(address) || md_copy_in(from, &buffer, address, size))
		return false;
	const mach_msg_header_t *h = &buffer.header;
	*header = (struct md_quick_header){h->msgh_bits, h->msgh_remote_port, h->msgh_local_port, (uint32_t)h->msgh_id};
	memcpy(body, buffer.bytes + sizeof(*h), size - sizeof(*h));
	return true;
}

bool md_quick_write(struct thread *to, uint64_t address, uint32_t size, const struct md_quick_header *header, const void *body,
		    uint32_t trailer)
{
	union {
		mach_msg_header_t header;
		uint8_t bytes[BUFFER];
	} buffer;
	const mach_msg_trailer_t empty = {MACH_MSG_TRAILER_FORMAT_0, sizeof(mach_msg_trailer_t)};
	buffer.header = (mach_msg_header_t){.msgh_bits = header->bits,
					    .msgh_size = size,
					    .msgh_remote_port = header->remote,
					    .msgh_local_port = header->local,
					    .msgh_id = (mach_msg_id_t)header->id};
	memcpy(buffer.bytes + sizeof(buffer.header), body, size - sizeof(buffer.header) + trailer);
	if (trailer == 0)
		memcpy(buffer.bytes + size, &empty, sizeof(empty));
	return !md_copy_out(to, address, &buffer, size + (trailer ? trailer : (uint32_t)sizeof(empty)));
}
