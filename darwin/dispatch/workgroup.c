// SPDX-License-Identifier: MIT
// Workgroups: threads that say that they work together, with memory for each of them (an arena). Linux' scheduler has no such thing, so a
// group is who is in it. Those with a deadline come from devices of sound, which are not here: calls about intervals refuse all groups.
// Facts: <os/workgroup_object.h>, <os/workgroup_parallel.h>, <os/workgroup_interval.h>.
#include "pool.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_SIGNATURE = 0x4b475754, MEMBERS = 1024, ALREADY = 37 /* EALREADY */ };

struct workgroup {
	struct dispatch_object head;
	_Atomic uint32_t lock;
	_Atomic bool cancelled;
	uint64_t members[MEMBERS / 64]; // [l] indices that are taken
	uint32_t count, most;		// [l] members; workers of the arena
	void *arena;			// [l]
	void (*destructor)(void *);	// [l]
	char name[64];			// [I]
};

struct token { // os_workgroup_join_token_opaque_t: 40 bytes, the program's
	uint32_t signature, index;
	struct workgroup *group;
	char rest[24];
};
_Static_assert(sizeof(struct token) == 40, "compiled into programs");

static _Thread_local struct token *joined;

static void arena_drop(void *arena, void (*destructor)(void *))
{
	if (arena && destructor)
		destructor(arena);
}

static void workgroup_destroy(struct dispatch_object *object)
{
	struct workgroup *group = (struct workgroup *)object;
	arena_drop(group->arena, group->destructor);
}

static const struct dispatch_class workgroup_class = {.kind = DISPATCH_WORKGROUP, .destroy = workgroup_destroy};

struct workgroup *darwin_os_workgroup_parallel_create(const char *name, const void *attributes)
{
	struct workgroup *group = dispatch_object_new(sizeof(*group), &workgroup_class);
	(void)attributes;
	if (!group)
		errno_set(DARWIN_ENOMEM);
	else if (name)
		strncpy(group->name, name, sizeof(group->name) - 1);
	return group;
}

// Another of the same threads' purpose; here groups have nothing in common but that.
struct workgroup *darwin_os_workgroup_create_with_workgroup(const char *name, struct workgroup *like)
{
	struct workgroup *group = like->cancelled ? NULL : darwin_os_workgroup_parallel_create(name, NULL);
	if (!group && like->cancelled)
		errno_set(DARWIN_EINVAL);
	return group;
}

// A port of the scheduler's: no group here has one.
struct workgroup *darwin_os_workgroup_create_with_port(const char *name, uint32_t port)
{
	(void)name, (void)port;
	errno_set(DARWIN_EINVAL);
	return NULL;
}

int darwin_os_workgroup_copy_port(const struct workgroup *group, uint32_t *port)
{
	(void)group;
	*port = 0;
	return DARWIN_EINVAL;
}

// ---- who is in it ---------------------------------------------------------------------------------------------------

static bool index_take_locked(struct workgroup *group, uint32_t *index)
{
	for (uint32_t i = 0; i < MEMBERS; i++)
		if (!(group->members[i / 64] >> i % 64 & 1)) {
			group->members[i / 64] |= 1ull << i % 64;
			*index = i;
			return true;
		}
	return false;
}

int darwin_os_workgroup_join(struct workgroup *group, struct token *token)
{
	uint32_t index;
	if (joined)
		return ALREADY;
	if (group->cancelled)
		return DARWIN_EINVAL;
	futex_lock(&group->lock);
	bool taken = index_take_locked(group, &index);
	group->count += taken;
	futex_unlock(&group->lock);
	if (!taken)
		return DARWIN_ENOMEM;
	dispatch_object_ref(&group->head);
	*token = (struct token){.signature = TOKEN_SIGNATURE, .index = index, .group = group};
	joined = token;
	return 0;
}

void darwin_os_workgroup_leave(struct workgroup *group, struct token *token)
{
	if (joined != token || token->signature != TOKEN_SIGNATURE || token->group != group) {
		report("os_workgroup_leave: the thread is not in this workgroup");
		abort();
	}
	futex_lock(&group->lock);
	group->members[token->index / 64] &= ~(1ull << token->index % 64);
	group->count--;
	futex_unlock(&group->lock);
	token->signature = 0;
	joined = NULL;
	dispatch_object_unref(&group->head);
}

void darwin_os_workgroup_cancel(struct workgroup *group)
{
	group->cancelled = true;
}

bool darwin_os_workgroup_testcancel(const struct workgroup *group)
{
	return group->cancelled;
}

int darwin_os_workgroup_max_parallel_threads(const struct workgroup *group, const void *attributes)
{
	(void)group, (void)attributes;
	return (int)dispatch_pool_width();
}

// ---- the arena ------------------------------------------------------------------------------------------------------

int darwin_os_workgroup_set_working_arena(struct workgroup *group, void *arena, uint32_t workers, void (*destructor)(void *))
{
	futex_lock(&group->lock);
	bool busy = group->count > 0;
	void *before = group->arena;
	void (*before_destructor)(void *) = group->destructor;
	if (!busy) {
		group->arena = arena;
		group->most = workers;
		group->destructor = destructor;
	}
	futex_unlock(&group->lock);
	if (busy)
		return DARWIN_EBUSY;
	if (before != arena)
		arena_drop(before, before_destructor);
	return 0;
}

void *darwin_os_workgroup_get_working_arena(struct workgroup *group, uint32_t *index)
{
	if (!joined || joined->group != group) {
		report("os_workgroup_get_working_arena: the thread is not in this workgroup");
		abort();
	}
	if (index)
		*index = joined->index;
	return joined->index < group->most ? group->arena : NULL;
}

// ---- intervals ------------------------------------------------------------------------------------------------------

int darwin_os_workgroup_interval_start(struct workgroup *group, uint64_t start, uint64_t deadline, void *data)
{
	(void)group, (void)start, (void)deadline, (void)data;
	return DARWIN_EINVAL;
}

int darwin_os_workgroup_interval_update(struct workgroup *group, uint64_t deadline, void *data)
{
	(void)group, (void)deadline, (void)data;
	return DARWIN_EINVAL;
}

int darwin_os_workgroup_interval_finish(struct workgroup *group, void *data)
{
	(void)group, (void)data;
	return DARWIN_EINVAL;
}
