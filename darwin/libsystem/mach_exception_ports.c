// SPDX-License-Identifier: MIT
// Exception ports of the task and of threads: tables of who takes what. A thread's is in a list, until the thread ends.
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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct takers {
	int owner;
	struct exception_action actions[EXC_TYPES_COUNT];
	int thread; // [I] Linux' number of it
	struct takers *next;
};
static struct takers of_task;		     // [lock]
static struct takers *_Atomic of_threads; // [lock] without it only: is there any
static _Atomic uint32_t lock;

static struct takers **find_locked(int thread)
{
	struct takers **at = (struct takers **)&of_threads;
	while (*at && (*at)->thread != thread)
		at = &(*at)->next;
	return at;
}

bool exception_taker(exception_type_t type, bool thread, struct exception_action *action)
{
	futex_lock(&lock);
	const struct takers *takers = thread ? *find_locked(thread_self()->id) : &of_task;
	bool found = takers && takers->owner == getpid() && MACH_PORT_VALID(takers->actions[type].port);
	if (found)
		*action = takers->actions[type];
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

void exception_thread_ended(int thread)
{
	if (!of_threads)
		return;
	futex_lock(&lock);
	struct takers **at = find_locked(thread), *takers = *at;
	if (takers)
		*at = takers->next;
	futex_unlock(&lock);
	for (int type = FIRST_EXCEPTION; takers && takers->owner == getpid() && type < EXC_TYPES_COUNT; type++)
		reference(takers->actions[type].port, -1);
	free(takers);
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
		memset(takers->actions, 0, sizeof(takers->actions));
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

// Of the task, or of a thread, for which `make` makes one. NULL: it is neither, or there is no memory.
static struct takers *takers_of(mach_port_t name, bool make)
{
	int thread = mach_thread_id(name);
	if (name == MACH_TASK_SELF || !thread)
		return name == MACH_TASK_SELF ? &of_task : NULL;
	struct takers *fresh = make ? calloc(1, sizeof(*fresh)) : NULL;
	futex_lock(&lock);
	struct takers **at = find_locked(thread), *found = *at;
	if (!found && fresh) {
		found = *at = fresh;
		found->thread = thread;
		fresh = NULL;
	}
	futex_unlock(&lock);
	free(fresh);
	return found;
}

#define GET_ARGUMENTS                                                                                                  \
	exception_mask_t *masks, uint32_t *count, mach_port_t *ports, exception_behavior_t *behaviors, int *flavors

kern_return_t darwin_set_exception_ports(mach_port_t whose, exception_mask_t mask, mach_port_t port,
					 exception_behavior_t behavior, int flavor)
{
	struct takers *takers = is_valid(mask, port, behavior, flavor) ? takers_of(whose, true) : NULL;
	if (!takers)
		return KERN_INVALID_ARGUMENT;
	return takers_set(takers, mask, &(struct exception_action){port, behavior, flavor});
}

kern_return_t darwin_get_exception_ports(mach_port_t whose, exception_mask_t mask, GET_ARGUMENTS)
{
	static const struct takers nobody;
	const struct takers *takers = takers_of(whose, false);
	if (!takers && !mach_thread_id(whose))
		return KERN_INVALID_ARGUMENT;
	return takers_get(takers ? takers : &nobody, mask,
			  &(struct answers){masks, count, ports, behaviors, flavors});
}

kern_return_t darwin_swap_exception_ports(mach_port_t whose, exception_mask_t mask, mach_port_t port,
					  exception_behavior_t behavior, int flavor, GET_ARGUMENTS)
{
	if (!is_valid(mask, port, behavior, flavor))
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = darwin_get_exception_ports(whose, mask, masks, count, ports, behaviors, flavors);
	return error ? error : darwin_set_exception_ports(whose, mask, port, behavior, flavor);
}
