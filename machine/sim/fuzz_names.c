// SPDX-License-Identifier: MIT
// The rights of the actors of a fuzz input: found, or made by the calls that a program would use; see fuzz.h.
#include "fuzz.h"

#include <abi/mach_port.h>
#include <abi/task.h>
#include <abi/traps.h>
#include <gila/device.h>
#include <gila/monitor.h>
#include <gila/seat_name.h>
#include <kernel/task/task.h>
#include <mach/thread_status.h>
#include <string.h>

void fuzz_name_add(struct fuzz_actor *actor, enum fuzz_right right, mach_port_name_t name)
{
	struct fuzz_task *task = actor->task;
	if (!MACH_PORT_VALID(name))
		return;
	unsigned at = task->name_count < FUZZ_NAMES ? task->name_count++ : name % FUZZ_NAMES;
	task->names[at] = (struct fuzz_name){name, right};
}

static mach_port_name_t name_find(const struct fuzz_task *task, enum fuzz_right right)
{
	for (unsigned i = task->name_count; i-- > 0;)
		if (task->names[i].right == right)
			return task->names[i].name;
	return MACH_PORT_NULL;
}

static mach_port_name_t seat_name(const char *text)
{
	struct seat_name packed;
	if (!seat_name_pack(&packed, text))
		return MACH_PORT_NULL;
	const uint64_t *w = packed.words;
	uint64_t result = gila_seat_lookup(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
	return seat_result_code(result) ? MACH_PORT_NULL : seat_result_name(result);
}

static mach_port_name_t make_port(mach_port_right_t right)
{
	mach_port_name_t name = MACH_PORT_NULL, self = sim_task_self();
	if (kernelrpc_mach_port_allocate_trap(self, right, &name))
		return MACH_PORT_NULL;
	if (right == MACH_PORT_RIGHT_RECEIVE)
		kernelrpc_mach_port_insert_right_trap(self, name, name, MACH_MSG_TYPE_MAKE_SEND);
	return name;
}

static mach_port_name_t extract(mach_port_name_t task, mach_port_name_t name, mach_msg_type_name_t disposition)
{
	mach_port_t made = MACH_PORT_NULL;
	mach_msg_type_name_t type;
	if (!MACH_PORT_VALID(name) || mach_port_extract_right(task, name, disposition, &made, &type))
		return MACH_PORT_NULL;
	return made;
}

static const struct fuzz_task *peer_of(const struct fuzz_actor *actor)
{
	return &fuzz.tasks[(actor->task->number + 1) % fuzz.task_count];
}

static mach_port_name_t peer_task(const struct fuzz_actor *actor)
{
	mach_port_name_t name = MACH_PORT_NULL;
	const struct fuzz_task *peer = peer_of(actor);
	if (peer->task && task_for_pid(sim_task_self(), (int)peer->task->id, &name))
		return MACH_PORT_NULL;
	return name;
}

static mach_port_name_t make_guarded(void)
{
	struct mach_port_options options = {.flags = MPO_CONTEXT_AS_GUARD | MPO_INSERT_SEND_RIGHT};
	mach_port_name_t name = MACH_PORT_NULL;
	return kernelrpc_mach_port_construct_trap(sim_task_self(), &options, 1, &name) ? MACH_PORT_NULL : name;
}

static mach_port_name_t make_thread(void)
{
	natural_t state[x86_THREAD_STATE64_COUNT] = {0};
	mach_port_t name = MACH_PORT_NULL;
	kern_return_t result = gila_thread_create_running(sim_task_self(), x86_THREAD_STATE64, state,
							  x86_THREAD_STATE64_COUNT, &name);
	return result ? MACH_PORT_NULL : name;
}

static mach_port_name_t name_make(struct fuzz_actor *actor, enum fuzz_right right)
{
	switch (right) {
	case FUZZ_SELF_TASK:
		return task_self_trap();
	case FUZZ_SELF_THREAD:
		return thread_self_trap();
	case FUZZ_HOST:
		return host_self_trap();
	case FUZZ_RECEIVE_RIGHT:
		return make_port(MACH_PORT_RIGHT_RECEIVE);
	case FUZZ_SET:
		return make_port(MACH_PORT_RIGHT_PORT_SET);
	case FUZZ_DEAD:
		return make_port(MACH_PORT_RIGHT_DEAD_NAME);
	case FUZZ_BADGED:
		return (mach_port_name_t)gila_port_mint(fuzz_name_of(actor, FUZZ_RECEIVE_RIGHT), 7);
	case FUZZ_SEND_ONCE:
		return extract(sim_task_self(), fuzz_name_of(actor, FUZZ_RECEIVE_RIGHT), MACH_MSG_TYPE_MAKE_SEND_ONCE);
	case FUZZ_SEMAPHORE:
		return (mach_port_name_t)gila_semaphore_create(0, 1);
	case FUZZ_MEMORY:
		return (mach_port_name_t)gila_memory_create(3 * MD_PAGE_SIZE);
	case FUZZ_TIMER:
		return mk_timer_create_trap();
	case FUZZ_REPLY:
		return mach_reply_port();
	case FUZZ_SPECIAL_REPLY:
		return thread_get_special_reply_port();
	case FUZZ_GUARDED:
		return make_guarded();
	case FUZZ_SEATS:
		return seat_name(SEAT_GRANT_MANAGE);
	case FUZZ_MONITOR:
		return seat_name(MONITOR_NAME);
	case FUZZ_ARCHIVE:
		return seat_name("kernel/archive");
	case FUZZ_DEVICES:
		return seat_name(DEVICE_SERVICE);
	case FUZZ_DMA:
		return (mach_port_name_t)gila_dma_alloc(MD_PAGE_SIZE);
	case FUZZ_SEAT:
		return seat_name("fuzz/0");
	case FUZZ_PEER_TASK:
		return peer_task(actor);
	case FUZZ_PEER_SEND:
		return extract(fuzz_name_of(actor, FUZZ_PEER_TASK), name_find(peer_of(actor), FUZZ_RECEIVE_RIGHT),
			       MACH_MSG_TYPE_MAKE_SEND);
	case FUZZ_OTHER_THREAD:
		return make_thread();
	case FUZZ_RECEIVED:
	case FUZZ_RIGHTS:
		break;
	}
	return MACH_PORT_NULL;
}

mach_port_name_t fuzz_name_of(struct fuzz_actor *actor, enum fuzz_right right)
{
	mach_port_name_t name = name_find(actor->task, right);
	if (name == MACH_PORT_NULL && right < FUZZ_RIGHTS) {
		name = name_make(actor, right);
		fuzz_name_add(actor, right, name);
	}
	return name;
}

mach_port_name_t fuzz_name(struct fuzz_actor *actor, struct fuzz_bytes *bytes, enum fuzz_right likely)
{
	uint8_t how = fuzz_u8(bytes);
	if (how == 0)
		return likely < FUZZ_RIGHTS ? fuzz_name_of(actor, likely) : MACH_PORT_NULL;
	if (how <= FUZZ_RIGHTS)
		return fuzz_name_of(actor, (enum fuzz_right)(how - 1));
	const struct fuzz_task *task = actor->task;
	if (how < 64 + FUZZ_NAMES && how >= 64)
		return task->name_count ? task->names[how % task->name_count].name : MACH_PORT_NULL;
	switch (how & 7) {
	case 0:
		return MACH_PORT_NULL;
	case 1:
		return MACH_PORT_DEAD;
	case 2: // another generation
		return fuzz_name_of(actor, likely) + 4;
	case 3: // a fresh one, kept apart from the rest
		return name_make(actor, likely);
	case 4:
		return fuzz_u8(bytes) << 8 | 3;
	case 5:
		return peer_of(actor)->name_count ? peer_of(actor)->names[0].name : 1;
	default:
		return fuzz_u32(bytes);
	}
}
