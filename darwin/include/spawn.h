// SPDX-License-Identifier: MIT
// posix_spawn. Facts: xnu's bsd/sys/spawn.h: attributes and actions are pointers.
#ifndef DARWIN_INCLUDE_SPAWN_H
#define DARWIN_INCLUDE_SPAWN_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef void *posix_spawnattr_t, *posix_spawn_file_actions_t;
int posix_spawn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
		char *const[]);
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int, int);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *);
#ifdef __cplusplus
}
#endif

#endif
