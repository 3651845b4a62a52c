// SPDX-License-Identifier: MIT
// posix_spawn. Darwin's attributes and file actions are pointers; here to the host's own. Facts: xnu's bsd/sys/spawn.h, <spawn.h>.
#include <stdbool.h>

#include "environment.h"
#include "errno.h"
#include "exec.h"
#include "file.h"
#include "signals.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SPAWN_SAME = 0xf /* RESETIDS, SETPGROUP, SETSIGDEF, SETSIGMASK */,
	SPAWN_SETEXEC = 0x40,
	SPAWN_SUSPENDED = 0x80,
	SPAWN_SETSID = 0x400,
	SPAWN_CLOEXEC_DEFAULT = 0x4000
};

struct attributes {
	posix_spawnattr_t host;
	int16_t flags;
};
struct actions {
	posix_spawn_file_actions_t host;
	int highest; // descriptor that the child gets
};

int darwin_posix_spawnattr_init(struct attributes **attributes)
{
	*attributes = calloc(1, sizeof(**attributes));
	return *attributes ? errno_to_darwin(posix_spawnattr_init(&(*attributes)->host)) : DARWIN_ENOMEM;
}

int darwin_posix_spawnattr_destroy(struct attributes **attributes)
{
	posix_spawnattr_destroy(&(*attributes)->host);
	free(*attributes);
	*attributes = NULL;
	return 0;
}

int darwin_posix_spawnattr_setflags(struct attributes **attributes, int16_t flags)
{
	(*attributes)->flags = flags;
	return errno_to_darwin(posix_spawnattr_setflags(
		&(*attributes)->host, (short)((flags & SPAWN_SAME) | (flags & SPAWN_SETSID ? POSIX_SPAWN_SETSID : 0))));
}

int darwin_posix_spawnattr_getflags(struct attributes *const *attributes, int16_t *flags)
{
	*flags = (*attributes)->flags;
	return 0;
}

int darwin_posix_spawnattr_setpgroup(struct attributes **attributes, int group)
{
	return errno_to_darwin(posix_spawnattr_setpgroup(&(*attributes)->host, group));
}

int darwin_posix_spawnattr_setsigdefault(struct attributes **attributes, const uint32_t *set)
{
	sigset_t host;
	signals_set_to_host(*set, &host);
	return errno_to_darwin(posix_spawnattr_setsigdefault(&(*attributes)->host, &host));
}

int darwin_posix_spawnattr_setsigmask(struct attributes **attributes, const uint32_t *set)
{
	sigset_t host;
	signals_set_to_host(*set, &host);
	return errno_to_darwin(posix_spawnattr_setsigmask(&(*attributes)->host, &host));
}

int darwin_posix_spawn_file_actions_init(struct actions **actions)
{
	*actions = calloc(1, sizeof(**actions));
	return *actions ? errno_to_darwin(posix_spawn_file_actions_init(&(*actions)->host)) : DARWIN_ENOMEM;
}

int darwin_posix_spawn_file_actions_destroy(struct actions **actions)
{
	posix_spawn_file_actions_destroy(&(*actions)->host);
	free(*actions);
	*actions = NULL;
	return 0;
}

static void actions_note(struct actions *actions, int file)
{
	if (file > actions->highest)
		actions->highest = file;
}

int darwin_posix_spawn_file_actions_adddup2(struct actions **actions, int from, int to)
{
	actions_note(*actions, to);
	return errno_to_darwin(posix_spawn_file_actions_adddup2(&(*actions)->host, from, to));
}

int darwin_posix_spawn_file_actions_addinherit_np(struct actions **actions, int file)
{
	return darwin_posix_spawn_file_actions_adddup2(actions, file, file);
}

int darwin_posix_spawn_file_actions_addclose(struct actions **actions, int file)
{
	return errno_to_darwin(posix_spawn_file_actions_addclose(&(*actions)->host, file));
}

int darwin_posix_spawn_file_actions_addopen(struct actions **actions, int file, const char *path, int flags,
					    uint16_t mode)
{
	actions_note(*actions, file);
	return errno_to_darwin(
		posix_spawn_file_actions_addopen(&(*actions)->host, file, path, file_flags_to_host(flags), mode));
}

int darwin_posix_spawn_file_actions_addchdir_np(struct actions **actions, const char *path)
{
	return errno_to_darwin(posix_spawn_file_actions_addchdir_np(&(*actions)->host, path));
}

int darwin_posix_spawn(int *process, const char *path, struct actions *const *actions,
		       struct attributes *const *attributes, char *const words[], char *const environment[])
{
	struct exec_plan plan;
	int flags = attributes && *attributes ? (*attributes)->flags : 0, child = 0;
	if (flags & (SPAWN_SETEXEC | SPAWN_SUSPENDED))
		return DARWIN_ENOTSUP;
	if (!exec_plan_make(&plan, path, words))
		return DARWIN_ENOMEM;
	posix_spawn_file_actions_t *host_actions = actions && *actions ? &(*actions)->host : NULL;
	// Only what the actions name is inherited then. They name the standard streams, or the next ones.
	if ((flags & SPAWN_CLOEXEC_DEFAULT) && host_actions)
		posix_spawn_file_actions_addclosefrom_np(host_actions,
							 (*actions)->highest > 2 ? (*actions)->highest + 1 : 3);
	int error =
		posix_spawn(&child, plan.path, host_actions, attributes && *attributes ? &(*attributes)->host : NULL,
			    plan.words, environment ? environment : environment_get());
	exec_plan_free(&plan);
	if (!error && process)
		*process = child;
	return errno_to_darwin(error);
}

int darwin_posix_spawnp(int *process, const char *name, struct actions *const *actions,
			struct attributes *const *attributes, char *const words[], char *const environment[])
{
	char path[PATH_MAX];
	const char *folders = getenv("PATH"), *end;
	int error = DARWIN_ENOENT;
	if (strchr(name, '/'))
		return darwin_posix_spawn(process, name, actions, attributes, words, environment);
	for (folders = folders ? folders : "/usr/bin:/bin"; folders; folders = *end ? end + 1 : NULL) {
		end = strchrnul(folders, ':');
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - folders), folders, end > folders ? "/" : "", name);
		if (access(path, X_OK) < 0) {
			error = errno == EACCES ? 13 : error;
			continue;
		}
		return darwin_posix_spawn(process, path, actions, attributes, words, environment);
	}
	return error;
}
