// SPDX-License-Identifier: MIT
// Attributes and file actions of posix_spawn, as they are put together; see spawn.h. What is done with them: spawn.c.
#include "spawn.h"

#include "errno.h"
#include "file.h"

#include <stdlib.h>
#include <string.h>

// ---- attributes -----------------------------------------------------------------------------------------------------

int darwin_posix_spawnattr_init(struct spawn_attributes **attributes)
{
	*attributes = calloc(1, sizeof(**attributes));
	return *attributes ? 0 : DARWIN_ENOMEM;
}

int darwin_posix_spawnattr_destroy(struct spawn_attributes **attributes)
{
	free(*attributes);
	*attributes = NULL;
	return 0;
}

int darwin_posix_spawnattr_setflags(struct spawn_attributes **attributes, int16_t flags)
{
	(*attributes)->flags = flags;
	return 0;
}

int darwin_posix_spawnattr_getflags(struct spawn_attributes *const *attributes, int16_t *flags)
{
	*flags = (*attributes)->flags;
	return 0;
}

int darwin_posix_spawnattr_setpgroup(struct spawn_attributes **attributes, int group)
{
	(*attributes)->group = group;
	return 0;
}

int darwin_posix_spawnattr_getpgroup(struct spawn_attributes *const *attributes, int *group)
{
	*group = (*attributes)->group;
	return 0;
}

int darwin_posix_spawnattr_setsigdefault(struct spawn_attributes **attributes, const uint32_t *set)
{
	(*attributes)->default_signals = *set;
	return 0;
}

int darwin_posix_spawnattr_getsigdefault(struct spawn_attributes *const *attributes, uint32_t *set)
{
	*set = (*attributes)->default_signals;
	return 0;
}

int darwin_posix_spawnattr_setsigmask(struct spawn_attributes **attributes, const uint32_t *set)
{
	(*attributes)->mask = *set;
	return 0;
}

int darwin_posix_spawnattr_getsigmask(struct spawn_attributes *const *attributes, uint32_t *set)
{
	*set = (*attributes)->mask;
	return 0;
}

// Which slice of a universal file is preferred: there is one that runs here, so it is only kept.
int darwin_posix_spawnattr_setbinpref_np(struct spawn_attributes **attributes, size_t count, const int32_t *list,
					 size_t *done)
{
	size_t kept = count < SPAWN_PREFERENCES ? count : SPAWN_PREFERENCES;
	memcpy((*attributes)->preferences, list, kept * sizeof(*list));
	if (done)
		*done = kept;
	return 0;
}

int darwin_posix_spawnattr_getbinpref_np(struct spawn_attributes *const *attributes, size_t count, int32_t *list,
					 size_t *done)
{
	size_t kept = count < SPAWN_PREFERENCES ? count : SPAWN_PREFERENCES;
	memcpy(list, (*attributes)->preferences, kept * sizeof(*list));
	if (done)
		*done = kept;
	return 0;
}

int darwin_posix_spawnattr_set_qos_class_np(struct spawn_attributes **attributes, uint32_t qos)
{
	(*attributes)->qos = qos;
	return 0;
}

int darwin_posix_spawnattr_get_qos_class_np(struct spawn_attributes *const *attributes, uint32_t *qos)
{
	*qos = (*attributes)->qos;
	return 0;
}

// Who answers for the program before the user's privacy settings: nobody asks here.
int darwin_responsibility_spawnattrs_setdisclaim(struct spawn_attributes **attributes, int disclaim)
{
	(void)attributes, (void)disclaim;
	return 0;
}

// ---- file actions ---------------------------------------------------------------------------------------------------

int darwin_posix_spawn_file_actions_init(struct spawn_actions **actions)
{
	*actions = calloc(1, sizeof(**actions));
	return *actions ? 0 : DARWIN_ENOMEM;
}

int darwin_posix_spawn_file_actions_destroy(struct spawn_actions **actions)
{
	for (size_t i = 0; i < (*actions)->count; i++)
		free((*actions)->list[i].path);
	free((*actions)->list);
	free(*actions);
	*actions = NULL;
	return 0;
}

static int add(struct spawn_actions *actions, struct spawn_action action, const char *path)
{
	if (action.file < 0 || action.to < 0)
		return DARWIN_EBADF;
	if (path && !(action.path = strdup(path)))
		return DARWIN_ENOMEM;
	struct spawn_action *list = realloc(actions->list, (actions->count + 1) * sizeof(*list));
	if (!list) {
		free(action.path);
		return DARWIN_ENOMEM;
	}
	list[actions->count++] = action;
	actions->list = list;
	return 0;
}

int darwin_posix_spawn_file_actions_adddup2(struct spawn_actions **actions, int from, int to)
{
	return add(*actions, (struct spawn_action){.kind = SPAWN_DUP2, .file = from, .to = to}, NULL);
}

int darwin_posix_spawn_file_actions_addinherit_np(struct spawn_actions **actions, int file)
{
	return add(*actions, (struct spawn_action){.kind = SPAWN_INHERIT, .file = file, .to = file}, NULL);
}

int darwin_posix_spawn_file_actions_addclose(struct spawn_actions **actions, int file)
{
	return add(*actions, (struct spawn_action){.kind = SPAWN_CLOSE, .file = file, .to = file}, NULL);
}

int darwin_posix_spawn_file_actions_addopen(struct spawn_actions **actions, int file, const char *path, int flags,
					    uint16_t mode)
{
	struct spawn_action action = {.kind = SPAWN_OPEN, .to = file, .flags = file_flags_to_host(flags), .mode = mode};
	return add(*actions, action, path);
}

int darwin_posix_spawn_file_actions_addchdir_np(struct spawn_actions **actions, const char *path)
{
	return add(*actions, (struct spawn_action){.kind = SPAWN_CHDIR}, path);
}

int darwin_posix_spawn_file_actions_addfchdir_np(struct spawn_actions **actions, int file)
{
	return add(*actions, (struct spawn_action){.kind = SPAWN_FCHDIR, .file = file}, NULL);
}
