// SPDX-License-Identifier: MIT
// Exception ports of the task and of threads: tables of who takes what. A thread's are set by itself only.
//
// Tables hold a reference to each port. A child of fork has other names, and so nobody who takes its exceptions:
// `owner` is the process whose names they are. Facts: xnu's osfmk/mach/{task,thread_act}.defs, exception_types.h.
#include "mach_exception.h"

#include "abi.h"
#include "futex.h"
#include "mach_names.h"
#include "mach_thread.h"
#include "signals.h"
#include "thread.h"

#include <abi/traps.h>
#include <mach/kern_return.h>
#include <string.h>
#include <unistd.h>

struct takers {
	int owner;
	struct exception_action actions[EXC_TYPES_COUNT];
};
static struct takers of_task;		      // [lock]
static _Thread_local struct takers of_thread; // [o]
static _Atomic uint32_t lock;

bool exception_taker(exception_type_t type, bool thread, struct exception_action *action)
{
	const struct takers *takers = thread ? &of_thread : &of_task;
	futex_lock(&lock);
	*action = takers->actions[type];
	bool found = takers->owner == getpid() && MACH_PORT_VALID(action->port);
	futex_unlock(&lock);
	return found;
}

static void reference(mach_port_t port, int delta)
{
	if (MACH_PORT_VALID(port) &&
	    kernelrpc_mach_port_mod_refs_trap(MACH_TASK_SELF, port, MACH_PORT_RIGHT_SEND, delta) != KERN_SUCCESS &&
	    delta < 0)
		kernelrpc_mach_port_deallocate_trap(MACH_TASK_SELF, port); // a dead name by now
}

// A thread ends: its table goes.
static void thread_ended(void *value)
{
	struct takers *takers = value;
	for (int type = FIRST_EXCEPTION; takers->owner == getpid() && type < EXC_TYPES_COUNT; type++)
		reference(takers->actions[type].port, -1);
	memset(takers, 0, sizeof(*takers));
}

static void thread_remember(void)
{
	static pthread_key_t key;
	static _Atomic uint32_t made;
	futex_lock(&lock);
	if (!made)
		made = pthread_key_create(&key, thread_ended) == 0;
	futex_unlock(&lock);
	if (made)
		pthread_setspecific(key, &of_thread);
}

static bool is_valid(exception_mask_t mask, mach_port_t port, exception_behavior_t behavior, int flavor)
{
	struct darwin_mcontext machine;
	natural_t state[sizeof(machine.floats) / 4 + 2];
	int kind = behavior & ~(int)MACH_EXCEPTION_MASK;
	ucontext_t none = {.uc_link = NULL};
	if (mask & ~(exception_mask_t)EXC_MASK_VALID)
		return false;
	if (port == MACH_PORT_NULL)
		return true;
	return kind == EXCEPTION_DEFAULT || ((kind == EXCEPTION_STATE || kind == EXCEPTION_STATE_IDENTITY) &&
					     mach_state_read(flavor, &none, &machine, state));
}

static kern_return_t takers_set(struct takers *takers, exception_mask_t mask, const struct exception_action *action)
{
	mach_port_type_t type = MACH_PORT_TYPE_SEND;
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	if (MACH_PORT_VALID(action->port) &&
	    (kernelrpc_mach_port_type_trap(MACH_TASK_SELF, action->port, &type) != KERN_SUCCESS ||
	     !(type & MACH_PORT_TYPE_SEND)))
		return KERN_INVALID_CAPABILITY;
	if (takers->owner != getpid())
		memset(takers, 0, sizeof(*takers));
	takers->owner = getpid();
	for (int which = FIRST_EXCEPTION; which < EXC_TYPES_COUNT; which++) {
		if (!(mask >> which & 1))
			continue;
		reference(action->port, 1);
		futex_lock(&lock);
		mach_port_t before = takers->actions[which].port;
		takers->actions[which] = *action;
		futex_unlock(&lock);
		reference(before, -1);
	}
	signals_exceptions(exception_deliver);
	return KERN_SUCCESS;
}

// Answers of task_get_exception_ports and its kin: arrays with an entry for each different action.
struct answers {
	exception_mask_t *masks;
	uint32_t *count;
	mach_port_t *ports;
	exception_behavior_t *behaviors;
	int *flavors;
};

// The entry of the action, which is made if there is none; the number of entries if there is no room.
static uint32_t answer_find(const struct answers *answers, uint32_t *found, uint32_t room,
			    const struct exception_action *action)
{
	uint32_t at = 0;
	while (at < *found && (answers->ports[at] != action->port || answers->behaviors[at] != action->behavior ||
			       answers->flavors[at] != action->flavor))
		at++;
	if (at < *found || at == room)
		return at;
	answers->masks[at] = 0;
	answers->ports[at] = action->port;
	answers->behaviors[at] = action->behavior;
	answers->flavors[at] = action->flavor;
	reference(action->port, 1); // the caller's
	return (*found)++;
}

static kern_return_t takers_get(const struct takers *takers, exception_mask_t mask, const struct answers *answers)
{
	uint32_t found = 0, room = *answers->count < EXC_TYPES_COUNT ? *answers->count : EXC_TYPES_COUNT, at;
	if (mask & ~(exception_mask_t)EXC_MASK_VALID)
		return KERN_INVALID_ARGUMENT;
	futex_lock(&lock);
	for (int type = FIRST_EXCEPTION; takers->owner == getpid() && type < EXC_TYPES_COUNT; type++)
		if ((mask >> type & 1) && (at = answer_find(answers, &found, room, &takers->actions[type])) < room)
			answers->masks[at] |= 1u << type;
	futex_unlock(&lock);
	*answers->count = found;
	return KERN_SUCCESS;
}

// ---- the calls ------------------------------------------------------------------------------------------------------

// NULL: not the task, or not the calling thread.
static struct takers *takers_of(mach_port_t name)
{
	if (name == MACH_TASK_SELF)
		return &of_task;
	return name == mach_thread_name(thread_self()->id) ? &of_thread : NULL;
}

#define GET_ARGUMENTS                                                                                                  \
	exception_mask_t *masks, uint32_t *count, mach_port_t *ports, exception_behavior_t *behaviors, int *flavors

kern_return_t darwin_set_exception_ports(mach_port_t whose, exception_mask_t mask, mach_port_t port,
					 exception_behavior_t behavior, int flavor)
{
	struct takers *takers = takers_of(whose);
	if (!takers || !is_valid(mask, port, behavior, flavor))
		return mach_thread_id(whose) && !takers ? KERN_NOT_SUPPORTED : KERN_INVALID_ARGUMENT;
	if (takers == &of_thread)
		thread_remember();
	return takers_set(takers, mask, &(struct exception_action){port, behavior, flavor});
}

kern_return_t darwin_get_exception_ports(mach_port_t whose, exception_mask_t mask, GET_ARGUMENTS)
{
	const struct takers *takers = takers_of(whose);
	return takers ? takers_get(takers, mask, &(struct answers){masks, count, ports, behaviors, flavors})
		      : KERN_INVALID_ARGUMENT;
}

kern_return_t darwin_swap_exception_ports(mach_port_t whose, exception_mask_t mask, mach_port_t port,
					  exception_behavior_t behavior, int flavor, GET_ARGUMENTS)
{
	if (!is_valid(mask, port, behavior, flavor))
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = darwin_get_exception_ports(whose, mask, masks, count, ports, behaviors, flavors);
	return error ? error : darwin_set_exception_ports(whose, mask, port, behavior, flavor);
}
