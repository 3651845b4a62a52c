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
int posix_spawnp(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
		 char *const[]);
enum {
	POSIX_SPAWN_RESETIDS = 1,
	POSIX_SPAWN_SETPGROUP = 2,
	POSIX_SPAWN_SETSIGDEF = 4,
	POSIX_SPAWN_SETSIGMASK = 8,
	POSIX_SPAWN_SETEXEC = 0x40,
	POSIX_SPAWN_START_SUSPENDED = 0x80,
	POSIX_SPAWN_SETSID = 0x400,
	POSIX_SPAWN_CLOEXEC_DEFAULT = 0x4000
};
int posix_spawnattr_init(posix_spawnattr_t *);
int posix_spawnattr_destroy(posix_spawnattr_t *);
int posix_spawnattr_setflags(posix_spawnattr_t *, short);
int posix_spawnattr_setpgroup(posix_spawnattr_t *, pid_t);
int posix_spawnattr_setsigdefault(posix_spawnattr_t *, const sigset_t *);
int posix_spawnattr_setsigmask(posix_spawnattr_t *, const sigset_t *);
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *, int, const char *, int, mode_t);
int posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int, int);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *);
#ifdef __cplusplus
}
#endif

#endif
