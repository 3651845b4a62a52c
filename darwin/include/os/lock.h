// SPDX-License-Identifier: MIT
// Unfair locks. Facts: <os/lock.h>.
#ifndef DARWIN_INCLUDE_OS_LOCK_H
#define DARWIN_INCLUDE_OS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct {
	uint32_t _os_unfair_lock_opaque;
} os_unfair_lock, *os_unfair_lock_t;
#define OS_UNFAIR_LOCK_INIT ((os_unfair_lock){0})
void os_unfair_lock_lock(os_unfair_lock_t);
bool os_unfair_lock_trylock(os_unfair_lock_t);
void os_unfair_lock_unlock(os_unfair_lock_t);
void os_unfair_lock_assert_owner(const os_unfair_lock *);
void os_unfair_lock_assert_not_owner(const os_unfair_lock *);
#ifdef __cplusplus
}
#endif

#endif
